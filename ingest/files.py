"""Files that people have - reviews, surveys, chats, interviews, figures - to a `Page`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ingest.amazon import is_amazon, read_amazon
from ingest.bounds import unpack
from ingest.columns import ANSWERS, Columns, guess_columns
from ingest.exported import is_exported, is_exported_figures, read_exported, read_figures
from ingest.grid import Cell, Grid, Row, broken, csv_grid, text_of
from ingest.heads import SAMPLE, headed, likeness, without_sums
from ingest.keys import told_apart
from ingest.mention import FeedbackKind, Figure, RawItem, Scale
from ingest.objects import json_grid, jsonl_grid
from ingest.page import Page, Problem
from ingest.questions import question_of
from ingest.rows import (
    OffScale,
    Reading,
    RowReader,
    declared_scale,
    figure_number,
    is_staff,
    keyed_by_turn,
    likely_scale,
    rating,
)
from ingest.shapes import Shape, known_shape
from ingest.structured import read_reviews
from ingest.text import fold, tokens
from ingest.timecells import time_reading
from ingest.transcripts import is_transcript, read_transcript
from ingest.webtable import table_grid
from ingest.worded import told_scale
from ingest.workbook import xlsx_grid

__all__ = ["Table", "file_space", "guess_columns", "read_table"]

MAX_FILE_BYTES = 100_000_000
_ROLES = re.compile(r"role|type|vai tro")
_KIND_BY_NAME = (
    (FeedbackKind.SURVEY, re.compile(r"survey|khao sat|\bnps\b|\bcsat\b|\bces\b|typeform")),
    (FeedbackKind.INTERVIEW, re.compile(r"interview|phong van")),
    (FeedbackKind.IN_APP, re.compile(r"in ?app|trong ung dung|app feedback")),
    (FeedbackKind.TICKET, re.compile(r"ticket|bug|yeu cau ho tro|support request")),
    (FeedbackKind.COMMENT, re.compile(r"comments?\b|binh luan")),
)
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls): save it as .xlsx or CSV"),
    (b"%PDF", "a PDF: export the table as CSV or XLSX"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


Meaning = tuple[Columns, dict[str, Scale | None], list[Problem]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as read: its columns and what they mean, a few rows to look at, and all items.

    `columns.unknown` are the columns that nobody could tell; `preview` are the
    first rows as they stand in the file.
    """

    name: str
    head: tuple[str, ...] = ()
    columns: Columns = field(default_factory=Columns)
    preview: tuple[tuple[Cell, ...], ...] = ()
    rows_in: int = 0
    source: str = ""
    items: tuple[RawItem, ...] = ()
    figures: tuple[Figure, ...] = ()
    problems: tuple[Problem, ...] = ()
    parts: tuple[Page, ...] = ()

    def page(self) -> Page:
        """Return all items as one page; its end is the file's end."""
        return Page(
            source=self.source,
            items=self.items,
            figures=self.figures,
            problems=self.problems,
            is_end=True,
            total=len(self.items) if self.items else None,
        )

    def pages(self) -> tuple[Page, ...]:
        """Return a page for each source: several only where a file exported here is read back."""
        return self.parts or (self.page(),)


