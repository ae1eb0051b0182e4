"""Response bodies as they came: kept once per content, zstd, for as long as agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import zstandard
from sqlalchemy import ColumnElement, Connection, delete, exists, func, select

from ingest.page import Fetched
from store.engine import Store
from store.sql import Row, insert_new, key_hash, upsert
from store.tables import Bodies, Captures

LEVEL = 3  # zstd: a tenth of the time of level 9 for nine tenths of the gain


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One kept response: where it came from, and the response itself."""

    id: int
    source: str
    watch_id: int | None
    visit_id: int | None
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class Packed:
    """One response ready to be kept: its capture row and its body row."""

    capture: Row
    body: Row


def pack(fetched: Fetched, *, source: str, now: datetime) -> Packed | None:
    """Return the rows of a response, its body compressed; None when it has no body."""
    if not fetched.body:
        return None
    body_hash = blake2b(fetched.body, digest_size=16).hexdigest()
    capture = {
        "key_hash": key_hash(source, fetched.url, body_hash),
        "source": source,
        "url": fetched.url,
        "status": fetched.status,
        "headers": dict(fetched.headers),
        "body_hash": body_hash,
        "fetched_at": fetched.fetched_at,
        "met_at": fetched.fetched_at,
    }
    body = {
        "body_hash": body_hash,
        "zstd": zstandard.ZstdCompressor(level=LEVEL).compress(fetched.body),
        "size": len(fetched.body),
        "stored_at": now,
    }
    return Packed(capture, body)


def keep(
    connection: Connection, packed: Sequence[Packed], *, watch_id: int | None, visit_id: int | None
) -> None:
    """Keep responses; one with the same address and body is only marked as met again.

    It keeps the time at which it came first: by that its relative times are read.
    """
    bodies = {each.body["body_hash"]: each.body for each in packed}
    insert_new(connection, Bodies, [bodies[each] for each in sorted(bodies)])
    met = {each.capture["key_hash"]: each.capture for each in packed}
    rows = [{**met[each], "watch_id": watch_id, "visit_id": visit_id} for each in sorted(met)]
    upsert(
        connection,
        Captures,
        rows,
        by=("key_hash",),
        change=("met_at", "watch_id", "visit_id", "status", "headers"),
    )


def find(store: Store, capture_id: int) -> Capture | None:
    """Return one capture with its body, or None."""
    asked = (
        select(*Captures.__table__.columns, Bodies.zstd, Bodies.size)
        .join(Bodies, Bodies.body_hash == Captures.body_hash)
        .where(Captures.id == capture_id)
    )
    with store.read() as connection:
        row = connection.execute(asked).one_or_none()
    if row is None:
        return None
    body = zstandard.ZstdDecompressor().decompress(row.zstd, max_output_size=row.size)
    fetched = Fetched(
        url=row.url,
        status=row.status,
        headers=row.headers,
        body=body,
        fetched_at=row.fetched_at,
    )
    return Capture(
        id=row.id,
        source=row.source,
        watch_id=row.watch_id,
        visit_id=row.visit_id,
        fetched=fetched,
    )


def of_watch(store: Store, watch_id: int, *, since: datetime | None = None) -> list[int]:
    """Return the ids of a watch's captures, those met last at the end."""
    asked = select(Captures.id).where(Captures.watch_id == watch_id)
    if since is not None:
        asked = asked.where(Captures.met_at >= since)
    with store.read() as connection:
        return list(connection.scalars(asked.order_by(Captures.met_at, Captures.id)))


def drop(connection: Connection, which: ColumnElement[bool]) -> int:
    """Let these captures go, with bodies that no other has; return how many."""
    gone = connection.execute(delete(Captures).where(which)).rowcount
    _drop_unused_bodies(connection)
    return gone


def drop_before(connection: Connection, moment: datetime) -> int:
    """Let captures last met before `moment` go; return how many."""
    return drop(connection, Captures.met_at < moment)


def drop_over(connection: Connection, *, bytes_at_most: int) -> int:
    """Let the oldest captures go until the bodies take at most that many bytes; return how many."""
    newest_first = (
        select(Captures.id, func.length(Bodies.zstd), Captures.body_hash)
        .join(Bodies, Bodies.body_hash == Captures.body_hash)
        .order_by(Captures.met_at.desc(), Captures.id.desc())
    )
    taken, counted, over = 0, set(), []
    for capture_id, size, body_hash in connection.execute(newest_first):
        if body_hash not in counted:
            counted.add(body_hash)
            taken += size
        if taken > bytes_at_most:
            over.append(capture_id)
    for start in range(0, len(over), 1_000):
        connection.execute(delete(Captures).where(Captures.id.in_(over[start : start + 1_000])))
    _drop_unused_bodies(connection)
    return len(over)


def _drop_unused_bodies(connection: Connection) -> None:
    used = exists().where(Captures.body_hash == Bodies.body_hash)
    connection.execute(delete(Bodies).where(~used))
