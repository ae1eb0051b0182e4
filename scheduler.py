"""The jobs and when they run: the one file that knows every room, and that asks the time.

`earful run` starts a `Service`: APScheduler says when, the database says what is
due, and crawl children do the visiting. The commands call the same functions.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from alerts.deliver import Delivery
from alerts.outgoing import deliver_due, write_digest
from alerts.owed import owed_digests, owed_weeks
from cases.flag import decide
from cases.role import role_of
from crawlers.batches import order_budget, order_host
from crawlers.dropped import visit_dropped
from crawlers.keys import GivenKeys, Keys, brought, named
from crawlers.mailbox import visit_mailbox
from crawlers.registry import source_of
from crawlers.run import Told, run_batches, warm_up
from crawlers.settings import CrawlSettings
from crawlers.spiders.hook import visit_stopped
from ingest.brand import Brand
from ingest.mention import FeedbackKind, Mention
from ingest.page import Fetched, Page
from ingest.query import matcher
from ingest.visit import Order, Outcome, VisitFacts
from scoring.judge import Judge
from store import digests, leases, ledger, models, retention, waits, watches
from store.counts import Counts
from store.engine import Store, open_store
from store.health import Health
from store.intake import Hit, Intake, Rules, take_in
from store.learning import judge_in_force
from store.nightly import Night, lacking
from store.retention import Keep
from store.second_opinions import SecondEar
from store.watches import Watch

log = logging.getLogger("earful.scheduler")

# What every crawl child needs, imported once: a child begins with the program's own command,
# and importing that anew would take it longer than starting.
WARM = ("scheduler", "scoring.warm", "cases.warm", "earful.__main__")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for the demo and for tests; picklable."""

    at: datetime

    def __call__(self) -> datetime:
        """Return the moment at which this clock stands."""
        return self.at


class Listener:
    """Takes pages in: matches, judges, flags and keeps them; the receiver of every crawl.

    Picklable: in a crawl child it opens a store of its own.
    """

    def __init__(self, database: str, brands: Iterable[Brand], *, clock: Clock = utc_now) -> None:
        self.database = database
        self.brands: Mapping[str, Brand] = {brand.name: brand for brand in brands}
        self.clock = clock
        self._watched: dict[int, tuple[str, bool]] = {}
        self._visits: dict[int, int] = {}
        self._store: Store | None = None
        self._judge: Judge | None = None
        self._judged_by: tuple[int, ...] = ()
        self._matchers = {name: matcher(brand) for name, brand in self.brands.items()}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_store": None, "_judge": None, "_matchers": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._matchers = {name: matcher(brand) for name, brand in self.brands.items()}

    @property
    def store(self) -> Store:
        """Return this program's own open store."""
        if self._store is None:
            self._store = open_store(self.database)
        return self._store

    def begin(self, *chosen: Watch) -> None:
        """Write down that visits to `chosen` begin; they are judged by the models in force now."""
        promoted = models.promoted(self.store)
        if promoted != self._judged_by:
            self._judge, self._judged_by = None, promoted
        self._watched |= {watch.id: (watch.brand, watch.is_own) for watch in chosen}
        ids = [watch.id for watch in chosen]
        self._visits |= ledger.begin_visits(self.store, ids, now=self.clock())

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        """Take one page in; return whether the walk should go on."""
        told = order.options.get("feedback_kind")
        told_page = page.of_kind(FeedbackKind(told)) if told else page
        return self.take(order.watch_id, fetched, told_page).go_on

    def end(self, order: Order, facts: VisitFacts) -> None:
        """Write down how the visit ended."""
        visit_id, now = self._visits[order.watch_id], self.clock()
        waits.heed(self.store, order_budget(order), facts, now=now)
        ledger.end_visit(self.store, visit_id, facts, now=now, rnd=random.random())

    def take(self, watch_id: int, fetched: Fetched, page: Page) -> Intake:
        """Take one page of a watch in."""
        return take_in(
            self.store,
            [(fetched, page)],
            **self.rules(*self._watched[watch_id]),
            now=self.clock(),
            watch_id=watch_id,
            visit_id=self._visits[watch_id],
        )

    def rules(self, brand: str, is_own: bool) -> Rules:
        """Return how mentions of a watch for `brand` are matched, judged and flagged."""
        self._judge = self._judge or judge_in_force(self.store, self.brands.values())
        return {
            "match": partial(self._hits, brand, is_own),
            "judge": self._judge,
            "flag": lambda mention, verdict, name: decide(mention, verdict, self.brands[name]),
        }

    def counts(self, *watch_ids: int) -> dict[int, Counts]:
        """Return what the visits begun last to these watches met so far, by watch."""
        met = ledger.counts(self.store, [self._visits[each] for each in watch_ids])
        return {each: met[self._visits[each]] for each in watch_ids}

    def _hits(self, brand: str, is_own: bool, mention: Mention) -> tuple[Hit, ...]:
        """Return the brands that `mention` is about; everything in an own place is."""
        if is_own and brand:
            return (Hit(brand, role=role_of(mention, self.brands[brand])),)
        hits = []
        for name in (brand,) if brand else tuple(self.brands):
            term = self._matchers[name](mention)
            if term is not None:
                hits.append(Hit(name, term, role_of(mention, self.brands[name])))
        return tuple(hits)

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """How one visit ended, with what the store now knows of it."""

    watch: Watch
    facts: VisitFacts
    counts: Counts


