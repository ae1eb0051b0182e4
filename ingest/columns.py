"""Which column of a file means what: by its name in English or Vietnamese, else by its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.errors import ConfigError
from ingest.grid import Cell, is_blank
from ingest.questions import question_of
from ingest.text import fold, tokens
from ingest.times import parse_time
from ingest.worded import worded_rating

FIELDS = (
    "key", "url", "title", "text", "author", "posted", "edited", "stars", "product", "variation",
    "likes", "reach", "parent", "language", "speaker", "csat", "nps", "ces", "metric", "value",
    "figure", "reply", "replied", "later", "later_posted", "answer", "ignore",
)  # fmt: skip
ANSWERS = ("csat", "nps", "ces")
_MANY = {"text", "figure", "ignore", "answer", *ANSWERS}

# Folded names, the surest first: a column takes the first field that names it, and of
# two columns that claim a field the one whose name stands earlier wins.
_NAMES: dict[str, str] = {
    "key": "review id|comment id|cmtid|cmt id|rating id|feedback id|response id|ticket id"
    "|mention id|message id|ma danh gia|ma phan hoi|ma binh luan|ma yeu cau|wp comment id|reviewid"
    "|review rate id|recommendationid|id danh gia|evaluation id|key|uuid|guid|id|ma|ma phieu",
    "text": "review content|review body|review text|noi dung danh gia|noi dung nhan xet"
    "|noi dung phan hoi|noi dung binh luan|noi dung gop y|noi dung|nhan xet|danh gia cua khach hang"
    "|y kien khach hang|y kien|gop y|binh luan|phan hoi cua khach hang|phan hoi|comment|comments"
    "|content|text|review|body|message|feedback|verbatim|tin nhan|loi nhan|mo ta|description"
    "|comment text|comment content|full text|utterance|cau tra loi|ly do|reason|cam nhan"
    "|positive text|negative text|pros|cons|uu diem|nhuoc diem",
    "title": "review title|tieu de danh gia|tieu de|title|headline|subject|chu de",
    "author": "author username|author name|ten nguoi mua|nguoi mua|ten khach hang|khach hang"
    "|nguoi danh gia|ten nguoi dung|nguoi dung|tai khoan|buyer name|buyer username|buyer|user name"
    "|username|reviewer name|reviewer|review username|contact name|requester|customer name"
    "|customer|author|nickname|user|full name"
    "|ho ten|ho va ten|ten|name",
    "posted": "review time|review date|zoned review time|ctime|create time|created at|created time"
    "|created utc|date created|create date|ngay tao|ngay danh gia|thoi gian danh gia|thoi gian tao"
    "|thoi gian|ngay gui|ngay phan hoi|thoi diem|posted at|posted|published at|published"
    "|publish time|date published|submitted at|submission time|submit date|timestamp|date|time"
    "|ngay|at|ngay gio|evaluation date|dau thoi gian|start date|end date|landed at|month|thang",
    "edited": "edited at|updated at|update time|modified|date modified|ngay sua|ngay cap nhat",
    "stars": "rating star|rating stars|star rating|so sao|so diem sao|danh gia sao|sao|stars|star"
    "|rating value|rating|diem danh gia|xep hang|xep loai|review rating|review score|score"
    "|product rating|diem so|diem|danh gia",
    "product": "product name|product title|ten san pham|san pham|item name|product|ten hang"
    "|mat hang|product slug|sku name|name san pham",
    "variation": "phan loai hang|phan loai|variation|variant|model name|sku thuoc tinh|sku info"
    "|thuoc tinh|bien the|product items model name",
    "url": "review url|link to the conversation|conversation link|permalink|link|url|duong dan"
    "|lien ket",
    "likes": "likes|like count|so luot thich|luot thich|helpful|helpful count|thank count"
    "|thumbs up count|up votes|upvotes|huu ich|luot huu ich",
    "reach": "reach|views|luot xem|luot tiep can|followers|impressions",
    "parent": "conversation id|conversation|thread id|thread|session id|ma hoi thoai|hoi thoai"
    "|ma cuoc tro chuyen|cuoc tro chuyen|chat id|ticket|case id|parent|parent id|parent key",
    "language": "review language|language|lang|ngon ngu",
    "speaker": "speaker|role|sender|sender type|author type|nguoi noi|vai tro|nguoi gui|ben gui"
    "|from|tu",
    "csat": "csat|csat score|survey results|satisfaction score|satisfaction rating|diem csat"
    "|muc do hai long|do hai long|satisfaction|diem hai long",
    "nps": "nps|nps score|diem nps|kha nang gioi thieu|muc do gioi thieu",
    "ces": "ces|ces score|diem ces|muc do de dang|customer effort",
    "metric": "metric|measure|kpi|chi so|chi tieu|ten chi so",
    "value": "value|gia tri|amount|count|so luong",
    "figure": "visits|sessions|users|active users|new users|pageviews|page views|unique visitors"
    "|visitors|clicks|bounce rate|conversion rate|time on site|avg session duration|dau|mau"
    "|luot truy cap|luot ghe tham|phien|so phien|nguoi dung hoat dong|so luot truy cap"
    "|thoi gian tren trang|ty le thoat|ty le chuyen doi|luot nhap|don hang|minutes on site",
    "reply": "shop reply|seller reply|phan hoi cua shop|tra loi cua shop|phan hoi cua nguoi ban"
    "|nguoi ban phan hoi|shop tra loi|shop phan hoi|owner reply|owner response|developer reply text"
    "|developer response|company reply|tra loi cua nguoi ban|reply content|reply text"
    "|response from the owner|reply",
    "replied": "replied at|reply time|reply date|company reply date|developer reply date and time"
    "|thoi gian shop phan hoi|ngay shop phan hoi|thoi gian shop tra loi",
    "ignore": "order id|orderid|ma don hang|ma don|item id|itemid|shop id|shopid|user id|userid"
    "|product id|product item id|ma san pham|sku|seller id|status|trang thai|is reply|region|stt"
    "|no|so thu tu|row|index|phone|so dien thoai|email|email address"
    "|dia chi email|avatar|images|image|hinh anh"
    "|ngay mua|bought date|ship oversea|delivery date|user image|app version"
    "|review created version|source|collected at|brand|form id|token|landing id",
}  # fmt: skip
_BY_NAME = {
    name: (each, rank)
    for each, names in _NAMES.items()
    for rank, name in enumerate(names.split("|"))
}
# Questions of surveys, which are whole sentences.
_QUESTIONS = (
    ("nps", re.compile(r"gioi thieu|recommend|\bnps\b")),
    ("ces", re.compile(r"de dang|no luc|\beffort\b|how easy|\bces\b")),
    ("csat", re.compile(r"hai long|satisf|\bcsat\b")),
)
# In nested JSON the last part of a name tells something only under these.
_PARENTS = re.compile(
    r"\b(?:author|user|reviewer|customer|consumer|buyer|product|products|product items|item"
    r"|attributes|fields|review|rating|text details|guest details|content)\Z"
)
_REPLY = re.compile(r"\b(?:reply|replies|response|responses)\b.* \w")
_NO_STARS = re.compile(
    r"count|number|\bid\b|so luong|likes|helpful|quantity|age|tuoi|purchased|priority|uu tien"
    r"|status|position|rank|version|level|type|loai|code|group|depth|votes|page|trang"
    r"|\b(?:ups|downs|day|month|week|hour|year|ngay|thang|tuan|gio|nam|score)\b"
    r"|answers|replies|stock|ton kho"
)
_NO_TEXT = re.compile(
    r"agent|referer|url|link|address|image|avatar|metadata|portrait", re.IGNORECASE
)
_OPEN_QUESTION = re.compile(
    r"\b(?:vi sao|tai sao|ly do|y kien|gop y|chia se|nhan xet|mong muon|cai thien|dieu gi|why"
    r"|reason|comment|suggest\w*|improve|tell us|feedback|anything else|what)\b"
)
_SAID = re.compile(
    r"\b(?:gop y|y kien|nhan xet|ly do|loi nhan|cam nhan|why|reasons?|comments?|feedback|remarks?"
    r"|suggestions?|opinion)\b"
)
_NOT_SAID = re.compile(
    r"\b(?:id|ma|count|so|ngay|date|time|thoi gian|url|link|author|name|ten|nguoi|by|type|loai"
    r"|status|trang thai|score|rating|stars?|sao|diem|likes?|number|length|code|category"
    r"|muc do|hai long|gioi thieu|de dang|satisf\w*|recommend|likely|nps|csat|ces)\b"
)
_STARS_CELL = re.compile(
    r"[★⭐☆]{1,10}|[0-5](?:[.,]\d+)?(?:\s*(?:sao|stars?|/\s*5))?", re.IGNORECASE
)
_TIME_CELL = re.compile(r"(?=.*\d)(?=.*[-/:. ])|\d{10}(?:\d{3})?\Z")


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a file means, and which ones are not known.

    `fields` maps a column's name to a field of `FIELDS`; `guessed` names the
    columns whose field was told by their cells, not by their name.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()

    def of(self, wanted: str) -> tuple[str, ...]:
        """Return the names of the columns that mean `wanted`."""
        return tuple(name for name, each in self.fields.items() if each == wanted)


def named_field(name: str) -> tuple[str, int] | None:
    """Return the field that a column's name tells and how surely (0 is surest), or None."""
    asked = question_of(name)
    if asked:
        metric = asked.metric if asked.metric in ANSWERS else "answer"
        return (metric if asked.scale else "text"), -1
    words = _spelled(name)
    bare = re.sub(r"\s\d+(?:\s\d+)*\Z|\s(?:thang|scale|utc|gmt)\b.*", "", words)
    parent, _, last = name.rpartition(".")
    if parent and _REPLY.search(words):
        return _of_reply(parent, last)
    lasts = (_spelled(last),) if parent and _PARENTS.search(_spelled(parent)) else ()
    for each in (words, bare, words.replace(" ", ""), *lasts):
        if each in _BY_NAME:
            found, rank = _BY_NAME[each]
            is_things_name = each == "name" and "product" in _spelled(parent)
            return ("product" if is_things_name else found), rank
    if parent and not parent.startswith("answers"):
        return None
    if _SAID.search(words) and not _NOT_SAID.search(words):
        return "text", 70
    is_asked = name.rstrip().endswith("?")
    if len(words.split()) < 3 and not is_asked and not re.search(r"\b(?:csat|nps|ces)\b", words):
        return None
    for metric, asks in _QUESTIONS:
        if asks.search(words) and not _OPEN_QUESTION.search(words):
            return metric, 50
    is_question = is_asked or len(words.split()) > 3
    return ("text", 60) if _OPEN_QUESTION.search(words) and is_question else None


