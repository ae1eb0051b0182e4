"""What visits walked, page by page: the ground on which windows close and absences are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from ingest.visit import Outcome, VisitFacts
from store.batch import Walked
from store.shapes import Shape
from store.sql import Found, table_of
from store.tables import VisitPages, Visits

SHORT = 8  # bytes of an identity that tell the items of one watch apart
WALK_EVERY = timedelta(days=7)
WALK_AGAIN_AFTER = timedelta(hours=6)  # a sign of change asks for a walk, at most this often
KEPT_WALKS = 3  # the pages of older visits say nothing that is still asked
REPEATED, CUT, SHORT_OF_TOTAL = "repeated", "cut", "short"

OF_WATCH = (
    select(VisitPages.visit_id, VisitPages.keys, VisitPages.is_whole)
    .join(Visits, Visits.id == VisitPages.visit_id)
    .where(Visits.watch_id == bindparam("of_watch"))
    .order_by(VisitPages.visit_id, VisitPages.number)
)
OF_VISIT = OF_WATCH.where(Visits.id == bindparam("of_visit"))

BEFORE = (
    select(func.max(VisitPages.visit_id))
    .join(Visits, Visits.id == VisitPages.visit_id)
    .where(
        Visits.watch_id == bindparam("of_watch"),
        Visits.id < bindparam("of_visit"),
        Visits.state == "ended",
    )
)
OLDEST_KEPT = (
    select(Visits.id)
    .where(Visits.watch_id == bindparam("of_watch"), Visits.is_walk, Visits.closed_at.is_not(None))
    .order_by(Visits.id.desc())
    .offset(KEPT_WALKS - 1)
    .limit(1)
)

Pages = Sequence[Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Trail:
    """The pages of one visit in the source's order, each as its items' short keys."""

    pages: tuple[tuple[bytes, ...], ...] = ()
    is_whole: bool = True

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Return every key once, in the order in which it was met first."""
        return tuple(dict.fromkeys(key for page in self.pages for key in page))


def short(identity: bytes) -> bytes:
    """Return the short key of an item."""
    return identity[:SHORT]


def wants_walk(watch: Found, *, now: datetime) -> bool:
    """Return whether a visit should go to the source's end, whatever is known.

    Once a week, and within hours when something says that more has changed than
    the newest pages show.
    """
    if watch.heard_until is None or watch.walked_at is None:
        return watch.heard_until is None
    since = now - watch.walked_at
    return bool(since >= WALK_EVERY or (watch.asks_walk and since >= WALK_AGAIN_AFTER))


def note(connection: Connection, visit_id: int, walked: Sequence[Walked], *, first: int) -> None:
    """Write the pages of a visit; `first` is the number of the first of them."""
    rows = [
        {
            "visit_id": visit_id,
            "number": first + place,
            "keys": b"".join(map(short, page.identities)),
            "is_whole": page.is_whole,
        }
        for place, page in enumerate(walked)
    ]
    connection.execute(insert(table_of(VisitPages)), rows)


def trails(
    connection: Connection, watch_id: int, *, visit_id: int | None = None
) -> dict[int, Trail]:
    """Return the trails of a watch's visits (or of the one) that are kept, oldest first."""
    asked = OF_WATCH if visit_id is None else OF_VISIT
    return _read(connection.execute(asked, {"of_watch": watch_id, "of_visit": visit_id}))


def trail_before(connection: Connection, watch_id: int, *, visit_id: int) -> Trail:
    """Return the trail of the visit before this one that met any page; an empty one for none."""
    before = connection.scalar(BEFORE, {"of_watch": watch_id, "of_visit": visit_id})
    if before is None:
        return Trail()
    return trails(connection, watch_id, visit_id=before).get(before, Trail())


def _read(rows: Iterable[Any]) -> dict[int, Trail]:
    found: dict[int, list[tuple[tuple[bytes, ...], bool]]] = {}
    for visit_id, keys, is_whole in rows:
        page = tuple(keys[at : at + SHORT] for at in range(0, len(keys), SHORT))
        found.setdefault(visit_id, []).append((page, is_whole))
    return {
        visit_id: Trail(tuple(page for page, _ in pages), all(whole for _, whole in pages))
        for visit_id, pages in found.items()
    }


def fault(visit: Found, facts: VisitFacts, trail: Trail, before: Trail) -> str:
    """Return why a walk that seems to have ended well has not: "" when nothing speaks against it.

    "cut": a page came in part; "repeated": it was led in a circle; "short": it
    ended in an empty page before the source's own total was met. Where a source
    states none, the walk `before` must have ended with the same item.
    """
    if facts.outcome is not Outcome.OK or not trail.pages:
        return ""
    *earlier, _ = trail.pages
    if not facts.is_whole and not (visit.met_known and not earlier):
        return CUT
    if facts.is_looping and not visit.met_known:
        return REPEATED
    if facts.is_complete and not visit.met_known and is_cut_short(visit, trail, before):
        return SHORT_OF_TOTAL
    return ""


def is_cut_short(visit: Found, trail: Trail, before: Trail) -> bool:
    """Return whether a walk ended in an empty page where more must be.

    More than the source's own total says; where it states none, with another item
    than the walk `before`.
    """
    if len(trail.pages) < 2 or trail.pages[-1]:
        return False
    if visit.stated_total is not None:
        return bool(visit.stated_total > len(trail.keys) + visit.unreadable)
    return trail.keys[-1:] != before.keys[-1:]


def has_shifted(pages: Pages, shape: Shape | None) -> bool:
    """Return whether a list moved while its pages were read, so that items may have slipped.

    A page begins with what ended the one before (what is pinned stands at the same place
    of both), or the source's own count changed from page to page.
    """
    totals = shape or {}
    if totals.get("low_total") != totals.get("high_total"):
        return True
    for before, after in pairwise(pages):
        places = {key: at for at, key in enumerate(before)}
        if any(places.get(key, at) > at for at, key in enumerate(after)):
            return True
    return False


def forget_old(connection: Connection, watch_id: int) -> None:
    """Let go of the pages that no comparison needs any more."""
    oldest = connection.scalar(OLDEST_KEPT, {"of_watch": watch_id})
    if oldest is not None:
        of_watch = select(Visits.id).where(Visits.watch_id == watch_id, Visits.id < oldest)
        connection.execute(delete(VisitPages).where(VisitPages.visit_id.in_(of_watch)))
