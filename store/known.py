"""What the store knows of a batch already: one question per table, never one per row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, Connection, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from store import shapes
from store.batch import Item, Walked
from store.columns import BIG_ID
from store.sql import chunks
from store.tables import Mentions, SeenKeys, Sightings, Tombstones, Visits, Watches

IDENTITIES: BindParameter[bytes] = bindparam("identities", expanding=True)
WATCH = bindparam("watch_id", type_=BIG_ID)
IS_CLOSED = or_(Visits.id.is_(None), Visits.closed_at.is_not(None))
MENTIONS_KNOWN = (
    select(
        Mentions.key_hash,
        Mentions.id,
        Mentions.content_hash,
        Mentions.likes,
        Mentions.reach,
        Sightings.content_hash,
        IS_CLOSED,
        or_(Mentions.gone_at.is_not(None), Sightings.missed > 0),
    )
    .outerjoin(Sightings, and_(Sightings.mention_id == Mentions.id, Sightings.watch_id == WATCH))
    .outerjoin(Visits, Visits.id == Sightings.visit_id)
    .where(Mentions.key_hash.in_(IDENTITIES))
)
UNMATCHED_KNOWN = (
    select(SeenKeys.key_hash, IS_CLOSED)
    .outerjoin(Visits, Visits.id == SeenKeys.visit_id)
    .where(SeenKeys.watch_id == WATCH, SeenKeys.key_hash.in_(IDENTITIES))
)
ERASED = select(Tombstones.key_hash).where(Tombstones.key_hash.in_(IDENTITIES))
VISIT = bindparam("visit_id", type_=BIG_ID)
_Walks = aliased(Visits)
LAST_WALK = (
    select(_Walks.shape)
    .where(_Walks.watch_id == Watches.id, _Walks.is_walk, _Walks.closed_at.is_not(None))
    .order_by(_Walks.id.desc())
    .limit(1)
    .correlate(Watches)
    .scalar_subquery()
)
WATCH_FACTS = (
    select(Watches.kind, Watches.brand_id, Watches.heard_until, Visits.is_walk, LAST_WALK)
    .outerjoin(Visits, Visits.id == VISIT)
    .where(Watches.id == WATCH)
)
FEWEST_DATED = 5  # items of a page that show its order
FEWEST_KNOWN = 2  # known items at a page's end that prove an overlap; one may have been moved


@dataclass(frozen=True, slots=True)
class KnownMention:
    """A stored mention, and what this watch last said of it (None: never met here)."""

    id: int
    content_hash: str
    likes: int | None
    reach: int | None
    told_here: str | None
    was_missed: bool = False  # a walk did not meet it here, or it counts as gone


@dataclass(slots=True)
class Known:
    """The mentions of a batch that are stored, and the keys this watch knew for sure.

    `closed` are the keys met by this watch in windows that are closed: only
    these count as overlap, never those of a visit that was cut short. What was
    `erased` was known too.
    """

    mentions: dict[bytes, KnownMention] = field(default_factory=dict)
    unmatched: set[bytes] = field(default_factory=set)
    closed: set[bytes] = field(default_factory=set)
    erased: set[bytes] = field(default_factory=set)

    def add_stored(self, other: Known) -> None:
        """Add mentions that `other` knows and we did not, and what was erased."""
        self.mentions = other.mentions | self.mentions
        self.erased |= other.erased

    def is_settled(self, item: Item, *, has_watch: bool) -> bool:
        """Return whether `item` tells the store nothing new, or must not be told."""
        if item.key_hash in self.erased:
            return True
        found = self.mentions.get(item.key_hash)
        if found is None:
            return False
        told = found.told_here if has_watch else found.content_hash
        return told == item.content_hash

    def is_edited(self, item: Item) -> bool:
        """Return whether `item` says something else than is stored, and than this watch said.

        Two watches may tell the same mention in two ways (in short, in full):
        only what a watch itself tells anew is an edit.
        """
        found = self.mentions[item.key_hash]
        return item.content_hash not in (found.content_hash, found.told_here)


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """What an intake must know of its watch and visit."""

    watch_id: int | None = None
    visit_id: int | None = None
    kind: str = "file"
    brand_id: int | None = None
    heard_until: datetime | None = None
    is_walk: bool = False
    is_ordered: bool = True  # the last walk to the end met the newest first

    @property
    def is_first_import(self) -> bool:
        """Return whether nothing of this watch is known for sure yet."""
        return self.heard_until is None


def look_up(connection: Connection, identities: Iterable[bytes], watch_id: int | None) -> Known:
    """Return what is known of the items with these identities."""
    known = Known()
    for some in chunks(identities):
        asked = {"identities": some, "watch_id": watch_id}
        for row in connection.execute(MENTIONS_KNOWN, asked).all():
            identity, number, said, likes, reach, told_here, is_closed, was_missed = row
            known.mentions[identity] = KnownMention(
                number, said, likes, reach, told_here, bool(was_missed)
            )
            if told_here is not None and is_closed:
                known.closed.add(identity)
        if watch_id is not None:
            for identity, is_closed in connection.execute(UNMATCHED_KNOWN, asked).all():
                known.unmatched.add(identity)
                if is_closed:
                    known.closed.add(identity)
        left = [each for each in some if each not in known.mentions]
        if left:
            erased = connection.scalars(ERASED, {"identities": left}).all()
            known.erased.update(erased)
            known.closed.update(erased)
    return known


def watch_facts(connection: Connection, watch_id: int | None, visit_id: int | None) -> WatchFacts:
    """Return what an intake must know of its watch; an intake without one is an import."""
    if watch_id is None:
        return WatchFacts(visit_id=visit_id)
    asked = {"watch_id": watch_id, "visit_id": visit_id}
    kind, brand_id, heard_until, is_walk, walked = connection.execute(WATCH_FACTS, asked).one()
    is_ordered = shapes.is_newest_first(walked)
    return WatchFacts(watch_id, visit_id, kind, brand_id, heard_until, bool(is_walk), is_ordered)


def first_page_tells(walked: shapes.Shape) -> bool:
    """Return whether what is new shows on the first page: it is the only one, or in order."""
    return walked.get("pages", 1) == 1 or shapes.is_newest_first(walked)


def last_walk(connection: Connection, watch_id: int) -> shapes.Shape:
    """Return the shape of the watch's last walk to the end, {} before the first."""
    asked = select(LAST_WALK).where(Watches.id == WATCH)
    found: shapes.Shape | None = connection.scalar(asked, {"watch_id": watch_id})
    return found or {}


def is_newest_first(page: Walked, items: Mapping[bytes, Item]) -> bool:
    """Return whether a page's times go down, but for a few: only then may a walk stop early."""
    pairs, rising = shapes.order([items[each].mention for each in page.identities])
    return pairs < FEWEST_DATED - 1 or rising * shapes.MOST_RISING <= pairs


def meets_known(page: Walked, items: Mapping[bytes, Item], known: Known, watch: WatchFacts) -> bool:
    """Return whether a page ends in what closed windows of this watch knew.

    An item that was moved up since (it now tells a time after the last closed
    window) proves nothing, and one item alone only where the page has no other.
    """
    run = 0
    for identity in reversed(page.identities):
        posted_at = items[identity].mention.posted_at
        was_moved = posted_at and watch.heard_until and posted_at > watch.heard_until
        if identity not in known.closed or was_moved:
            break
        run += 1
    return 0 < run >= min(FEWEST_KNOWN, len(page.identities))


def by_identity(items: Mapping[bytes, Item]) -> list[Item]:
    """Return the items in the order in which every writer takes them."""
    return [items[each] for each in sorted(items)]
