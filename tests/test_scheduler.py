"""The service: what is due is visited, digests go out once, faults are survived, one leads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from star_reviews import star_reviews

import scheduler
from crawlers.settings import CrawlSettings
from ingest.brand import Brand
from ingest.errors import DeliveryError
from ingest.mention import Mention, RawItem
from ingest.page import Fetched, Page
from ingest.visit import Outcome
from store import brands, digests, leases, ledger, models, outbox, watches
from store.engine import open_store
from store.intake import take_in
from store.mentions import Filter, count
from store.retention import Keep

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
BRAND = Brand(name="Lúa Mây", recipients=("hang@luamay.example",))
REVIEWS = "Mã đánh giá,Số sao,Nội dung\n1,1,Nắp gãy sau hai ngày, shop không trả lời\n2,5,Rất tốt\n"


class Clock:
    """A clock that a test moves."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Letterbox:
    """A delivery that keeps what it is given, or refuses."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = refuses

    def send(self, message: EmailMessage) -> str:
        if self.refuses:
            raise DeliveryError("out of reach", subject="mail.luamay.example")
        self.letters.append(message)
        return "letterbox"


@pytest.fixture
def plan(tmp_path: Path) -> scheduler.Plan:
    database = f"sqlite:///{tmp_path / 'earful.db'}"
    store = open_store(database)
    brands.save(store, BRAND)
    store.close()
    return scheduler.Plan(
        database=database,
        brands=(BRAND,),
        crawl=CrawlSettings(contact="test@luamay.example"),
        keep=Keep(),
        delivery=Letterbox(),
    )


def dropped(plan: scheduler.Plan, folder: Path, now: datetime) -> int:
    """Watch a folder with one review file; return the watch's id."""
    folder.mkdir()
    (folder / "reviews.csv").write_text(REVIEWS.replace(", shop", " shop"), encoding="utf-8")
    store = open_store(plan.database)
    try:
        return watches.add(
            store, "file", str(folder), now=now, brand=BRAND.name, is_own=True, every_min=60
        )
    finally:
        store.close()


def ticked(service: scheduler.Service, *jobs: str) -> None:
    """Run jobs of a service by name, in turn, until the visits they start are over."""

    async def tick() -> None:
        for name in jobs:
            await service.tick(name)
        while service.visiting:
            await asyncio.gather(*service.visiting)

    asyncio.run(tick())


def test_what_is_due_is_visited_and_then_not_due(plan: scheduler.Plan, tmp_path: Path) -> None:
    watch_id = dropped(plan, tmp_path / "drop", MONDAY)
    service = scheduler.Service(plan, clock=Clock())
    ticked(service, "lead", "visits")
    assert count(service.store, Filter(brand=BRAND.name)) == 2
    watch = watches.find(service.store, str(watch_id), now=MONDAY)
    assert watch.outcome == Outcome.OK
    assert watch.next_due_at > MONDAY
    service.close()


def test_a_service_that_does_not_lead_does_nothing(plan: scheduler.Plan, tmp_path: Path) -> None:
    dropped(plan, tmp_path / "drop", MONDAY)
    first, second = (scheduler.Service(plan, clock=Clock()) for _ in range(2))
    ticked(first, "lead")
    ticked(second, "lead", "visits")
    assert (first.is_leading, second.is_leading) == (True, False)
    assert count(second.store, Filter(brand=BRAND.name)) == 0
    first.close()
    second.close()


def test_another_service_takes_over_within_half_a_minute(plan: scheduler.Plan) -> None:
    clock = Clock()
    first, second = (scheduler.Service(plan, clock=clock) for _ in range(2))
    ticked(first, "lead")
    clock.at += timedelta(seconds=30)
    ticked(second, "lead")
    assert second.is_leading
    ticked(first, "lead")
    assert not first.is_leading
    first.close()
    second.close()


def test_visits_that_a_crash_cut_are_repeated_by_who_takes_the_lead(
    plan: scheduler.Plan, tmp_path: Path
) -> None:
    watch_id = dropped(plan, tmp_path / "drop", MONDAY)
    store = open_store(plan.database)
    ledger.begin_visit(store, watch_id, now=MONDAY)
    store.close()
    service = scheduler.Service(plan, clock=Clock(MONDAY + timedelta(minutes=5)))
    ticked(service, "lead", "visits")
    assert count(service.store, Filter(brand=BRAND.name)) == 2
    service.close()


def test_each_local_day_gets_one_digest_and_one_letter(
    plan: scheduler.Plan, tmp_path: Path
) -> None:
    dropped(plan, tmp_path / "drop", MONDAY)
    clock = Clock()
    service = scheduler.Service(plan, clock=clock)
    for hours in range(73):
        clock.at = MONDAY + timedelta(hours=hours)
        ticked(service, "lead", "visits", "digests", "deliveries")
    letters = plan.delivery.letters  # type: ignore[union-attr]
    assert len(letters) == 3
    assert len({letter["Message-ID"] for letter in letters}) == 3
    days = {day for _, _, day in digests.written_since(service.store, MONDAY.date())}
    assert {day.isoformat() for day in days} == {"2026-11-16", "2026-11-17", "2026-11-18"}
    service.close()


