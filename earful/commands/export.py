"""`earful export`: the whole filtered result as a file, streamed."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo

import click

import scheduler
from earful.app import App
from earful.coverage import as_csv, incomplete, rows
from earful.filters import filter_options, read_filter
from ingest.errors import ConfigError
from store import export, figures, watches
from store.export import Format

ENDINGS = {".csv": Format.CSV, ".xlsx": Format.XLSX, ".jsonl": Format.JSONL}
FIGURES_HAVE = ("brand", "source", "since", "until")


class Writer(Protocol):
    """Writes what was chosen to a file that is open, and returns how many rows there were."""

    def __call__(self, out: BinaryIO, *, form: Format) -> int:
        """Write it all."""


@click.command("export")
@filter_options
@click.option("--format", "form", type=click.Choice([str(each) for each in Format]))
@click.option("--figures", "is_figures", is_flag=True, help="The behaviour figures instead.")
@click.option("-o", "out", required=True, metavar="FILE", help="Where to; - is stdout.")
@click.pass_obj
def command(app: App, /, form: str | None, is_figures: bool, out: str, **chosen: Any) -> None:
    """Write every mention that passes the filters, not just a page of them.

    What each source lets us know stands beside it: in a second sheet of a workbook,
    else in FILE.coverage.csv.

    With --figures: the behaviour figures of a brand, a source or some days.
    """
    chosen_form = _format(form, out)
    heard = [] if is_figures else _coverage(app, chosen)
    write = _figures(app, chosen) if is_figures else _mentions(app, chosen, heard)
    if out == "-":
        written = write(sys.stdout.buffer, form=chosen_form)
    else:
        written = _to_file(app, write, Path(out), chosen_form)
        if len(heard) > 1 and chosen_form is not Format.XLSX:
            _write_beside(Path(out), heard, chosen_form)
    for row in incomplete(heard):
        app.note(f"{row[0]}: {row[-1]}")
    if app.is_json and out != "-":
        app.print_json({"rows": written, "file": out})
    app.note(app.words("{n} rows written to {file}", n=app.words.number(written), file=out))


def _coverage(app: App, chosen: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return from when to when each source is complete: head and rows."""
    now = scheduler.utc_now()
    brand = app.brand(chosen["brand"]).name if chosen["brand"] else None
    zones = {each.name: each.zone for each in app.brands()}
    return rows(watches.listing(app.store, now=now, brand=brand), app.words, zones, now=now)


def _write_beside(file: Path, heard: list[tuple[str, ...]], form: Format) -> None:
    encoding = "utf-8-sig" if form is Format.CSV_EXCEL else "utf-8"
    file.with_suffix(".coverage.csv").write_bytes(as_csv(heard, encoding=encoding))


def _mentions(app: App, chosen: dict[str, Any], heard: list[tuple[str, ...]]) -> Writer:
    wanted = replace(read_filter(app, chosen), with_copies=True)

    def write(out: BinaryIO, *, form: Format) -> int:
        return export.export(app.store, wanted, out, form=form, coverage=heard)

    return write


def _figures(app: App, chosen: dict[str, Any]) -> Writer:
    """Return what writes the figures. Raises ConfigError for a filter that figures do not have."""
    foreign = [name for name, value in chosen.items() if value and name not in FIGURES_HAVE]
    if foreign:
        raise ConfigError(
            "figures have no such filter",
            subject=f"--{foreign[0].replace('_', '-')}",
            next_step="use --brand, --source, --since and --until",
        )
    brand = app.brand(chosen["brand"]) if chosen["brand"] else None
    wanted = read_filter(app, chosen)
    zone = ZoneInfo(brand.zone if brand else next((each.zone for each in app.brands()), "UTC"))
    since = f"{wanted.since.astimezone(zone):%Y-%m-%d}" if wanted.since else None
    last = wanted.until - timedelta(seconds=1) if wanted.until else None
    until = f"{last.astimezone(zone):%Y-%m-%d}" if last else None

    def write(out: BinaryIO, *, form: Format) -> int:
        found = figures.rows(
            app.store, brand=wanted.brand, source=wanted.source, since=since, until=until
        )
        return figures.write(found, out, form=form)

    return write


def _format(form: str | None, out: str) -> Format:
    if form is not None:
        return Format(form)
    ending = Path(out).suffix.lower()
    if ending not in ENDINGS:
        raise ConfigError(
            "no format given", subject=out, next_step=f"add --format {'|'.join(Format)}"
        )
    return ENDINGS[ending]


def _to_file(app: App, write: Writer, file: Path, form: Format) -> int:
    """Write to a part beside `file`, then give it its name, so that no half file is left."""
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as body, app.err.status(app.words("Exporting …")):
            rows = write(body, form=form)
        part.replace(file)
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be written", subject=str(file), next_step="choose another place"
        ) from e
    return rows
