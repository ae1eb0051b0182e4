"""Tells a visit that came back well but wrong: fewer items, fields or languages than usual.

The usual is what the last good visits to the same watch held, each for itself:
visits to a slow source show the same items again and again, so their lowest
share counts, never their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, exp

from sqlalchemy import Connection, bindparam, select

from ingest.visit import Outcome
from store.shapes import FIELDS, Shape
from store.sql import Found
from store.tables import Visits

VISITS = 20  # good visits that say what is usual
FEWEST_VISITS = 5
CHANCE = 1e-4  # that what is seen could happen by chance, at the lowest share that was usual
FEWEST_ITEMS = 8  # of a first page that say how many are usual
SMALL_SHARE = 0.3  # of the fewest that were usual
FILLED = 0.3  # a field counts as usual where at least so many of the items have it
LANGUAGE = {"vietnamese": "in Vietnamese", "foreign": "in another language than Vietnamese"}
SPOILT = {
    "cut": "it came in part",
    "repeated": "its pages led in a circle",
    "short": "it ended in an empty page",
}
NOTHING_LOST = "Nothing that was taken in before is lost"
GOOD_SHAPES = (
    select(Visits.shape)
    .where(
        Visits.watch_id == bindparam("of_watch"),
        Visits.id < bindparam("of_visit"),
        Visits.outcome == Outcome.OK,
        Visits.closed_at.is_not(None),
        Visits.shape.is_not(None),
    )
    .order_by(Visits.started_at.desc(), Visits.id.desc())
    .limit(VISITS)
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong with a visit that answered: a code, and the sentence people read."""

    code: str  # fewer, language, hidden, cut, repeated, short, or the field that is gone
    words: str


def usual_shapes(connection: Connection, visit: Found, watch: Found) -> list[Shape]:
    """Return the shapes of the last good visits before this one."""
    asked = GOOD_SHAPES
    if watch.usual_since is not None:
        asked = asked.where(Visits.started_at >= watch.usual_since)
    found = connection.scalars(asked, {"of_watch": visit.watch_id, "of_visit": visit.id})
    return [shape for shape in found if shape and shape.get("items")]


def find(shape: Shape, usual: Sequence[Shape]) -> Alarm | None:
    """Return what a visit's shape lacks of the usual ones, None when it is as always."""
    if len(usual) < FEWEST_VISITS:
        return None
    return _fewer(shape, usual) or _emptier(shape, usual)


def hidden(doubtful: int) -> Alarm:
    """Return the alarm for a walk that did not meet many known posts."""
    words = (
        f"the source was read to its end, but {doubtful} posts known from it were not shown, "
        "too many to have been deleted; it probably filters what it shows. "
        f"{NOTHING_LOST}, and nothing is called gone"
    )
    return Alarm("hidden", words)


def spoilt(fault: str) -> Alarm:
    """Return the alarm for a walk whose pages were spoilt, and not for the first time."""
    words = (
        f"the page answered, but {SPOILT[fault]} again; the source probably has a fault. "
        f"{NOTHING_LOST}; what could be read is kept"
    )
    return Alarm(fault, words)


def _fewer(shape: Shape, usual: Sequence[Shape]) -> Alarm | None:
    counts = [each["items"] for each in usual]
    few, now = min(counts), shape.get("items", 0)
    if few < FEWEST_ITEMS or now > SMALL_SHARE * few or _poisson(now, few) > CHANCE:
        return None
    words = (
        f"the page answered, but only {now} items were found on it, where "
        f"{_between(few, max(counts))} are usual; its layout has probably changed. {NOTHING_LOST}"
    )
    return Alarm("fewer", words)


def _emptier(shape: Shape, usual: Sequence[Shape]) -> Alarm | None:
    items = shape.get("items", 0)
    for name in FIELDS:
        lowest = min(usual, key=lambda each: each.get(name, 0) / each["items"])
        had, of = lowest.get(name, 0), lowest["items"]
        now = shape.get(name, 0)
        if had < FILLED * of or now * 2 * of >= had * items:
            continue
        if _binomial(now, items, (had + 1) / (of + 2)) <= CHANCE:
            return _emptied(name, now, items, usual)
    return None


def _emptied(name: str, now: int, items: int, usual: Sequence[Shape]) -> Alarm:
    shares = [round(100 * each.get(name, 0) / each["items"]) for each in usual]
    usually = f"{_between(min(shares), max(shares))}% are usual"
    if name in LANGUAGE:
        said = f"only {now} of {items} items are {LANGUAGE[name]}, where {usually}"
        words = f"the page answered, but {said}; it probably filters by language. {NOTHING_LOST}"
        return Alarm("language", words)
    if name == "whole":
        said = f"{items - now} of {items} texts are damaged, where {usually} to be whole"
        words = f"the page answered, but {said}; its encoding has probably changed. {NOTHING_LOST}"
        return Alarm(name, words)
    said = f"only {now} of {items} items have '{name}', where {usually}"
    words = f"the page answered, but {said}; its layout has probably changed. {NOTHING_LOST}"
    return Alarm(name, words)


def _between(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _binomial(most: int, of: int, share: float) -> float:
    """Return the chance of at most `most` hits in `of` tries."""
    return sum(
        comb(of, hits) * share**hits * (1 - share) ** (of - hits) for hits in range(most + 1)
    )


def _poisson(most: int, usual: float) -> float:
    """Return the chance of at most `most` where `usual` are to be expected."""
    part = total = exp(-usual)
    for number in range(1, most + 1):
        part *= usual / number
        total += part
    return total
