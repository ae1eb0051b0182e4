"""The source's own count beside ours, and why the two may differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, select, update

from store.sql import Found
from store.tables import Mentions, Quarantine, SeenKeys, Sightings, Watches


class Cause(StrEnum):
    """The likely cause why a source counts otherwise than we do."""

    NONE = ""
    GAP = "gap"  # a stretch was not heard
    UNREADABLE = "unreadable"  # as many items as are missing could not be read
    NOT_WALKED = "not-walked"  # no walk came to the source's end since
    HELD_BACK = "held-back"  # the source counts what it does not show, such as bare stars
    HIDDEN = "hidden"  # the source counts less than it showed before


@dataclass(frozen=True, slots=True)
class Totals:
    """What a source says it has and what was heard of that, with the likely cause between."""

    stated: int
    heard: int
    cause: Cause

    @property
    def missing(self) -> int:
        """Return how many the source counts more than were heard; below 0: fewer."""
        return self.stated - self.heard


def note(connection: Connection, watch: Found, stated: int) -> bool:
    """Write the source's own count beside ours; return whether their distance has changed.

    Counted are items that stand on their own: an answer to one belongs to it.
    """
    heard = _heard(connection, watch.id)
    connection.execute(
        update(Watches).where(Watches.id == watch.id).values(stated_total=stated, heard_total=heard)
    )
    if watch.stated_total is None or watch.heard_total is None:
        return False
    return stated - heard != int(watch.stated_total - watch.heard_total)


def of_watch(watch: Found, *, unreadable: int, has_gap: bool) -> Totals | None:
    """Return the two counts of a row of `watches`; None where the source states none."""
    if watch.stated_total is None or watch.heard_total is None:
        return None
    missing = watch.stated_total - watch.heard_total
    cause = Cause.NONE
    if missing < 0:
        cause = Cause.HIDDEN
    elif missing and has_gap:
        cause = Cause.GAP
    elif missing and unreadable >= missing:
        cause = Cause.UNREADABLE
    elif missing:
        cause = Cause.HELD_BACK if watch.walked_at and not watch.asks_walk else Cause.NOT_WALKED
    return Totals(watch.stated_total, watch.heard_total, cause)


def unreadable(connection: Connection, watch_ids: list[int]) -> dict[int, int]:
    """Return how many items of each watch wait in quarantine."""
    asked = select(Quarantine.watch_id, func.count()).where(Quarantine.watch_id.in_(watch_ids))
    rows = connection.execute(asked.group_by(Quarantine.watch_id))
    return {number: count for number, count in rows if number is not None}


def _heard(connection: Connection, watch_id: int) -> int:
    stands = select(func.count()).select_from(Sightings)
    stands = stands.join(Mentions, Mentions.id == Sightings.mention_id).where(
        Sightings.watch_id == watch_id, Sightings.gone_at.is_(None), Mentions.parent == ""
    )
    others = select(func.count()).where(SeenKeys.watch_id == watch_id)
    return (connection.scalar(stands) or 0) + (connection.scalar(others) or 0)
