"""Rate budgets: what a site asks of one watch holds for all that draw on the same budget."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, TextResponse

import scheduler
from crawlers.keys import GivenKeys, brought, named
from crawlers.middlewares import BUDGET, Waits
from crawlers.settings import CrawlSettings
from ingest.brand import Brand
from ingest.errors import SourceBlocked
from ingest.visit import Order, Outcome, VisitFacts
from store import waits, watches
from store.engine import Store, open_store
from store.retention import Keep

NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
SEARCH = "https://api.stackexchange.com/2.3/search/advanced?q=n%E1%BB%93i"


@dataclass
class Spider:
    """What the middleware needs of a spider: its clock and its waits."""

    waits: dict[str, datetime | None] = field(default_factory=dict)

    def now(self) -> datetime:
        return NOW


@dataclass
class Crawler:
    spider: Spider


class Bed:
    """A sleep that only notes how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def asked(spider: Spider, request: Request) -> list[float]:
    bed = Bed()
    asyncio.run(Waits(Crawler(spider), sleep=bed).process_request(request))
    return bed.slept


def answered(spider: Spider, request: Request, status: int, **headers: str) -> None:
    named: Any = {name.replace("_", "-"): value for name, value in headers.items()}
    Waits(Crawler(spider)).process_response(
        request, TextResponse(request.url, status=status, headers=named)
    )


def test_a_short_wait_is_waited_for_and_a_long_one_is_told() -> None:
    spider = Spider({"api.stackexchange.com": NOW + timedelta(seconds=10)})
    assert asked(spider, Request(SEARCH)) == [10]
    spider.waits["api.stackexchange.com"] = NOW - timedelta(seconds=1)
    assert asked(spider, Request(SEARCH)) == []
    until = spider.waits["api.stackexchange.com"] = NOW + timedelta(minutes=5)
    with pytest.raises(SourceBlocked, match="slow down") as told:
        asked(spider, Request(SEARCH))
    assert told.value.retry_at == until


@pytest.mark.parametrize(
    ("named", "until"),
    [
        ({"Retry_After": "90"}, NOW + timedelta(seconds=90)),
        ({"Retry_After": "Mon, 16 Nov 2026 01:05:00 GMT"}, NOW + timedelta(minutes=5)),
        ({}, None),
    ],
    ids=["seconds", "date", "unnamed"],
)
def test_a_429_holds_for_its_budget_alone(named: dict[str, str], until: datetime | None) -> None:
    spider, place = Spider(), "https://graph.facebook.com/v23.0/luamay/feed"
    ours = Request(place, meta={BUDGET: "facebook#facebook"})
    others = Request(place, meta={BUDGET: "instagram#instagram"})
    answered(spider, ours, 429, **named)
    with pytest.raises(SourceBlocked) as told:
        asked(spider, ours)
    assert told.value.retry_at == until
    assert asked(spider, others) == []


@pytest.mark.parametrize(("status", "holds"), [(503, True), (500, False), (200, False)])
def test_other_answers_hold_only_where_they_name_a_time(status: int, holds: bool) -> None:
    spider = Spider()
    answered(spider, Request(SEARCH), status, Retry_After="30")
    assert bool(spider.waits) == holds
    unnamed = Spider()
    answered(unnamed, Request(SEARCH), 503)
    assert not unnamed.waits


def test_a_wait_is_kept_until_it_is_over_and_never_shortened(store: Store) -> None:
    waits.note(store, "a.example", until=NOW + timedelta(hours=1))
    waits.note(store, "a.example", until=NOW + timedelta(minutes=1))
    waits.note(store, "b.example#x", until=NOW)
    assert waits.in_force(store, now=NOW) == {"a.example": NOW + timedelta(hours=1)}
    waits.note(store, "a.example", until=NOW + timedelta(hours=2))
    assert waits.in_force(store, now=NOW + timedelta(minutes=90)) == {
        "a.example": NOW + timedelta(hours=2)
    }
    assert waits.in_force(store, now=NOW + timedelta(hours=2)) == {}


