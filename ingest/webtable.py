"""The tables of a web page to a grid of rows: many programs call such a page an .xls file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ingest.grid import MAX_COLUMNS, MAX_ROWS, Grid, Row
from ingest.webpage import parse_page


def table_grid(body: bytes, *, likeness: Callable[[Sequence[str]], int]) -> Grid | None:
    """Return the rows of a page's table whose column names are most like feedback's.

    None where no table names at least two columns that feedback has.
    """
    page = parse_page(body, content_type=None)
    tables = [] if page.root is None else page.root.xpath("//table[not(.//table)]")
    rows = [_rows(table) for table in tables]

    def worth(table: list[Row]) -> tuple[int, int]:
        return max(likeness([str(c) for c in row.cells if c]) for row in table[:15]), len(table)

    best = max((each for each in rows if each), key=worth, default=[])
    if not best or worth(best)[0] < 2:
        return None
    return Grid(tuple(best[:MAX_ROWS]), None, page.problems)


def _rows(table: Any) -> list[Row]:
    rows = []
    for n, row in enumerate(table.xpath(".//tr"), start=1):
        cells = [" ".join("".join(each.itertext()).split()) for each in row.xpath("./td | ./th")]
        if any(cells):
            rows.append(Row(n, tuple(cells[:MAX_COLUMNS])))
    return rows
