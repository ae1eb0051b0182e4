"""`earful evaluate`: how good the scores are, measured against what people say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.text import Text

from earful.app import App
from earful.judged import draw, tell_flags
from earful.labelled import read_judged
from earful.show import plain_table
from ingest.errors import ConfigError
from ingest.words import Words
from scoring.evaluation import NEGATIVE_LABELS, Quality, Share, evaluate

FILE = click.Path(path_type=Path, exists=True)


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
        tell_flags(app, wanted, svg)
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
        draw(app, svg, rows, title=told.name)
    if app.is_json:
        app.print_json([each.as_json() for each in found])
    else:
        _print(app, found, wanted)


def _print(app: App, found: Sequence[Quality], wanted: float) -> None:
    words = app.words
    heads = (
        "\n" + words("neg. / texts"), words("Precision"), words("Recall"), "F1", "AP",
        "R@80\nR@90", "ECE", words("At"),
    )  # fmt: skip
    table = plain_table(*heads, ratio_last=False)
    table.padding = (0, 1, 0, 0)  # to fit 80 columns
    for each in found:
        table.add_row(*_cells(each, words))
    app.out.print(table)
    every = found[0]
    if every.threshold is None:
        told = words("No threshold reaches precision {wanted}.", wanted=words.number(wanted, 2))
    else:
        told = words(
            "For precision {wanted}: flag at score {at} and below; that finds {share} of the "
            "negatives.",
            wanted=words.number(wanted, 2), at=words.number(every.threshold, 3),
            share=words.percent(every.recall_there),
        )  # fmt: skip
    app.out.print(told, markup=False, soft_wrap=True)
    if every.answered < 1:
        silent = words.percent(1 - every.answered)
        app.note(
            words("{share} of the texts have no prediction: they count as missed", share=silent)
        )


def _cells(each: Quality, words: Words) -> list[Text | str]:
    """Return one slice as cells of two lines: the figure, and its 95 % interval."""
    name = Text(each.slice or words("all"))
    name.append(f"\n{words.number(each.negatives)} / {words.number(each.texts)}", style="dim")
    error, at = each.calibration_error, each.threshold
    shares = (each.precision, each.recall, each.f1, each.average_precision)
    return [
        name,
        *(_with_span(share, words) for share in shares),
        f"{words.number(each.recall_at_80, 2)}\n{words.number(each.recall_at_90, 2)}",
        "—" if error is None else words.number(error, 2),
        "—" if at is None else words.number(at, 2),
    ]


def _with_span(share: Share, words: Words) -> Text:
    low, high = (words.number(end, 2) for end in share.span)
    return Text(words.number(share.value, 3)).append(f"\n{low}–{high}", style="dim")
