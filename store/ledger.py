"""The ledger of visits: what was tried, what is covered, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from ingest.errors import StoreError
from ingest.visit import Outcome, Touch, VisitFacts
from store import absences, alarms, outages, shapes, totals, walks, windows
from store.alarms import Alarm
from store.counts import Counts
from store.due import is_success, next_due, paced, retry_of_gap
from store.engine import Store
from store.leases import watch_lease
from store.sql import Found, change, chunks, row_of, table_of
from store.tables import Gaps, Leases, Visits, Watches

RUNNING = "running"
ENDED = "ended"
ABANDONED = "abandoned"
NEW_VISITS = insert(table_of(Visits)).returning(
    table_of(Visits).columns.id, sort_by_parameter_order=True
)
WALKED = select(Watches.id, Watches.heard_until, Watches.walked_at, Watches.asks_walk).where(
    Watches.id.in_(bindparam("watch_ids", expanding=True))
)
VISITED = (
    update(table_of(Watches))
    .where(Watches.id == bindparam("id_"))
    .values(last_visit_at=bindparam("now"))
)
NO_LEASE = delete(Leases).where(Leases.name == bindparam("name_"))
VISIT_IDS: BindParameter[int] = bindparam("visit_ids", expanding=True)
COUNTS = select(Visits.id, *(getattr(Visits, name) for name in Counts.names())).where(
    Visits.id.in_(VISIT_IDS)
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that may miss items; `since` is None when nothing was known before.

    `reason` is unfinished (a visit was cut), cap (more pages than allowed),
    no-overlap (the source had already dropped what lay between), away (posts came
    to nobody), repeated (the
    pages led in a circle), cut (a page came in part) or short (it ended before
    the source's own total). `is_final` gaps are not retried any more.
    """

    since: datetime | None
    until: datetime
    reason: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Complete from `since` to `until`, except the gaps; both None before the first window."""

    since: datetime | None
    until: datetime | None
    gaps: tuple[Gap, ...] = ()


def begin_visit(store: Store, watch_id: int, *, now: datetime) -> int:
    """Write that a visit to the watch begins; return the visit's id."""
    return begin_visits(store, [watch_id], now=now)[watch_id]


def begin_visits(store: Store, watch_ids: Sequence[int], *, now: datetime) -> dict[int, int]:
    """Write that a visit to each of these watches begins; return the visits' ids by watch."""
    if not watch_ids:
        return {}
    with store.write() as connection:
        found = _walked(connection, watch_ids)
        begun = [
            {
                "watch_id": watch_id,
                "state": RUNNING,
                "started_at": now,
                "is_first_import": found[watch_id].heard_until is None,
                "is_walk": walks.wants_walk(found[watch_id], now=now),
            }
            for watch_id in watch_ids
        ]
        came = [{"id_": watch_id, "now": now} for watch_id in watch_ids]
        connection.execute(VISITED, came)
        made = connection.scalars(NEW_VISITS, begun).all()
    return dict(zip(watch_ids, made, strict=True))


def end_visit(
    store: Store, visit_id: int, facts: VisitFacts, *, now: datetime, rnd: float = 0.5
) -> None:
    """Write how a visit ended: its window, the watch's health and when it is due again.

    The window closes when the walk was complete or met what was known;
    otherwise the gap stays and is retried. `rnd` in [0, 1) spreads the due
    times. A visit that has ended is left as it is.
    """
    with store.write() as connection:
        visit = row_of(connection, Visits, visit_id)
        if visit is None:
            raise StoreError(f"there is no visit {visit_id}", subject=store.name)
        if visit.state == ENDED:
            return
        watch = _watch(connection, visit.watch_id)
        is_closed, fault = _settle_window(connection, visit, watch, facts, now)
        facts, is_excused = _seen_whole(
            connection, visit, watch, facts, is_closed=is_closed, fault=fault, now=now
        )
        _write_end(connection, visit_id, facts, now)
        _update_watch(
            connection,
            visit,
            watch,
            facts,
            is_closed=is_closed,
            is_excused=is_excused,
            now=now,
            rnd=rnd,
        )
        connection.execute(NO_LEASE, {"name_": watch_lease(visit.watch_id)})


def counts(store: Store, visit_ids: Iterable[int]) -> dict[int, Counts]:
    """Return what each of these visits met so far."""
    found: dict[int, Counts] = {}
    with store.read() as connection:
        for some in chunks(visit_ids):
            for number, *met in connection.execute(COUNTS, {"visit_ids": some}).all():
                found[number] = Counts(**dict(zip(Counts.names(), met, strict=True)))
    return found


def abandon_running(store: Store, *, now: datetime) -> list[int]:
    """Mark visits left running by a crash as abandoned; return their watches, due again at once."""
    with store.write() as connection:
        left = select(Visits.id, Visits.watch_id).where(Visits.state == RUNNING)
        rows = connection.execute(left.order_by(Visits.id)).all()
        watch_ids = sorted({row.watch_id for row in rows})
        for some in chunks(row.id for row in rows):
            connection.execute(
                update(Visits).where(Visits.id.in_(some)).values(state=ABANDONED, ended_at=now)
            )
        for some in chunks(watch_ids):
            connection.execute(update(Watches).where(Watches.id.in_(some)).values(next_due_at=now))
            names = [watch_lease(each) for each in some]
            connection.execute(delete(Leases).where(Leases.name.in_(names)))
        return watch_ids


