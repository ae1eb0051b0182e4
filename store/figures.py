"""Behaviour figures (visits, minutes on the site ...) as a table of their own.

Their files can be imported again as they are: they name the source of each figure.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import xlsxwriter
from sqlalchemy import select

from store.columns import clean
from store.engine import Store
from store.export import Format, guarded
from store.tables import Brands, DailyFigures

CHUNK = 1_000


class FigureRow(NamedTuple):
    """One figure of one local day; `day` is an ISO date."""

    source: str
    day: str
    metric: str
    value: float
    brand: str


COLUMNS = ("source", "date", "metric", "value", "brand")


def rows(
    store: Store,
    *,
    brand: str | None = None,
    source: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Iterator[FigureRow]:
    """Yield the figures by day; `since` and `until` are ISO dates, both included."""
    asked = select(
        DailyFigures.source, DailyFigures.day, DailyFigures.metric, DailyFigures.value, Brands.name
    ).outerjoin(Brands, Brands.id == DailyFigures.brand_id)
    for is_told, condition in (
        (brand, Brands.name == brand),
        (source, DailyFigures.source == source),
        (since, DailyFigures.day >= (since or "")),
        (until, DailyFigures.day <= (until or "")),
    ):
        asked = asked.where(condition) if is_told else asked
    asked = asked.order_by(DailyFigures.day, DailyFigures.source, DailyFigures.metric)
    with store.read() as connection:
        for found in connection.execute(asked):
            yield FigureRow(found[0], found[1], found[2], found[3], found[4] or "")


def write(found: Iterator[FigureRow], out: BinaryIO, *, form: Format) -> int:
    """Write figures in the given format; return how many there were."""
    if form is Format.JSONL:
        return _write_jsonl(found, out)
    if form is Format.XLSX:
        return _write_xlsx(found, out)
    encoding = "utf-8-sig" if form is Format.CSV_EXCEL else "utf-8"
    text = io.TextIOWrapper(out, encoding=encoding, newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    written = 0
    for row in found:
        told = [guarded(clean(each)) if isinstance(each, str) else each for each in row]
        writer.writerow(told)
        written += 1
    text.flush()
    text.detach()  # the caller's file stays open
    return written


def _write_jsonl(found: Iterator[FigureRow], out: BinaryIO) -> int:
    written = 0
    for row in found:
        told = dict(zip(COLUMNS, row, strict=True))
        out.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
        written += 1
    return written


def _write_xlsx(found: Iterator[FigureRow], out: BinaryIO) -> int:
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("figures")
    sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
    written = 0
    for row in found:
        written += 1
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(written, column, clean(value))
            else:
                sheet.write_number(written, column, value)
    book.close()
    return written
