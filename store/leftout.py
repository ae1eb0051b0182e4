"""What was left out because it could not be read: each item with its source, place and reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from store.engine import Store
from store.tables import Quarantine, Watches


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One item that could not be read; `url` is the answer or file it stood in."""

    source: str
    key: str
    url: str
    words: str
    seen_at: datetime
    watch: str


def left_out(store: Store, *, watch_id: int | None = None, limit: int = 50) -> list[LeftOut]:
    """Return the newest items that were left out, of one watch or of all."""
    asked = (
        select(
            Quarantine.source, Quarantine.key, Quarantine.url, Quarantine.words,
            Quarantine.seen_at, Watches.name,
        )
        .outerjoin(Watches, Watches.id == Quarantine.watch_id)
        .order_by(Quarantine.seen_at.desc(), Quarantine.id.desc())
        .limit(limit)
    )  # fmt: skip
    if watch_id is not None:
        asked = asked.where(Quarantine.watch_id == watch_id)
    with store.read() as connection:
        return [
            LeftOut(source, key, url, words, seen_at, name or "")
            for source, key, url, words, seen_at, name in connection.execute(asked)
        ]