def test_a_mail_server_that_is_away_loses_nothing(plan: scheduler.Plan, tmp_path: Path) -> None:
    dropped(plan, tmp_path / "drop", MONDAY)
    box = Letterbox(refuses=True)
    clock = Clock()
    away = scheduler.Plan(**{**vars_of(plan), "delivery": box})
    service = scheduler.Service(away, clock=clock)
    ticked(service, "lead")
    clock.at = MONDAY + timedelta(hours=24)
    ticked(service, "lead", "digests", "deliveries")
    assert outbox.backlog(service.store).waiting == 1
    box.refuses = False
    clock.at += timedelta(hours=1)
    ticked(service, "lead", "deliveries")
    assert len(box.letters) == 1
    assert outbox.backlog(service.store).waiting == 0
    service.close()


def test_a_job_that_fails_is_logged_and_the_service_goes_on(
    plan: scheduler.Plan, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dropped(plan, tmp_path / "drop", MONDAY)
    service = scheduler.Service(plan, clock=Clock())
    ticked(service, "lead")

    class Broken:
        async def visit(self, chosen: Sequence[object]) -> None:
            raise RuntimeError("a bug")

        def close(self) -> None:
            pass

    good, service.collector = service.collector, Broken()  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR, "earful.scheduler"):
        ticked(service, "visits")
    assert "a bug" in caplog.text
    service.collector = good
    ticked(service, "visits")
    assert count(service.store, Filter(brand=BRAND.name)) == 2
    service.close()


def test_every_job_is_shown_with_its_next_time(plan: scheduler.Plan) -> None:
    service = scheduler.Service(plan, clock=Clock())
    shown = {name: at for name, _, at in service.jobs()}
    assert set(shown) == {
        "lead",
        "visits",
        "digests",
        "deliveries",
        "health",
        "retention",
        "training",
    }
    assert all(at >= MONDAY for at in shown.values())
    service.close()


def test_misfire_and_coalesce_are_set_on_purpose(plan: scheduler.Plan) -> None:
    service = scheduler.Service(plan, clock=Clock())
    for job in service.scheduler.get_jobs():
        assert job.coalesce is True
        assert job.max_instances == 1
        assert job.misfire_grace_time is None or job.misfire_grace_time >= 3600
    service.close()


def test_a_lead_that_was_given_back_can_be_taken_at_once(plan: scheduler.Plan) -> None:
    first, second = (scheduler.Service(plan, clock=Clock()) for _ in range(2))
    ticked(first, "lead")
    leases.release(first.store, "scheduler", holder=first.name)
    ticked(second, "lead")
    assert second.is_leading
    first.close()
    second.close()


def taught(plan: scheduler.Plan, *, bad: int = 150) -> None:
    """Give the store star reviews of the brand to learn from, and no model."""
    rows = [
        RawItem(key=f"{n}", text=each.text, stars=each.stars, language="en", zone="UTC",
                posted=(MONDAY - timedelta(hours=400 - n)).isoformat())
        for n, each in enumerate(star_reviews("en", bad=bad, good=150))
    ]  # fmt: skip
    listener = scheduler.Listener(plan.database, plan.brands)
    fetched = Fetched(url="https://shop.example/1", body=b"", fetched_at=MONDAY)
    pages = [(fetched, Page(source="shop", items=tuple(rows)))]
    take_in(listener.store, pages, **listener.rules(BRAND.name, True), now=MONDAY)
    listener.close()


def test_the_night_learns_and_the_next_visit_is_judged_by_it(
    plan: scheduler.Plan, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("sklearn", reason="learning needs earful[train]")
    taught(plan)
    watch_id = dropped(plan, tmp_path / "drop", MONDAY)
    service = scheduler.Service(plan, clock=Clock())
    with caplog.at_level(logging.INFO, "earful.scheduler"):
        listener = service.collector.listener
        listener.begin(watches.find(service.store, str(watch_id), now=MONDAY))
        before = listener.rules(BRAND.name, True)["judge"]
        ticked(service, "lead", "training")
    assert "training: vi: 0 reviews" in caplog.text
    assert "training: en: model 1 promoted: better by" in caplog.text
    assert models.promoted(service.store) == (1,)
    ticked(service, "visits")
    after = listener.rules(BRAND.name, True)["judge"]
    text = Mention(source="shop", key="9", text="The fan flickers all day in our kitchen")
    assert "+en-stars-" not in before(text).model
    assert "+en-stars-" in after(text).model
    service.close()


def test_without_the_library_the_night_says_so_once(
    plan: scheduler.Plan, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    service = scheduler.Service(plan, clock=Clock())
    with caplog.at_level(logging.INFO, "earful.scheduler"):
        ticked(service, "lead", "training", "training")
    assert caplog.text.count("training rests: learning needs sklearn") == 1
    service.close()


def test_a_night_can_be_switched_off(
    plan: scheduler.Plan, caplog: pytest.LogCaptureFixture
) -> None:
    service = scheduler.Service(replace(plan, is_learning=False), clock=Clock())
    with caplog.at_level(logging.INFO, "earful.scheduler"):
        ticked(service, "lead", "training")
    assert "training" not in caplog.text
    service.close()


def test_a_service_that_stops_does_not_wait_for_the_night(plan: scheduler.Plan) -> None:
    service = scheduler.Service(plan, clock=Clock())

    async def stopped() -> None:
        await service.tick("lead")
        night = asyncio.create_task(service.tick("training"))
        while not multiprocessing.active_children():
            await asyncio.sleep(0)
        night.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await night

    asyncio.run(stopped())
    assert [each for each in multiprocessing.active_children() if each.name == "training"] == []
    service.close()


def vars_of(plan: scheduler.Plan) -> dict[str, object]:
    return {name: getattr(plan, name) for name in plan.__slots__}
