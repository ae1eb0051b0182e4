"""A workbook's bytes (XLSX) to a grid of rows."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from ingest.grid import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Cell, Grid, Row, broken
from ingest.page import Problem

MAX_UNZIPPED = 200_000_000


def xlsx_grid(body: bytes, *, likeness: Callable[[Sequence[str]], int]) -> Grid:
    """Return the rows of a workbook's sheet that is most like feedback; times come as ISO texts.

    Sheets with the same column names are read as one. Others that have rows are
    told by a Problem: nothing is left out in silence.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as e:
        return broken("malformed", f"not a whole XLSX file: {e}")
    if size > MAX_UNZIPPED:
        return broken("too-large", f"the workbook unpacks to {size:,} bytes")
    try:
        sheets, is_cut = _sheets(body)
    except (KeyError, TypeError, ValueError, OSError, IndexError, SyntaxError, EOFError) as e:
        return broken("malformed", f"not a readable XLSX file: {e}")
    except (zipfile.BadZipFile, zlib.error, AttributeError, RecursionError) as e:
        return broken("malformed", f"not a readable XLSX file: {e}")
    if not sheets:
        return broken("empty", "the workbook has no rows")
    chosen, left = _likest(sheets, likeness)
    problems = [
        Problem(code="bad-item", words=_left_words(name, len(sheets[name]))) for name in left
    ]
    if is_cut:
        words = f"more than {MAX_ROWS:,} rows: read the first"
        problems.append(Problem(code="too-large", words=words))
    return Grid(tuple(chosen), None, tuple(problems))


def _left_words(name: str, rows: int) -> str:
    return f"sheet {name!r} has {rows:,} rows that are left out: save it as a file of its own"


def _sheets(body: bytes) -> tuple[dict[str, list[Row]], bool]:
    """Return the rows of each sheet that has any, and whether some were over the limit."""
    import openpyxl  # 0.2 s: only for those who bring a workbook

    sheets: dict[str, list[Row]] = {}
    room = MAX_ROWS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that it does not know
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                rows, is_cut = _sheet_rows(sheet, room)
                room -= len(rows)
                sheets |= {sheet.title: rows} if rows else {}
                if is_cut:
                    return sheets, True
        finally:
            book.close()
    return sheets, False


def _likest(
    sheets: dict[str, list[Row]], likeness: Callable[[Sequence[str]], int]
) -> tuple[list[Row], list[str]]:
    """Return the rows of the likeliest sheet and of those like it, and the names of the rest."""

    def worth(name: str) -> tuple[int, int]:
        heads = [[str(each) for each in row.cells if each] for row in sheets[name][:15]]
        return max(likeness(head) for head in heads), len(sheets[name])

    best = max(sheets, key=worth)
    head = sheets[best][0].cells
    alike = [name for name, rows in sheets.items() if rows[0].cells == head or name == best]
    rows = list(sheets[alike[0]])
    for name in alike[1:]:
        rows += sheets[name][1:]
    return rows, [name for name in sheets if name not in alike]


def _sheet_rows(sheet: Any, room: int) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    for n, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
        if n > room:
            return rows, True
        row = tuple(_cell(cell) for cell in cells)
        used = next((at for at in range(len(row), 0, -1) if row[at - 1] not in (None, "")), 0)
        if used:
            rows.append(Row(n, row[:used]))
    return rows, False


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        return value[:MAX_CELL]
    return value if isinstance(value, bool | int | float) or value is None else str(value)
