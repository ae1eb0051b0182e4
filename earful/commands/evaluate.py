"""`earful evaluate`: how good the scores are, measured against what people say."""

from __future__ import annotations

from pathlib import Path

import click

from earful.app import App
from earful.labelled import read_judged
from ingest.errors import ConfigError
from scoring.diagram import reliability_svg
from scoring.evaluation import NEGATIVE_LABELS, Quality, Share, evaluate, steps
from scoring.measure import wilson
from store.models import judged_flags

FILE = click.Path(path_type=Path, exists=True)
HEAD = (
    f"{'':22}{'texts':>7}{'neg.':>7}  {'precision':16}{'recall':16}{'F1':16}{'AP':16}"
    f"{'R@80':>5}{'R@90':>6}{'ECE':>6}{'at':>7}"
)


@click.command("evaluate")
@click.argument("told", metavar="[PRED", type=FILE, required=False)
@click.argument("truth", metavar="GOLD]", type=FILE, required=False)
@click.option(
    "--precision", "wanted", default=0.85, type=click.FloatRange(0.5, 1),
    help="The wanted precision for which a threshold is suggested.",
)  # fmt: skip
@click.option("--negative", multiple=True, help="A true label that means negative; repeatable.")
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write a reliability diagram."
)
@click.pass_obj
def command(
    app: App,
    told: Path | None,
    truth: Path | None,
    wanted: float,
    negative: tuple[str, ...],
    svg: Path | None,
) -> None:
    """Print the quality figures of predictions, with their 95 % intervals, by slice.

    PRED is CSV or JSON lines (`earful score` writes them) with id and score, p_negative or
    label; GOLD is CSV with id and label, and lang and source for slices. Without files: how
    many of the flags that people judged were right.
    """
    if told is None:
        _flags(app)
        return
    if truth is None:
        raise ConfigError("the true labels are missing", subject="GOLD", next_step="add a CSV file")
    labels = frozenset(each.casefold() for each in negative) or NEGATIVE_LABELS
    rows = read_judged(told, truth, negative=labels)
    if not any(each.is_negative for each in rows):
        raise ConfigError(
            "no label means negative", subject=str(truth), next_step="name it with --negative"
        )
    found = evaluate(rows, wanted=wanted)
    if svg:
        drawn = reliability_svg(steps(rows), title=f"{told.name}: {len(rows)} texts")
        svg.write_text(drawn, encoding="utf-8")
    if app.is_json:
        app.print_json([each.as_json() for each in found])
        return
    _print(app, found, wanted)


def _print(app: App, found: list[Quality], wanted: float) -> None:
    app.out.print(HEAD, soft_wrap=True)
    for each in found:
        app.out.print(_line(each), markup=False, soft_wrap=True)
    every = found[0]
    if every.threshold is None:
        app.out.print(f"No threshold reaches precision {wanted:.2f}.")
    else:
        app.out.print(
            f"For precision {wanted:.2f}: flag at score {every.threshold:+.3f} and below; "
            f"that finds {every.recall_there:.1%} of the negatives.",
            soft_wrap=True,
        )
    if every.answered < 1:
        app.note(f"{1 - every.answered:.1%} of the texts have no prediction: they count as missed.")


def _line(each: Quality) -> str:
    error = "-" if each.calibration_error is None else f"{each.calibration_error:.2f}"
    threshold = "-" if each.threshold is None else f"{each.threshold:+.2f}"
    shares = (each.precision, each.recall, each.f1, each.average_precision)
    return (
        f"{each.slice or 'all':22}{each.texts:>7}{each.negatives:>7}  "
        + "".join(f"{_with_span(share):16}" for share in shares)
        + f"{each.recall_at_80:>5.2f}{each.recall_at_90:>6.2f}{error:>6}{threshold:>7}"
    )


def _with_span(share: Share) -> str:
    return f"{share.value:.3f} {share.span.low:.2f}-{share.span.high:.2f}"


def _flags(app: App) -> None:
    judged, right = judged_flags(app.store)
    span = wilson(right, judged)
    if app.is_json:
        app.print_json({"judged": judged, "right": right, "low": span.low, "high": span.high})
    elif judged:
        app.out.print(
            f"Of {judged} flags that people judged, {right / judged:.0%} were right "
            f"({span.low:.0%} to {span.high:.0%})."
        )
    else:
        app.out.print("Nobody has judged a flag yet: earful feedback ID --useful|--not-negative")
