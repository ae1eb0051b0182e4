"""Which digests were written: one per recipient, brand and day or week, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from store import brands, outbox
from store.engine import Store
from store.outbox import Message
from store.sql import insert_new
from store.tables import Brands, Deliveries, Digests

DAY, WEEK = "day", "week"


def write(
    store: Store,
    brand: str,
    local_date: date,
    *,
    messages: Sequence[Message],
    now: datetime,
    period: str = DAY,
) -> list[str]:
    """Write the digest of a brand's local day and its messages, together; return to whom it goes.

    A recipient who has that day's digest already is left out: the same day never twice.
    A week goes by its last day.
    """
    with store.write() as connection:
        brand_id = brands.ensure(connection, {brand})[brand]
        known = _recipients(connection, brand_id, local_date, period)
        fresh = {each.recipient: each for each in messages if each.recipient not in known}
        outbox.add(connection, fresh.values(), now=now)
        ids = _delivery_ids(connection, [each.key for each in fresh.values()])
        rows = [
            {
                "recipient": recipient,
                "brand_id": brand_id,
                "period": period,
                "local_date": local_date,
                "written_at": now,
                "delivery_id": ids[fresh[recipient].key],
            }
            for recipient in sorted(fresh)
        ]
        insert_new(connection, Digests, rows)
        return sorted(fresh)


def written(
    store: Store, brand: str, local_date: date, *, period: str = DAY
) -> dict[str, datetime]:
    """Return to whom the digest of that day was written, and when."""
    with store.read() as connection:
        brand_id = brands.ids(connection).get(brand)
        return {} if brand_id is None else _recipients(connection, brand_id, local_date, period)


def last_date(store: Store, brand: str, recipient: str) -> date | None:
    """Return the last local day whose digest was written for the recipient."""
    asked = (
        select(Digests.local_date)
        .where(Digests.recipient == recipient, Digests.period == DAY)
        .order_by(Digests.local_date.desc())
        .limit(1)
    )
    with store.read() as connection:
        brand_id = brands.ids(connection).get(brand)
        return connection.scalar(asked.where(Digests.brand_id == brand_id))


def _recipients(
    connection: Connection, brand_id: int, local_date: date, period: str
) -> dict[str, datetime]:
    asked = select(Digests.recipient, Digests.written_at).where(
        Digests.brand_id == brand_id, Digests.local_date == local_date, Digests.period == period
    )
    return {row.recipient: row.written_at for row in connection.execute(asked)}


def _delivery_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    asked = select(Deliveries.key, Deliveries.id).where(Deliveries.key.in_(keys))
    return {row.key: row.id for row in connection.execute(asked)}


def written_since(store: Store, day: date, *, period: str = DAY) -> set[tuple[str, str, date]]:
    """Return (recipient, brand, local date) of every digest of `day` or later."""
    asked = (
        select(Digests.recipient, Brands.name, Digests.local_date)
        .join(Brands, Brands.id == Digests.brand_id)
        .where(Digests.local_date >= day, Digests.period == period)
    )
    with store.read() as connection:
        return {(row.recipient, row.name, row.local_date) for row in connection.execute(asked)}
