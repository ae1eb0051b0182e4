"""`earful export`: the whole filtered result as a file, streamed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from earful.app import App
from earful.filters import filter_options, read_filter
from ingest.errors import ConfigError
from store import export
from store.export import Format
from store.mentions import Filter

ENDINGS = {".csv": Format.CSV, ".xlsx": Format.XLSX, ".jsonl": Format.JSONL}


@click.command("export")
@filter_options
@click.option("--format", "form", type=click.Choice([str(each) for each in Format]))
@click.option("-o", "out", required=True, metavar="FILE", help="Where to; - is stdout.")
@click.pass_obj
def command(app: App, /, form: str | None, out: str, **chosen: Any) -> None:
    """Write every mention that passes the filters, not just a page of them."""
    wanted = replace(read_filter(app, chosen), with_copies=True)
    chosen_form = _format(form, out)
    if out == "-":
        rows = export.export(app.store, wanted, sys.stdout.buffer, form=chosen_form)
    else:
        rows = _to_file(app, wanted, Path(out), chosen_form)
    if app.is_json and out != "-":
        app.print_json({"rows": rows, "file": out})
    app.note(app.words("{n} rows written to {file}", n=app.words.number(rows), file=out))


def _format(form: str | None, out: str) -> Format:
    if form is not None:
        return Format(form)
    ending = Path(out).suffix.lower()
    if ending not in ENDINGS:
        raise ConfigError(
            "no format given", subject=out, next_step=f"add --format {'|'.join(Format)}"
        )
    return ENDINGS[ending]


def _to_file(app: App, wanted: Filter, file: Path, form: Format) -> int:
    """Write to a part beside `file`, then give it its name, so that no half file is left."""
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as body, app.err.status(app.words("Exporting …")):
            rows = export.export(app.store, wanted, body, form=form)
        part.replace(file)
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be written", subject=str(file), next_step="choose another place"
        ) from e
    return rows
