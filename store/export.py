"""The whole filtered result as a table: CSV, CSV for Excel, XLSX or JSON lines, streamed.

Text from outside is hostile: a text cell that a spreadsheet would read as a
formula gets a leading apostrophe in CSV, and is written as text in XLSX. Numbers
are numbers: a score of -0.86 stays -0.86.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from types import NoneType
from typing import Any, BinaryIO, get_args, get_type_hints

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from store.columns import clean
from store.engine import Store
from store.mentions import COLUMNS, Filter, MentionRow, stream

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LONGEST_CELL = 32_767  # UTF-16 units, Excel's limit
CUT_MARK = " … [cut]"
MOST_ROWS = 1_048_575  # of one sheet, without its head
FIRST_DAY = 1900  # Excel knows no day before this year
WIDTHS = {"text": 60, "title": 30, "url": 30, "reasons": 30, "posted_at": 18, "collected_at": 18}

Cell = str | int | float | bool | datetime | None
Cells = Mapping[type, Callable[[Any], Any]]  # a column's type -> what makes a cell of a value


class Format(StrEnum):
    """What an export can be; csv has no byte order mark, csv-excel has one."""

    CSV = "csv"
    CSV_EXCEL = "csv-excel"
    XLSX = "xlsx"
    JSONL = "jsonl"


def export(
    store: Store,
    wanted: Filter,
    out: BinaryIO,
    *,
    form: Format,
    coverage: Sequence[Sequence[str]] = (),
) -> int:
    """Write every row of `wanted` to `out`, newest first; return how many rows there were.

    `coverage`, head and rows, is a second sheet of a workbook; other formats hold one table.
    """
    return write_rows(stream(store, wanted), out, form=form, coverage=coverage)


def write_rows(
    rows: Iterable[MentionRow],
    out: BinaryIO,
    *,
    form: Format,
    coverage: Sequence[Sequence[str]] = (),
) -> int:
    """Write `rows` to `out` in the given format, one at a time; return how many there were."""
    match form:
        case Format.CSV:
            return _write_csv(rows, out, encoding="utf-8")
        case Format.CSV_EXCEL:
            return _write_csv(rows, out, encoding="utf-8-sig")
        case Format.XLSX:
            return _write_xlsx(rows, out, coverage)
        case Format.JSONL:
            return _write_jsonl(rows, out)


def guarded(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    if text[:1].isalnum():
        return text
    if text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS):
        return f"'{text}"
    return text


def _write_csv(rows: Iterable[MentionRow], out: BinaryIO, *, encoding: str) -> int:
    text = io.TextIOWrapper(out, encoding=encoding, newline="", write_through=False)
    columns = _by_column(CSV_CELLS)
    written = 0
    try:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([cell(value) for cell, value in zip(columns, VALUES(row), strict=True)])
            written += 1
    finally:
        text.flush()
        text.detach()  # the caller's file stays open
    return written


def _by_column(by_type: Cells) -> list[Callable[[Any], Any]]:
    """Return for each column what makes a cell of its value, by the column's type.

    Where lists have no cells of their own, they become one readable text.
    """
    found = []
    for name, hint in get_type_hints(MentionRow).items():
        kind = next(each for each in (get_args(hint) or (hint,)) if each is not NoneType)
        kind = list if name in JOINED else kind
        found.append(by_type.get(kind) or _joined(JOINED[name], by_type[str]))
    return found


def _joined(words: Callable[[Any], str], cell: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else cell(words(value))


def _csv_text(value: str | None) -> str | None:
    if not value:
        return value
    return guarded(value if value.isascii() and "\0" not in value else clean(value))


def _csv_truth(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


def _write_jsonl(rows: Iterable[MentionRow], out: BinaryIO) -> int:
    columns = _by_column(JSON_VALUES)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    written = 0
    for row in rows:
        values = [value(each) for value, each in zip(columns, VALUES(row), strict=True)]
        told = dict(zip(COLUMNS, values, strict=True))
        out.write(clean(encode(told)).encode() + b"\n")
        written += 1
    return written


def _write_xlsx(
    rows: Iterable[MentionRow], out: BinaryIO, coverage: Sequence[Sequence[str]]
) -> int:
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd hh:mm:ss",
            "remove_timezone": True,
        },
    )
    head = book.add_format({"bold": True})
    columns = _by_column(XLSX_CELLS)
    written = 0
    sheet = _sheet(book, "mentions", head)
    for row in rows:
        at = written % MOST_ROWS
        if written and at == 0:
            sheet = _sheet(book, f"mentions {written // MOST_ROWS + 1}", head)
        for column, (cell, value) in enumerate(zip(columns, VALUES(row), strict=True)):
            if (shown := cell(value)) is not None and shown != "":
                _write_cell(sheet, at + 1, column, shown)
        written += 1
    if coverage:
        beside = book.add_worksheet("coverage")
        for at, line in enumerate(coverage):
            for column, said in enumerate(line):
                beside.write_string(at, column, _xlsx_text(said) or "", None if at else head)
    book.close()
    return written


def _sheet(book: xlsxwriter.Workbook, name: str, head: object) -> Worksheet:
    sheet = book.add_worksheet(name)
    for column, title in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDTHS.get(title, 12))
    for column, title in enumerate(COLUMNS):
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_cell(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    match value:
        case str():
            sheet.write_string(row, column, value)
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value)


def _xlsx_time(value: datetime | None) -> Cell:
    if value is None or value.year <= FIRST_DAY:
        return _instant(value)
    return value.replace(microsecond=0)


def _xlsx_text(value: str | None) -> str | None:
    """Return `value` as a cell can hold it: no letter that XML forbids, not too long."""
    if not value:
        return value
    value = NOT_IN_XML.sub("", clean(value))
    if 2 * len(value) <= LONGEST_CELL:
        return value
    units = value.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return value
    room = 2 * (LONGEST_CELL - len(CUT_MARK))
    return units[:room].decode("utf-16-le", "ignore") + CUT_MARK


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def _words(reasons: list[dict[str, Any]]) -> str:
    return "; ".join(dict.fromkeys(each["words"] for each in reasons))


def _aspects(aspects: list[dict[str, Any]]) -> str:
    return "; ".join(f"{each['name']}: {each['polarity']}" for each in aspects)


def _flag_reasons(reasons: list[dict[str, Any]]) -> str:
    told = (f"{each['code']}: {each['words']}".removesuffix(": ") for each in reasons)
    return "; ".join(told)


def _answers(answers: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{each['metric']}={each['value']:g} ({each['scale_low']:g}-{each['scale_high']:g})"
        for each in answers
    )


JOINED: dict[str, Callable[[Any], str]] = {
    "reasons": _words,
    "aspects": _aspects,
    "causes": "; ".join,
    "flag_reasons": _flag_reasons,
    "answers": _answers,
}
VALUES = attrgetter(*COLUMNS)


def _as_it_is(value: Any) -> Any:
    return value


CSV_CELLS: Cells = {
    str: _csv_text,
    int: _as_it_is,
    float: _rounded,
    bool: _csv_truth,
    datetime: _instant,
}
JSON_VALUES: Cells = {**CSV_CELLS, str: _as_it_is, bool: _as_it_is, list: _as_it_is}
XLSX_CELLS: Cells = {**CSV_CELLS, str: _xlsx_text, bool: _as_it_is, datetime: _xlsx_time}
