"""When a watch is due again: its rhythm when all is well, a growing pause when it is not."""

from __future__ import annotations

from datetime import datetime, timedelta

from ingest.visit import Outcome

FIRST_RETRY = timedelta(minutes=4)  # with jitter never more than 5
LONGEST_PAUSE = timedelta(hours=24)
JITTER = 0.25  # the share by which a pause is spread, so that not all come at once
GOOD = frozenset({Outcome.OK, Outcome.UNCHANGED, Outcome.DUE})
SHORTEST_PACE, LONGEST_PACE = 0.25, 4.0
BUSY, SOONER = 3, 0.75  # visits in a row that brought something, and what that does
QUIET, LATER = 6, 1.25
MOST_DOUBLINGS = 10  # 4 min x 2**10 is beyond the longest pause


def is_success(outcome: Outcome) -> bool:
    """Return whether the source was heard; a file that is due is no failure of the visit."""
    return outcome in GOOD


def paced(pace: float, streak: int, *, brought: bool) -> tuple[float, int]:
    """Return the pace and streak after a visit that brought something, or nothing.

    The pace multiplies the watch's rhythm: three visits in a row that brought
    something make the next ones come sooner, six that did not make them come
    later, between a quarter and four times the rhythm. It settles where about
    every third visit brings something.
    """
    streak = max(streak, 0) + 1 if brought else min(streak, 0) - 1
    if streak >= BUSY:
        return max(pace * SOONER, SHORTEST_PACE), 0
    if streak <= -QUIET:
        return min(pace * LATER, LONGEST_PACE), 0
    return pace, streak


def retry_of_gap(tries: int, *, now: datetime, rnd: float) -> datetime:
    """Return when to try again what a walk could not close: soon, then ever later."""
    pause: timedelta = FIRST_RETRY * 2 ** min(tries, MOST_DOUBLINGS)
    return now + min(pause, LONGEST_PAUSE / (1 + JITTER)) * (1 + rnd * JITTER)


def next_due(
    outcome: Outcome,
    failures: int,
    *,
    every_min: int,
    now: datetime,
    retry_at: datetime | None,
    rnd: float,
) -> datetime:
    """Return when to visit again; `failures` counts those in a row, `rnd` is in [0, 1).

    After a failure: 4 minutes, doubled each time, at most 24 hours, spread by a
    quarter; it never gives up. A time the site named (`retry_at`) is waited
    for, at most 24 hours.
    """
    if is_success(outcome):
        due = now + timedelta(minutes=every_min) * (1 + (rnd - 0.5) * JITTER / 5)
    else:
        doublings = min(max(failures, 1) - 1, MOST_DOUBLINGS)
        pause = min(FIRST_RETRY * 2**doublings, LONGEST_PAUSE / (1 + JITTER))
        due = now + pause * (1 + rnd * JITTER)
    if retry_at is not None:
        due = max(due, min(retry_at, now + LONGEST_PAUSE))
    return due
