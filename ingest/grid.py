"""Rows of a file, whatever its form, and CSV in any dialect to such rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from ingest.charset import decode
from ingest.page import Problem

Cell = str | int | float | bool | None

MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELL = 100_000  # characters; the csv module's own limit is 131,072
_DELIMITERS = (",", ";", "\t", "|")
_BLANKS = frozenset({"", "nan", "null", "none", "n/a", "#n/a"})
_LONG_SPAN = 300  # physical lines of one row: its quote was never closed


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the line of the file it begins on (for XLSX and JSON: its number)."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a file; `head` is None where the rows may still hold the column names."""

    rows: tuple[Row, ...] = ()
    head: tuple[str, ...] | None = None
    problems: tuple[Problem, ...] = ()


def is_blank(cell: Cell) -> bool:
    """Return whether a cell holds nothing, or a program's word for nothing."""
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in _BLANKS)


def broken(code: str, words: str) -> Grid:
    """Return a grid without rows, with the one fatal problem that says why."""
    return Grid(problems=(Problem(code=code, words=words, is_fatal=True),))


def csv_grid(text: str, *, problems: tuple[Problem, ...] = ()) -> Grid:
    """Return the rows of a CSV text; a row whose quote is never closed is a Problem."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    delimiter = _delimiter(lines)
    rows: list[Row] = []
    found = list(problems)
    start = 1 if lines and re.fullmatch(r"sep=.", lines[0].strip()) else 0
    while start < len(lines) and len(rows) < MAX_ROWS:
        start = _read_csv(lines, start, delimiter=delimiter, rows=rows, problems=found)
    if len(rows) >= MAX_ROWS:
        words = f"more than {MAX_ROWS:,} rows: read the first"
        found.append(Problem(code="too-large", words=words))
    return Grid(tuple(rows), None, tuple(found))


def _read_csv(
    lines: list[str], start: int, *, delimiter: str, rows: list[Row], problems: list[Problem]
) -> int:
    """Add rows from line `start` on; return the line to go on with after a broken row."""
    reader = csv.reader((f"{x}\n" for x in lines[start:]), delimiter=delimiter, strict=True)
    begun = start
    try:
        for cells in reader:
            ended = start + reader.line_num
            if ended - begun > _LONG_SPAN:
                raise csv.Error("unexpected end of data")
            if any(cell.strip() for cell in cells):
                rows.append(Row(begun + 1, tuple(cells[:MAX_COLUMNS])))
            begun = ended
            if len(rows) >= MAX_ROWS:
                break
    except csv.Error as e:
        width = len(rows[0].cells) if rows else 0
        if loose := _loose_row(lines[begun], delimiter=delimiter, width=width):
            rows.append(Row(begun + 1, loose))
        else:
            fault = "a quote is not closed" if "end of" in str(e) or "expected" in str(e) else e
            words = f"line {begun + 1}: {fault}: the row is left out"
            problems.append(Problem(code="bad-item", words=words))
        return begun + 1
    return len(lines)


def _loose_row(line: str, *, delimiter: str, width: int) -> tuple[str, ...]:
    """Return the cells of a line with stray quotes, when there are as many as there should be."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return ()
    is_closed = line.count('"') % 2 == 0
    return tuple(cells) if is_closed and len(cells) == width else ()


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts the first rows into the most even number of cells."""
    if lines and (told := re.fullmatch(r"sep=(.)", lines[0].strip())):
        return told[1]
    best, most = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader((f"{x}\n" for x in lines[:60]), delimiter=delimiter))
        except csv.Error:
            continue
        counts = Counter(len(row) for row in rows if len(row) > 1)
        if not counts:
            continue
        width, times = counts.most_common(1)[0]
        evenness = times / len(rows) * min(width, 12) ** 0.5
        if evenness > most:
            best, most = delimiter, evenness
    return best


def text_of(body: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return a text file's text: UTF-8, UTF-16, or the old Vietnamese or Western code page."""
    decoded = decode(body)
    if decoded.charset != "cp1252":
        return decoded.text, decoded.problems
    old = _old_vietnamese(body)
    if old is None:
        return decoded.text, decoded.problems
    words = "not UTF-8: read as windows-1258, the old Vietnamese code page"
    return old, (Problem(code="bad-encoding", words=words),)


def _old_vietnamese(body: bytes) -> str | None:
    """Return the text in windows-1258 when that gives Vietnamese tones, else None."""
    decoded = decode(body, content_type="text/plain; charset=windows-1258")
    toned = len(re.findall("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", decoded.text.lower()))
    return decoded.text if toned >= 3 and toned * 200 > len(decoded.text) // 10 else None