def _of_reply(parent: str, last: str) -> tuple[str, int]:
    """Return what a part of a nested reply tells; only one reply is surely the shop's."""
    field = _BY_NAME.get(_spelled(last), ("", 0))[0]
    is_shops = _spelled(parent.rpartition(".")[2]).rpartition(" ")[2] in ("reply", "response")
    return (
        {"text": "reply", "posted": "replied"}.get(field, "ignore") if is_shops else "ignore"
    ), 1


def _spelled(name: str) -> str:
    return " ".join(tokens(fold(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))))


def guess_columns(
    head: Sequence[str],
    sample_rows: Sequence[Sequence[Cell]],
    *,
    mapping: Mapping[str, str] | None = None,
) -> Columns:
    """Return what the columns of a file mean: as told, by their names, then by their cells.

    `mapping` is {column: field} and overrules every guess. Raises ConfigError
    for a column or field that does not exist.
    """
    told = _told(head, mapping or {})
    fields = dict(told)
    taken = {each for each in told.values() if each not in _MANY}
    claims = sorted(
        (claim[1], n, name, claim[0])
        for n, name in enumerate(head)
        if name not in told and (claim := named_field(name))
    )
    for _, n, name, wanted in claims:
        if wanted in taken or not _fits(wanted, [row[n] for row in sample_rows if n < len(row)]):
            continue
        fields[name] = wanted
        taken |= {wanted} - _MANY
    open_columns = [name for name in head if name not in fields]
    guessed = _by_cells(head, sample_rows, fields=fields, open_columns=open_columns)
    fields |= guessed
    ordered = {name: fields[name] for name in head if name in fields}
    unknown = tuple(name for name in head if name and name not in fields)
    return Columns(ordered, unknown, tuple(guessed))