def read_table(
    body: bytes,
    *,
    name: str,
    mapping: Mapping[str, str] | None = None,
    scale: Scale | None = None,
    kind: FeedbackKind | None = None,
    zone: str | None = None,
    source: str | None = None,
) -> Table:
    """Return what is in a file, whatever it is by its content; `name` is the file's name.

    `mapping` is {column: field} (see `ingest.columns.FIELDS`) and overrules guesses;
    `scale` is that of every rating whose column declares none; `zone` an IANA name for
    naive times. Each row left out is a Problem with its line and reason. Raises
    ConfigError for a mapping that does not fit, SourceBlocked for a saved wall page.
    """
    told = source or file_space(name)
    opened = _opened(body, name=name, source=source, kind=kind, zone=zone, is_table=bool(mapping))
    if isinstance(opened, Table):
        return opened
    if len(opened.rows) == 1 and opened.head is None and len(opened.rows[0].cells) == 1:
        words = "one line of text, no table: write at least the columns' names above it"
        return _refused(name, told, "not-a-table", words)
    grid = without_sums(headed(opened))
    if grid.head and (is_exported(grid.head) or is_exported_figures(grid.head)):
        return _exported(grid, name=name, source=told)
    shape = None if mapping or grid.head is None else known_shape(grid.head)
    if shape and not source and not shape.is_mute:
        told = shape.site
    if shape:
        columns, scales, unclear = _by_shape(shape, grid, scale)
    else:
        columns, scales, unclear = _by_guess(grid, mapping, scale, name=name)
    reader = RowReader(
        head=grid.head or (),
        columns=columns,
        scales=scales,
        kind=kind or _kind(name, columns, shape=shape),
        zone=zone,
        reads=_reads(grid, columns, shape),
        knows_staff=_knows_staff(grid, columns),
    )
    return _table(grid, reader, name=name, source=told, unclear=unclear)


def _opened(
    body: bytes,
    *,
    name: str,
    source: str | None,
    kind: FeedbackKind | None,
    zone: str | None,
    is_table: bool,
) -> Grid | Table:
    """Return the rows of a file, or its items where it is told otherwise than in rows."""
    told = source or file_space(name)
    if len(body) > MAX_FILE_BYTES:
        return _refused(name, told, "too-large", f"over {MAX_FILE_BYTES:,} bytes")
    for mark, words in _REFUSED:
        if body.startswith(mark):
            return _refused(name, told, "not-a-table", words)
    if body.startswith(b"PK"):
        return xlsx_grid(body, likeness=likeness)
    text, problems = text_of(unpack(body)[0] if body.startswith(b"\x1f\x8b") else body)
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    if not text.strip():
        return _refused(name, told, "empty", "the file is empty")
    if re.match(r"\s*<[!?/a-z]", text, re.IGNORECASE):
        page = _saved_page(body, name=name, source=source)
        return page if page.items else table_grid(body, likeness=likeness) or page
    if is_transcript(text) and not is_table:
        return _transcript(text, name=name, source=told, kind=kind, zone=zone)
    return _text_grid(text, problems=problems)


def _text_grid(text: str, *, problems: tuple[Problem, ...]) -> Grid:
    first = text.lstrip()[:1]
    if first == "[":
        grid = json_grid(text, likeness=likeness)
    elif first == "{":
        is_lines = re.match(r"\s*\{.*\}[ \t]*\n\s*\S", text) is not None
        read = jsonl_grid if is_lines else json_grid
        grid = read(text, likeness=likeness)
    else:
        grid = csv_grid(text)
    return replace(grid, problems=(*problems, *grid.problems))


def _refused(name: str, source: str, code: str, words: str) -> Table:
    return Table(name=name, source=source, problems=broken(code, words).problems)


def file_space(name: str) -> str:
    """Return the space of keys of a file whose ids are its own: files of one name share it."""
    return f"file:{_slug(name)}"


def _slug(name: str) -> str:
    return "-".join(tokens(fold(PurePosixPath(name.replace("\\", "/")).stem))) or "upload"


def _saved_page(body: bytes, *, name: str, source: str | None) -> Table:
    if is_amazon(body):
        page = read_amazon(body, content_type=None)
        own = page.source
    else:
        page = read_reviews(body, content_type=None, url=f"file:///{_slug(name)}")
        own = file_space(name)
    return Table(
        name=name,
        source=source or own,
        rows_in=len(page.items),
        items=page.items,
        problems=page.problems,
    )


def _transcript(
    text: str, *, name: str, source: str, kind: FeedbackKind | None, zone: str | None
) -> Table:
    items, problems = read_transcript(text, name=_slug(name), kind=kind, zone=zone)
    return Table(name=name, source=source, rows_in=len(items), items=items, problems=problems)