def coverage(store: Store, watch_id: int) -> Coverage:
    """Return from when to when the watch is complete, and its gaps in order of time."""
    with store.read() as connection:
        return coverages(connection, [watch_id])[watch_id]


def coverages(connection: Connection, watch_ids: list[int]) -> dict[int, Coverage]:
    """Return the coverage of each watch."""
    gaps: dict[int, list[Gap]] = {each: [] for each in watch_ids}
    found: dict[int, Coverage] = {}
    for some in chunks(watch_ids):
        asked = select(Gaps.watch_id, Gaps.since, Gaps.until, Gaps.reason, Gaps.is_final)
        ordered = asked.where(Gaps.watch_id.in_(some)).order_by(Gaps.until, Gaps.id)
        for watch_id, since, until, reason, is_final in connection.execute(ordered):
            gaps[watch_id].append(Gap(since, until, reason, is_final))
        bounds = select(Watches.id, Watches.heard_since, Watches.heard_until)
        for watch_id, first, last in connection.execute(bounds.where(Watches.id.in_(some))):
            found[watch_id] = Coverage(first, last, tuple(gaps[watch_id]))
    return found


def _watch(connection: Connection, watch_id: int) -> Found:
    row = row_of(connection, Watches, watch_id)
    if row is None:
        raise _no_such(watch_id)
    return row


def _walked(connection: Connection, watch_ids: Sequence[int]) -> dict[int, Found]:
    """Return how these watches were walked so far; raises StoreError when one is not there."""
    found: dict[int, Found] = {}
    for some in chunks(watch_ids):
        found |= {row.id: row for row in connection.execute(WALKED, {"watch_ids": some})}
    for watch_id in watch_ids:
        if watch_id not in found:
            raise _no_such(watch_id)
    return found


def _no_such(watch_id: int) -> StoreError:
    return StoreError(f"there is no source {watch_id}", next_step="see `earful sources`")


def _write_end(connection: Connection, visit_id: int, facts: VisitFacts, now: datetime) -> None:
    change(
        connection, Visits, visit_id, state=ENDED, ended_at=now, outcome=facts.outcome,
        reason=facts.reason, status=facts.status, requests=facts.requests,
    )  # fmt: skip


def _settle_window(
    connection: Connection, visit: Found, watch: Found, facts: VisitFacts, now: datetime
) -> tuple[bool, str]:
    """Close the visit's window if it may be closed; return whether it is, and the walk's fault."""
    if facts.outcome not in (Outcome.OK, Outcome.UNCHANGED):
        return False, ""
    fault = _fault(connection, visit, facts) if visit.pages else ""
    is_cut = facts.outcome is Outcome.OK and not (facts.is_complete or visit.met_known)
    if is_cut and not visit.pages:
        return False, fault
    is_tried = fault or (is_cut and not visit.is_first_import)
    if is_tried and not windows.note_try(connection, watch.id, fault or windows.CAP):
        return False, fault
    if visit.is_first_import and (is_cut or fault):
        windows.leave_older_gap(
            connection, watch.id, until=visit.oldest_at, reason=fault or windows.CAP
        )
    elif facts.touch is Touch.AWAY:
        windows.leave_final_gap(connection, watch, visit, now=now, reason=windows.AWAY)
    elif _has_lost_touch(connection, visit, facts) and not (is_cut or fault):
        windows.leave_final_gap(connection, watch, visit, now=now)
    windows.close_window(connection, watch, visit, now=now)
    return True, fault


def _fault(connection: Connection, visit: Found, facts: VisitFacts) -> str:
    of_watch = visit.watch_id
    trail = walks.trails(connection, of_watch, visit_id=visit.id).get(visit.id, walks.Trail())
    before = walks.trail_before(connection, of_watch, visit_id=visit.id)
    return walks.fault(visit, facts, trail, before)


def _has_lost_touch(connection: Connection, visit: Found, facts: VisitFacts) -> bool:
    """Return whether the visit met items, but none of those known for sure."""
    met_new_only = visit.seen and not visit.overlap and facts.touch is not Touch.RESUMED
    return bool(met_new_only) and windows.knew_something(connection, visit.watch_id)


