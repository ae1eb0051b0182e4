"""What one take-in brings, before the store is asked: items normalised, weighed and packed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.flag import Flag
from ingest.brand import Brand, foreign_aspects
from ingest.fingerprint import content_hash
from ingest.mention import Figure, Mention, Speaker
from ingest.normalise import normalise_page
from ingest.page import Fetched, Page, Problem
from scoring.verdict import Verdict
from store.captures import Packed, pack
from store.copies import Sketched, sketched
from store.sql import key_hash

ROLE_OF_BRAND = "brand"
BAD_ITEM = "bad-item"
CUT = frozenset({BAD_ITEM, "truncated", "too-large", "too-deep", "malformed"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A mention is about `brand`: the term that matched, and whose voice it is.

    `role` is customer, seller, brand or press.
    """

    brand: str
    term: str = ""
    role: str = "customer"


Match = Callable[[Mention], Sequence[Hit]]
Judge = Callable[[Mention], Verdict]
Decide = Callable[[Mention, Verdict, str], Flag | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One mention of the batch with the hashes of its identity and of its content."""

    key_hash: bytes
    content_hash: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Weighed:
    """One item with what we think of it: per brand its hit and flag, and the verdict.

    The verdict is None for what matches no brand and for what staff says.
    """

    item: Item
    sketched: Sketched
    hits: tuple[Hit, ...] = ()
    verdict: Verdict | None = None
    flags: Mapping[str, Flag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadItem:
    """One item that could not be read, with the hash that makes it known next time."""

    item_hash: bytes
    source: str
    url: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Walked:
    """One page as it was walked: its items in the source's order, and whether none was lost."""

    identities: tuple[bytes, ...]
    is_whole: bool


@dataclass(slots=True)
class Batch:
    """All that one take-in brings; of an item met twice the last one counts."""

    items: dict[bytes, Item] = field(default_factory=dict)
    walked: list[Walked] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    bad: list[BadItem] = field(default_factory=list)
    figures: list[tuple[str, Figure]] = field(default_factory=list)
    packed: list[Packed] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)  # the source's own counts, as it states them
    stars: dict[int, int] = field(default_factory=dict)  # its own count of each star

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return len(self.walked)

    @property
    def seen(self) -> int:
        """Return how many items were met, readable or not, doubles included."""
        return len(self.keys) + len(self.bad)

    @property
    def doubled(self) -> int:
        """Return how many items were met more than once."""
        return len(self.keys) - len(self.items)


def gather(pages: Sequence[tuple[Fetched, Page]], *, now: datetime) -> Batch:
    """Return the batch of `pages`: every item normalised, every body packed."""
    batch = Batch()
    copies: Counter[tuple[str, ...]] = Counter()
    for fetched, page in pages:
        mentions, problems = normalise_page(page, fetched_at=fetched.fetched_at)
        identities = tuple(key_hash(each.source, each.key) for each in mentions)
        for identity, mention in zip(identities, mentions, strict=True):
            batch.items[identity] = Item(identity, content_hash(mention), mention)
            batch.keys.append(mention.key)
        is_whole = not CUT.intersection(each.code for each in (*page.problems, *problems))
        batch.walked.append(Walked(identities, is_whole))
        batch.totals += [] if page.total is None else [page.total]
        batch.stars = dict(page.stars) or batch.stars
        for problem in (*page.problems, *problems):
            if problem.code == BAD_ITEM:
                same = (page.source, problem.key, problem.words)
                copies[same] += 1
                item_hash = key_hash(*same, str(copies[same]))
                batch.bad.append(BadItem(item_hash, page.source, fetched.url, problem))
        batch.figures += [(page.source, figure) for figure in page.figures]
        packed = pack(fetched, source=page.source, now=now)
        if packed is not None:
            batch.packed.append(packed)
    return batch


def weigh(
    item: Item, *, match: Match, judge: Judge, flag: Decide, brands: Mapping[str, Brand]
) -> Weighed:
    """Return what we think of `item`: matched, then judged, then flagged per brand.

    Staff is neither judged nor flagged; the brand's own posts are not flagged.
    """
    mention = item.mention
    sketch = sketched(mention)
    hits = tuple(_with_role(hit, mention, brands) for hit in match(mention))
    if not hits or mention.speaker is Speaker.STAFF:
        return Weighed(item, sketch, hits)
    verdict = of_brands(judge(mention), hits, brands)
    flags = {}
    for hit in hits:
        decided = None if hit.role == ROLE_OF_BRAND else flag(mention, verdict, hit.brand)
        if decided is not None:
            flags[hit.brand] = decided
    return Weighed(item, sketch, hits, verdict, flags)


def of_brands(verdict: Verdict, hits: Iterable[Hit], brands: Mapping[str, Brand]) -> Verdict:
    """Return a verdict without the own aspects of brands that its mention is not about."""
    if len(brands) < 2 or not verdict.aspects:
        return verdict
    foreign = foreign_aspects(brands.values(), {hit.brand for hit in hits})
    if not foreign:
        return verdict
    kept = tuple(each for each in verdict.aspects if each.name not in foreign)
    return verdict._replace(aspects=kept)


def _with_role(hit: Hit, mention: Mention, brands: Mapping[str, Brand]) -> Hit:
    brand = brands.get(hit.brand)
    if brand is None or not mention.author:
        return hit
    author = mention.author.casefold()
    if any(author == own.casefold() for own in brand.own_authors):
        return Hit(hit.brand, hit.term, ROLE_OF_BRAND)
    return hit