def _exported(grid: Grid, *, name: str, source: str) -> Table:
    read = read_exported if is_exported(grid.head or ()) else read_figures
    pages, problems = read(grid)
    items = tuple(item for page in pages for item in page.items)
    return Table(
        name=name,
        head=grid.head or (),
        preview=tuple(row.cells for row in grid.rows[:5]),
        rows_in=len(grid.rows),
        source=pages[0].source if len(pages) == 1 else source,
        items=items,
        figures=tuple(figure for page in pages for figure in page.figures),
        problems=(*grid.problems, *problems),
        parts=tuple(pages),
    )


def _by_shape(shape: Shape, grid: Grid, scale: Scale | None) -> Meaning:
    columns = shape.columns(grid.head or ())
    return columns, dict.fromkeys(columns.of("stars"), scale or shape.scale), []


def _by_guess(
    grid: Grid, mapping: Mapping[str, str] | None, scale: Scale | None, *, name: str
) -> Meaning:
    head = grid.head or ()
    sample = [row.cells for row in grid.rows[:SAMPLE]]
    columns = _with_figures(guess_columns(head, sample, mapping=mapping), head, sample)
    columns = columns if mapping else _measured_as_named(columns, name)
    return columns, *_scales(grid, columns, scale)


def _measured_as_named(columns: Columns, name: str) -> Columns:
    """Return columns where the rating of a file called nps, csat or ces measures that."""
    metrics = {*ANSWERS}.intersection(tokens(fold(name)))
    is_measured = any(columns.of(each) for each in (*ANSWERS, "answer"))
    if len(metrics) != 1 or is_measured or len(columns.of("stars")) != 1:
        return columns
    rated = {columns.of("stars")[0]: metrics.pop()}
    return replace(columns, fields={**columns.fields, **rated})


def _knows_staff(grid: Grid, columns: Columns) -> bool:
    """Return whether a column of names (no roles: an unknown role is a mistake) has staff in it."""
    named = [name for name in columns.of("speaker") if not _ROLES.search(fold(name))]
    places = [(grid.head or ()).index(name) for name in named]
    return any(is_staff(row.cells[at]) for row in grid.rows for at in places if at < len(row.cells))


def _reads(grid: Grid, columns: Columns, shape: Shape | None) -> dict[str, Reading]:
    """Return how single columns are mended: by the file's shape, times by the column's habit."""
    reads = dict(shape.reads) if shape else {}
    for name in (*columns.of("posted"), *columns.of("edited")):
        at = (grid.head or ()).index(name)
        reads.setdefault(name, time_reading([r.cells[at] for r in grid.rows if at < len(r.cells)]))
    return reads


def _table(
    grid: Grid, reader: RowReader, *, name: str, source: str, unclear: Sequence[Problem]
) -> Table:
    columns = reader.columns
    items, figures, rejected = _read_rows(grid, reader)
    apart, doubles = told_apart(items)
    problems = [*grid.problems, *unclear, *rejected, *doubles]
    if not grid.rows and not problems:
        problems.append(Problem(code="empty", words="the file has no rows", is_fatal=True))
    elif not items and not figures and not any(each.is_fatal for each in problems):
        shown = ", ".join(columns.unknown[:12]) or "none"
        words = f"no row could be read; columns not understood: {shown}; name them with --map"
        problems.append(Problem(code="not-a-table", words=words, is_fatal=True))
    return Table(
        name=name,
        head=tuple(reader.head),
        columns=columns,
        preview=tuple(row.cells for row in grid.rows[:5]),
        rows_in=len(grid.rows),
        source=source,
        items=apart,
        figures=tuple(figures),
        problems=tuple(problems),
    )


def _read_rows(grid: Grid, reader: RowReader) -> tuple[list[RawItem], list[Figure], list[Problem]]:
    items: list[RawItem] = []
    figures: list[Figure] = []
    rejected: list[Problem] = []
    is_figures = bool(reader.columns.of("figure") or reader.columns.of("metric"))
    turns: dict[str, int] = {}
    for row in grid.rows:
        try:
            if any(cell not in (None, "") for cell in row.cells[len(reader.head) :]):
                raise ValueError(f"{len(row.cells)} cells under {len(reader.head)} columns")
            if is_figures:
                figures += reader.figures(row.cells)
                continue
            read = _items(reader, row, rejected)
        except ValueError as e:
            words = f"line {row.line}: {e}: the row is left out"
            rejected.append(Problem(code="bad-item", words=words))
            continue
        if reader.kind is FeedbackKind.CONVERSATION:
            above = read[0].parent or ""
            turns[above] = turns.get(above, 0) + 1
            read[0] = keyed_by_turn(read[0], turns[above])
        items += read
    return items, figures, rejected


