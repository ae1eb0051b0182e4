"""Windows and gaps: what of a watch is known for sure, written with each page.

A visit opens a window. It closes when the walk met what earlier closed windows
knew, or the source's end. Until then a gap row says what may be missing; it is
written together with page 1, so that a killed visit cannot hide it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from store import shapes, walks
from store.batch import Batch
from store.counts import Counts
from store.known import WatchFacts
from store.sql import Found, change, table_of
from store.tables import Gaps, SeenKeys, Sightings, Visits, Watches

UNFINISHED = "unfinished"
CAP = "cap"
NO_OVERLAP = "no-overlap"
AWAY = "away"
MOST_TRIES = 4
FILE = "file"
ONE_VISIT = select(*table_of(Visits).columns).where(Visits.id == bindparam("visit_id"))
IS_OPEN = and_(Gaps.watch_id == bindparam("of_watch"), Gaps.is_final.is_(False))
OPEN_TRIES = select(Gaps.tries).where(IS_OPEN)
NO_OPEN_GAP = delete(table_of(Gaps)).where(IS_OPEN)
STRETCHED = (
    update(table_of(Gaps))
    .where(IS_OPEN)
    .values(until=bindparam("until"), visit_id=bindparam("visit_id"))
)
CLOSED = (
    update(table_of(Visits))
    .where(
        Visits.watch_id == bindparam("of_watch"),
        Visits.closed_at.is_(None),
        Visits.id <= bindparam("up_to"),
    )
    .values(closed_at=bindparam("closed_at"))
)
IN_CLOSED_VISITS = select(Visits.id).where(
    Visits.watch_id == bindparam("of_watch"), Visits.closed_at.is_not(None)
)
KNOWN_FOR_SURE = tuple(
    select(
        exists().where(
            met.watch_id == bindparam("of_watch"),
            or_(met.visit_id.is_(None), met.visit_id.in_(IN_CLOSED_VISITS)),
        )
    )
    for met in (Sightings, SeenKeys)
)


def note_pages(
    connection: Connection,
    watch: WatchFacts,
    counts: Counts,
    *,
    batch: Batch,
    met_known: bool,
    now: datetime,
) -> None:
    """Add one take-in to its visit's counts, and open the gap with the visit's first page."""
    if watch.watch_id is not None and counts.new:
        change(connection, Watches, watch.watch_id, last_new_at=now)
    if watch.visit_id is None:
        return
    visit = _visit(connection, watch.visit_id)
    if visit.pages == 0:
        open_gap(connection, visit, since=watch.heard_until, now=now)
    dates = [each.mention.posted_at for each in batch.items.values() if each.mention.posted_at]
    oldest = min((each for each in (*dates, visit.oldest_at) if each), default=None)
    newest = max((each for each in (*dates, visit.newest_at) if each), default=None)
    # The watch's one visit has one writer, so its counts can be added up here.
    noted = {name: getattr(visit, name) + getattr(counts, name) for name in Counts.names()}
    noted |= {"pages": visit.pages + batch.pages, "oldest_at": oldest, "newest_at": newest}
    noted["shape"] = shapes.added(visit.shape, batch, is_first=visit.pages == 0)
    if batch.totals:
        noted["stated_total"] = batch.totals[-1]
    if watch.kind != FILE:
        walks.note(connection, visit.id, batch.walked, first=visit.pages)
    if met_known:
        noted["met_known"] = True
    change(connection, Visits, watch.visit_id, **noted)


def open_gap(
    connection: Connection, visit: Found, *, since: datetime | None, now: datetime
) -> None:
    """Write that from the last closed window (`since`) to the visit something may be missing."""
    watch_id, until = visit.watch_id, visit.started_at
    stretched = connection.execute(
        STRETCHED, {"of_watch": watch_id, "until": until, "visit_id": visit.id}
    )
    if stretched.rowcount:
        return
    gap = {
        "watch_id": watch_id, "visit_id": visit.id, "since": since,
        "until": until, "reason": UNFINISHED, "opened_at": now,
    }  # fmt: skip
    connection.execute(insert(table_of(Gaps)), gap)


def note_try(connection: Connection, watch_id: int, reason: str) -> bool:
    """Count a walk that was cut for `reason`; return True when it is not worth another try."""
    still_open = (Gaps.watch_id == watch_id, Gaps.is_final.is_(False))
    tries = open_tries(connection, watch_id) or 0
    is_final = tries + 1 >= MOST_TRIES
    connection.execute(
        update(Gaps).where(*still_open).values(reason=reason, tries=tries + 1, is_final=is_final)
    )
    return is_final


def open_tries(connection: Connection, watch_id: int) -> int | None:
    """Return how often the watch's open gap was tried, None when there is none."""
    tries: int | None = connection.scalar(OPEN_TRIES, {"of_watch": watch_id})
    return tries


def leave_older_gap(
    connection: Connection, watch_id: int, *, until: datetime | None, reason: str = CAP
) -> None:
    """Write that a first import stopped: what is older than `until` was not heard."""
    still_open = (Gaps.watch_id == watch_id, Gaps.is_final.is_(False))
    values: dict[str, object] = {"reason": reason, "is_final": True}
    if until is not None:
        values["until"] = until
    connection.execute(update(Gaps).where(*still_open).values(**values))


def close_window(connection: Connection, watch: Found, visit: Found, *, now: datetime) -> None:
    """Mark everything this watch met up to this visit as known for sure; its open gap goes.

    What a file covers is told by its items, not by the time it was read.
    """
    known = {"of_watch": watch.id, "up_to": visit.id, "closed_at": now}
    connection.execute(CLOSED, known)
    connection.execute(NO_OPEN_GAP, {"of_watch": watch.id})
    since, until = visit.oldest_at or visit.started_at, visit.started_at
    if watch.kind == FILE:
        until = visit.newest_at or watch.heard_until or visit.started_at
        since = min(since, watch.heard_since or since, until)
    elif watch.heard_since is not None:
        since = watch.heard_since
    heard_until = max(watch.heard_until or until, until)
    change(connection, Watches, watch.id, heard_since=since, heard_until=heard_until)


def leave_final_gap(
    connection: Connection,
    watch: Found,
    visit: Found,
    *,
    now: datetime,
    reason: str = NO_OVERLAP,
) -> None:
    """Write that what lay between what is known and this visit cannot be heard any more.

    Where its items tell older times (days alone, or late posts), all up to the visit counts.
    """
    since = watch.heard_until
    if since is None:
        return
    oldest = visit.oldest_at or visit.started_at
    until = oldest if since < oldest < visit.started_at else visit.started_at
    if until <= since:
        return
    connection.execute(
        insert(Gaps).values(
            watch_id=watch.id, visit_id=visit.id, since=since, until=until,
            reason=reason, is_final=True, opened_at=now,
        )
    )  # fmt: skip


def knew_something(connection: Connection, watch_id: int) -> bool:
    """Return whether closed windows of this watch have met any item at all."""
    return any(connection.scalar(sure, {"of_watch": watch_id}) for sure in KNOWN_FOR_SURE)


def _visit(connection: Connection, visit_id: int) -> Found:
    return connection.execute(ONE_VISIT, {"visit_id": visit_id}).one()
