"""The spider: walks many watches at once, politely, and tells a receiver what it finds."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import scrapy
from scrapy.http import Request, Response

from crawlers.base import host_of, secrets_of
from crawlers.batches import order_budget, order_host
from crawlers.faults import DOWNLOAD_FAULTS, UNPACKING, in_words
from crawlers.middlewares import BUDGET, WITH_KEY
from crawlers.registry import all_sources, source_of
from crawlers.walk import Answer, Walk
from ingest.errors import EarfulError, SourceChanged, SourceDown, SourceError
from ingest.page import Ask, Fetched, Page
from ingest.redact import redact
from ingest.visit import Order, Outcome, Receiver, VisitFacts

log = logging.getLogger("earful.crawl")

AT_ONCE = 16
KEPT_HEADERS = (
    "content-type",
    "etag",
    "last-modified",
    "retry-after",
    "content-language",
)
PERMANENT = frozenset({301, 308})


@dataclass(slots=True)
class _Visit:
    """A visit under way; `facts` once it has ended."""

    order: Order
    walk: Walk
    facts: VisitFacts | None = None


class LoggingReceiver:
    """Takes pages by counting them in the log: for `scrapy crawl KIND -a target=TARGET`."""

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        """Log how much a page holds, and go on."""
        log.warning("%s: %s: %d items", order.kind, page.source, len(page.items))
        return True

    def end(self, order: Order, facts: VisitFacts) -> None:
        """Log how the visit ended."""
        log.warning("%s: %s %s", order.kind, facts.outcome, facts.reason)


class SourceSpider(scrapy.Spider):
    """Visits each of `orders`, whatever their kinds, and ends each begun one exactly once.

    `started_at` is the time now, aware UTC: later times are counted from it, so
    that nothing here asks the clock. A host's watches are visited one after the
    other. What is under way after `deadline_s` ends as it stands. `waits` says until
    when a rate budget is not to be drawn on (None: not in this batch).
    """

    name = "earful"

    def __init__(
        self,
        orders: Sequence[Order] = (),
        receiver: Receiver | None = None,
        *,
        started_at: datetime | None = None,
        deadline_s: float = 600.0,
        target: str = "",
        **named: Any,
    ) -> None:
        super().__init__(**named)
        typed = [Order(watch_id=0, kind=self.name, target=target, page_cap=3)] if target else []
        self._orders = tuple(orders) or tuple(typed)
        self._receiver: Receiver = receiver or LoggingReceiver()
        self._started_at = started_at or datetime.fromtimestamp(0, UTC)
        self._monotonic = time.monotonic()
        self._deadline_s = deadline_s
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.waits: dict[str, datetime | None] = {}

    def now(self) -> datetime:
        """Return the time now, aware UTC, counted from `started_at`."""
        return self._started_at + timedelta(seconds=time.monotonic() - self._monotonic)

    async def start(self) -> AsyncIterator[Any]:
        """Visit every order; pages go to the receiver, so nothing is yielded to Scrapy."""
        visits = [self._visit(order) for order in self._orders]
        tasks = [asyncio.ensure_future(self._run(visit)) for visit in visits]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._deadline_s)
        finally:
            for task in tasks:
                task.cancel()
            for visit, task in zip(visits, tasks, strict=True):
                self._end(visit, task)
        return
        yield  # makes this the asynchronous generator that Scrapy wants

    def _visit(self, order: Order) -> _Visit:
        source, budget = source_of(order.kind), order_budget(order)
        fetch = partial(self._fetch, budget=budget)
        hold = partial(self.waits.__setitem__, budget)
        walk = Walk(order, source, self._receiver, fetch, now=self.now, hold=hold)
        return _Visit(order, walk)

    async def _run(self, visit: _Visit) -> None:
        async with self._hosts[order_host(visit.order)], self._gate:
            visit.facts = await visit.walk.visit()

    def _end(self, visit: _Visit, task: asyncio.Task[None]) -> None:
        """Tell the receiver how a begun visit ended, also when it was cut short or met a bug."""
        hidden = secrets_of(source_of(visit.order.kind), visit.order)
        bug = task.exception() if task.done() and not task.cancelled() else None
        if bug:
            trace = "".join(traceback.format_exception(bug))
            log.error("%s: a fault of Earful's own\n%s", visit.order.kind, redact(trace, hidden))
            words = f"reading it failed by a fault of Earful's own ({type(bug).__name__}: {bug})"
            facts = visit.walk.facts(Outcome.CHANGED, words)
        elif visit.facts:
            facts = visit.facts
        elif visit.walk.has_begun:
            facts = visit.walk.cut_short()
        else:
            return
        try:
            self._receiver.end(visit.order, redact(facts, hidden))
        except EarfulError as fault:
            log.error("%s: the end of a visit could not be kept: %s", visit.order.kind, fault)

    async def _fetch(self, ask: Ask, *, budget: str) -> Answer:
        """Return the answer to `ask`; raises SourceError when there is none.

        An API that is asked with the owner's key has its own terms, and the key a rate
        budget of its own: robots.txt, which is for crawlers, is not asked there.
        """
        drawn_on = budget if ask.is_signed else host_of(ask.url)
        try:
            request = Request(
                ask.url, method=ask.method, body=ask.body, headers=dict(ask.headers),
                meta={WITH_KEY: ask.is_signed, BUDGET: drawn_on},
            )  # fmt: skip
            response = await self.crawler.engine.download_async(request)
        except SourceError:
            raise
        except UNPACKING as fault:
            raise SourceChanged(in_words(fault)) from fault
        except DOWNLOAD_FAULTS as fault:
            raise SourceDown(in_words(fault)) from fault
        return self._answer(response)

    def _answer(self, response: Response) -> Answer:
        sent = {name: response.headers.get(name) for name in KEPT_HEADERS}
        headers = {name: each.decode("utf-8", "replace") for name, each in sent.items() if each}
        hops = response.request.meta.get("redirect_reasons", []) if response.request else []
        has_moved = bool(hops) and PERMANENT.issuperset(hops)
        return Answer(
            fetched=Fetched(
                url=response.url,
                status=response.status,
                headers=headers,
                body=response.body,
                fetched_at=self.now(),
            ),
            is_whole="partial" not in response.flags,
            moved_to=response.url if has_moved else "",
        )


def _spider_of(kind: str) -> type[SourceSpider]:
    return type(f"{kind.title()}Spider", (SourceSpider,), {"name": kind, "__module__": __name__})


# One spider a kind, so that `scrapy list` and `scrapy crawl KIND` know them.
globals().update(
    {f"{each.kind}_spider": _spider_of(each.kind) for each in all_sources() if each.is_fetched}
)
