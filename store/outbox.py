"""The outbox: a message is a row before it is sent, so none is lost and a retry is the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from store.engine import Store
from store.sql import Row, insert_new
from store.tables import Deliveries

FIRST_RETRY = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
DEAD_AFTER = timedelta(hours=72)
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one recipient; the same `key` is the same message, sent once.

    `channel` is smtp, folder ...; `body` is what that channel sends, as text.
    """

    key: str
    recipient: str
    channel: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message taken out for sending, with how often that was tried before."""

    id: int
    message: Message
    created_at: datetime
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many messages wait, since when the oldest does, and how many were given up."""

    waiting: int
    oldest_at: datetime | None
    dead: int
    last_error: str


def add(connection: Connection, messages: Iterable[Message], *, now: datetime) -> None:
    """Write messages inside the caller's transaction; a key that is there already is left."""
    rows: list[Row] = [
        {
            "key": each.key,
            "recipient": each.recipient,
            "channel": each.channel,
            "body": each.body,
            "created_at": now,
            "next_try_at": now,
        }
        for each in messages
    ]
    insert_new(connection, Deliveries, rows)


def claim(
    store: Store, *, holder: str, now: datetime, limit: int = 20, lasts: timedelta = LEASE
) -> list[Delivery]:
    """Take messages that are due, oldest first; nobody else takes them until `lasts` is over."""
    is_free = or_(Deliveries.leased_until.is_(None), Deliveries.leased_until <= now)
    due = (
        select(
            Deliveries.id, Deliveries.key, Deliveries.recipient, Deliveries.channel,
            Deliveries.body, Deliveries.created_at, Deliveries.tries,
        )
        .where(Deliveries.next_try_at <= now, is_free)
        .order_by(Deliveries.created_at, Deliveries.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    with store.write() as connection:
        rows = connection.execute(due).all()
        taken = update(Deliveries).where(Deliveries.id.in_([row.id for row in rows]))
        connection.execute(taken.values(leased_by=holder, leased_until=now + lasts))
    return [
        Delivery(
            id=row.id,
            message=Message(
                key=row.key, recipient=row.recipient, channel=row.channel, body=row.body
            ),
            created_at=row.created_at,
            tries=row.tries,
        )
        for row in rows
    ]


def mark_sent(store: Store, delivery_id: int, *, now: datetime) -> None:
    """Note that a message went out; it is never taken again."""
    _set(store, delivery_id, sent_at=now, next_try_at=None, tries=Deliveries.tries + 1, error="")


def mark_failed(
    store: Store, delivery_id: int, *, error: str, now: datetime, retry_at: datetime | None = None
) -> bool:
    """Note a failed try and when to try again; return False when 72 hours are over.

    The pause doubles from 1 minute to 1 hour; a time the receiver named is waited for.
    """
    with store.read() as connection:
        asked = select(Deliveries.created_at, Deliveries.tries).where(Deliveries.id == delivery_id)
        row = connection.execute(asked).one()
    pause = min(FIRST_RETRY * 2 ** min(row.tries, 10), LONGEST_PAUSE)
    again = max(now + pause, retry_at or now)
    tries = Deliveries.tries + 1
    if now - row.created_at >= DEAD_AFTER:
        _set(store, delivery_id, dead_at=now, next_try_at=None, tries=tries, error=error)
        return False
    _set(store, delivery_id, next_try_at=again, tries=tries, error=error)
    return True


def backlog(store: Store) -> Backlog:
    """Return what waits and what was given up."""
    waits = Deliveries.next_try_at.is_not(None)
    last = select(Deliveries.error).where(Deliveries.error != "").order_by(Deliveries.id.desc())
    with store.read() as connection:
        waiting, oldest = connection.execute(
            select(func.count(), func.min(Deliveries.created_at)).where(waits)
        ).one()
        dead = connection.scalar(select(func.count()).where(Deliveries.dead_at.is_not(None)))
        error = connection.scalar(last.limit(1))
    return Backlog(waiting=waiting, oldest_at=oldest, dead=dead or 0, last_error=error or "")


def retry_dead(store: Store, *, now: datetime) -> int:
    """Give messages that were given up another 72 hours; return how many."""
    with store.write() as connection:
        dead = update(Deliveries).where(Deliveries.dead_at.is_not(None))
        again = dead.values(dead_at=None, next_try_at=now, created_at=now, tries=0)
        return connection.execute(again).rowcount


def _set(store: Store, delivery_id: int, **values: object) -> None:
    free = {"leased_until": None, "leased_by": ""}
    with store.write() as connection:
        connection.execute(
            update(Deliveries).where(Deliveries.id == delivery_id).values(**free, **values)
        )
