"""What is erased for good: mentions with all that was made of them, and never taken in again.

Of an erased mention only a hash of its identity stays, so that no visit, import or
replay brings it back. The answers that its sources gave go too: they hold its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select

from store import captures, copies, search
from store.engine import Store
from store.sql import chunks, insert_new
from store.tables import Captures, Cases, Mentions, MentionVersions, Sightings, Tombstones


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The receipt: how much was erased."""

    mentions: int = 0
    versions: int = 0
    cases: int = 0
    captures: int = 0

    def __add__(self, other: Erased) -> Erased:
        names = (each.name for each in fields(Erased))
        return Erased(**{name: getattr(self, name) + getattr(other, name) for name in names})


def by_author(store: Store, author: str, *, source: str | None = None) -> list[int]:
    """Return the ids of what `author` (spelled so) wrote, now or in an earlier version."""
    earlier = select(MentionVersions.mention_id).where(MentionVersions.author == author)
    asked = select(Mentions.id).where(or_(Mentions.author == author, Mentions.id.in_(earlier)))
    if source is not None:
        asked = asked.where(or_(Mentions.source == source, Mentions.source_kind == source))
    with store.read() as connection:
        return list(connection.scalars(asked.order_by(Mentions.id)))


def found(store: Store, mention_ids: Sequence[int]) -> list[int]:
    """Return those of `mention_ids` that are there."""
    with store.read() as connection:
        return [
            number
            for some in chunks(mention_ids)
            for number in connection.scalars(select(Mentions.id).where(Mentions.id.in_(some)))
        ]


def erase(store: Store, mention_ids: Sequence[int], *, now: datetime) -> Erased:
    """Erase these mentions, their versions, verdicts, cases, words and captures."""
    erased = Erased()
    with store.write() as connection:
        for some in chunks(mention_ids):
            erased += _erase(connection, some, now)
    return erased


def _erase(connection: Connection, ids: Sequence[int], now: datetime) -> Erased:
    rows = connection.execute(
        select(Mentions.key_hash, Mentions.source).where(Mentions.id.in_(ids))
    ).all()
    insert_new(connection, Tombstones, [{"key_hash": each[0], "erased_at": now} for each in rows])
    receipt = Erased(
        mentions=len(rows),
        versions=_count(connection, MentionVersions, ids),
        cases=_count(connection, Cases, ids),
        captures=_erase_captures(connection, ids, {each.source for each in rows}),
    )
    copies.forget(connection, ids)
    search.drop(connection, ids)
    connection.execute(delete(Mentions).where(Mentions.id.in_(ids)))  # the rest hangs on it
    return receipt


def _erase_captures(connection: Connection, ids: Sequence[int], sources: set[str]) -> int:
    """Drop all answers of the watches that met these mentions, and those taken in without one."""
    watches = select(Sightings.watch_id).where(Sightings.mention_id.in_(ids))
    alone = and_(Captures.watch_id.is_(None), Captures.source.in_(sources))
    return captures.drop(connection, or_(Captures.watch_id.in_(watches), alone))


def _count(
    connection: Connection, table: type[MentionVersions] | type[Cases], ids: Sequence[int]
) -> int:
    asked = select(func.count()).select_from(table).where(table.mention_id.in_(ids))
    return int(connection.execute(asked).scalar_one())
