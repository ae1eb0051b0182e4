"""JSON and JSON lines to a grid of rows: the list of objects that is most like feedback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ingest.grid import MAX_COLUMNS, MAX_ROWS, Cell, Grid, Row, broken
from ingest.page import Problem

_NEXT = re.compile(r"\s*,?\s*")
_FAULTS = ("error", "errors", "detail", "details")


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
        return _cut_grid(text) or broken("malformed", f"broken JSON: {str(e)[:120]}")
    if said := _refusal(root):
        return broken("empty", f"a site's error answer, no feedback: {said}")
    if plain := _plain_rows(root):
        return plain
    found = _best_list(root, likeness)
    if not found and isinstance(root, dict) and likeness([name for name, _ in _flat(root)]) > 1:
        found = [root]
    if not found:
        return broken("not-a-table", "the JSON holds no list of objects")
    return _objects_grid(list(enumerate(found, start=1)), [])


def _plain_rows(root: Any) -> Grid | None:
    """Return the rows of a list of lists or of mere texts, None for every other JSON.

    Also of `{columns: [...], data: [[...]]}`, as table programs write it.
    """
    if isinstance(root, dict) and isinstance(root.get("columns"), list):
        root = [root["columns"], *(root["data"] if isinstance(root.get("data"), list) else ())]
    if not isinstance(root, list) or len(root) < 2:
        return None
    if all(isinstance(each, str) for each in root):
        return Grid(tuple(Row(n, (each,)) for n, each in enumerate(root, start=1)), ("text",))
    if not all(isinstance(each, list) for each in root):
        return None
    plain = (str, int, float, bool, type(None))
    made = [
        Row(n, tuple(cell if isinstance(cell, plain) else json.dumps(cell) for cell in each))
        for n, each in enumerate(root[:MAX_ROWS], start=1)
    ]
    return Grid(tuple(made), None)


def _cut_grid(text: str) -> Grid | None:
    """Return the whole objects of a list that ends too early, None for other broken JSON."""
    begins = re.match(r"\s*\[\s*", text)
    rows: list[tuple[int, dict[str, Any]]] = []
    at = begins.end() if begins else len(text)
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    while at < len(text) and len(rows) < MAX_ROWS:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if not isinstance(value, dict):
            return None
        rows.append((len(rows) + 1, value))
        at = _NEXT.match(text, at).end()  # type: ignore[union-attr]
    if not rows:
        return None
    words = f"the file ends too early: its first {len(rows):,} rows are read"
    return _objects_grid(rows, [Problem(code="truncated", words=words)])


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
    elif isinstance(node, dict) and depth < 2 and _is_keyed(node):
        for key, each in node.items():
            yield path, {"key": key, **each}
    elif isinstance(node, dict):
        name = node.get("name") or node.get("product_title") or ""
        for key, value in node.items():
            if key not in ("answers", "product_items", "images"):  # parts of a row, no rows
                told = name if isinstance(name, str) else ""
                yield from _objects(value, path=f"{path}.{key}", owner=told, depth=depth + 1)


def _is_keyed(node: dict[str, Any]) -> bool:
    """Return whether an object is a list whose rows stand under their keys, all of one shape."""
    rows = list(node.values())
    if len(rows) < 2 or not all(isinstance(each, dict) and each for each in rows):
        return False
    shared = set(rows[0]).intersection(*rows[1:])
    return len(shared) > 1 and len(shared) * 2 >= max(len(each) for each in rows)


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
