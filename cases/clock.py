"""The response clock: until when a first answer is due, and how late it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.flag import Severity

URGENT_WITHIN = timedelta(hours=1)


def target_at(seen_at: datetime, severity: Severity, *, answer_within_h: float) -> datetime:
    """Return when the first answer is due; it runs from when the post became known.

    Urgent posts are due within an hour, or sooner when the brand's own target is shorter.
    """
    within = timedelta(hours=answer_within_h)
    return seen_at + (min(URGENT_WITHIN, within) if severity is Severity.URGENT else within)


def left(target: datetime, now: datetime) -> timedelta:
    """Return the time left until the target in whole minutes; negative when it is late."""
    minutes = (target - now) // timedelta(minutes=1)
    return timedelta(minutes=minutes)
