"""How a watch fares: healthy, slow, broken, paused, due or new, and whether it is too quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, select

from ingest.visit import Outcome
from store.sql import Found, chunks
from store.tables import Mentions, Sightings, Watches

WEEKS = 8
FEWEST_DAYS = 28  # covered days below which nothing is called usual
MOST_BELIEVED = 9.2  # items that should have come: exp(-9.2) is one in ten thousand
DOWN_IS_BROKEN_AFTER = 3  # failures in a row; one lost connection is only slow


class Health(StrEnum):
    """How a watch fares, in one word."""

    HEALTHY = "healthy"
    SLOW = "slow"
    BROKEN = "broken"
    PAUSED = "paused"
    DUE = "due"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Items a day of the last 8 weeks: 10th to 90th percentile, and the longest pause in days."""

    low: float
    high: float
    longest_pause_days: int
    days: int
    mean: float = 0.0


def health_of(watch: Found) -> Health:
    """Return the health of a row of `watches`."""
    if watch.paused_at is not None:
        return Health.PAUSED
    if watch.outcome is None:
        return Health.NEW
    outcome = Outcome(watch.outcome)
    if outcome is Outcome.DUE:
        return Health.DUE
    if outcome in (Outcome.OK, Outcome.UNCHANGED):
        return Health.HEALTHY
    if outcome is Outcome.DOWN and watch.failures < DOWN_IS_BROKEN_AFTER:
        return Health.SLOW
    return Health.BROKEN


def is_silent(rhythm: Rhythm, last_new_at: datetime | None, *, now: datetime) -> bool:
    """Return whether nothing new came for longer than chance makes believable.

    That is over twice the longest pause of the last weeks, and so long that at the
    usual rate something would have come but for one time in ten thousand.
    """
    if last_new_at is None:
        return False
    pause = now - last_new_at
    is_long = pause > 2 * timedelta(days=rhythm.longest_pause_days + 1)
    return is_long and rhythm.mean * (pause / timedelta(days=1)) > MOST_BELIEVED


def rhythms(
    connection: Connection, watch_ids: Sequence[int], *, now: datetime
) -> dict[int, Rhythm]:
    """Return the rhythm of each watch that is covered for at least 28 of the last 56 days."""
    found: dict[int, Rhythm] = {}
    first = (now - timedelta(weeks=WEEKS)).date()
    for some in chunks(watch_ids):
        heard = select(Watches.id, Watches.heard_since, Watches.heard_until)
        counts = _counts(connection, some, first, now)
        for watch_id, since, until in connection.execute(heard.where(Watches.id.in_(some))):
            if since is None or until is None:
                continue
            begin, end = max(first, since.date()), min(until, now).date()
            days = [begin + timedelta(days=n) for n in range((end - begin).days)]
            if len(days) >= FEWEST_DAYS:
                per_day = counts.get(watch_id, {})
                found[watch_id] = _rhythm([per_day.get(day, 0) for day in days])
    return found


def _counts(
    connection: Connection, watch_ids: Sequence[int], first: date, now: datetime
) -> dict[int, dict[date, int]]:
    day = func.date(Mentions.dated_at)
    asked = (
        select(Sightings.watch_id, day, func.count())
        .join(Mentions, Mentions.id == Sightings.mention_id)
        .where(
            Sightings.watch_id.in_(watch_ids),
            Mentions.dated_at >= now - timedelta(weeks=WEEKS, days=1),
        )
        .group_by(Sightings.watch_id, day)
    )
    found: dict[int, dict[date, int]] = {}
    for watch_id, told, count in connection.execute(asked):
        when = told if isinstance(told, date) else date.fromisoformat(told)
        if when >= first:
            found.setdefault(watch_id, {})[when] = count
    return found


def _rhythm(per_day: Sequence[int]) -> Rhythm:
    ordered = sorted(per_day)
    longest = pause = 0
    for count in per_day:
        pause = 0 if count else pause + 1
        longest = max(longest, pause)
    low, high = _percentile(ordered, 0.1), _percentile(ordered, 0.9)
    return Rhythm(low, high, longest, len(per_day), sum(per_day) / len(per_day))


def _percentile(ordered: Sequence[int], share: float) -> float:
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
