"""The watches: what is listened to, how it fares, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from ingest.errors import ConfigError
from ingest.visit import Order, Outcome
from store import brands, leases, totals, windows
from store.engine import Store
from store.health import Health, Rhythm, health_of, is_silent, rhythms
from store.known import LAST_WALK, first_page_tells, last_walk
from store.ledger import RUNNING, Coverage, coverages
from store.sql import Found, chunks, key_hash, table_of, upsert
from store.tables import Brands, Gaps, Leases, Visits, Watches
from store.totals import Totals

EVERY_MIN = 60
PAGE_CAP = 50
LEASE = timedelta(minutes=30)
READ_EVERY = timedelta(hours=48)  # an unchanged answer is not believed for longer


NEWEST_VISIT = (
    select(Visits.started_at)
    .where(Visits.watch_id == Watches.id)
    .order_by(Visits.started_at.desc(), Visits.id.desc())
    .limit(1)
    .correlate(Watches)
)
RUNNING_VISIT = NEWEST_VISIT.where(Visits.state == RUNNING)
LAST_READ = NEWEST_VISIT.where(Visits.outcome == Outcome.OK)
CAPPED = (
    select(func.max(Gaps.tries))
    .where(Gaps.watch_id == Watches.id, Gaps.is_final.is_(False), Gaps.reason == windows.CAP)
    .correlate(Watches)
)
TO_BE_ORDERED = select(
    Watches.id,
    Watches.kind,
    Watches.target,
    Watches.options,
    Watches.etag,
    Watches.last_modified,
    Watches.body_hash,
    Watches.page_cap,
    Watches.heard_until,
    CAPPED.scalar_subquery().label("capped"),
    RUNNING_VISIT.scalar_subquery().label("running_since"),
    RUNNING_VISIT.with_only_columns(Visits.is_walk).scalar_subquery().label("is_walk"),
    LAST_READ.scalar_subquery().label("last_read_at"),
    LAST_WALK.label("walked"),
).where(Watches.id.in_(bindparam("watch_ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One watch as it stands; times aware UTC, `brand` "" when it serves all brands.

    It is visited every `every_min` x `pace`: the pace, 0.25 to 4, follows how often
    something new comes.
    """

    id: int
    kind: str
    target: str
    name: str
    brand: str
    is_own: bool
    options: Mapping[str, str]
    every_min: int
    pace: float = 1.0
    page_cap: int
    health: Health
    outcome: str | None
    reason: str
    failures: int
    added_at: datetime
    last_visit_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    next_due_at: datetime
    moved_to: str
    coverage: Coverage
    usual_a_day: Rhythm | None
    is_silent: bool
    totals: Totals | None = None
    is_walk_due: bool = False  # something known has moved: the next visit reads it to its end


def add(
    store: Store,
    kind: str,
    target: str,
    *,
    now: datetime,
    brand: str = "",
    is_own: bool = False,
    name: str = "",
    options: Mapping[str, str] | None = None,
    every_min: int = EVERY_MIN,
    page_cap: int = PAGE_CAP,
) -> int:
    """Keep a watch, due at once, and return its id; adding it again changes only its settings."""
    identity = key_hash(kind, target, brand)
    with store.write() as connection:
        brand_id = brands.ensure(connection, {brand})[brand] if brand else None
        settings = {
            "name": name,
            "is_own": is_own,
            "options": dict(options or {}),
            "every_min": every_min,
            "page_cap": page_cap,
            "removed_at": None,
        }
        row = {
            "key_hash": identity,
            "kind": kind,
            "target": target,
            "brand_id": brand_id,
            "added_at": now,
            "next_due_at": now,
            **settings,
        }
        upsert(connection, Watches, [row], by=("key_hash",), change=tuple(settings))
        return connection.execute(
            select(Watches.id).where(Watches.key_hash == identity)
        ).scalar_one()


def find(store: Store, named: str, *, now: datetime) -> Watch:
    """Return the watch with that id, or that kind:target. Raises ConfigError if there is none."""
    kind, _, target = named.partition(":")
    wanted: ColumnElement[bool] = (Watches.kind == kind) & (Watches.target == target)
    if named.isascii() and named.isdigit():
        wanted = Watches.id == min(int(named), 2**62)
    with store.read() as connection:
        found = _listed(connection, wanted, now)
    if not found:
        raise ConfigError(
            "there is no such source", subject=named, next_step="see `earful sources`"
        )
    return found[0]


def listing(store: Store, *, now: datetime, brand: str | None = None) -> list[Watch]:
    """Return all watches with their health; of one brand: its own and those that serve all."""
    wanted: ColumnElement[bool] = Watches.removed_at.is_(None)
    if brand is not None:
        wanted &= or_(Brands.name == brand, Watches.brand_id.is_(None))
    with store.read() as connection:
        return _listed(connection, wanted, now)


def due(store: Store, *, now: datetime, limit: int = 50) -> list[int]:
    """Return the ids of the watches that are due, longest waiting first, without taking them."""
    with store.read() as connection:
        return _due(connection, now, limit)


def claim_due(
    store: Store, *, holder: str, now: datetime, limit: int = 50, lasts: timedelta = LEASE
) -> list[int]:
    """Take due watches for `holder`, so that no other scheduler visits them meanwhile.

    The right ends with the visit, or after `lasts`.
    """
    with store.write() as connection:
        names = {leases.watch_lease(each): each for each in _due(connection, now, limit)}
        taken = leases.take(connection, list(names), holder=holder, now=now, lasts=lasts)
        return [names[each] for each in taken]


def pause(store: Store, watch_id: int, *, now: datetime) -> None:
    """Stop visiting a watch until it is resumed."""
    _set(store, watch_id, paused_at=now)


