"""Tells a network that is down here from a source that is down there."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from ingest.visit import Outcome
from store.sql import Found
from store.tables import Visits, Watches

FEWEST_PLACES = 3  # that must be out of reach at once; two may fail by chance
LONGEST = timedelta(hours=24)  # after this long each source counts for itself again
FILE = "file"


def down_since(connection: Connection, watch: Found, *, now: datetime) -> datetime | None:
    """Return since when nothing at all can be reached from here, None when something can.

    That is: since the last visit that any site answered, the visits to at least
    three places have ended without any answer, this one among them.
    """
    is_site = (Watches.kind != FILE, Watches.removed_at.is_(None))
    since = connection.scalar(select(func.max(Watches.last_success_at)).where(*is_site))
    if since is None or now - since > LONGEST:
        return None
    ended = (
        select(Visits.outcome, Visits.status, Visits.ended_at, Watches.kind, Watches.target)
        .join(Watches, Watches.id == Visits.watch_id)
        .where(Visits.ended_at > since, Visits.outcome.is_not(None), *is_site)
    )
    places, began = {_place(watch.kind, watch.target)}, now
    for outcome, status, ended_at, kind, target in connection.execute(ended):
        if outcome != Outcome.DOWN or status is not None:
            return None
        places.add(_place(kind, target))
        began = min(began, ended_at or now)
    return began if len(places) >= FEWEST_PLACES else None


def _place(kind: str, target: str) -> str:
    """Return the host of a target that is an address, else the kind: each API is one place."""
    try:
        return urlsplit(target).hostname or kind
    except ValueError:
        return kind
