"""A file's bytes to a grid of rows: CSV in any dialect, XLSX, JSON and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from ingest.charset import decode
from ingest.page import Problem

Cell = str | int | float | bool | None

MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_UNZIPPED = 200_000_000
_MAX_CELL = 100_000  # characters; the csv module's own limit is 131,072
_DELIMITERS = (",", ";", "\t", "|")
_FAULTS = ("error", "errors", "detail", "details")
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


def xlsx_grid(body: bytes) -> Grid:
    """Return the rows of a workbook's first sheet that has any; times come as ISO texts."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as e:
        return broken("malformed", f"not a whole XLSX file: {e}")
    if size > MAX_UNZIPPED:
        return broken("too-large", f"the workbook unpacks to {size:,} bytes")
    try:
        return _workbook_grid(body)
    except (KeyError, TypeError, ValueError, OSError, IndexError, SyntaxError, EOFError) as e:
        return broken("malformed", f"not a readable XLSX file: {e}")
    except (zipfile.BadZipFile, AttributeError, RecursionError) as e:
        return broken("malformed", f"not a readable XLSX file: {e}")


def _workbook_grid(body: bytes) -> Grid:
    import openpyxl  # 0.2 s: only for those who bring a workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that it does not know
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                rows, is_cut = _sheet_rows(sheet)
                if rows:
                    return Grid(tuple(rows), None, _cut_words(is_cut, sheet.title, book.sheetnames))
        finally:
            book.close()
    return broken("empty", "the workbook has no rows")


def _sheet_rows(sheet: Any) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    for n, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
        if n > MAX_ROWS:
            return rows, True
        row = tuple(_cell(cell) for cell in cells)
        if any(cell is not None and cell != "" for cell in row):
            rows.append(Row(n, row))
    return rows, False


def _cut_words(is_cut: bool, title: str, names: Sequence[str]) -> tuple[Problem, ...]:
    if not is_cut:
        return ()
    words = f"sheet {title!r} of {len(names)}: more than {MAX_ROWS:,} rows: read the first"
    return (Problem(code="too-large", words=words),)


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        return value[:_MAX_CELL]
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def json_grid(text: str, *, likeness: Callable[[Sequence[str]], int]) -> Grid:
    """Return the rows of the list of objects in `text` that is most like feedback.

    `likeness` counts how many of some column names mean something.
    """
    try:
        root = _loads(text)
    except (ValueError, RecursionError) as e:
        rows, problems = _json_lines(text)
        if len(rows) > len(problems):
            return _objects_grid(rows, problems)
        return broken("malformed", f"broken JSON: {str(e)[:120]}")
    if said := _refusal(root):
        return broken("not-a-table", f"a site's error answer, no feedback: {said}")
    found = _best_list(root, likeness)
    if not found and isinstance(root, dict) and likeness([name for name, _ in _flat(root)]) > 1:
        found = [root]
    if not found:
        return broken("not-a-table", "the JSON holds no list of objects")
    return _objects_grid(list(enumerate(found, start=1)), [])


def _refusal(root: Any) -> str:
    """Return what an error answer says, "" for every other JSON: errors are nobody's words."""
    if not isinstance(root, dict):
        return ""
    told = root.get("error") or root.get("errors")
    has_rows = any(
        isinstance(value, list) and value for name, value in root.items() if name not in _FAULTS
    )
    if not told or has_rows or isinstance(root.get("data"), dict):
        return ""
    while isinstance(told, list) and told:
        told = told[0]
    words = told.get("message") or told.get("code") if isinstance(told, dict) else told
    return str(words)[:120]


def jsonl_grid(text: str, *, likeness: Callable[[Sequence[str]], int]) -> Grid:
    """Return a row for each line that is a JSON object; other lines are Problems."""
    rows, problems = _json_lines(text)
    if not rows:
        return json_grid(text, likeness=likeness)
    return _objects_grid(rows, problems)


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=lambda _: None)


def _json_lines(text: str) -> tuple[list[tuple[int, dict[str, Any]]], list[Problem]]:
    rows: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    for n, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = _loads(line)
        except (ValueError, RecursionError) as e:
            words = f"line {n}: broken JSON: {str(e)[:100]}"
            problems.append(Problem(code="bad-item", words=words))
            continue
        if isinstance(value, dict) and len(rows) < MAX_ROWS:
            rows.append((n, value))
        else:
            words = f"line {n}: a {type(value).__name__}, not an object"
            problems.append(Problem(code="bad-item", words=words))
    return rows, problems


