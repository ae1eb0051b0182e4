"""What is usual: the range in which most days of the same weekday lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WEEKS = 8
FEWEST = 4


class Against(StrEnum):
    """How a figure stands against its usual range."""

    HIGH = "high"
    LOW = "low"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Usual:
    """The 10th to 90th percentile of `n` comparable days, and their median."""

    low: float
    high: float
    n: int
    median: float | None = None

    @property
    def middle(self) -> float:
        """The median, or halfway between the ends where only the range is known."""
        return (self.low + self.high) / 2 if self.median is None else self.median

    def against(self, value: float) -> Against:
        """Return whether `value` is high, low or usual; the ends are usual."""
        if value > self.high:
            return Against.HIGH
        return Against.LOW if value < self.low else Against.USUAL


def usual(covered: Mapping[date, float], day: date) -> Usual | None:
    """Return the usual range for `day`: the same weekday over the 8 weeks before.

    `covered` has a figure for every covered day and none for the others. With
    fewer than 4 comparable days the answer is None: too few to compare.
    """
    before = (day - timedelta(weeks=week) for week in range(1, WEEKS + 1))
    return spread(covered[each] for each in before if each in covered)


def spread(values: Iterable[float]) -> Usual | None:
    """Return the 10th to 90th percentile of `values`, None when there are fewer than 4."""
    ordered = sorted(values)
    if len(ordered) < FEWEST:
        return None
    low, median, high = (_percentile(ordered, share) for share in (0.1, 0.5, 0.9))
    return Usual(low, high, len(ordered), median)


def _percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile of sorted `values`, by linear interpolation."""
    at = share * (len(values) - 1)
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (at - below)