def resume(store: Store, watch_id: int, *, now: datetime) -> None:
    """Visit a watch again, at once, and take what it shows from now on for usual."""
    _set(store, watch_id, paused_at=None, next_due_at=now, failures=0, usual_since=now)


def remove(store: Store, watch_id: int, *, now: datetime) -> None:
    """Stop listening to a watch; what it brought stays."""
    _set(store, watch_id, removed_at=now)


def due_now(store: Store, watch_id: int, *, now: datetime) -> None:
    """Make a watch due at once, whatever its rhythm."""
    _set(store, watch_id, next_due_at=now)


def order_for(store: Store, watch_id: int) -> Order:
    """Return the order for a visit; a gap left by the page cap is retried with more pages."""
    return orders_for(store, [watch_id])[0]


def orders_for(store: Store, watch_ids: Iterable[int]) -> list[Order]:
    """Return the orders for visits to these watches, in their order."""
    ids = list(watch_ids)
    found: dict[int, Order] = {}
    with store.read() as connection:
        for some in chunks(ids):
            rows = connection.execute(TO_BE_ORDERED, {"watch_ids": some})
            found |= {row.id: _order(row) for row in rows}
    for each in ids:
        if each not in found:
            raise _no_such(str(each))
    return [found[each] for each in ids]


def _order(row: Found) -> Order:
    in_full = _wants_all(row)
    return Order(
        watch_id=row.id,
        kind=row.kind,
        target=row.target,
        options=row.options,
        etag="" if in_full else row.etag,
        last_modified="" if in_full else row.last_modified,
        body_hash="" if in_full else row.body_hash,
        page_cap=row.page_cap * 2 ** (row.capped or 0),
        heard_until=row.heard_until,
    )


def _wants_all(watch: Found) -> bool:
    """Return whether the visit that runs should not be told "unchanged".

    A walk to the end must see every page; where a list is not in the order of time
    its first page says nothing of the others; and a validator that got stuck would
    keep a source silent for good.
    """
    since, last_read_at = watch.running_since, watch.last_read_at
    if since is None:
        return False
    is_stale = last_read_at is None or since - last_read_at > READ_EVERY
    return bool(watch.is_walk or is_stale or not first_page_tells(watch.walked or {}))


def _due(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Return due watches that nobody holds."""
    held = select(Leases.name).where(Leases.until > now)
    busy = set(connection.scalars(held))
    ready = (
        select(Watches.id)
        .where(
            Watches.next_due_at <= now, Watches.paused_at.is_(None), Watches.removed_at.is_(None)
        )
        .order_by(Watches.next_due_at, Watches.id)
    )
    free = [each for each in connection.scalars(ready) if leases.watch_lease(each) not in busy]
    return free[:limit]


def _set(store: Store, watch_id: int, **values: object) -> None:
    with store.write() as connection:
        changed = update(Watches).where(Watches.id == watch_id).values(**values)
        if not connection.execute(changed).rowcount:
            raise _no_such(str(watch_id))


def _no_such(named: str) -> ConfigError:
    what = "there is no such source"
    return ConfigError(what, subject=named, next_step="see `earful sources`")


def _listed(connection: Connection, wanted: ColumnElement[bool], now: datetime) -> list[Watch]:
    asked = (
        select(*table_of(Watches).columns, Brands.name.label("brand"))
        .outerjoin(Brands, Brands.id == Watches.brand_id)
        .where(wanted)
        .order_by(Watches.removed_at.is_not(None), Watches.id)
    )
    rows = connection.execute(asked).all()
    ids = [row.id for row in rows]
    covered = coverages(connection, ids)
    usual = rhythms(connection, ids, now=now)
    unread = totals.unreadable(connection, ids)
    walked = {
        row.id: last_walk(connection, row.id).get("pages", 0)
        for row in rows
        if row.stated_total != row.heard_total
    }
    return [
        _watch(
            row, covered[row.id], usual.get(row.id), now,
            totals.of_watch(
                row, unreadable=unread.get(row.id, 0), has_gap=bool(covered[row.id].gaps),
                pages_walked=walked.get(row.id, 0),
            ),
        )
        for row in rows
    ]  # fmt: skip


def _watch(
    row: Found, covered: Coverage, usual: Rhythm | None, now: datetime, stated: Totals | None
) -> Watch:
    return Watch(
        id=row.id,
        kind=row.kind,
        target=row.target,
        name=row.name or row.target,
        brand=row.brand or "",
        is_own=row.is_own,
        options=row.options,
        every_min=row.every_min,
        pace=row.pace,
        page_cap=row.page_cap,
        health=health_of(row),
        outcome=row.outcome,
        reason=row.reason,
        failures=row.failures,
        added_at=row.added_at,
        last_visit_at=row.last_visit_at,
        last_success_at=row.last_success_at,
        last_new_at=row.last_new_at,
        next_due_at=row.next_due_at,
        moved_to=row.moved_to,
        coverage=covered,
        usual_a_day=usual,
        is_silent=usual is not None and is_silent(usual, row.last_new_at, now=now),
        totals=stated,
        is_walk_due=row.asks_walk,
    )


def listening_since(store: Store) -> dict[str, datetime]:
    """Return since when each brand is listened for: the time its first watch was added."""
    asked = (
        select(Brands.name, func.min(Watches.added_at).label("since"))
        .join(Watches, or_(Watches.brand_id == Brands.id, Watches.brand_id.is_(None)))
        .group_by(Brands.name)
    )
    with store.read() as connection:
        return {row.name: row.since for row in connection.execute(asked)}
