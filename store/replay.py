"""Kept answers read again by today's reader: what it finds otherwise, and putting that right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from ingest.errors import EarfulError
from ingest.page import Fetched, Page
from store import captures
from store.batch import Batch, Item, gather
from store.columns import clean
from store.engine import Store
from store.facts import content_row
from store.intake import Intake, Rules, take_again
from store.sql import Found, chunks
from store.tables import Mentions, Sightings

Read = Callable[[Fetched], Sequence[Page]]

MOVING = frozenset({"changed_at", "likes", "reach"})  # what changes without anybody's doing


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that today's reader tells otherwise: new, changed (in which fields) or vanished."""

    state: str
    source: str
    key: str
    fields: tuple[tuple[str, object, object], ...] = ()  # name, stored, read now


@dataclass(frozen=True, slots=True)
class Replay:
    """What reading a watch's answers again came to; nothing is written yet.

    `faults` names the captures that cannot be read, with the reason.
    """

    captures: int
    items: int
    differences: tuple[Difference, ...]
    faults: tuple[tuple[int, str], ...]
    batch: Batch  # the items that are new or changed


def read_again(
    store: Store, watch_id: int, *, read: Read, rules: Rules, since: datetime, now: datetime
) -> Replay:
    """Read the answers kept since then with `read`, and compare with what is stored.

    An item counts as its last answer tells it. Nothing is written.
    """
    numbers = captures.of_watch(store, watch_id, since=since)
    latest: dict[bytes, Item] = {}
    bad, faults, first_at = [], [], now
    for number in numbers:
        try:
            first_at, batch = _reading(store, number, read, first_at, now)
        except EarfulError as fault:
            faults.append((number, fault.what))
            continue
        latest |= batch.items
        bad += batch.bad
    differing: dict[bytes, Item] = {}
    found = []
    for difference, item in _differences(store, watch_id, latest, rules, now):
        found.append(difference)
        differing[item.key_hash] = item
    found += _vanished(store, watch_id, set(latest), since=max(since, first_at))
    return Replay(
        captures=len(numbers),
        items=len(latest),
        differences=tuple(found),
        faults=tuple(faults),
        batch=Batch(items=differing, bad=bad),
    )


def apply(store: Store, watch_id: int, replay: Replay, *, rules: Rules, now: datetime) -> Intake:
    """Take in what is new and set right what changed; what vanished stays."""
    return take_again(store, replay.batch, **rules, now=now, watch_id=watch_id)


def _reading(
    store: Store, number: int, read: Read, first_at: datetime, now: datetime
) -> tuple[datetime, Batch]:
    """Return the batch of one capture, and the earlier of its time and `first_at`."""
    kept = captures.find(store, number)
    if kept is None:  # let go meanwhile
        return first_at, Batch()
    fetched = kept.fetched
    batch = gather([(fetched, page) for page in read(fetched)], now=now)
    return min(first_at, fetched.fetched_at), replace(batch, packed=[])


def _differences(
    store: Store, watch_id: int, latest: dict[bytes, Item], rules: Rules, now: datetime
) -> Iterator[tuple[Difference, Item]]:
    """Yield what is new or changed, in the order of the keys."""
    for some in chunks(sorted(latest)):
        stored = _stored(store, watch_id, some)
        for identity in some:
            item = latest[identity]
            row = stored.get(identity)
            if row is None:
                if rules["match"](item.mention):
                    yield Difference("new", item.mention.source, item.mention.key), item
                continue
            fields = _changed_fields(row, item, now)
            if fields:
                yield Difference("changed", row.source, row.key, fields), item


def _stored(store: Store, watch_id: int, identities: Sequence[bytes]) -> dict[bytes, Found]:
    """Return the stored mentions, what this watch said of each, and how many other watches do."""
    here = and_(Sightings.mention_id == Mentions.id, Sightings.watch_id == watch_id)
    other = aliased(Sightings)
    others = (
        select(func.count())
        .where(other.mention_id == Mentions.id, other.watch_id != watch_id)
        .scalar_subquery()
    )
    asked = (
        select(
            *Mentions.__table__.columns,
            Sightings.content_hash.label("told_here"),
            others.label("others"),
        )
        .outerjoin(Sightings, here)
        .where(Mentions.key_hash.in_(identities))
    )
    with store.read() as connection:
        return {row.key_hash: row for row in connection.execute(asked)}


def _changed_fields(
    row: Found, item: Item, now: datetime
) -> tuple[tuple[str, object, object], ...]:
    """Return which stored facts the item tells otherwise.

    A mention that another watch tells too is compared by what this watch said of it.
    """
    if row.told_here is None or (row.others and row.told_here == item.content_hash):
        return ()
    told = {
        name: clean(value) if isinstance(value, str) else value  # as the store holds it
        for name, value in content_row(item, now=now).items()
        if name not in MOVING
    }
    names = [name for name in told if getattr(row, name) != told[name]]
    return tuple((name, getattr(row, name), told[name]) for name in names)


def _vanished(
    store: Store, watch_id: int, read: set[bytes], *, since: datetime
) -> list[Difference]:
    """Return what this watch brought since then and today's reader does not find."""
    asked = (
        select(Mentions.key_hash, Mentions.source, Mentions.key)
        .join(Sightings, Sightings.mention_id == Mentions.id)
        .where(Sightings.watch_id == watch_id, Sightings.seen_at >= since)
        .order_by(Mentions.id)
    )
    with store.read() as connection:
        rows = connection.execute(asked).all()
    return [Difference("vanished", row.source, row.key) for row in rows if row.key_hash not in read]
