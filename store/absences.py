"""Which mentions are gone: only what two whole walks to the source's end should have met.

A walk proves an absence where it met what stood just before and just after the
missing item on one page (between two pages an item can slip through while
people delete others), or where it met as many items as the source itself
counts. Nothing is called gone when many are missing at once, or all of one
language: that is a filter, not a deletion. What is gone stays stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, select, update
from sqlalchemy.orm import aliased

from store import walks
from store.shapes import is_newest_first
from store.sql import Found, chunks
from store.tables import Mentions, Sightings, Verdicts
from store.walks import Trail

ENOUGH = 2  # whole walks that must have missed a mention
MOST_MISSING = 0.1  # of what is known; more at once is a filter or a fault
FEW = 2  # so many may always be missing
FEWEST_OF_A_LANGUAGE = 2
OF_WATCH = Sightings.watch_id == bindparam("of_watch")
PENDING = select(exists().where(OF_WATCH, Sightings.missed > 0, Sightings.gone_at.is_(None)))
KNOWN = (
    select(Mentions.id, Mentions.key_hash, Sightings.missed, Verdicts.language)
    .join(Sightings, Sightings.mention_id == Mentions.id)
    .outerjoin(Verdicts, and_(Verdicts.mention_id == Mentions.id, Verdicts.is_current))
    .where(OF_WATCH, Sightings.gone_at.is_(None))
)


def settle(connection: Connection, visit: Found, watch: Found, *, now: datetime) -> int | None:
    """Count what a whole walk should have met and did not; return how many are doubtful.

    Doubtful absences are counted nowhere: the source probably shows less than it has.
    None says that the walk did not come to the end, and proves nothing.
    """
    found = walks.trails(connection, visit.watch_id)
    trail = found.pop(visit.id, Trail())
    known = _known(connection, visit.watch_id)
    absent = known.keys() - trail.keys
    before = next(reversed(found.values()), Trail())
    if not absent or not trail.is_whole:
        return 0
    if walks.is_cut_short(visit, trail, before):
        return None
    is_end_told = len(trail.pages) < 2 or trail.pages[-1]
    if not is_end_told and len(absent) > max(FEW, MOST_MISSING * len(known)):
        return None  # what is not met may have moved down to where nothing was shown
    sure = proved(absent, list(found.values()), trail.pages)
    if is_counted(visit, trail):
        sure = set(absent)
    expected = {key: known[key] for key in known if key not in absent or key in sure}
    doubtful = set() if _was_accepted(watch) else _doubtful(expected, sure)
    _miss(connection, visit.watch_id, [known[key] for key in sorted(sure - doubtful)], now)
    return len(doubtful)


def noticed(connection: Connection, visit: Found) -> bool:
    """Return whether a visit shows that more has changed than it met: a walk will tell.

    The list moved while it was read; or, where the visit was no walk, something known
    has left its place: deleted, moved, filtered.
    """
    here = walks.trails(connection, visit.watch_id, visit_id=visit.id).get(visit.id, Trail())
    if walks.has_shifted(here.pages, visit.shape):
        return True
    if visit.is_walk or not visit.pages or not is_newest_first(visit.shape):
        return False
    before = walks.trail_before(connection, visit.watch_id, visit_id=visit.id)
    return bool(proved(set(before.keys) - set(here.keys), [before], here.pages))


def proved(absent: Set[bytes], before: Sequence[Trail], pages: walks.Pages) -> set[bytes]:
    """Return those of `absent` whose place `pages` show without them.

    The nearest items that stood before and after such an item when both were met
    last, and are still there, must stand in this order on one page; the top of
    the first page counts.
    """
    places = {each: (n, at) for n, page in enumerate(pages) for at, each in enumerate(page)}
    undecided, found = set(absent), set()
    for trail in reversed(before):
        stood = trail.keys
        below: dict[bytes, tuple[int, int]] = {}
        next_place: tuple[int, int] | None = None
        for key in reversed(stood):
            next_place = places.get(key, next_place)
            if next_place is not None:
                below[key] = next_place
        above = (0, -1)
        for key in stood:
            above = places.get(key, above)
            after = below.get(key)
            if key in undecided and after is not None:
                undecided.discard(key)
                if above[0] == after[0] and above < after:
                    found.add(key)
    return found


def is_counted(visit: Found, trail: Trail) -> bool:
    """Return whether a walk met exactly as many items as the source said all the while."""
    totals = visit.shape or {}
    low, high = totals.get("low_total"), totals.get("high_total")
    return low == high == len(trail.keys) and not visit.unreadable


def take_back(connection: Connection, watch_id: int | None, mention_ids: Iterable[int]) -> None:
    """Note that mentions were met again: they are not gone."""
    for some in chunks(mention_ids):
        here = and_(Sightings.watch_id == watch_id, Sightings.mention_id.in_(some))
        connection.execute(update(Sightings).where(here).values(missed=0, gone_at=None))
        connection.execute(update(Mentions).where(Mentions.id.in_(some)).values(gone_at=None))


def pending(connection: Connection, watch_id: int) -> bool:
    """Return whether an absence waits for the second walk."""
    return bool(connection.scalar(PENDING, {"of_watch": watch_id}))


def _known(connection: Connection, watch_id: int) -> dict[bytes, Found]:
    """Return what this watch met and does not call gone, by short key."""
    rows = connection.execute(KNOWN, {"of_watch": watch_id})
    return {walks.short(row.key_hash): row for row in rows}


def _was_accepted(watch: Found) -> bool:
    """Return whether somebody said, after the last walk, that the source is right as it is."""
    accepted_at, walked_at = watch.usual_since, watch.walked_at
    return accepted_at is not None and (walked_at is None or accepted_at > walked_at)


def _doubtful(expected: Mapping[bytes, Found], sure: Set[bytes]) -> set[bytes]:
    """Return the absences that look like a filter: too many at once, or all of a language."""
    if len(sure) > max(FEW, MOST_MISSING * len(expected)):
        return set(sure)
    by_language: dict[str | None, set[bytes]] = defaultdict(set)
    for key, row in expected.items():
        by_language[row.language].add(key)
    hidden: set[bytes] = set()
    for keys in by_language.values():
        if len(by_language) > 1 and len(keys) >= FEWEST_OF_A_LANGUAGE and keys <= sure:
            hidden |= keys
    return hidden


def _miss(connection: Connection, watch_id: int, rows: Sequence[Found], now: datetime) -> None:
    """Count one more absence of these mentions; call gone what was missed often enough."""
    gone = [row.id for row in rows if row.missed + 1 >= ENOUGH]
    for some in chunks(row.id for row in rows):
        here = and_(Sightings.watch_id == watch_id, Sightings.mention_id.in_(some))
        connection.execute(update(Sightings).where(here).values(missed=Sightings.missed + 1))
    for some in chunks(gone):
        here = and_(Sightings.watch_id == watch_id, Sightings.mention_id.in_(some))
        connection.execute(update(Sightings).where(here).values(gone_at=now))
        other = aliased(Sightings)
        is_elsewhere = exists().where(other.mention_id == Mentions.id, other.gone_at.is_(None))
        nowhere = and_(Mentions.id.in_(some), ~is_elsewhere)
        connection.execute(update(Mentions).where(nowhere).values(gone_at=now))
