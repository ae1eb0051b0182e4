"""One row of a file to a `RawItem` or to figures: ratings, scales, answers and speakers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan

from ingest.columns import ANSWERS, Columns
from ingest.errors import ConfigError
from ingest.fingerprint import derived_key
from ingest.grid import Cell, is_blank
from ingest.mention import FIVE_STARS, Answer, FeedbackKind, Figure, Markup, RawItem, Scale, Speaker
from ingest.questions import question_of
from ingest.text import fold, tokens
from ingest.times import parse_time
from ingest.worded import worded_rating

_NUMBER = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:%|(?:/|of|out of|trên)\s*\d+)?(?:\D.*)?", re.DOTALL)
_RANGE = re.compile(r"(?<![\d.])(\d{1,3})\s*(?:-|–|—|to|den|đến|tới)\s*(\d{1,3})(?![\d.])")
_STAR_MARKS = re.compile(r"[★⭐]")
_PAIRED = re.compile(r"(.*?)\s*\|\s*Phân loại hàng:\s*(.*)", re.DOTALL)
_ATTRIBUTE = re.compile(r"[^\n:.!?]{2,40}:\s?[^\n]*")
_KNOWN_ATTRIBUTES = {
    "chat luong san pham", "tinh nang noi bat", "dung voi mo ta", "mau sac", "chat lieu",
    "do tuoi khuyen dung", "huong vi", "cong dung", "ket cau", "mui huong", "hieu qua",
    "bao bi mau ma", "gia ca", "hieu nang", "thiet ke", "phu hop voi", "kieu dang",
    "product quality", "best feature", "true to description", "colour", "material",
}  # fmt: skip
_STAFF = re.compile(
    r"\b(?:agent|staff|support|admin|bot|operator|shop|seller|cskh|nhan vien|tu van|nv|tong dai"
    r"|quan tri|cham soc khach hang|ho tro|nguoi ban|interviewer|moderator|consultant"
    r"|phong van vien|nguoi phong van)\b"
)
_CUSTOMER = re.compile(
    r"\b(?:customer|client|user|visitor|buyer|guest|end user|khach|khach hang|kh|nguoi mua"
    r"|nguoi dung|respondent|interviewee|nguoi duoc phong van|nguoi tra loi)\b"
)
_HTML = re.compile(r"</(?:p|div|span|a|b|i|em|strong|li)>|<(?:br|p)\b[^<>]{0,80}>", re.IGNORECASE)
_MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_IN_UTC = re.compile(r"\b(?:UTC|GMT)\b(?!\s*[+-]\s*\d)", re.IGNORECASE)
_MONTH = re.compile(
    r"\s*(?:(\d{4})[-/](\d{1,2})|(?:tháng\s*)?(\d{1,2})[-/](\d{4}))\s*", re.IGNORECASE
)
HALF_A_STAR = 0.5
_GONE = frozenset({"[deleted]", "[removed]", "[deleted by user]"})
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{2,}", re.IGNORECASE)
_SCALES = {"nps": (Scale(0, 10),), "csat": (Scale(1, 5),), "ces": (Scale(1, 5), Scale(1, 7))}


Reading = Callable[[Cell], Cell]


class OffScale(ValueError):
    """A rating of `column` that cannot be: what stands beside it still counts."""

    def __init__(self, column: str, value: float, scale: Scale) -> None:
        span = f"{scale.low:g}-{scale.high:g}"
        super().__init__(f"{column}: {value:g} is not on the scale {span}")
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads rows of one file; `scales` holds the scale of each rated column, None: not known.

    `reads` mends the cells of single columns before anything is made of them; where
    the file `knows_staff` by a role, other names are customers'.
    """

    head: Sequence[str]
    columns: Columns
    scales: Mapping[str, Scale | None]
    kind: FeedbackKind
    zone: str | None
    reads: Mapping[str, Reading] = field(default_factory=dict)
    knows_staff: bool = False

    def items(self, cells: Sequence[Cell]) -> list[RawItem]:
        """Return one row's item, what its author added later, and the reply to it.

        Raises ValueError saying in words why the row is none.
        """
        row = self._row(cells)
        item = self._item(row)
        return [item, *self._follow_ups(row, item)]

    def _row(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        row = dict(zip(self.head, cells, strict=False))
        return row | {name: read(row[name]) for name, read in self.reads.items() if name in row}

    def _item(self, row: Mapping[str, Cell]) -> RawItem:
        said = {each: self._first(row, each) for each in ("title", "posted", "variation")}
        paired = _PAIRED.fullmatch(said["posted"] or "")
        if paired:
            said["posted"], said["variation"] = paired[1], said["variation"] or paired[2]
        text = self._text(row)
        stars, scale = self._stars(row)
        answers = self._answers(row)
        if not (text or said["title"] or answers or stars is not None):
            raise ValueError("neither text nor stars nor answers")
        return RawItem(
            key=self._key(row),
            url=self._first(row, "url"),
            title=said["title"],
            text=text,
            markup=Markup.HTML if text and _HTML.search(text) else Markup.PLAIN,
            author=self._author(row),
            posted=said["posted"],
            edited=self._first(row, "edited"),
            zone=self._zone(row),
            stars=stars,
            scale=scale,
            feedback_kind=self._kind(text or said["title"], answers=answers),
            speaker=self._speaker(row),
            product=self._first(row, "product"),
            variation=said["variation"],
            likes=_count(self._first(row, "likes")),
            reach=_count(self._first(row, "reach")),
            parent=self._first(row, "parent"),
            language=self._first(row, "language"),
            answers=answers,
            unknown=self.columns.unknown,
        )

    def _follow_ups(self, row: Mapping[str, Cell], item: RawItem) -> Iterator[RawItem]:
        """Yield what was added to a row's item; without an id it belongs to the row's words."""
        above = item.key or derived_key(
            author=item.author or "",
            posted=str(item.posted or ""),
            text=item.text or item.title or "",
            copy=0,
        )
        later, reply = self._first(row, "later"), self._first(row, "reply")
        if later:
            yield replace(
                item,
                key=f"{above}/later",
                title=None,
                text=later,
                posted=self._first(row, "later_posted"),
                edited=None,
                stars=None,
                scale=None,
                likes=None,
                parent=above,
            )
        if reply:
            yield RawItem(
                key=f"{above}/reply",
                text=reply,
                posted=self._first(row, "replied"),
                zone=self._zone(row, "replied"),
                feedback_kind=FeedbackKind.COMMENT,
                speaker=Speaker.STAFF,
                product=item.product,
                parent=above,
            )

    def figures(self, cells: Sequence[Cell]) -> list[Figure]:
        """Return one row's behaviour figures. Raises ValueError saying what is missing."""
        row = self._row(cells)
        day = _day(self._first(row, "posted"))
        told = [(name, row.get(name)) for name in self.columns.of("figure")]
        for metric in self.columns.of("metric"):
            told += [(str(row.get(metric) or ""), row.get(v)) for v in self.columns.of("value")]
        figures = [
            Figure(day, metric.strip(), number)
            for metric, value in told
            if metric.strip() and (number := figure_number(value)) is not None
        ]
        if not figures:
            raise ValueError("no number")
        return figures

    def _first(self, row: Mapping[str, Cell], wanted: str) -> str | None:
        for name in self.columns.of(wanted):
            written = written_cell(row.get(name))
            if written:
                return written
        return None

    def _zone(self, row: Mapping[str, Cell], wanted: str = "posted") -> str | None:
        """Return the zone of a row's time: a column may name its own, "Created (UTC)"."""
        for name in self.columns.of(wanted):
            if written_cell(row.get(name)):
                return "UTC" if _IN_UTC.search(name) else self.zone
        return self.zone

    def _author(self, row: Mapping[str, Cell]) -> str | None:
        """Return the name; forms write an e-mail address there, which is nobody's name."""
        name = self._first(row, "author")
        is_nobody = name is None or name in _GONE or _MAIL_ADDRESS.fullmatch(name)
        return None if is_nobody else name

    def _key(self, row: Mapping[str, Cell]) -> str | None:
        """Return the id; one that a spreadsheet rounded tells nothing."""
        key = self._first(row, "key")
        return None if key is None or _ROUNDED.fullmatch(key) else key

    def _text(self, row: Mapping[str, Cell]) -> str | None:
        texts = [written_cell(row.get(name)) for name in self.columns.of("text")]
        said = [without_attributes(text) for text in texts if text and text not in _GONE]
        return "\n".join(said) or None

    def _stars(self, row: Mapping[str, Cell]) -> tuple[float | None, Scale | None]:
        for name in self.columns.of("stars"):
            scale = self.scales.get(name)
            value = _rated(row.get(name), scale)
            if value is None or scale is None or value == 0 < scale.low:
                continue
            if scale == FIVE_STARS and HALF_A_STAR <= value < 1:
                value = 1.0  # the least on our scale
            if not scale.low <= value <= scale.high:
                raise OffScale(name, value, scale)
            return value, scale
        return None, None

    def _answers(self, row: Mapping[str, Cell]) -> tuple[Answer, ...]:
        answers = []
        for metric in (*ANSWERS, "answer"):
            for name in self.columns.of(metric):
                asked = question_of(name)
                cell = asked.value(row.get(name)) if asked else row.get(name)
                scale = self.scales.get(name)
                value = _rated(cell, scale)
                if value is None or scale is None:
                    continue
                if not scale.low <= value <= scale.high:
                    raise OffScale(name, value, scale)
                free = asked.metric if asked else name.strip()[:60]
                told = metric if metric in ANSWERS else free
                answers.append(Answer(told, value, scale, question=name))
        return tuple(answers)

    def _kind(self, words: str | None, *, answers: tuple[Answer, ...]) -> FeedbackKind:
        if self.kind is FeedbackKind.REVIEW and answers:
            return FeedbackKind.SURVEY
        return FeedbackKind.STARS if self.kind is FeedbackKind.REVIEW and not words else self.kind

    def _speaker(self, row: Mapping[str, Cell]) -> Speaker:
        told = self._first(row, "speaker")
        if told is None:
            return Speaker.CUSTOMER
        try:
            return speaker_of(told)
        except ValueError:
            if self.knows_staff:
                return Speaker.CUSTOMER
            raise


def is_staff(cell: Cell) -> bool:
    """Return whether a role or name is surely staff's."""
    try:
        return speaker_of(written_cell(cell) or "") is Speaker.STAFF
    except ValueError:
        return False


def speaker_of(told: str) -> Speaker:
    """Return who a role or name stands for. Raises ValueError for a word it does not know."""
    words = " ".join(tokens(fold(told)))
    if _STAFF.search(words):
        return Speaker.STAFF
    if _CUSTOMER.search(words):
        return Speaker.CUSTOMER
    raise ValueError(f"speaker {told[:40]!r} is neither customer nor staff")


def written_cell(cell: Cell) -> str | None:
    """Return a cell as it was written: whole numbers without a point, blanks as None."""
    if cell is None or isinstance(cell, bool):
        return None if cell is None else str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return None if is_blank(cell) else str(cell).strip()


def rating(cell: Cell) -> float | None:
    """Return the number a rating's cell tells ("4,5", "5 sao", "★★★★☆"), None for none."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return None if isnan(cell) else float(cell)
    if marks := len(_STAR_MARKS.findall(cell)):
        return float(marks)
    found = _NUMBER.fullmatch(cell.strip())
    return float(found[1].replace(",", ".")) if found else None


def _rated(cell: Cell, scale: Scale | None) -> float | None:
    """Return a rating's number, told in digits or, on a scale of five, in words."""
    number = rating(cell)
    if number is None and (scale is None or scale == FIVE_STARS):
        return worded_rating(cell)
    return number


def _day(written: str | None) -> str:
    """Return the local day of a figure, ISO; a month is told by its first day."""
    if not written:
        raise ValueError("no date")
    month = _MONTH.fullmatch(written)
    if month:
        written = f"{month[1] or month[4]}-{month[2] or month[3]:0>2}-01"
    return parse_time(written, zone=None, fetched_at=None)[0].date().isoformat()


def figure_number(cell: Cell) -> float | None:
    """Return a figure's number: "1.204", "1,204.5", "12,5%" and plain ones; None for none."""
    if isinstance(cell, int | float):
        return None if isinstance(cell, bool) or isnan(cell) else float(cell)
    written = (cell or "").strip().removesuffix("%").replace(" ", "")
    if re.fullmatch(r"-?[1-9]\d{0,2}(?:[.,]\d{3})+", written):
        return float(re.sub(r"[.,]", "", written))
    if re.fullmatch(r"-?[\d,]+\.\d+", written):
        return float(written.replace(",", ""))
    if re.fullmatch(r"-?[\d.]+,\d+", written):
        return float(written.replace(".", "").replace(",", "."))
    return float(written) if re.fullmatch(r"-?\d+", written) else None


def without_attributes(text: str) -> str:
    """Return a review without the attribute lines that a shop's form puts before its words.

    What holds nothing but such lines is kept: it is all the customer said.
    """
    lines = text.split("\n")
    count = 0
    while count < len(lines) and _ATTRIBUTE.fullmatch(lines[count].strip()):
        count += 1
    is_form = any(_is_known_attribute(line) for line in lines[:count])
    is_apart = count < len(lines) and not lines[count].strip()
    rest = "\n".join(lines[count:]).strip()
    return rest if rest and (is_apart or is_form) and count and is_form else text


def _is_known_attribute(line: str) -> bool:
    return " ".join(tokens(fold(line.partition(":")[0]))) in _KNOWN_ATTRIBUTES


def declared_scale(name: str) -> Scale | None:
    """Return the scale that a column's name declares, like "Mức độ hài lòng (1-10)"."""
    for found in _RANGE.finditer(name):
        low, high = int(found[1]), int(found[2])
        if low in (0, 1) and 2 < high <= 100:
            return Scale(low, high)
    return None


def parse_scale(written: str) -> Scale:
    """Return the scale of a setting like "1-10". Raises ConfigError for anything else."""
    found = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*", written)
    if not found or float(found[1]) >= float(found[2]):
        raise ConfigError("not a scale", subject=written, next_step="write it like 1-10")
    return Scale(float(found[1]), float(found[2]))


def likely_scale(metric: str, values: Sequence[float]) -> Scale | None:
    """Return the usual scale of a rating that nearly all `values` are on, None for none.

    A few slips of the pen among many values do not change it; zeros say nothing.
    """
    usual = _SCALES.get(metric, (Scale(1, 5),))
    rated = [value for value in values if value != 0]
    for scale in usual:
        low = min(scale.low, HALF_A_STAR) if metric == "stars" else scale.low
        fitting = sum(1 for value in rated if low <= value <= scale.high)
        if metric == "nps" or fitting >= len(rated) * 0.98:
            return scale
    return None


def _count(written: str | None) -> int | None:
    number = figure_number(written) if written else None
    return None if number is None or not 0 <= number < 2**53 else int(number)


def keyed_by_turn(item: RawItem, turn: int) -> RawItem:
    """Return a turn of a conversation with a key of its own, where the file gives it none."""
    if item.key is not None or item.parent is None:
        return item
    return replace(item, key=f"{item.parent}/{turn}")
