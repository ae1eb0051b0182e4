"""A small paged source that misbehaves on request, walked by the real walk into a real store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from store_pages import BRAND, RULES

from crawlers.base import Access, Expect, Source
from crawlers.walk import Answer, Walk
from ingest.errors import SourceChanged, SourceDown
from ingest.mention import RawItem
from ingest.page import Ask, Fetched, Page, Problem
from ingest.visit import Order, Outcome, VisitFacts
from store import ledger, watches
from store.engine import Store
from store.intake import take_in
from store.tables import Mentions, Quarantine

START = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
ADDRESS = "https://shop.example/reviews?page="
TEXTS = (
    "Nồi cơm Lúa Mây nấu chín đều, lần thứ {}",
    "The Lúa Mây rice cooker works well, number {}",
    "Nắp nồi Lúa Mây bị hỏng sau {} ngày",
)


@dataclass(frozen=True)
class Refused:
    """An answer under another status than 200."""

    status: int
    body: bytes


Spoilt = dict[str, Any] | bytes | SourceDown | Refused


@dataclass(frozen=True)
class Review:
    """One review of the shop; `text` changes with `edits`."""

    number: int
    at: datetime | None
    edits: int = 0

    @property
    def key(self) -> str:
        return f"r{self.number}"

    @property
    def text(self) -> str:
        return TEXTS[self.number % len(TEXTS)].format(self.number) + "!" * self.edits

    def row(self) -> dict[str, Any]:
        at = self.at.isoformat() if self.at else None
        return {"id": self.key, "text": self.text, "at": at, "stars": 1 + self.number % 5}


@dataclass
class Shop:
    """What is on the site, newest first; `spoil` may change each answer, `between` each pause."""

    reviews: list[Review] = field(default_factory=list)
    page_size: int = 10
    states_total: bool = True
    states_end: bool = True
    depth: int | None = None  # the newest that are shown at all, None for all
    spoil: Callable[[int, dict[str, Any]], Spoilt] | None = None
    between: Callable[[int], None] | None = None
    now: datetime = START
    asked: list[int] = field(default_factory=list)
    slipped: set[str] = field(default_factory=set)  # over a page's edge while pages were asked for

    def add(self, number: int, *, ago: timedelta = timedelta(), at: int = 0) -> Review:
        """Put a review at the place `at`, 0 being the top."""
        review = Review(number, self.now - ago)
        self.reviews.insert(at, review)
        return review

    def shown(self) -> list[Review]:
        """Return what can be reached at all."""
        return self.reviews[: self.depth]

    def answer(self, page: int) -> Refused | bytes:
        """Return one page as the site sends it."""
        self.asked.append(page)
        if page > 1 and self.between:
            self.between(page)
        first = (page - 1) * self.page_size
        shown = self.shown()
        rows = [each.row() for each in shown[first : first + self.page_size]]
        has_more = first + self.page_size < len(shown)
        told: dict[str, Any] = {"rows": rows, "next": page + 1 if has_more else None}
        told |= {"end": self.states_end and not has_more}
        told |= {"total": len(self.reviews)} if self.states_total else {}
        spoilt = self.spoil(page, told) if self.spoil else told
        if isinstance(spoilt, SourceDown):
            raise spoilt
        return spoilt if isinstance(spoilt, bytes | Refused) else json.dumps(spoilt).encode()


class Board(Source):
    """Reads the shop's pages; an empty one is taken for the end, as sites have it."""

    kind, name_en, name_vi, access = "board", "Board", "Bảng", Access.ON
    covers, does_not_cover, evidence = "reviews", "nothing", "invented"
    expect, default_every_min = Expect(min_items=1, filled=("text",)), 360
    matches_by_construction = True

    def recognise(self, url: str) -> str | None:
        return None

    def check_target(self, target: str) -> None:
        return

    def first(self, order: Order) -> Ask:
        return Ask(url=f"{ADDRESS}1")

    def read(self, fetched: Fetched) -> Page:
        body, problems = fetched.body, []
        if body.startswith(b"CUT"):
            body, problems = body[3:], [Problem(code="truncated", words="it ends in the middle")]
        if body.startswith(b"<"):
            raise SourceChanged("a web page came where reviews were expected", subject=fetched.url)
        told = json.loads(body)
        items = tuple(
            RawItem(key=row["id"], text=row["text"], posted=row["at"], stars=row["stars"])
            for row in told["rows"]
        )
        following = told["next"]
        return Page(
            source="board",
            items=items,
            next=Ask(url=f"{ADDRESS}{following}") if following else None,
            is_end=told["end"] or not items,
            total=told.get("total"),
            problems=tuple(problems),
        )


