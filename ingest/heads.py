"""Where a table's column names stand, and the lines of it that are no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.columns import ANSWERS, named_field
from ingest.grid import Grid, Row
from ingest.page import Problem
from ingest.rows import rating
from ingest.text import fold, tokens

SAMPLE = 200  # rows looked at
_HEAD_WITHIN = 15
_ANSWERED_BY = frozenset({"response", "open-ended response", "câu trả lời mở", "phản hồi"})
_SUMS = frozenset({"tong", "tong cong", "tong so", "trung binh", "total", "grand total", "average",
                   "sum", "mean"})  # fmt: skip


def headed(grid: Grid) -> Grid:
    """Return the grid with its column names, found in one of its first rows or made up."""
    if grid.head is not None or not grid.rows:
        return grid
    known = [_known_names(row) for row in grid.rows[:_HEAD_WITHIN]]
    best = max(range(len(known)), key=lambda n: (known[n], -n))
    if known[best] == 0 or (known[best] == 1 and len(grid.rows[best].cells) > 3):
        best = 0 if _looks_like_names(grid.rows) else -1
    names = grid.rows[best].cells if best >= 0 else ()
    width = len(names) or max(len(row.cells) for row in grid.rows[:SAMPLE])
    head = [str(names[n] or "").strip() if n < len(names) else "" for n in range(width)]
    if best >= 0 and len(grid.rows) > best + 1 and _is_second_head(grid.rows[best + 1]):
        best += 1
        head = _joined(head, grid.rows[best])
    head = [each or f"column {n}" for n, each in enumerate(head, start=1)]
    apart = [each if each not in head[:n] else f"{each} ({n + 1})" for n, each in enumerate(head)]
    return replace(grid, head=tuple(apart), rows=grid.rows[best + 1 :])


def _is_second_head(row: Row) -> bool:
    """Return whether a row tells how its questions were answered, as SurveyMonkey's second does."""
    told = [str(each).strip().casefold() for each in row.cells if each not in (None, "")]
    return bool(_ANSWERED_BY.intersection(told)) and all(len(each) <= 80 for each in told)


def _joined(head: list[str], row: Row) -> list[str]:
    """Return the names with those of the second row; a choice has its question's name before it."""
    joined, above = [], ""
    for n, name in enumerate(head):
        below = str(row.cells[n] or "").strip() if n < len(row.cells) else ""
        above = name or above
        is_own = below and below.casefold() not in _ANSWERED_BY
        joined.append(f"{above} {below}" if is_own and not name else name)
    return joined


def without_sums(grid: Grid) -> Grid:
    """Return the grid without the lines of sums that spreadsheets end with; they are told."""
    sums = [row for row in grid.rows[-3:] if _is_sum(row)]
    if not sums or len(sums) == len(grid.rows):
        return grid
    problems = [
        Problem(code="bad-item", words=f"line {row.line}: sums, no feedback: the row is left out")
        for row in sums
    ]
    kept = tuple(row for row in grid.rows if row not in sums)
    return replace(grid, rows=kept, problems=(*grid.problems, *problems))


def _is_sum(row: Row) -> bool:
    told = [each for each in row.cells if each not in (None, "")]
    words = [each for each in told if isinstance(each, str) and rating(each) is None]
    return len(told) > 1 and len(words) == 1 and " ".join(tokens(fold(words[0]))) in _SUMS


def likeness(names: Sequence[str]) -> int:
    """Return how many of the fields that feedback has are told by these column names."""
    told = {found[0] for name in names if (found := named_field(name))}
    return len(told & {"text", "stars", "posted", "author", "title", "answer", *ANSWERS})


def _known_names(row: Row) -> int:
    names = [str(each).strip() for each in row.cells if isinstance(each, str) and each.strip()]
    return sum(1 for name in names if len(name) <= 120 and named_field(name) is not None)


def _looks_like_names(rows: Sequence[Row]) -> bool:
    """Return whether the first row is short words over rows of which some are numbers."""
    first = [each for each in rows[0].cells if each not in (None, "")]
    if any(rating(each) is not None or len(str(each)) > 40 for each in first):
        return False
    return any(rating(each) is not None for row in rows[1:20] for each in row.cells)