def _seen_whole(
    connection: Connection,
    visit: Found,
    watch: Found,
    facts: VisitFacts,
    *,
    is_closed: bool,
    fault: str,
    now: datetime,
) -> tuple[VisitFacts, bool]:
    """Return the facts as they look beside earlier and other visits.

    An answer that is not as usual is a changed source; a network that is down is
    no fault of this one. The second value says that the visit is no failure to
    be counted against the source: its rhythm stays.
    """
    if facts.outcome is Outcome.OK and visit.pages:
        alarm = _unlike_usual(connection, visit, watch, fault)
        if is_closed:
            alarm = _compare(connection, visit, watch, facts, now) or alarm
        if alarm is not None:
            changed = replace(
                facts, outcome=Outcome.CHANGED, reason=alarm.words,
                etag="", last_modified="", body_hash="",
            )  # fmt: skip
            return changed, True
    if facts.outcome is Outcome.DOWN and facts.status is None:
        since = outages.down_since(connection, watch, now=now)
        if since is not None:
            words = (
                f"no site at all can be reached since {since:%H:%M} UTC; the network here is "
                "probably down. It is tried again every few minutes"
            )
            return replace(facts, reason=words), True
    return facts, False


def _unlike_usual(connection: Connection, visit: Found, watch: Found, fault: str) -> Alarm | None:
    """Return what the first page lacks of the usual, or what spoilt two walks in a row."""
    if visit.shape:
        alarm = alarms.find(visit.shape, alarms.usual_shapes(connection, visit, watch))
        if alarm is not None:
            return alarm
    tries = windows.open_tries(connection, watch.id) or 0
    is_again = tries > 1 or watch.outcome == Outcome.CHANGED
    was_accepted = watch.usual_since is not None
    return alarms.spoilt(fault) if fault and is_again and not was_accepted else None


def _compare(
    connection: Connection, visit: Found, watch: Found, facts: VisitFacts, now: datetime
) -> Alarm | None:
    """Compare what a closed visit met with what was known and what the source counts.

    What does not fit asks for a walk to the source's end. Returns the alarm when
    the answer is not to be trusted.
    """
    asks, alarm = absences.noticed(connection, visit), None
    if visit.is_walk and facts.is_complete:
        doubtful = absences.settle(connection, visit, watch, now=now)
        asks |= doubtful is None
        alarm = alarms.hidden(doubtful) if doubtful else None
        walks.forget_old(connection, watch.id)
    if visit.stated_total is not None:
        stars = shapes.stated_stars(visit.shape)
        has_moved = totals.note(connection, watch, visit.stated_total, stars)
        asks |= has_moved and not visit.is_walk
    values: dict[str, object] = {
        "asks_walk": asks
        or absences.pending(connection, watch.id)
        or (watch.asks_walk and not visit.is_walk)
    }
    if visit.is_walk:
        values["walked_at"] = now
    change(connection, Watches, watch.id, **values)
    return alarm


def _update_watch(
    connection: Connection,
    visit: Found,
    watch: Found,
    facts: VisitFacts,
    *,
    is_closed: bool,
    is_excused: bool,
    now: datetime,
    rnd: float,
) -> None:
    watch_id = visit.watch_id
    pace, streak = _pace(watch, visit, facts)
    failures = 0 if is_success(facts.outcome) else watch.failures + (not is_excused)
    values: dict[str, object] = {
        "failures": failures,
        "outcome": facts.outcome,
        "reason": facts.reason,
        "pace": pace,
        "streak": streak,
        "next_due_at": next_due(
            facts.outcome, failures, every_min=round(watch.every_min * pace), now=now,
            retry_at=facts.retry_at, rnd=rnd,
        ),
    }  # fmt: skip
    if is_excused:
        values["next_due_at"] = _excused_due(facts, round(watch.every_min * pace), now, rnd)
    is_tried_again = facts.outcome is Outcome.OK or (
        is_excused and facts.outcome is Outcome.CHANGED
    )
    tries = None if is_closed else windows.open_tries(connection, watch_id)
    if is_tried_again and tries is not None:
        soon = max(retry_of_gap(tries, now=now, rnd=rnd), facts.retry_at or now)
        values["next_due_at"] = min(soon, values["next_due_at"])  # type: ignore[call-overload]
    if is_success(facts.outcome):
        values["last_success_at"] = now
    if is_closed and facts.outcome in (Outcome.OK, Outcome.CHANGED):
        values |= {
            "etag": facts.etag,
            "last_modified": facts.last_modified,
            "body_hash": facts.body_hash,
        }
    if facts.moved_to:
        values["moved_to"] = facts.moved_to
    change(connection, Watches, watch_id, **values)


def _excused_due(facts: VisitFacts, every_min: int, now: datetime, rnd: float) -> datetime:
    """Return when to visit again what did not fail: in its rhythm, or soon when we were cut off."""
    if facts.outcome is Outcome.DOWN:
        return retry_of_gap(0, now=now, rnd=rnd)
    return next_due(Outcome.OK, 0, every_min=every_min, now=now, retry_at=facts.retry_at, rnd=rnd)


def _pace(watch: Found, visit: Found, facts: VisitFacts) -> tuple[float, int]:
    """Return the watch's pace and streak after this visit; a fixed rhythm stays as it is."""
    if watch.options.get("fixed") or watch.kind == windows.FILE:
        return 1.0, 0
    if not is_success(facts.outcome) or visit.is_first_import:
        return watch.pace, watch.streak
    return paced(watch.pace, watch.streak, brought=bool(visit.new or visit.edited))