class Watcher:
    """Visits a shop again and again, as the service does."""

    def __init__(self, store: Store, shop: Shop, *, page_cap: int = 50) -> None:
        self.store = store
        self.shop = shop
        self.watch_id = watches.add(
            store, "board", "shop", now=START, brand=BRAND, is_own=True, page_cap=page_cap
        )
        self.facts: list[VisitFacts] = []

    def visit(self, *, after: timedelta = timedelta(hours=6)) -> VisitFacts:
        """Let time pass, visit once, and return how that went."""
        shop = self.shop
        shop.now += after
        visit_id = ledger.begin_visit(self.store, self.watch_id, now=shop.now)
        order = watches.order_for(self.store, self.watch_id)
        receiver = _Receiver(self.store, visit_id, shop)
        walk = Walk(order, Board(), receiver, self._fetch, now=lambda: shop.now)
        facts = asyncio.run(walk.visit())
        ledger.end_visit(self.store, visit_id, facts, now=shop.now)
        self.facts.append(facts)
        return facts

    def killed(self, *, after: timedelta, at: int) -> None:
        """Begin a visit that dies once it has taken in `at` pages; then start the service again."""
        self.shop.now += after
        visit_id = ledger.begin_visit(self.store, self.watch_id, now=self.shop.now)
        order = watches.order_for(self.store, self.watch_id)
        receiver = _Receiver(self.store, visit_id, self.shop, dies_after=at)
        walk = Walk(order, Board(), receiver, self._fetch, now=lambda: self.shop.now)
        try:
            facts = asyncio.run(walk.visit())
        except Killed:
            ledger.abandon_running(self.store, now=self.shop.now)
        else:
            ledger.end_visit(self.store, visit_id, facts, now=self.shop.now)

    async def _fetch(self, ask: Ask) -> Answer:
        page = int(ask.url.removeprefix(ADDRESS))
        sent = self.shop.answer(page)
        sent = sent if isinstance(sent, Refused) else Refused(200, sent)
        fetched = Fetched(url=ask.url, body=sent.body, status=sent.status, fetched_at=self.shop.now)
        return Answer(fetched=fetched)

    def visits(self, count: int) -> None:
        """Visit `count` times, six hours apart."""
        for _ in range(count):
            self.visit()

    @property
    def watch(self) -> watches.Watch:
        return watches.find(self.store, str(self.watch_id), now=self.shop.now)

    @property
    def is_loss_told(self) -> bool:
        """Return whether anything says that not all was heard."""
        watch = self.watch
        with self.store.read() as connection:
            bad = connection.execute(select(Quarantine.id)).first()
        return bool(
            watch.coverage.gaps
            or watch.outcome not in (Outcome.OK, Outcome.UNCHANGED)
            or (watch.totals and watch.totals.missing)
            or watch.is_walk_due
            or bad
        )

    def stored(self) -> dict[str, str]:
        """Return the text of every mention by its key."""
        with self.store.read() as connection:
            return {row.key: row.text for row in connection.execute(select(Mentions))}

    def gone(self) -> set[str]:
        """Return the keys of the mentions that are called gone."""
        with self.store.read() as connection:
            return set(
                connection.scalars(select(Mentions.key).where(Mentions.gone_at.is_not(None)))
            )


class Killed(BaseException):
    """The process is no more."""


@dataclass
class _Receiver:
    store: Store
    visit_id: int
    shop: Shop
    dies_after: int = 0

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        intake = take_in(
            self.store, [(fetched, page)], **RULES, now=self.shop.now,
            watch_id=order.watch_id, visit_id=self.visit_id,
        )  # fmt: skip
        self.dies_after -= 1
        if self.dies_after == 0:
            raise Killed
        return intake.go_on

    def end(self, order: Order, facts: VisitFacts) -> None:
        raise AssertionError("the walk leaves the end to its caller")


def filled(shop: Shop, count: int) -> Shop:
    """Return the shop with `count` reviews, an hour apart, number 0 the oldest."""
    for number in range(count):
        shop.add(number, ago=timedelta(hours=count - number))
    return shop


def without(reviews: Sequence[Review], number: int) -> list[Review]:
    """Return the reviews but for one."""
    return [each for each in reviews if each.number != number]


def moved(review: Review, at: datetime | None) -> Review:
    """Return the review under another time."""
    return replace(review, at=at)