class Collector:
    """Visits watches: sites in crawl children, folders of files right here."""

    def __init__(
        self,
        database: str,
        brands: Iterable[Brand],
        settings: CrawlSettings,
        *,
        clock: Clock = utc_now,
        keys: Keys | None = None,
    ) -> None:
        self.listener = Listener(database, brands, clock=clock)
        self.settings = settings
        self._keys: Keys = keys or GivenKeys()

    async def visit(self, chosen: Sequence[Watch], *, told: Told | None = None) -> list[Visited]:
        """Visit `chosen` and return how each visit ended, in their order.

        `told` hears of each visit to a site as it ends.
        """
        facts: dict[int, VisitFacts] = {}
        orders = []
        self.listener.begin(*chosen)
        for watch, order in zip(chosen, await asyncio.to_thread(self._asked, chosen), strict=True):
            if isinstance(order, VisitFacts):
                facts[watch.id] = order
            elif source_of(watch.kind).is_fetched:
                orders.append(order)
            else:
                facts[watch.id] = await asyncio.to_thread(self._visit_here, order)
        if orders:
            await asyncio.to_thread(warm_up, *WARM)
            clock = self.listener.clock
            facts |= await run_batches(orders, self.listener, self.settings, clock=clock, told=told)
        for order in orders:
            ended = facts[order.watch_id]
            if order.account and ended.outcome is Outcome.BLOCKED and ended.retry_at is None:
                self._keys.doubt(order)
        met = self.listener.counts(*(each.id for each in chosen))
        return [Visited(watch=each, facts=facts[each.id], counts=met[each.id]) for each in chosen]

    def _visit_here(self, order: Order) -> VisitFacts:
        """Visit what is not crawled: a mailbox, the hook, or a folder of files."""
        now = self.listener.clock()
        if order.kind == "hook":
            facts = visit_stopped(order)
            self.listener.end(order, facts)
            return facts
        if order.kind == "mail":
            allowed = self.settings.allow_private
            return visit_mailbox(order, self.listener, now=now, allow_private=allowed)
        return visit_dropped(order, self.listener, now=now)

    def _asked(self, chosen: Sequence[Watch]) -> list[Order | VisitFacts]:
        """Return for each watch the order for its visit with its keys, or how that ends without."""
        store, now = self.listener.store, self.listener.clock()
        held, asked = waits.in_force(store, now=now), []
        for each in watches.orders_for(store, [watch.id for watch in chosen]):
            order = named(each, self._keys)
            told = brought(order, self._keys, held_until=held.get(order_budget(order)), now=now)
            if isinstance(told, VisitFacts):
                self.listener.end(order, told)
            asked.append(told)
        return asked

    def close(self) -> None:
        """Let go of the store."""
        self.listener.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the service needs of the settings: plain values."""

    database: str
    brands: tuple[Brand, ...]
    crawl: CrawlSettings
    keep: Keep
    delivery: Delivery | None = None
    channel: str = "smtp"
    sender: str = "earful@localhost"
    public_url: str | None = None
    is_learning: bool = True
    second: SecondEar | None = None
    keys: Keys = field(default_factory=GivenKeys, repr=False)


class Service:
    """`earful run`: the jobs, in one asyncio loop, for as long as it is left on.

    Of several services on one database one leads; the others stand by and take
    over within half a minute of its end.
    """

    LEASE = timedelta(seconds=25)
    AT_ONCE = 4

    def __init__(self, plan: Plan, *, clock: Clock = utc_now) -> None:
        self.plan = plan
        self.clock = clock
        self.name = secrets.token_hex(8)
        self.store = open_store(plan.database)
        self.collector = Collector(
            plan.database, plan.brands, plan.crawl, clock=clock, keys=plan.keys
        )
        self.scheduler = AsyncIOScheduler(timezone=UTC)
        self.is_leading = False
        self._running: dict[asyncio.Task[None], set[str]] = {}
        self._ill: set[int] = set()
        self._rests_learning = not plan.is_learning
        self._add_jobs()

    def _add_jobs(self) -> None:
        often = partial(IntervalTrigger, start_date=datetime(2026, 1, 1, tzinfo=UTC), timezone=UTC)
        rhythms: dict[str, tuple[Any, int | None]] = {
            "lead": (often(seconds=8), None),
            "visits": (often(seconds=15), None),
            "digests": (CronTrigger(minute="*", timezone=UTC), None),
            "deliveries": (often(seconds=20), None),
            "health": (often(minutes=5), None),
            "retention": (CronTrigger(hour=20, minute=40, timezone=UTC), 6 * 3600),
            "training": (CronTrigger(hour=19, minute=20, timezone=UTC), 6 * 3600),
        }
        if self.plan.second is not None:
            rhythms["opinions"] = (often(minutes=1), None)
        for name, (trigger, grace) in rhythms.items():
            # A missed tick is made up for by the next one: the database says what is due.
            self.scheduler.add_job(
                self.tick, trigger, args=(name,), id=name, name=name, max_instances=1,
                coalesce=True, misfire_grace_time=grace,
            )  # fmt: skip
        wanted = EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        self.scheduler.add_listener(_log_event, wanted)

    @property
    def visiting(self) -> list[asyncio.Task[None]]:
        """Return the visits under way."""
        return list(self._running)

    async def tick(self, name: str) -> None:
        """Run the job called `name` now, unless another service leads."""
        if name == "lead" or self.is_leading:
            await self._guarded(name, getattr(self, f"_{name}"))

    async def _guarded(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run one job; whatever goes wrong in it is logged and the service goes on."""
        try:
            await job()
        except Exception:
            log.exception("%s: failed; the next tick tries again", name)

    async def _lead(self) -> None:
        """Take or keep the lead; who takes it repeats the visits that a crash cut."""
        leads = await asyncio.to_thread(
            leases.acquire, self.store, "scheduler", holder=self.name, now=self.clock(),
            lasts=self.LEASE,
        )  # fmt: skip
        if leads and not self.is_leading:
            left = await asyncio.to_thread(ledger.abandon_running, self.store, now=self.clock())
            log.info("leading; %d visits that a crash cut are due again", len(left))
        elif not leads and self.is_leading:
            log.warning("another service leads now; standing by")
        self.is_leading = leads

    async def _visits(self) -> None:
        """Start a visit to what is due; never two at once to one watch or host."""
        if len(self._running) >= self.AT_ONCE:
            return
        chosen, taken = await asyncio.to_thread(self._due, set().union(*self._running.values()))
        if chosen:
            task = asyncio.create_task(self._guarded("visit", partial(self._visit, chosen)))
            self._running[task] = taken
            task.add_done_callback(self._running.pop)

    def _due(self, busy: set[str]) -> tuple[list[Watch], set[str]]:
        """Return the watches that are due and free, and the names that keeps busy.

        One whose host, or key there, is not to be asked now is left for later.
        """
        chosen: list[Watch] = []
        taken: set[str] = set()
        ready = set(watches.due(self.store, now=self.clock(), limit=200))
        held = waits.in_force(self.store, now=self.clock())
        for watch in watches.listing(self.store, now=self.clock()):
            if watch.id not in ready:
                continue
            order = named(watches.order_for(self.store, watch.id), self.plan.keys)
            names = {f"#{watch.id}", order_host(order)} - {""}
            if not names & busy and order_budget(order) not in held:
                chosen.append(watch)
                taken |= names
        return chosen, taken

    async def _visit(self, chosen: Sequence[Watch]) -> None:
        for each in await self.collector.visit(chosen):
            facts, met = each.facts, each.counts
            level = logging.INFO if facts.outcome in _GOOD else logging.WARNING
            log.log(
                level, "%s: %s, %d found, %d new %s",
                each.watch.name, facts.outcome, met.seen, met.new, facts.reason,
            )  # fmt: skip

    async def _digests(self) -> None:
        """Write every digest that is owed; each local day and week exactly once."""
        now = self.clock()
        since = watches.listening_since(self.store)
        known = [(each, since[each.name]) for each in self.plan.brands if each.name in since]
        for period, find in ((digests.DAY, owed_digests), (digests.WEEK, owed_weeks)):
            sent = digests.written_since(self.store, now.date() - DIGESTS_LOOKED_AT, period=period)
            for owed in find(now, known, sent=sent):
                await asyncio.to_thread(
                    write_digest, self.store, owed.brand, owed.day, recipients=[owed.recipient],
                    channel=self.plan.channel, sender=self.plan.sender,
                    public_url=self.plan.public_url, now=now,
                    key_ends=partial(self.plan.keys.ends, now=now), period=period,
                )  # fmt: skip
                log.info("digest of the %s to %s for %s written", period, owed.day, owed.brand.name)

    async def _deliveries(self) -> None:
        if self.plan.delivery is not None:
            await asyncio.to_thread(
                deliver_due, self.store, self.plan.delivery, holder=self.name, now=self.clock()
            )

    async def _health(self) -> None:
        """Log each source once when it falls ill or silent, and once when it is well again."""
        listed = await asyncio.to_thread(watches.listing, self.store, now=self.clock())
        ill = {each.id for each in listed if each.health in _ILL or each.is_silent}
        for each in listed:
            if each.id in ill - self._ill:
                log.warning("%s: %s: %s", each.name, each.health, each.reason or "silent")
            elif each.id in self._ill - ill:
                log.info("%s: well again", each.name)
        self._ill = ill

    async def _retention(self) -> None:
        gone = await asyncio.to_thread(
            retention.let_go, self.store, self.plan.keep, now=self.clock()
        )
        log.info("let go: %s", gone)

    async def _training(self) -> None:
        """Learn from stars and corrections; a model that wins its contest judges the next visit."""
        if self._rests_learning:
            return
        missing = lacking()
        if missing:
            self._rests_learning = True
            log.warning("training rests: %s", missing)
            return
        night = Night(self.plan.database, now=self.clock())
        try:
            for said in await asyncio.to_thread(night.told):
                log.info("training: %s", said)
        finally:
            night.end()

    async def _opinions(self) -> None:
        """Ask an engine about what came in, lot by lot; it is in nobody's way."""
        ends, is_more = self.clock() + OPINIONS_LAST, self.plan.second is not None
        while self.plan.second is not None and is_more and self.clock() < ends:
            said, trouble, is_more = await asyncio.to_thread(self.plan.second.ask, self.store)
            for each in said:
                log.info("second opinions: %s", each)
            if trouble:
                log.warning("second opinions: %s", trouble)

    def jobs(self) -> list[tuple[str, str, datetime]]:
        """Return (name, rhythm, next time) of every job."""
        now = self.clock()
        return [
            (job.id, str(job.trigger), job.trigger.get_next_fire_time(None, now))
            for job in self.scheduler.get_jobs()
        ]

    def close(self) -> None:
        """Let go of the stores."""
        self.collector.close()
        self.store.close()

    async def run(self) -> None:
        """Run until SIGINT or SIGTERM; visits under way are ended in order."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        await asyncio.to_thread(warm_up, *WARM)
        await self.tick("lead")
        if not self.is_leading:
            log.warning("another service leads on this database; standing by")
        self.scheduler.start()
        try:
            await stop.wait()
        finally:
            await self._end()

    async def _end(self) -> None:
        log.info("stopping")
        self.scheduler.shutdown(wait=False)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.to_thread(leases.release, self.store, "scheduler", holder=self.name)
        self.close()


OPINIONS_LAST = timedelta(seconds=30)  # of a minute; the rest waits for the next
DIGESTS_LOOKED_AT = timedelta(days=15)  # the last ones, which may be owed still
_GOOD = {Outcome.OK, Outcome.UNCHANGED}
_ILL = {Health.BROKEN, Health.DUE}


def _log_event(event: JobEvent) -> None:
    words = {EVENT_JOB_MISSED: "missed", EVENT_JOB_MAX_INSTANCES: "still running, skipped"}
    log.warning("%s: %s", event.job_id, words.get(event.code, "failed"))