def _items(reader: RowReader, row: Row, rejected: list[Problem]) -> list[RawItem]:
    """Return a row's items without the ratings that cannot be; each of those is a Problem."""
    try:
        return reader.items(row.cells)
    except OffScale as e:
        others = {name: scale for name, scale in reader.scales.items() if name != e.column}
        try:
            read = _items(replace(reader, scales=others), row, rejected)
        except ValueError:
            raise e from None
        words = f"line {row.line}: {e}: the rating is left out"
        rejected.append(Problem(code="bad-item", words=words))
        return read


def _with_figures(
    columns: Columns, head: Sequence[str], sample: Sequence[Sequence[Cell]]
) -> Columns:
    """Return columns where a file of dates and numbers, and nothing else, is told to be figures."""
    meant = set(columns.fields.values())
    numeric = [name for name in columns.unknown if _is_numeric(head.index(name), sample)]
    if meant <= {"posted", "figure", "ignore"} and "posted" in meant:
        if len(numeric) == len(columns.unknown):
            fields = {**columns.fields, **dict.fromkeys(numeric, "figure")}
            return replace(columns, fields=fields, unknown=())
        return columns
    if {"metric", "value"} <= meant and "text" not in meant:
        return columns
    unused = ("figure", "metric", "value")
    fields = {name: each for name, each in columns.fields.items() if each not in unused}
    left = tuple(name for name in head if columns.fields.get(name) in unused)
    return replace(columns, fields=fields, unknown=(*columns.unknown, *left))


def _is_numeric(at: int, sample: Sequence[Sequence[Cell]]) -> bool:
    cells = [row[at] for row in sample if at < len(row) and row[at] not in (None, "")]
    return bool(cells) and all(figure_number(each) is not None for each in cells)


def _scales(
    grid: Grid, columns: Columns, scale: Scale | None
) -> tuple[dict[str, Scale | None], list[Problem]]:
    """Return the scale of each rated column: declared in its name, told, or the usual one."""
    scales: dict[str, Scale | None] = {}
    problems: list[Problem] = []
    head = list(grid.head or ())
    for name, meant in columns.fields.items():
        if meant not in ("stars", "answer", *ANSWERS):
            continue
        asked = question_of(name)
        if asked:
            scales[name] = asked.scale
            continue
        at = head.index(name)
        cells = [row.cells[at] for row in grid.rows if at < len(row.cells)]
        values = [value for cell in cells if (value := rating(cell)) is not None]
        own = declared_scale(name) or told_scale(cells)
        scales[name] = own or (scale if meant != "nps" else None) or likely_scale(meant, values)
        if scales[name] is None:
            low, high = min(values), max(values)
            words = (
                f"column {name!r} has values from {low:g} to {high:g}: "
                f"say its scale, for example --scale 1-10"
            )
            problems.append(Problem(code="no-scale", words=words, is_fatal=True))
    return scales, problems


def _kind(name: str, columns: Columns, *, shape: Shape | None) -> FeedbackKind:
    if shape:
        return FeedbackKind.REVIEW
    if columns.of("speaker"):
        return FeedbackKind.CONVERSATION
    if any(columns.of(metric) for metric in (*ANSWERS, "answer")):
        return FeedbackKind.SURVEY
    if any(question_of(each) for each in columns.fields):
        return FeedbackKind.SURVEY
    words = " ".join(tokens(fold(name)))
    found = next((kind for kind, pattern in _KIND_BY_NAME if pattern.search(words)), None)
    is_rated_comment = found is FeedbackKind.COMMENT and bool(columns.of("stars"))
    return FeedbackKind.REVIEW if found is None or is_rated_comment else found
