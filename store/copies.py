"""Copies of one text in several sources: found by their sketches, kept together as a cluster.

A shop widget that imported a review, an article that several papers carry: one
thing that was said once. Short praise repeated by many people stays many people,
and so do two posts in the same source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from ingest.fingerprint import NEAR_COPY, sketch
from ingest.mention import Mention
from ingest.text import fold
from store.sql import Found, Row, chunks, insert_new
from store.tables import Clusters, Mentions, Sketches

VALUES: BindParameter[int] = bindparam("values", expanding=True)
SHARING = select(Sketches.value, Sketches.mention_id).where(Sketches.value.in_(VALUES))
STANDING = select(
    Mentions.id, Mentions.source, Mentions.title, Mentions.text, Mentions.cluster_id
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sketched:
    """What a mention says, as its copies would say it: the source it stands in, and the sketch."""

    source: str
    said: str
    values: tuple[int, ...]


def sketched(mention: Mention) -> Sketched:
    """Return what is compared of a mention: its text, or its title where there is none."""
    said = mention.text or mention.title
    return Sketched(mention.source, said, sketch(said))


def gather(
    connection: Connection, told: Mapping[int, Sketched], *, now: datetime
) -> dict[int, int]:
    """Put each of `told` (by mention id) to its copies; return the cluster of each that has any."""
    sharp = {number: each for number, each in told.items() if each.values}
    rows: list[Row] = [
        {"value": value, "mention_id": number}
        for number, each in sharp.items()
        for value in each.values
    ]
    insert_new(connection, Sketches, rows)
    likely = _likely(connection, sharp)
    if not likely:
        return {}
    standing = _standing(connection, {other for others in likely.values() for other in others})
    found: dict[int, int] = {}
    for number in sorted(likely):
        cluster_id = _join(connection, number, sharp[number], likely[number], standing, now)
        if cluster_id is not None:
            found[number] = cluster_id
    _mark_copies(connection, set(found.values()))
    return found


def forget(connection: Connection, mention_ids: Iterable[int]) -> None:
    """Drop the sketches of these mentions and take them out of their clusters."""
    for some in chunks(mention_ids):
        pairs = [
            (value, row.id)
            for row in connection.execute(STANDING.where(Mentions.id.in_(some)))
            for value in sketch(row.text or row.title)
        ]
        for each in chunks(pairs, 400):
            these = tuple_(Sketches.value, Sketches.mention_id).in_(each)
            connection.execute(delete(Sketches).where(these))
        left = set(
            connection.scalars(
                select(Mentions.cluster_id).where(
                    Mentions.id.in_(some), Mentions.cluster_id.is_not(None)
                )
            )
        )
        if left:
            alone = update(Mentions).where(Mentions.id.in_(some))
            connection.execute(alone.values(cluster_id=None, is_copy=False))
            _mark_copies(connection, {each for each in left if each is not None})


def clusters_of(connection: Connection, mention_ids: Iterable[int]) -> dict[int, int]:
    """Return the cluster of each of these mentions that is in one."""
    found: dict[int, int] = {}
    for some in chunks(mention_ids):
        asked = select(Mentions.id, Mentions.cluster_id)
        asked = asked.where(Mentions.id.in_(some), Mentions.cluster_id.is_not(None))
        found |= {row.id: row.cluster_id for row in connection.execute(asked)}
    return found


def _likely(connection: Connection, sharp: Mapping[int, Sketched]) -> dict[int, list[int]]:
    """Return for each mention those that share enough with it, the most alike first."""
    holders: dict[int, list[int]] = {}
    wanted = sorted({value for each in sharp.values() for value in each.values})
    for some in chunks(wanted):
        for value, number in connection.execute(SHARING, {"values": some}):
            holders.setdefault(value, []).append(number)
    found: dict[int, list[int]] = {}
    for number, each in sharp.items():
        shared = Counter(other for value in each.values for other in holders.get(value, ()))
        enough = min(NEAR_COPY, len(each.values))
        alike = [other for other, n in shared.items() if n >= enough and other != number]
        if alike:
            found[number] = sorted(alike, key=lambda other: (-shared[other], other))
    return found


def _standing(connection: Connection, mention_ids: set[int]) -> dict[int, Found]:
    found: dict[int, Found] = {}
    for some in chunks(sorted(mention_ids)):
        rows = connection.execute(STANDING.where(Mentions.id.in_(some)))
        found |= {row.id: row for row in rows}
    return found


def _join(
    connection: Connection,
    number: int,
    told: Sketched,
    likely: Sequence[int],
    standing: Mapping[int, Found],
    now: datetime,
) -> int | None:
    """Put one mention to the first of its likely copies that stands elsewhere."""
    is_blunt = len(told.values) < NEAR_COPY  # so few words: only the same ones count
    for other in likely:
        row = standing.get(other)
        if row is None or row.source == told.source:
            continue
        if is_blunt and fold(row.text or row.title) != fold(told.said):
            continue
        members = _members(connection, other)
        if number in members or told.source not in members.values():
            return _unite(connection, number, other, now)
    return None


def _members(connection: Connection, number: int) -> dict[int, str]:
    """Return the sources of the mentions in the cluster of `number`; its own when it has none."""
    one = select(Mentions.cluster_id).where(Mentions.id == number).scalar_subquery()
    asked = select(Mentions.id, Mentions.source)
    rows = connection.execute(asked.where((Mentions.cluster_id == one) | (Mentions.id == number)))
    return {row.id: row.source for row in rows}


def _unite(connection: Connection, number: int, other: int, now: datetime) -> int:
    """Give both mentions the cluster of `other`, or a new one; return it."""
    cluster_id = clusters_of(connection, [other]).get(other)
    if cluster_id is None:
        made = insert(Clusters).values(made_at=now).returning(Clusters.id)
        cluster_id = int(connection.execute(made).scalar_one())
    both = update(Mentions).where(Mentions.id.in_([number, other]))
    connection.execute(both.values(cluster_id=cluster_id))
    return cluster_id


def _mark_copies(connection: Connection, cluster_ids: set[int]) -> None:
    """Call all but the first known of each cluster copies."""
    each = aliased(Mentions)
    first = select(func.min(each.id)).where(each.cluster_id == Mentions.cluster_id)
    for some in chunks(sorted(cluster_ids)):
        changed = update(Mentions).where(Mentions.cluster_id.in_(some))
        connection.execute(changed.values(is_copy=Mentions.id != first.scalar_subquery()))
