"""Copies of one text in several sources: found by their sketches, kept together as a cluster.

A shop widget that imported a review, an article that several papers carry: one
thing that was said once. Short praise repeated by many people stays many people,
and so do two posts in the same source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from sqlalchemy import (
    BindParameter,
    Connection,
    Text,
    bindparam,
    cast,
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
from store.sql import Found, Row, chunks, insert_new, table_of
from store.tables import Clusters, Mentions, Sketches

VALUES: BindParameter[int] = bindparam("values", expanding=True)
NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True)
AT_ONCE = 500  # mentions whose copies are looked for by one question
# A usual wording has many holders: one text for them all is read ten times as fast as a row each.
# Most values have one, whose sketch it is.
HOLDERS = func.aggregate_strings(cast(Sketches.mention_id, Text), " ")
SHARING = (
    select(Sketches.value, HOLDERS)
    .where(Sketches.value.in_(VALUES))
    .group_by(Sketches.value)
    .having(func.count() > 1)
)
STANDING = select(
    Mentions.id, Mentions.source, Mentions.title, Mentions.text, Mentions.cluster_id
).where(Mentions.id.in_(NUMBERS))
MEMBERS = select(Mentions.id, Mentions.source, Mentions.cluster_id).where(
    Mentions.cluster_id.in_(NUMBERS)
)
CLUSTERED = select(Mentions.id, Mentions.cluster_id).where(
    Mentions.id.in_(NUMBERS), Mentions.cluster_id.is_not(None)
)
NEW_CLUSTERS = insert(table_of(Clusters)).returning(
    table_of(Clusters).columns.id, sort_by_parameter_order=True
)
EACH = aliased(Mentions)
FIRST = select(func.min(EACH.id)).where(EACH.cluster_id == Mentions.cluster_id)
MARKED = (
    update(table_of(Mentions))
    .where(Mentions.cluster_id.in_(NUMBERS))
    .values(is_copy=Mentions.id != FIRST.scalar_subquery())
)
PUT = (
    update(table_of(Mentions))
    .where(Mentions.id == bindparam("id_"))
    .values(cluster_id=bindparam("into"))
)


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


def likely_copies(connection: Connection, told: Mapping[int, Sketched]) -> dict[int, list[int]]:
    """Keep the sketches of `told` (by mention id); return the near copies of each that has any.

    They stand in any source, its own too; the most alike come first.
    """
    sharp = {number: each for number, each in told.items() if each.values}
    rows: list[Row] = [
        {"value": value, "mention_id": number}
        for number, each in sharp.items()
        for value in each.values
    ]
    insert_new(connection, Sketches, rows)
    return _likely(connection, sharp)


def gather(
    connection: Connection,
    told: Mapping[int, Sketched],
    likely: Mapping[int, Sequence[int]],
    *,
    now: datetime,
) -> dict[int, int]:
    """Put each of `told` to its `likely` copies elsewhere; return the cluster of each that has any.

    Both are by mention id.
    """
    if not likely:
        return {}
    clusters = _clusters(connection, likely)
    joined = {
        number: into
        for number in sorted(likely)
        if (into := clusters.join(number, told[number], likely[number])) is not None
    }
    return clusters.keep(connection, joined, now=now)


def forget(connection: Connection, mention_ids: Iterable[int]) -> None:
    """Drop the sketches of these mentions and take them out of their clusters."""
    for some in chunks(mention_ids):
        pairs = [
            (value, row.id)
            for row in connection.execute(STANDING, {"numbers": some}).all()
            for value in sketch(row.text or row.title)
        ]
        for each in chunks(pairs, 400):
            these = tuple_(Sketches.value, Sketches.mention_id).in_(each)
            connection.execute(delete(Sketches).where(these))
        left = clusters_of(connection, some)
        if left:
            alone = update(Mentions).where(Mentions.id.in_(some))
            connection.execute(alone.values(cluster_id=None, is_copy=False))
            _mark_copies(connection, set(left.values()))


def clusters_of(connection: Connection, mention_ids: Iterable[int]) -> dict[int, int]:
    """Return the cluster of each of these mentions that is in one."""
    found: dict[int, int] = {}
    for some in chunks(mention_ids):
        rows = connection.execute(CLUSTERED, {"numbers": some}).all()
        found |= {row.id: row.cluster_id for row in rows}
    return found


def _likely(connection: Connection, sharp: Mapping[int, Sketched]) -> dict[int, list[int]]:
    """Return for each mention those that share enough with it, the most alike first."""
    found: dict[int, list[int]] = {}
    for some in chunks(sharp, AT_ONCE):
        values = sorted({value for number in some for value in sharp[number].values})
        rows = connection.execute(SHARING, {"values": values}).all()
        holders = {value: numbers.split() for value, numbers in rows}
        for number in some:
            told = sharp[number].values
            enough = min(NEAR_COPY, len(told))
            held = [holders[value] for value in told if value in holders]
            if len(held) < enough:
                continue
            shared = Counter(chain.from_iterable(held))
            del shared[str(number)]
            alike = [(-n, int(other)) for other, n in shared.items() if n >= enough]
            if alike:
                found[number] = [other for _, other in sorted(alike)]
    return found


@dataclass(slots=True)
class _Clusters:
    """Which mentions stand together, while new ones are put to them; written down at the end.

    A cluster that is made here has a number below 0 until it is kept.
    """

    standing: Mapping[int, Found]
    of: dict[int, int] = field(default_factory=dict)
    members: dict[int, dict[int, str]] = field(default_factory=dict)
    made: int = 0
    moved: set[int] = field(default_factory=set)

    def join(self, number: int, told: Sketched, likely: Sequence[int]) -> int | None:
        """Put one mention to the first of its likely copies that stands elsewhere."""
        is_blunt = len(told.values) < NEAR_COPY  # so few words: only the same ones count
        for other in likely:
            row = self.standing.get(other)
            if row is None or row.source == told.source:
                continue
            if is_blunt and fold(row.text or row.title) != fold(told.said):
                continue
            members = self.members.get(self.of.get(other, 0), {other: row.source})
            if number in members or told.source not in members.values():
                return self._unite(number, told.source, other, row.source)
        return None

    def _unite(self, number: int, source: str, other: int, other_source: str) -> int:
        """Give both mentions the cluster of `other`, or a new one; return it."""
        cluster = self.of.get(other)
        if cluster is None:
            self.made += 1
            cluster = -self.made
        for each, stands_in in ((number, source), (other, other_source)):
            before = self.of.get(each)
            if before is not None:
                self.members[before].pop(each, None)
            self.of[each] = cluster
            self.members.setdefault(cluster, {})[each] = stands_in
        self.moved |= {number, other}
        return cluster

    def keep(
        self, connection: Connection, joined: Mapping[int, int], *, now: datetime
    ) -> dict[int, int]:
        """Write the clusters down; return `joined` with the numbers that they have now."""
        if not self.moved:
            return {}
        rows = [{"made_at": now}] * self.made
        made = connection.scalars(NEW_CLUSTERS, rows).all() if rows else []
        numbers = {-nth: number for nth, number in enumerate(made, start=1)}
        put = [{"id_": each, "into": self.of[each]} for each in sorted(self.moved)]
        for row in put:
            row["into"] = numbers.get(row["into"], row["into"])
        connection.execute(PUT, put)
        found = {number: numbers.get(into, into) for number, into in joined.items()}
        _mark_copies(connection, set(found.values()))
        return found


def _clusters(connection: Connection, likely: Mapping[int, Sequence[int]]) -> _Clusters:
    """Return how the likely copies stand now."""
    standing: dict[int, Found] = {}
    for some in chunks(sorted({other for others in likely.values() for other in others})):
        rows = connection.execute(STANDING, {"numbers": some}).all()
        standing |= {row.id: row for row in rows}
    known = {row.id: row.cluster_id for row in standing.values() if row.cluster_id is not None}
    clusters = _Clusters(standing, known)
    for some in chunks(sorted(set(known.values()))):
        for row in connection.execute(MEMBERS, {"numbers": some}).all():
            clusters.members.setdefault(row.cluster_id, {})[row.id] = row.source
    return clusters


def _mark_copies(connection: Connection, cluster_ids: set[int]) -> None:
    """Call all but the first known of each cluster copies."""
    for some in chunks(sorted(cluster_ids)):
        connection.execute(MARKED, {"numbers": some})
