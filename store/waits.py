"""Until when a rate budget is not to be drawn on: a host, or an account's keys there.

What a site asks of one watch holds for all that ask it, whichever service visits them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ingest.visit import VisitFacts
from store.engine import Store
from store.sql import upsert
from store.tables import Leases

PREFIX = "wait:"
SLOW_DOWN = 429
UNNAMED = timedelta(minutes=4)  # after a refusal that names no time


def note(store: Store, budget: str, *, until: datetime) -> None:
    """Keep away from `budget` until then, or for as long as is known already."""
    name = f"{PREFIX}{budget}"
    with store.write() as connection:
        known = connection.scalar(select(Leases.until).where(Leases.name == name))
        if known is None or known < until:
            row = {"name": name, "holder": "", "until": until}
            upsert(connection, Leases, [row], by=("name",), change=("until",))


def heed(store: Store, budget: str, facts: VisitFacts, *, now: datetime) -> None:
    """Keep away from `budget` as long as the site asked for in a visit."""
    until = facts.retry_at or (now + UNNAMED if facts.status == SLOW_DOWN else now)
    if until > now:
        note(store, budget, until=until)


def in_force(store: Store, *, now: datetime) -> dict[str, datetime]:
    """Return until when each budget is to be left alone that may not be drawn on now."""
    asked = select(Leases.name, Leases.until).where(
        Leases.name.startswith(PREFIX, autoescape=True), Leases.until > now
    )
    with store.read() as connection:
        return {name.removeprefix(PREFIX): until for name, until in connection.execute(asked)}
