"""Named rights that one holder has at a time, so that two schedulers do no harm."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from store.engine import Store
from store.sql import insert_new, upsert
from store.tables import Leases


def acquire(store: Store, name: str, *, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew the right `name` until `now + lasts`; return False if another holds it."""
    with store.write() as connection:
        return take(connection, [name], holder=holder, now=now, lasts=lasts) == [name]


def release(store: Store, name: str, *, holder: str) -> None:
    """Give the right `name` back, if `holder` has it."""
    with store.write() as connection:
        connection.execute(delete(Leases).where(Leases.name == name, Leases.holder == holder))


def take(
    connection: Connection, names: list[str], *, holder: str, now: datetime, lasts: timedelta
) -> list[str]:
    """Take or renew those of `names` that nobody else holds; return them in order."""
    free = [{"name": each, "holder": "", "until": now} for each in sorted(names)]
    insert_new(connection, Leases, free)
    asked = select(Leases.name, Leases.holder, Leases.until).where(Leases.name.in_(names))
    locked = connection.execute(asked.order_by(Leases.name).with_for_update()).all()
    taken = {row.name for row in locked if row.holder in ("", holder) or row.until <= now}
    rows = [{"name": each, "holder": holder, "until": now + lasts} for each in sorted(taken)]
    upsert(connection, Leases, rows, by=("name",), change=("holder", "until"))
    return [each for each in names if each in taken]


def watch_lease(watch_id: int) -> str:
    """Return the name of the right to visit a watch."""
    return f"watch:{watch_id}"
