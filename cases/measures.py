"""CSAT, NPS, CES and time to resolution, each with its n and a 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor, sqrt

from ingest.mention import Scale

_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of `n` answers with its 95 % interval; `low` and `high` are None below n = 2."""

    value: float
    n: int
    low: float | None
    high: float | None


def csat(values: Sequence[float], scale: Scale) -> Measure | None:
    """Return the share (0-1) of satisfied answers, those in the top 40 % of the scale.

    On 1-5 that is 4 and 5. The interval is Wilson's. None without answers.
    """
    if not values:
        return None
    line = scale.low + 0.7 * (scale.high - scale.low)
    n = len(values)
    share = sum(1 for value in values if value >= line) / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return Measure(share, n, max(0.0, middle - half), min(1.0, middle + half))


def nps(values: Sequence[float]) -> Measure | None:
    """Return promoters (9-10) minus detractors (0-6) in points, -100 to 100."""
    points = [100.0 if value >= 9 else -100.0 if value <= 6 else 0.0 for value in values]
    return _mean(points, low=-100.0, high=100.0)


def ces(values: Sequence[float], scale: Scale) -> Measure | None:
    """Return the mean effort score on its own scale."""
    return _mean(values, low=scale.low, high=scale.high)


def time_to_resolution(times: Sequence[timedelta]) -> Measure | None:
    """Return the median time to resolution in minutes; the interval is by rank."""
    minutes = sorted(each / timedelta(minutes=1) for each in times)
    n = len(minutes)
    if not n:
        return None
    middle = (minutes[(n - 1) // 2] + minutes[n // 2]) / 2
    if n < 2:
        return Measure(middle, n, None, None)
    half = _Z * sqrt(n) / 2
    first = max(0, floor(n / 2 - half))
    last = min(n - 1, ceil(n / 2 + half))
    return Measure(middle, n, minutes[first], minutes[last])


def _mean(values: Sequence[float], *, low: float, high: float) -> Measure | None:
    n = len(values)
    if not n:
        return None
    mean = sum(values) / n
    if n < 2:
        return Measure(mean, n, None, None)
    half = _Z * sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)
    return Measure(mean, n, max(low, mean - half), min(high, mean + half))
