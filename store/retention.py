"""What is let go with time: captures, old visits, remembered keys and sent messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from store import captures
from store.engine import Store
from store.tables import Deliveries, Leases, Quarantine, SeenKeys, Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long what is not a mention is kept; mentions, verdicts and cases always stay."""

    captures_days: int = 30
    captures_mb: int = 2_000
    visits_days: int = 180
    seen_keys_days: int = 365
    sent_days: int = 90
    quarantine_days: int = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """How many rows were let go."""

    captures: int
    visits: int
    seen_keys: int
    deliveries: int
    quarantine: int


def let_go(store: Store, keep: Keep, *, now: datetime) -> LetGo:
    """Delete what is older than agreed, in short transactions; return how much that was.

    Visits whose window is open stay: they say what may be missing.
    """

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    with store.write() as connection:
        dropped = captures.drop_before(connection, before(keep.captures_days))
        dropped += captures.drop_over(connection, bytes_at_most=keep.captures_mb * 1_000_000)
    with store.write() as connection:
        old_visits = delete(Visits).where(
            Visits.started_at < before(keep.visits_days), Visits.closed_at.is_not(None)
        )
        visits = connection.execute(old_visits).rowcount
    with store.write() as connection:
        old_keys = delete(SeenKeys).where(SeenKeys.seen_at < before(keep.seen_keys_days))
        keys = connection.execute(old_keys).rowcount
        bad = delete(Quarantine).where(Quarantine.seen_at < before(keep.quarantine_days))
        quarantined = connection.execute(bad).rowcount
        is_over = or_(
            Deliveries.sent_at < before(keep.sent_days), Deliveries.dead_at < before(keep.sent_days)
        )
        sent = connection.execute(delete(Deliveries).where(is_over)).rowcount
        connection.execute(delete(Leases).where(Leases.until < before(1)))
    return LetGo(
        captures=dropped, visits=visits, seen_keys=keys, deliveries=sent, quarantine=quarantined
    )
