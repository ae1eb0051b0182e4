"""The demo's drop files: exports of a shop, a survey, a support desk ... written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import xlsxwriter

STARS_FILE = "stars.xlsx"
STAR_ROWS = 36
_STARS_HEAD = ("Mã đánh giá", "Ngày đánh giá", "Sản phẩm", "Số sao")
_COOKER = "Nồi cơm Lúa Mây 1.8L"
_STARRED = ("Máy xay Lúa Mây Êm", _COOKER, "Ấm siêu tốc Lúa Mây", _COOKER)
_FIRST_STARS = date(2026, 10, 5)
_HINGE_BEGINS = date(2026, 11, 17)


def lay_out(folder: Path) -> list[Path]:
    """Write every drop file into `folder` (made if missing) and return their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in _bodies():
        (folder / name).write_bytes(body)
    return sorted(folder / name for name, _ in _bodies())


def body_of(name: str) -> bytes:
    """Return the bytes of one drop file; KeyError if there is none of that name."""
    return dict(_bodies())[name]


def _bodies() -> Iterator[tuple[str, bytes]]:
    for entry in (files("earful.demo") / "files").iterdir():
        if entry.is_file():
            yield entry.name, entry.read_bytes()
    yield STARS_FILE, _stars_book()


def star_rows() -> list[tuple[str, str, str, int]]:
    """Return the rows of the star ratings: id, local day, product, stars (no texts)."""
    rows = []
    for number in range(STAR_ROWS):
        day = _FIRST_STARS + timedelta(days=number * 46 // (STAR_ROWS - 1))
        product = _STARRED[number % len(_STARRED)]
        is_hinge = product == _COOKER and day >= _HINGE_BEGINS
        stars = 1 + number % 4 // 2 if is_hinge else 5 - number % 7 // 5
        rows.append((f"SAO-770{number:02d}", f"{day:%d/%m/%Y}", product, stars))
    return rows


def _stars_book() -> bytes:
    """Return the star ratings as an Excel book, byte for byte the same each time."""
    book = BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": datetime(2026, 11, 20, tzinfo=UTC)})
        sheet = workbook.add_worksheet("Đánh giá sao")
        for line, row in enumerate((_STARS_HEAD, *star_rows())):
            sheet.write_row(line, 0, row)
    return book.getvalue()
