"""Champion against challenger: is the new model better, and nowhere clearly worse?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from scoring.measure import Span, average_precision, bootstrap, counts, f1, precision, recall

__all__ = [
    "FEWEST_IN_SLICE",
    "MOST_LOST",
    "Comparison",
    "Figures",
    "Objection",
    "Slice",
    "Trial",
    "compare",
    "figures",
]

MOST_LOST = 0.01
"""A challenger that loses more than this in any slice is not promoted."""

FEWEST_IN_SLICE = 20
"""A slice with fewer negatives, or fewer others, is too small to judge by."""

_NEGATIVE_TO = -0.05


class Objection(StrEnum):
    """What stands against a challenger."""

    TOO_FEW = "too few"
    NOT_BETTER = "not better"
    WORSE_SOMEWHERE = "worse somewhere"


class Trial(NamedTuple):
    """One held-out text: where it is from, the truth, and the score each model gave (-1 to 1)."""

    source: str
    is_negative: bool
    champion: float
    challenger: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well one model finds the negatives; all shares, 0 to 1."""

    precision: float
    recall: float
    f1: float
    average_precision: float

    @property
    def quality(self) -> float:
        """Return the one figure that models are compared by: flags and ranking, half each."""
        return (self.f1 + self.average_precision) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Both models on the texts of one source, or of all ("")."""

    source: str
    texts: int
    negatives: int
    champion: Figures
    challenger: Figures

    @property
    def gain(self) -> float:
        """Return by how much the challenger is better; < 0 if it is worse."""
        return self.challenger.quality - self.champion.quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The verdict on a challenger; `gain` spans 95 % of resamples.

    `why` says it in words. `worst` is the slice with the greatest loss, where one loses too much.
    """

    objection: Objection | None
    overall: Slice
    gain: Span
    slices: tuple[Slice, ...] = ()
    worst: Slice | None = None

    @property
    def is_promoted(self) -> bool:
        """Return whether nothing stands against the challenger."""
        return self.objection is None

    @property
    def why(self) -> str:
        """Return the verdict in words."""
        points = 100 * self.overall.gain
        if self.objection is None:
            return f"better by {points:.1f} points"
        if self.objection is Objection.NOT_BETTER:
            return f"not better overall ({points:+.1f} points)"
        if self.worst is not None:
            return f"worse by {-100 * self.worst.gain:.1f} points on {self.worst.source}"
        rest = self.overall.texts - self.overall.negatives
        return (
            f"only {self.overall.negatives} negative and {rest} other reviews to judge by; "
            f"{FEWEST_IN_SLICE} of each are needed"
        )

    def as_json(self) -> dict[str, object]:
        """Return JSON-ready values."""
        return {**asdict(self), "is_promoted": self.is_promoted, "why": self.why}


def figures(truth: Sequence[bool], scores: Sequence[float]) -> Figures:
    """Return how well `scores` (at most -0.05 is negative) find the negatives."""
    found = counts(truth, [score <= _NEGATIVE_TO for score in scores])
    return Figures(
        precision=precision(found),
        recall=recall(found),
        f1=f1(found),
        average_precision=average_precision(truth, [-score for score in scores]),
    )


def compare(trials: Sequence[Trial]) -> Comparison:
    """Return whether the challenger replaces the champion, judged on held-out `trials`.

    It must be better overall and lose no more than MOST_LOST in any source with enough
    texts to tell. Trials with too few negatives or others promote nothing.
    """
    overall = _slice("", trials)
    by_source = sorted(trials, key=lambda each: each.source)
    groups = [(source, list(rows)) for source, rows in groupby(by_source, lambda t: t.source)]
    slices = tuple(_slice(source, rows) for source, rows in groups if _is_enough(rows))
    gain = bootstrap(len(trials), _gain_of(trials), rounds=100)
    worst = min(slices, key=lambda each: each.gain, default=overall)
    objection = None
    if not _is_enough(trials):
        objection = Objection.TOO_FEW
    elif overall.gain <= 0:
        objection = Objection.NOT_BETTER
    elif worst.gain < -MOST_LOST:
        objection = Objection.WORSE_SOMEWHERE
    return Comparison(
        objection=objection,
        overall=overall,
        gain=gain,
        slices=slices,
        worst=worst if objection is Objection.WORSE_SOMEWHERE else None,
    )


def _is_enough(trials: Sequence[Trial]) -> bool:
    negatives = sum(each.is_negative for each in trials)
    return min(negatives, len(trials) - negatives) >= FEWEST_IN_SLICE


def _slice(source: str, trials: Sequence[Trial]) -> Slice:
    truth = [each.is_negative for each in trials]
    return Slice(
        source=source,
        texts=len(trials),
        negatives=sum(truth),
        champion=figures(truth, [each.champion for each in trials]),
        challenger=figures(truth, [each.challenger for each in trials]),
    )


def _gain_of(trials: Sequence[Trial]) -> Callable[[Sequence[int]], float]:
    def gain(rows: Sequence[int]) -> float:
        return _slice("", [trials[row] for row in rows]).gain

    return gain
