"""Runs visits in short-lived children, so that no site and no bug can hold up the service.

The parent owns the deadline and the kill; a child owns nothing that outlives it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import pickle
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import connection, forkserver
from pathlib import Path
from typing import Any

from crawlers.batches import Batch, batches, is_free
from crawlers.settings import CrawlSettings, scrapy_settings
from ingest.errors import EarfulError
from ingest.page import Fetched, Page
from ingest.visit import Order, Outcome, Receiver, VisitFacts

log = logging.getLogger("earful.crawl")

GRACE_S = 10.0
TICK_S = 0.5
_CONTEXT = multiprocessing.get_context("forkserver")

Clock = Callable[[], datetime]
Told = Callable[[int, VisitFacts], None]


def warm_up(*modules: str) -> None:
    """Start the server that children are forked from, with Scrapy and `modules` imported.

    Call it once at the start, before the first visit; name the modules that the
    receiver needs. Without it the first visit pays for all of that.
    """
    _CONTEXT.set_forkserver_preload([*modules, "crawlers.warm"])
    # The server looks for modules where it starts, whatever this program's path says:
    # a file named store.py where somebody works must not stand in for ours.
    with contextlib.chdir(Path(__file__).resolve().parents[1]):
        forkserver.ensure_running()


def crawl(
    orders: Sequence[Order], receiver: Receiver, settings: CrawlSettings, *, now: datetime
) -> None:
    """Visit `orders` in this process, which can crawl only once; `now` is aware UTC."""
    from scrapy.crawler import AsyncCrawlerProcess  # after the fork: it makes the reactor

    from crawlers.spider import SourceSpider

    crawling = AsyncCrawlerProcess(scrapy_settings(settings))
    for library in ("scrapy", "twisted"):  # their lines hold addresses, which can be secrets
        logging.getLogger(library).setLevel(logging.CRITICAL)
    crawling.crawl(
        SourceSpider,
        orders=tuple(orders),
        receiver=receiver,
        started_at=now,
        deadline_s=settings.deadline_s,
    )
    crawling.start()


@dataclass(slots=True)
class _Telling:
    """The receiver inside a child: it also tells the parent of each visit that ended."""

    receiver: Receiver
    pipe: Any

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        return self.receiver.page(order, fetched, page)

    def end(self, order: Order, facts: VisitFacts) -> None:
        try:
            self.receiver.end(order, facts)
        finally:
            self.pipe.send((order.watch_id, facts))


def _child(
    pipe: Any, orders: Batch, receiver: Receiver, settings: CrawlSettings, now: datetime
) -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    limit = settings.memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    crawl(orders, _Telling(receiver, pipe), settings, now=now)


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass(slots=True)
class ChildEnd:
    """What one child came to: the facts of each watch whose visit ended, by watch id.

    `is_orderly` is true when the child ended by itself: what it left was not
    begun. `words` says how a child ended that did not.
    """

    facts: dict[int, VisitFacts] = field(default_factory=dict)
    is_orderly: bool = False
    words: str = ""


def run_child(
    orders: Sequence[Order],
    receiver: Receiver,
    settings: CrawlSettings,
    *,
    now: datetime,
    stop: threading.Event | None = None,
    told: Told | None = None,
) -> ChildEnd:
    """Visit `orders` (each watch once) in one child, and wait for it.

    After `settings.deadline_s` and a grace, or once `stop` is set, the child is
    asked to end, then killed.
    """
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(
        target=_child, args=(theirs, tuple(orders), receiver, settings, now), daemon=True
    )
    child.start()
    theirs.close()
    end = ChildEnd()
    try:
        for message in _until_it_ends(child, ours, settings, stop or threading.Event()):
            end.facts[message[0]] = message[1]
            if told is not None:
                told(*message)
    finally:
        child.kill()
        child.join()
        ours.close()
    end.is_orderly = child.exitcode == 0
    end.words = _end_words(child.exitcode, settings)
    child.close()
    return end


def _until_it_ends(
    child: Any, pipe: Any, settings: CrawlSettings, stop: threading.Event
) -> Iterator[tuple[int, VisitFacts]]:
    """Yield what a child tells until its pipe closes; ends the child when its time is up."""
    ends_at = time.monotonic() + settings.deadline_s + GRACE_S
    was_asked = False
    while True:
        if connection.wait([pipe], timeout=TICK_S):
            try:
                yield pipe.recv()
                continue
            except (EOFError, OSError, pickle.UnpicklingError):
                child.join(GRACE_S)
                return
        is_late = time.monotonic() > ends_at
        if was_asked and is_late:
            child.kill()
        elif not was_asked and (is_late or stop.is_set()):
            was_asked = True
            ends_at = time.monotonic() + GRACE_S
            child.terminate()


def _end_words(exitcode: int | None, settings: CrawlSettings) -> str:
    if exitcode is not None and exitcode < 0:
        return (
            f"its crawl was killed (signal {-exitcode}), at the latest after its deadline of "
            + (f"{settings.deadline_s:.0f} s")
        )
    return f"its crawl ended without saying how (exit code {exitcode})"


async def run_batches(
    orders: Sequence[Order],
    receiver: Receiver,
    settings: CrawlSettings,
    *,
    clock: Clock,
    children: int = 2,
    told: Told | None = None,
) -> dict[int, VisitFacts]:
    """Visit `orders` in up to `children` children at once; return the facts by watch id.

    What a child did not come to goes to a next one. What a dead child left open
    is tried once more, one watch to a child; what kills that child too ends as
    down, and `receiver.end` is told so here.
    Cancelling stops the children. Each watch may be ordered once. `told` hears of
    each visit as it ends, in a thread of its own.
    """
    crew = _Crew(receiver, settings, clock, told)
    waiting = batches(orders)
    running: dict[asyncio.Task[list[Batch]], Batch] = {}
    try:
        while waiting or running:
            for batch in list(waiting):
                if len(running) < children and is_free(batch, running.values()):
                    waiting.remove(batch)
                    running[asyncio.create_task(crew.run(batch))] = batch
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del running[task]
                waiting += task.result()
    finally:
        crew.stop.set()
        await asyncio.gather(*running, return_exceptions=True)
    return crew.facts


@dataclass(slots=True)
class _Crew:
    """Runs batches, and keeps what is known of each watch."""

    receiver: Receiver
    settings: CrawlSettings
    clock: Clock
    told: Told | None = None
    facts: dict[int, VisitFacts] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    async def run(self, batch: Batch) -> list[Batch]:
        """Run one batch; return what is to be run after it."""
        end = await asyncio.to_thread(
            run_child, batch, self.receiver, self.settings,
            now=self.clock(), stop=self.stop, told=self.told,
        )  # fmt: skip
        self.facts |= end.facts
        left = tuple(order for order in batch if order.watch_id not in end.facts)
        if end.is_orderly and end.facts and left:
            return [left]
        if len(batch) > 1:
            return [(order,) for order in left]
        for order in left:
            facts = VisitFacts(outcome=Outcome.DOWN, reason=end.words)
            self.facts[order.watch_id] = facts
            await asyncio.to_thread(self._tell, order, facts)
        return []

    def _tell(self, order: Order, facts: VisitFacts) -> None:
        try:
            self.receiver.end(order, facts)
        except EarfulError as fault:
            log.error("%s: the end of a visit could not be kept: %s", order.kind, fault)
