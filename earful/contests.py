"""How the contest of two models is told, and what the winner would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from earful.app import App
from earful.show import plain_table, sentiment, short, stars_text
from ingest.words import Words, later
from scoring.champion import FEWEST_IN_SLICE, Objection
from scoring.contest import Review, counted
from scoring.training import FEWEST
from store.rescoring import NEGATIVE, Change

__all__ = [
    "LANGUAGE_NAMES",
    "changes_table",
    "figures_table",
    "gain_in_words",
    "lacking",
    "sides",
    "why",
]

LANGUAGE_NAMES = {"vi": later("Vietnamese"), "en": later("English")}
FIGURES = ("f1", "precision", "recall", "average_precision")


def why(figures: Mapping[str, Any], words: Words) -> str:
    """Return why a model was or was not promoted; `figures` are those kept with it."""
    if "objection" not in figures:  # kept by an earlier version
        return str(figures["why"])
    overall, objection = figures["overall"], figures["objection"]
    if objection is None:
        gained = words.number(100 * _gain(overall), 1)
        return words("better by {points} points", points=gained)
    if objection == Objection.NOT_BETTER:
        return words("not better: {points} points", points=_points(_gain(overall), words))
    if worst := figures["worst"]:
        lost = _points(_gain(worst), words)
        return words("{points} points on {source}", points=lost, source=worst["source"])
    return words(
        "too few to judge by: {negative} negative and {rest} others, {least} of each are needed",
        negative=words.number(overall["negatives"]),
        rest=words.number(overall["texts"] - overall["negatives"]),
        least=FEWEST_IN_SLICE,
    )


def lacking(reviews: Sequence[Review], words: Words) -> str:
    """Return what is missing before `reviews` teach a model."""
    negative, rest = counted(reviews)
    return words(
        "{negative} reviews with 1-3 stars and {rest} with 4-5; still missing: {bad} and {good}",
        negative=words.number(negative), rest=words.number(rest),
        bad=max(0, FEWEST - negative), good=max(0, FEWEST - rest),
    )  # fmt: skip


def figures_table(figures: Mapping[str, Any], words: Words) -> Table:
    """Return the figures of both models, and where there are several sources, of the new one."""
    heads = ("", "F1", words("Precision"), words("Recall"), "AP", words("Texts"), words("Gain"))
    table = plain_table(*heads, ratio_last=False)
    overall = figures["overall"]
    size, gained = words.number(overall["texts"]), _points(_gain(overall), words)
    table.add_row(words("in force"), *_numbers(overall["champion"], words), size, "")
    table.add_row(words("new"), *_numbers(overall["challenger"], words), size, gained)
    if len(figures["slices"]) > 1:
        for each in figures["slices"]:
            row = (*_numbers(each["challenger"], words), words.number(each["texts"]))
            table.add_row(Text(f"  {each['source']}"), *row, _points(_gain(each), words))
    return table


def gain_in_words(figures: Mapping[str, Any], words: Words) -> str:
    """Return by how much the new model is better, with the likely span."""
    gained, low, high = (
        _points(each, words) for each in (_gain(figures["overall"]), *figures["gain"])
    )
    return words("Gain: {points} points ({low} to {high})", points=gained, low=low, high=high)


def changes_table(app: App, changes: Sequence[Change]) -> Table:
    """Return mentions that change sides, with what both models say of them."""
    words = app.words
    heads = ("", words("Stars"), words("Before"), words("After"), words("What they say"))
    table = plain_table(*heads)
    for each in changes:
        marks = [sentiment(_label(score), score, words) for score in (each.before, each.after)]
        stars = stars_text(each.stars, words)
        table.add_row(str(each.mention_id), stars, *marks, Text(short(each.text, 160)))
    return table


def sides(changes: Sequence[Change]) -> tuple[int, int]:
    """Return how many of the changes have stars, and how many of these side with the new score."""
    rated = [each for each in changes if each.stars is not None]
    agree = sum(((each.stars or 0) < 3.5) == (each.after <= NEGATIVE) for each in rated)
    return len(rated), agree


def _label(score: float) -> str:
    if score <= NEGATIVE:
        return "negative"
    return "positive" if score >= -NEGATIVE else "neutral"


def _numbers(figures: Mapping[str, float], words: Words) -> list[str]:
    return [words.number(figures[name], 3) for name in FIGURES]


def _gain(part: Mapping[str, Any]) -> float:
    """Return how much better the new model is on a slice, as Slice.gain of what was kept."""
    old, new = part["champion"], part["challenger"]
    return sum(float(new[name]) - float(old[name]) for name in ("f1", "average_precision")) / 2


def _points(gained: float, words: Words) -> str:
    """Return +3.2 or −0.4."""
    return f"{'+' if gained >= 0 else ''}{words.number(100 * gained, 1)}"
