"""The whole table as csv and xlsx: rows per CPU second, and the most memory it takes."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Meter, peak_mb
from store.engine import open_store
from store.export import Format, export
from store.mentions import Filter

FORMS = (Format.CSV, Format.XLSX)


def main(arguments: list[str]) -> None:
    """Write each form in a program of its own, so that its memory is its own."""
    if arguments[:1] == ["--one"]:
        _one(arguments[1], Format(arguments[2]))
        return
    from benchmarks.filled import filled  # not where memory is measured: it brings a judge

    parser = argparse.ArgumentParser(prog="python -m benchmarks export")
    parser.add_argument("--mentions", type=int, default=100_000)
    chosen = parser.parse_args(arguments)
    with filled(chosen.mentions) as store:
        database = f"sqlite:///{store.name}"
        for form in FORMS:
            subprocess.run(
                [sys.executable, "-m", "benchmarks", "export", "--one", database, form],
                check=True, cwd=Path(__file__).parents[1],
            )  # fmt: skip


def _one(database: str, form: Format) -> None:
    store = open_store(database)
    before = peak_mb()
    meter = Meter()
    with tempfile.TemporaryFile() as out:
        rows = export(store, Filter(), out, form=form)
    spent = meter.cpu_s()
    store.close()
    print(f"{form:5} {rows:,} rows: {rows / spent:,.0f} rows per CPU s, ", end="")
    print(f"{peak_mb():.0f} MB at most ({peak_mb() - before:.0f} MB more than before)", flush=True)