def _best_list(root: Any, likeness: Callable[[Sequence[str]], int]) -> list[dict[str, Any]]:
    """Return the likeliest list of objects, the longest of equals; those of one name are joined.

    Objects inside another object's list get that object's `name` as `product`.
    """
    joined: dict[str, list[dict[str, Any]]] = {}
    for path, row in _objects(root, path="", owner=""):
        joined.setdefault(path, []).append(row)

    def worth(rows: list[dict[str, Any]]) -> tuple[int, int]:
        return likeness([name for row in rows[:5] for name, _ in _flat(row)]), len(rows)

    return max(joined.values(), key=worth, default=[])[:MAX_ROWS]


def _objects(node: Any, *, path: str, owner: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > 6:
        return
    if isinstance(node, list):
        for each in node:
            if isinstance(each, dict):
                is_plain = not owner or "product" in each
                yield path, each if is_plain else {**each, "product": owner}
            yield from _objects(each, path=path, owner="", depth=depth + 1)
    elif isinstance(node, dict):
        name = node.get("name") or node.get("product_title") or ""
        for key, value in node.items():
            if key not in ("answers", "product_items", "images"):  # parts of a row, no rows
                told = name if isinstance(name, str) else ""
                yield from _objects(value, path=f"{path}.{key}", owner=told, depth=depth + 1)


def _objects_grid(rows: list[tuple[int, dict[str, Any]]], problems: list[Problem]) -> Grid:
    flat = [(line, dict(_flat(row))) for line, row in rows]
    head = tuple(dict.fromkeys(name for _, row in flat for name in row))[:MAX_COLUMNS]
    made = tuple(Row(line, tuple(row.get(name) for name in head)) for line, row in flat)
    return Grid(made, head, tuple(problems))


def _flat(row: dict[str, Any], *, path: str = "", depth: int = 0) -> Iterator[tuple[str, Cell]]:
    """Yield (dotted name, value) of an object; of a list of objects, the first one's."""
    for key, value in row.items():
        name = f"{path}{key}"
        if key == "answers" and isinstance(value, list):
            yield from _answers(value)
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0]
        if isinstance(value, dict) and depth < 3:
            yield from _flat(value, path=f"{name}.", depth=depth + 1)
        elif isinstance(value, list):
            yield name, ", ".join(str(each) for each in value if each is not None) or None
        elif isinstance(value, str | int | float | bool) or value is None:
            yield name, value
        else:
            yield name, json.dumps(value, ensure_ascii=False)


def _answers(sent: list[Any]) -> Iterator[tuple[str, Cell]]:
    """Yield a column for each answer of a survey response that tells its type and field."""
    for n, each in enumerate(sent, start=1):
        if not isinstance(each, dict):
            continue
        value = each.get(str(each.get("type")), each.get("text", each.get("value")))
        value = value.get("label") if isinstance(value, dict) else value
        told: Any = each.get("field")
        told = told if isinstance(told, dict) else {}
        name = each.get("metric") or told.get("title") or told.get("ref") or told.get("id") or n
        if isinstance(value, str | int | float):
            yield f"answers.{name}", value
        if each.get("metric") and isinstance(each.get("scale"), list):
            yield f"answers.{name}.scale", ", ".join(map(str, each["scale"]))
            yield f"answers.{name}.question", str(each.get("question") or "")


def text_of(body: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return a text file's text: UTF-8, UTF-16, or the old Vietnamese or Western code page."""
    decoded = decode(body)
    if decoded.charset != "cp1252":
        return decoded.text, decoded.problems
    return _old_vietnamese(body) or decoded.text, decoded.problems


def _old_vietnamese(body: bytes) -> str | None:
    """Return the text in windows-1258 when that gives Vietnamese tones, else None."""
    decoded = decode(body, content_type="text/plain; charset=windows-1258")
    toned = len(re.findall("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", decoded.text.lower()))
    return decoded.text if toned >= 3 and toned * 200 > len(decoded.text) // 10 else None
