"""A column of written times: what its other cells tell about how to read one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from ingest.grid import Cell

_SLASHED = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?!\d)(.*)", re.DOTALL)
_SERIAL = re.compile(r"\s*([2-7]\d{4})(?:[.,](\d+))?\s*")  # 1954 to 2119
_EXCEL_BEGINS = datetime(1899, 12, 30, tzinfo=UTC)  # of local days: the zone is left out
_HALF_OF_DAY = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?)\s*(SA|CH)\b")


def time_reading(cells: Sequence[Cell]) -> Callable[[Cell], Cell]:
    """Return how to mend each cell of a column of times.

    Years of two digits are of this century. A column in which some second number is over
    12, and no first one, tells the month first (11/21/2026); without such a sign the day
    stands first. Vietnamese forms write SA and CH for the halves of a day. A column of
    nothing but numbers of five digits holds a spreadsheet's days since 1899.
    """
    slashed = [found for cell in cells if (found := _SLASHED.match(str(cell or "")))]
    firsts, seconds = [int(each[1]) for each in slashed], [int(each[2]) for each in slashed]
    told = [cell for cell in cells if cell not in (None, "")]
    is_serial = bool(told) and all(_serial(cell) is not None for cell in told)
    is_month_first = any(n > 12 for n in seconds) and all(n <= 12 for n in firsts)

    def mended(cell: Cell) -> Cell:
        if is_serial and (days := _serial(cell)) is not None:
            return f"{_EXCEL_BEGINS + timedelta(days=days):%Y-%m-%d %H:%M:%S}".removesuffix(
                " 00:00:00"
            )
        if not isinstance(cell, str):
            return cell
        told = _HALF_OF_DAY.sub(lambda half: f"{half[1]} {'ap'[half[2] == 'CH']}m", cell)
        told = told.replace(" ICT ", " +0700 ")  # how programs in Vietnam call their zone
        found = _SLASHED.match(told)
        if found is None or (not is_month_first and len(found[3]) > 2):
            return told
        year = found[3] if len(found[3]) > 2 else f"20{found[3]}"
        month, day = (found[1], found[2]) if is_month_first else (found[2], found[1])
        return f"{year}-{month:0>2}-{day:0>2}{found[4]}"

    return mended


def _serial(cell: Cell) -> float | None:
    """Return the day number that a cell holds, None for every other cell."""
    found = None if isinstance(cell, bool) else _SERIAL.fullmatch(str(cell))
    return float(f"{found[1]}.{found[2] or 0}") if found else None
