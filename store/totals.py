"""The source's own count beside ours, and why the two may differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from store.shapes import STARS
from store.sql import Found, change
from store.tables import Mentions, Quarantine, SeenKeys, Sightings, Watches

FILE = "file"


class Cause(StrEnum):
    """The likely cause why a source counts otherwise than we do."""

    NONE = ""
    GAP = "gap"  # a stretch was not heard
    UNREADABLE = "unreadable"  # as many items as are missing could not be read
    DEEP = "deep"  # the last walk ended at the most pages allowed
    NOT_WALKED = "not-walked"  # no walk came to the source's end since
    HELD_BACK = "held-back"  # the source counts what it does not show, such as bare stars
    HIDDEN = "hidden"  # the source counts less than it showed before


@dataclass(frozen=True, slots=True)
class Totals:
    """What a source says it has and what was heard of that, with the likely cause between."""

    stated: int
    heard: int
    cause: Cause
    stated_stars: Mapping[str, int] = field(default_factory=dict)
    heard_stars: Mapping[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """Return how many the source counts more than were heard; below 0: fewer."""
        return self.stated - self.heard

    @property
    def missing_stars(self) -> dict[str, int]:
        """Return how many more of each star the source counts, the best first; only differences."""
        of = self.stated_stars
        apart = {star: of[star] - self.heard_stars.get(star, 0) for star in STARS if star in of}
        return {star: missing for star, missing in apart.items() if missing}


def note(connection: Connection, watch: Found, stated: int, stars: Mapping[str, int]) -> bool:
    """Write the source's own counts beside ours; return whether their distance has changed.

    Counted are items that stand on their own: an answer to one of them belongs to it.
    `stars` is the source's own count of each star, {} where it states none.
    """
    heard = _heard(connection, watch.id)
    values: dict[str, object] = {"stated_total": stated, "heard_total": heard}
    if stars:
        values |= {"stated_stars": stars, "heard_stars": _heard_stars(connection, watch.id)}
    change(connection, Watches, watch.id, **values)
    if watch.stated_total is None or watch.heard_total is None:
        return False
    return stated - heard != int(watch.stated_total - watch.heard_total)


def of_watch(
    watch: Found, *, unreadable: int, has_gap: bool, pages_walked: int = 0
) -> Totals | None:
    """Return the two counts of a row of `watches`; None where the source states none.

    A file counts itself alone, which says nothing of the place it comes from.
    `pages_walked` is how many pages the last walk to the end met.
    """
    if watch.kind == FILE or watch.stated_total is None or watch.heard_total is None:
        return None
    missing = watch.stated_total - watch.heard_total
    cause = Cause.NONE
    if missing < 0:
        cause = Cause.HIDDEN
    elif missing and has_gap:
        cause = Cause.GAP
    elif missing and unreadable >= missing:
        cause = Cause.UNREADABLE
    elif missing and pages_walked >= watch.page_cap:
        cause = Cause.DEEP
    elif missing:
        cause = Cause.HELD_BACK if watch.walked_at and not watch.asks_walk else Cause.NOT_WALKED
    stars = watch.stated_stars or {}, watch.heard_stars or {}
    return Totals(watch.stated_total, watch.heard_total, cause, *stars)


def unreadable(connection: Connection, watch_ids: list[int]) -> dict[int, int]:
    """Return how many items of each watch wait in quarantine."""
    asked = select(Quarantine.watch_id, func.count()).where(Quarantine.watch_id.in_(watch_ids))
    rows = connection.execute(asked.group_by(Quarantine.watch_id))
    return {number: count for number, count in rows if number is not None}


def _stands(watch_id: int) -> ColumnElement[bool]:
    """Return what a watch brought and still shows, without answers to what it brought."""
    here = aliased(Mentions)
    keys = select(here.key).join(Sightings, Sightings.mention_id == here.id)
    of_watch = keys.where(Sightings.watch_id == watch_id).scalar_subquery()
    shown = and_(Sightings.watch_id == watch_id, Sightings.gone_at.is_(None))
    return and_(shown, or_(Mentions.parent == "", Mentions.parent.not_in(of_watch)))


def _heard_stars(connection: Connection, watch_id: int) -> dict[str, int]:
    """Return how many of each star this watch brought and still shows, halves rounded up."""
    asked = (
        select(Mentions.stars, func.count())
        .join(Sightings, Sightings.mention_id == Mentions.id)
        .where(_stands(watch_id), Mentions.stars.is_not(None))
        .group_by(Mentions.stars)
    )
    found: Counter[str] = Counter()
    for stars, count in connection.execute(asked):
        found[str(int((stars or 0) + 0.5))] += count
    return dict(found)


def _heard(connection: Connection, watch_id: int) -> int:
    stands = select(func.count()).select_from(Sightings)
    stands = stands.join(Mentions, Mentions.id == Sightings.mention_id).where(_stands(watch_id))
    others = select(func.count()).where(SeenKeys.watch_id == watch_id)
    return (connection.scalar(stands) or 0) + (connection.scalar(others) or 0)