class Clock:
    """A clock that a test moves."""

    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def plan(tmp_path: Path) -> scheduler.Plan:
    return scheduler.Plan(
        database=f"sqlite:///{tmp_path / 'earful.db'}",
        brands=(Brand(name="Lúa Mây"),),
        crawl=CrawlSettings(contact="test@luamay.example"),
        keep=Keep(),
        keys=GivenKeys({"facebook": {"token": "t-fb"}, "instagram": {"token": "t-ig"}}),
    )


def ended(service: scheduler.Service, watch_id: int, **facts: Any) -> None:
    """Let a visit to a watch end with these facts."""
    collector, now = service.collector, service.clock()
    watch = watches.find(service.store, str(watch_id), now=now)
    collector.listener.begin(watch)
    order = named(watches.order_for(service.store, watch_id), service.plan.keys)
    collector.listener.end(order, VisitFacts(**facts))


def due(service: scheduler.Service) -> set[str]:
    return {watch.name for watch in service._due(set())[0]}


@pytest.mark.parametrize(
    "facts",
    [
        {"outcome": Outcome.BLOCKED, "retry_at": NOW + timedelta(hours=2)},
        {"outcome": Outcome.BLOCKED, "status": 429},
        {"outcome": Outcome.OK, "is_complete": True, "retry_at": NOW + timedelta(hours=2)},
    ],
    ids=["named", "unnamed", "backoff"],
)
def test_what_a_site_asks_of_one_watch_holds_for_its_others(
    plan: scheduler.Plan, facts: dict[str, Any]
) -> None:
    clock = Clock()
    service = scheduler.Service(plan, clock=clock)
    first, *_ = [
        watches.add(service.store, kind, target, now=NOW, name=name)
        for name, kind, target in [
            ("hỏi", "stackexchange", "stackoverflow/luamay"),
            ("nấu", "stackexchange", "cooking/lúa mây"),
            ("trang", "facebook", "luamay"),
            ("ảnh", "instagram", "178/media"),
        ]
    ]
    assert due(service) == {"hỏi", "nấu", "trang", "ảnh"}
    ended(service, first, **facts)
    assert due(service) == {"trang", "ảnh"}
    ended(service, first + 2, outcome=Outcome.BLOCKED, status=429)
    assert due(service) == {"ảnh"}
    clock.at = NOW + timedelta(hours=3)
    assert due(service) == {"hỏi", "nấu", "trang", "ảnh"}
    service.close()


def test_a_visit_by_hand_keeps_the_wait_too(plan: scheduler.Plan) -> None:
    service = scheduler.Service(plan, clock=Clock())
    number = watches.add(service.store, "stackexchange", "cooking/lúa mây", now=NOW)
    until = NOW + timedelta(hours=2)
    waits.note(service.store, "api.stackexchange.com", until=until)
    watch = watches.find(service.store, str(number), now=NOW)
    (visited,) = asyncio.run(service.collector.visit([watch]))
    assert (visited.facts.outcome, visited.facts.retry_at) == (Outcome.BLOCKED, until)
    assert "slow down" in visited.facts.reason
    service.close()


def test_an_order_shows_whose_keys_it_will_bring(plan: scheduler.Plan) -> None:
    store = open_store(plan.database)
    number = watches.add(store, "facebook", "luamay", now=NOW)
    order = named(watches.order_for(store, number), plan.keys)
    store.close()
    assert order == Order(
        watch_id=number, kind="facebook", target="luamay", account="facebook", page_cap=50
    )


@pytest.mark.parametrize(("target", "keys"), [("channel/UCx", {}), ("video/x", {"key": "k"})])
def test_a_public_feed_draws_on_no_key(target: str, keys: dict[str, str]) -> None:
    given = GivenKeys({"youtube": {"key": "k"}})
    order = named(Order(watch_id=1, kind="youtube", target=target), given)
    assert order.account == ("youtube" if keys else "")
    told = brought(order, given, held_until=None, now=NOW)
    assert isinstance(told, Order)
    assert told.options == keys
