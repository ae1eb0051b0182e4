"""Predictions against the truth: the quality figures with their intervals, slice by slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from scoring.measure import (
    Bin,
    Counts,
    Span,
    average_precision,
    bootstrap,
    calibration_error,
    counts,
    f1,
    precision,
    recall,
    recall_at_precision,
    reliability,
    wilson,
)

__all__ = ["NEGATIVE_LABELS", "Judged", "Quality", "Told", "evaluate", "steps", "truth_of"]

NEGATIVE_LABELS = frozenset({"negative", "complaint", "problem"})
"""Labels that mean: this should be raised."""

LEFT_OUT = frozenset({"mixed", "unclear", ""})
"""True labels that say neither yes nor no."""

_NEGATIVE_TO = -0.05
_ROUNDS = 100
_UNANSWERED = -9.0


class Told(NamedTuple):
    """What a prediction says of one text: any of the three, None where it says nothing."""

    score: float | None = None
    p_negative: float | None = None
    label: str | None = None


class Judged(NamedTuple):
    """One text: the truth, what was told of it, and the slices it belongs to."""

    is_negative: bool
    told: Told
    slices: tuple[str, ...] = ()


class Share(NamedTuple):
    """A figure with its likely span."""

    value: float
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well the negatives of one slice ("" for all) are found; shares are 0 to 1.

    `threshold` is the highest score at which flags still have the wanted precision, None where
    none has; `calibration_error` is None without chances.
    """

    slice: str
    texts: int
    negatives: int
    answered: float
    precision: Share
    recall: Share
    f1: Share
    average_precision: Share
    recall_at_80: float
    recall_at_90: float
    calibration_error: float | None
    threshold: float | None
    recall_there: float

    def as_json(self) -> Mapping[str, object]:
        """Return JSON-ready values."""
        return asdict(self)


def truth_of(label: str, negative: Iterable[str] = NEGATIVE_LABELS) -> bool | None:
    """Return whether a true label means negative, None if it says neither yes nor no."""
    folded = label.strip().casefold()
    return None if folded in LEFT_OUT else folded in negative


def evaluate(rows: Sequence[Judged], *, wanted: float) -> list[Quality]:
    """Return the figures of all `rows`, then of each slice that has both kinds of text."""
    names = sorted({name for each in rows for name in each.slices})
    found = [_quality("", rows, wanted)] if rows else []
    for name in names:
        of_slice = [each for each in rows if name in each.slices]
        if 0 < sum(each.is_negative for each in of_slice) < len(of_slice) < len(rows):
            found.append(_quality(name, of_slice, wanted))
    return found


def steps(rows: Iterable[Judged]) -> list[Bin]:
    """Return the steps of the reliability diagram of those rows that have a chance."""
    pairs = _chances(rows)
    return reliability([truth for truth, _ in pairs], [chance for _, chance in pairs])


def _quality(name: str, rows: Sequence[Judged], wanted: float) -> Quality:
    truth = [each.is_negative for each in rows]
    told = [_is_told(each.told) for each in rows]
    ranks = [_rank(each.told) for each in rows]
    found = counts(truth, told)
    pairs = _chances(rows)
    reached, rank = recall_at_precision(truth, ranks, wanted=wanted)
    return Quality(
        slice=name,
        texts=len(rows),
        negatives=sum(truth),
        answered=sum(each.told != Told() for each in rows) / len(rows),
        precision=Share(precision(found), wilson(found.hits, found.hits + found.false_alarms)),
        recall=Share(recall(found), wilson(found.hits, found.hits + found.misses)),
        f1=Share(f1(found), _f1_span(truth, told)),
        average_precision=Share(average_precision(truth, ranks), _ranking_span(truth, ranks)),
        recall_at_80=recall_at_precision(truth, ranks, wanted=0.8)[0],
        recall_at_90=recall_at_precision(truth, ranks, wanted=0.9)[0],
        calibration_error=calibration_error(*zip(*pairs, strict=True)) if pairs else None,
        threshold=None if rank is None else -rank,
        recall_there=reached,
    )


def _is_told(told: Told) -> bool:
    """Return whether a text was called negative: by its score, else by its label or chance."""
    if told.score is not None:
        return told.score <= _NEGATIVE_TO
    if told.label:
        return told.label.casefold() in NEGATIVE_LABELS
    return told.p_negative is not None and told.p_negative >= 0.5


def _rank(told: Told) -> float:
    if told.score is not None:
        return -told.score
    if told.p_negative is not None:
        return told.p_negative
    return float(_is_told(told)) if told.label else _UNANSWERED


def _chances(rows: Iterable[Judged]) -> list[tuple[bool, float]]:
    told = ((each.is_negative, each.told.p_negative) for each in rows)
    return [(truth, chance) for truth, chance in told if chance is not None]


def _f1_span(truth: Sequence[bool], told: Sequence[bool]) -> Span:
    def figure(rows: Sequence[int]) -> float:
        hits = sum(truth[row] and told[row] for row in rows)
        said, true = sum(told[row] for row in rows), sum(truth[row] for row in rows)
        return f1(Counts(hits, said - hits, true - hits))

    return bootstrap(len(truth), figure, rounds=_ROUNDS)


def _ranking_span(truth: Sequence[bool], ranks: Sequence[float]) -> Span:
    def figure(rows: Sequence[int]) -> float:
        return average_precision([truth[row] for row in rows], [ranks[row] for row in rows])

    return bootstrap(len(truth), figure, rounds=_ROUNDS)