def _fits(wanted: str, cells: Sequence[Cell]) -> bool:
    """Return whether cells can be what their column's name says: ratings must be numbers."""
    if wanted not in ("stars", *ANSWERS):
        return True
    told = [each for each in cells if not is_blank(each)]
    return not told or _share(told, _is_rating) > 0.5


def _is_rating(cell: Cell) -> bool:
    return bool(re.search(r"\d|[★⭐]", str(cell)[:20])) or worded_rating(cell) is not None


def _told(head: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    by_folded = {" ".join(tokens(fold(name))): name for name in head}
    told: dict[str, str] = {}
    for column, wanted in mapping.items():
        name = column if column in head else by_folded.get(" ".join(tokens(fold(column))), "")
        if not name:
            shown = ", ".join(each for each in head if each)
            raise ConfigError("no such column", subject=column, next_step=f"one of: {shown}")
        if wanted not in FIELDS:
            allowed = ", ".join(FIELDS)
            raise ConfigError("no such field", subject=wanted, next_step=f"one of: {allowed}")
        told[name] = wanted
    return told


def _by_cells(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    fields: Mapping[str, str],
    open_columns: Sequence[str],
) -> dict[str, str]:
    """Return the fields that the cells of unnamed columns tell: text, stars and times."""
    have = set(fields.values())
    cells = {
        name: [row[n] for row in rows if n < len(row) and row[n] not in (None, "")]
        for n, name in enumerate(head)
        if name in open_columns
    }
    found: dict[str, str] = {}
    if "text" not in have and not have & {"figure", "metric"}:
        wordy = [name for name in cells if not _NO_TEXT.search(name)]
        longest = max(wordy, key=lambda name: _words_in(cells[name]), default=None)
        if longest is not None and _words_in(cells[longest]) >= 3:
            found[longest] = "text"
    if not have & {"stars", "figure", "metric", "answer", *ANSWERS} and ("text" in have or found):
        ratable = [n for n in cells if n not in found and not _NO_STARS.search(_spelled(n))]
        starry = [n for n in ratable if _share(cells[n], _is_stars) == 1 and not _counts(cells[n])]
        found |= {starry[0]: "stars"} if starry else {}
    if "posted" not in have:
        timed = [n for n in cells if n not in found and _share(cells[n], _is_time) >= 0.8]
        found |= {timed[0]: "posted"} if timed else {}
    return found


def _words_in(cells: Sequence[Cell]) -> float:
    texts = [len(each.split()) for each in cells if isinstance(each, str)]
    return sum(texts) / len(texts) if texts else 0.0


def _share(cells: Sequence[Cell], is_so: object) -> float:
    return (
        sum(1 for each in cells if is_so(each)) / len(cells) if cells and callable(is_so) else 0.0
    )


def _is_stars(cell: Cell) -> bool:
    return not isinstance(cell, bool) and bool(_STARS_CELL.fullmatch(str(cell).strip()))


def _counts(cells: Sequence[Cell]) -> bool:
    """Return whether cells are the rows' numbers: 1, 2, 3 ..."""
    told = [str(each).strip() for each in cells]
    begins = int(told[0]) if told and told[0].isdecimal() else None
    return (
        begins is not None and told == [str(begins + n) for n in range(len(told))] and len(told) > 1
    )


def _is_time(cell: Cell) -> bool:
    if isinstance(cell, bool | float) or not _TIME_CELL.match(str(cell)):
        return False
    try:
        parse_time(cell if isinstance(cell, int) else str(cell), zone=None, fetched_at=None)
    except ValueError:
        return False
    return True
