"""`earful score`: JSON lines in, JSON lines out, in the same order."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from earful.app import App
from ingest.errors import ConfigError
from ingest.text import clean, repair
from scoring.judge import Judge
from scoring.learned import load


@click.command("score")
@click.option(
    "--model", type=click.Path(path_type=Path, dir_okay=False), help="A learned model's file."
)
@click.pass_obj
def command(_: App, model: Path | None) -> None:
    """Score JSON lines: `id` and `text` (and `lang`, `stars`) in; the verdict out.

    `score` is in [-1, 1]; at most -0.05 is negative, at least 0.05 positive.
    """
    judge = Judge(learned=load(_body(model), subject=str(model)) if model else None)
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            row = _row(line, number)
            sys.stdout.write(json.dumps(_judged(judge, row), ensure_ascii=False) + "\n")


def _body(model: Path) -> bytes:
    try:
        return model.read_bytes()
    except OSError as e:
        raise ConfigError(
            f"cannot be read ({e.strerror})",
            subject=str(model),
            next_step="make one with `earful train --out FILE`",
        ) from e


def _row(line: str, number: int) -> Mapping[str, object]:
    try:
        row = json.loads(line)
    except ValueError as e:
        raise ConfigError(
            f"not JSON ({e})", subject=f"line {number}", next_step="one JSON object a line"
        ) from e
    if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
        raise ConfigError(
            "`id` and a `text` string are needed",
            subject=f"line {number}",
            next_step='{"id": 1, "text": "Giao hàng chậm"}',
        )
    return row


def _judged(judge: Judge, row: Mapping[str, object]) -> Mapping[str, object]:
    repaired = repair(str(row["text"]))
    stars = row.get("stars")
    verdict = judge.text(
        clean(repaired.text),
        language=str(row["lang"]) if row.get("lang") else None,
        stars=float(stars) if isinstance(stars, int | float) else None,
        damage=repaired.damage,
    )
    return {"id": row["id"], **verdict.as_json()}
