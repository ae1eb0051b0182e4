"""`earful score`: JSON lines in, JSON lines out, in the same order."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import click

from earful.app import App
from ingest.brand import aspects_of
from ingest.errors import ConfigError
from ingest.text import clean, repair
from scoring.engines import Opinion
from scoring.judge import Judge, Learned
from scoring.language import EN, OTHER, VI
from scoring.learned import load

TO_ENGINE = 16  # texts that wait for one another: those of one call


@click.command("score")
@click.option(
    "--model", type=click.Path(path_type=Path, dir_okay=False), help="A learned model's file."
)
@click.option("--engine", "asks_engine", is_flag=True, help="Add the opinion of [engine].")
@click.option(
    "--by-engine", is_flag=True, help="Score by the opinion of [engine], where it has one."
)
@click.pass_obj
def command(app: App, model: Path | None, asks_engine: bool, by_engine: bool) -> None:
    """Score JSON lines: `id` and `text` (and `lang`, `stars`) in; the verdict out.

    `score` is in [-1, 1]; at most -0.05 is negative, at least 0.05 positive. Aspects are the
    usual ones and those that the brands of the settings name.
    """
    learned = load(_body(model), subject=str(model)) if model else {}
    judge = _judge(app, learned)
    numbered = ((n, line) for n, line in enumerate(sys.stdin, start=1) if line.strip())
    told: Iterator[Mapping[str, object]] = (_row(line, n) for n, line in numbered)
    if asks_engine or by_engine:
        told = _with_engine(app, judge, told, is_judge=by_engine)
    else:
        told = (_judged(judge, row) for row in told)
    for each in told:
        sys.stdout.write(json.dumps(each, ensure_ascii=False) + "\n")


def _judge(app: App, learned: Mapping[str, Learned]) -> Judge:
    return Judge(learned=learned, aspects=aspects_of(app.settings.all_brands()))


def _with_engine(
    app: App, judge: Judge, rows: Iterator[Mapping[str, object]], *, is_judge: bool
) -> Iterator[Mapping[str, object]]:
    """Yield the verdicts, each with what the engine thinks; null where it has no opinion.

    With `is_judge` its opinion, where there is one, makes the verdict.
    """
    import scheduler  # late: it loads the crawlers, which scoring alone never needs
    from earful.engines.chosen import Chosen, open_engine
    from store.engine_days import Calls

    budget = Calls(app.store, app.settings.engine.daily_calls, clock=scheduler.utc_now)
    engine = Chosen(open_engine(app.settings.engine, budget=budget))
    while some := list(islice(rows, TO_ENGINE)):
        texts = [clean(repair(str(row["text"])).text) for row in some]
        for row, chance in zip(some, engine.chances(texts), strict=True):
            by = judge
            if is_judge and chance is not None:
                opinion = Opinion(engine.name, chance)
                by = _judge(app, {VI: opinion, EN: opinion, OTHER: opinion})
            told = None if chance is None else round(chance, 4)
            yield {**_judged(by, row), "engine": {"name": engine.name, "p_negative": told}}
    if engine.fault:
        app.note(app.words("{fault}. From here on Earful judges alone.", fault=engine.fault))
    if engine.silent:
        app.note(app.words("The engine has no opinion of {n} texts", n=engine.silent))


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
