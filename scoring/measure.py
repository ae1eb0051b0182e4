"""How good scores are: precision, recall, F1, ranking, calibration, and how sure we may be."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = [
    "Bin",
    "Counts",
    "Span",
    "average_precision",
    "bootstrap",
    "calibration_error",
    "counts",
    "f1",
    "macro_f1",
    "precision",
    "recall",
    "recall_at_precision",
    "reliability",
    "wilson",
]


class Counts(NamedTuple):
    """How predictions met the truth: both yes, only predicted, only true."""

    hits: int
    false_alarms: int
    misses: int


class Span(NamedTuple):
    """An interval: lowest and highest likely value."""

    low: float
    high: float


class Bin(NamedTuple):
    """One step of a reliability diagram: mean chance told, share that was true, how many."""

    told: float
    true: float
    size: int


def counts(truth: Sequence[bool], told: Sequence[bool]) -> Counts:
    """Return the counts of `told` against `truth`, two rows of equal length."""
    pairs = list(zip(truth, told, strict=True))
    return Counts(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


def precision(found: Counts) -> float:
    """Return the share of the told that is true, 0 when nothing was told."""
    told = found.hits + found.false_alarms
    return found.hits / told if told else 0.0


def recall(found: Counts) -> float:
    """Return the share of the true that was told, 0 when nothing is true."""
    true = found.hits + found.misses
    return found.hits / true if true else 0.0


def f1(found: Counts) -> float:
    """Return the harmonic mean of precision and recall."""
    both = 2 * found.hits + found.false_alarms + found.misses
    return 2 * found.hits / both if both else 0.0


def macro_f1(truth: Sequence[str], told: Sequence[str]) -> float:
    """Return the plain mean of the F1 of every class in `truth`."""
    classes = sorted(set(truth))
    if not classes:
        return 0.0
    each = (f1(counts([t == c for t in truth], [p == c for p in told])) for c in classes)
    return sum(each) / len(classes)


def _steps(truth: Sequence[bool], ranks: Sequence[float]) -> list[tuple[float, float]]:
    """Return (precision, recall) after each block of equal ranks, highest rank first."""
    positives = sum(truth)
    rows = sorted(zip(ranks, truth, strict=True), key=lambda row: -row[0])
    steps, hits = [], 0
    for seen, (rank, is_true) in enumerate(rows, 1):
        hits += is_true
        if seen == len(rows) or rows[seen][0] != rank:
            steps.append((hits / seen, hits / positives))
    return steps


def average_precision(truth: Sequence[bool], ranks: Sequence[float]) -> float:
    """Return the average precision of the ranking; equal ranks are one block.

    A constant rank therefore earns no more than the share of the true; 0 when
    nothing is true.
    """
    if not any(truth):
        return 0.0
    total = before = 0.0
    for precise, recalled in _steps(truth, ranks):
        total += precise * (recalled - before)
        before = recalled
    return total


def recall_at_precision(
    truth: Sequence[bool], ranks: Sequence[float], *, wanted: float = 0.8
) -> tuple[float, float | None]:
    """Return the highest recall at `wanted` precision, and the lowest rank that gives it.

    (0, None) when no threshold reaches the wanted precision.
    """
    if not any(truth):
        return 0.0, None
    levels = sorted(set(ranks), reverse=True)
    best: tuple[float, float | None] = (0.0, None)
    for level, (precise, recalled) in zip(levels, _steps(truth, ranks), strict=True):
        if precise >= wanted and recalled > best[0]:
            best = (recalled, level)
    return best


def reliability(truth: Sequence[bool], chances: Sequence[float], *, bins: int = 10) -> list[Bin]:
    """Return the non-empty bins of equal width over [0, 1], lowest first."""
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for chance, is_true in zip(chances, truth, strict=True):
        groups[min(bins - 1, int(chance * bins))].append((chance, is_true))
    return [
        Bin(
            sum(chance for chance, _ in group) / len(group),
            sum(is_true for _, is_true in group) / len(group),
            len(group),
        )
        for group in groups
        if group
    ]


def calibration_error(truth: Sequence[bool], chances: Sequence[float], *, bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap of told and true over the texts."""
    steps = reliability(truth, chances, bins=bins)
    size = sum(step.size for step in steps)
    return sum(abs(step.told - step.true) * step.size for step in steps) / size if size else 0.0


def wilson(hits: int, size: int, *, z: float = 1.96) -> Span:
    """Return the Wilson interval of a share, 95 % by default; (0, 1) of nothing."""
    if not size:
        return Span(0.0, 1.0)
    share, square = hits / size, z * z
    middle = (share + square / (2 * size)) / (1 + square / size)
    spread = math.sqrt(share * (1 - share) / size + square / (4 * size * size))
    half = z * spread / (1 + square / size)
    return Span(max(0.0, middle - half), min(1.0, middle + half))


def bootstrap(
    size: int, figure: Callable[[Sequence[int]], float], *, rounds: int = 200, seed: int = 1
) -> Span:
    """Return the middle 95 % of `figure` over `rounds` random draws of `size` row numbers.

    `figure` takes row numbers, some of them repeated; the same seed gives the same span.
    """
    if not size:
        return Span(0.0, 0.0)
    rng = random.Random(seed)
    rows = range(size)
    values = sorted(figure(rng.choices(rows, k=size)) for _ in range(rounds))
    cut = round(rounds * 0.025)
    return Span(values[cut], values[-1 - cut])
