"""Second opinions in the service: off unless asked for, in nobody's way, told where they lack."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import tiny_onnx
from click.testing import CliRunner
from model_server import Model

import scheduler
from alerts.outgoing import digest_of
from crawlers.settings import CrawlSettings
from earful.__main__ import earful
from earful.app import App
from earful.engines.second import SecondOpinions
from earful.settings import EngineSettings, read_settings
from ingest.brand import Brand
from ingest.mention import RawItem
from ingest.page import Fetched, Page
from store import engine_days, leases
from store.engine import Store, open_store
from store.engine_days import Calls
from store.intake import take_in
from store.mentions import Filter, count
from store.retention import Keep

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BRAND = Brand(name="Lúa Mây")
SETTINGS = """
language = "{language}"
[crawl]
contact = "hang@luamay.example"
[mail]
folder = "digests"
[[brands]]
name = "Lúa Mây"
recipients = ["hang@luamay.example"]
[engine]
kind = "openai"
model = "m"
url = "{url}"
daily_calls = {daily}
second_opinion = "{second}"
"""
TEXTS = (
    "Nồi này không hỏng bao giờ, gọi 0912345678 mua thêm",
    "Cơm dẻo, mẹ mình khen mãi",
    "The pot is never broken, my mother likes it",
)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def chosen(model: Model, *, daily: int = 9) -> EngineSettings:
    return EngineSettings(
        kind="openai", model="m", url=model.url, daily_calls=daily, second_opinion="all"
    )


def take(service: scheduler.Service, *texts: str) -> None:
    """Take reviews in as a visit does."""
    items = tuple(
        RawItem(key=text, text=text, posted=(NOW - timedelta(hours=n)).isoformat())
        for n, text in enumerate(texts)
    )
    fetched = Fetched(url="https://shop.example/1", body=repr(items).encode(), headers={},
                      fetched_at=NOW)  # fmt: skip
    rules = service.collector.listener.rules(BRAND.name, True)
    take_in(service.store, [(fetched, Page(source="tiki", items=items))], **rules, now=NOW)


def flags(store: Store) -> int:
    return count(store, Filter(brand=BRAND.name, is_flagged=True))


@contextmanager
def serving(
    folder: Path, engine: EngineSettings, clock: Clock | None = None
) -> Iterator[scheduler.Service]:
    """Run a service on the store in `folder` that leads and gives second opinions."""
    clock = clock or Clock()
    plan = scheduler.Plan(
        database=f"sqlite:///{folder / 'earful.db'}",
        brands=(BRAND,),
        crawl=CrawlSettings(contact="hang@luamay.example"),
        keep=Keep(),
        second=SecondOpinions(engine, (BRAND,), clock=clock),
    )
    service = scheduler.Service(plan, clock=clock)
    try:
        tick(service, "lead")
        yield service
    finally:
        leases.release(service.store, "scheduler", holder=service.name)
        service.close()


def tick(service: scheduler.Service, *jobs: str) -> None:
    async def run() -> None:
        for name in jobs:
            await service.tick(name)

    asyncio.run(run())


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "earful.scheduler")
    return caplog


@pytest.fixture(autouse=True)
def _store(here: Path, sqlite_file: Path) -> None:
    """Put an empty store into the folder in which we stand."""
    shutil.copyfile(sqlite_file, here / "earful.db")


def test_the_service_asks_afterwards_and_only_masked_texts_leave(
    here: Path, model: Model, told: pytest.LogCaptureFixture
) -> None:
    with serving(here, chosen(model)) as service:
        take(service, *TEXTS)
        assert (flags(service.store), model.asked) == (0, [])
        tick(service, "opinions")
        assert flags(service.store) == 2
        assert sorted(model.texts()) == sorted(
            text.replace("0912345678", "[phone]") for text in TEXTS
        )
        tick(service, "opinions")
        assert len(model.asked) == 1
    assert "second opinions: 2 flags raised, 2 cases opened" in told.text


def test_a_model_on_this_machine_raises_flags_too(here: Path) -> None:
    folder = tiny_onnx.write(here / "tiny")
    engine = EngineSettings(kind="onnx", model=str(folder), second_opinion="all")
    with serving(here, engine) as service:
        take(service, TEXTS[0], "Cơm dẻo, nồi tốt", TEXTS[2])
        tick(service, "opinions")
        assert flags(service.store) == 2


def test_more_than_one_lot_is_asked_in_a_round(here: Path, model: Model) -> None:
    with serving(here, chosen(model)) as service:
        take(service, *(f"Cơm dẻo, mẹ khen lần {n}" for n in range(40)))
        tick(service, "opinions")
        assert [len(each["messages"][1]["content"].splitlines()) for each in model.asked] == [
            16, 16, 8,
        ]  # fmt: skip


def test_an_engine_that_is_away_is_told_once_and_asked_again_later(
    here: Path, model: Model, told: pytest.LogCaptureFixture
) -> None:
    model.status, clock = 500, Clock()
    with serving(here, chosen(model), clock) as service:
        take(service, *TEXTS)
        tick(service, "opinions", "opinions")
        assert len(model.asked) == 1
        clock.at += timedelta(minutes=6)
        tick(service, "lead", "opinions")
        assert len(model.asked) == 2
        assert told.text.count("answers 500. Next: check [engine] url") == 1
        model.status = 200
    with serving(here, chosen(model), clock) as service:
        tick(service, "opinions")
        assert flags(service.store) == 2, "who starts the service anew need not wait"
    assert "m@127.0.0.1 is heard again" in told.text


def test_a_spent_budget_outlives_a_restart_and_ends_with_the_day(
    here: Path, model: Model, told: pytest.LogCaptureFixture
) -> None:
    clock, texts = Clock(), [f"Cơm dẻo, mẹ khen lần {n}" for n in range(20)]
    for _ in range(2):
        with serving(here, chosen(model, daily=1), clock) as service:
            take(service, *texts)
            tick(service, "opinions", "opinions")
    assert len(model.asked) == 1
    assert told.text.count("the day's 1 calls are made, 4 mentions wait until 00:00 UTC") == 1
    clock.at += timedelta(days=1)
    with serving(here, chosen(model, daily=1), clock) as service:
        tick(service, "opinions")
    assert len(model.asked) == 2


def test_what_is_missing_is_told_and_the_service_goes_on(
    here: Path, told: pytest.LogCaptureFixture
) -> None:
    with serving(here, EngineSettings(second_opinion="doubtful")) as service:
        take(service, *TEXTS)
        tick(service, "opinions", "opinions")
        assert count(service.store, Filter(brand=BRAND.name)) == 3
    assert told.text.count("engine.kind: no engine is chosen") == 1


def write_settings(
    here: Path, model: Model, *, daily: int = 9, language: str = "en", second: str = "all"
) -> None:
    (here / "earful.toml").write_text(
        SETTINGS.format(url=model.url, daily=daily, language=language, second=second),
        encoding="utf-8",
    )


def doctor() -> str:
    return CliRunner().invoke(earful, ["doctor"], obj=App()).output


def test_nobody_is_asked_unless_it_is_wanted(here: Path, model: Model) -> None:
    write_settings(here, model, second="")
    app = App()
    assert read_settings(None, {}).engine.second_opinion == ""
    assert app.plan().second is None
    assert "opinion" not in doctor()
    write_settings(here, model, second="doubtful")
    assert App().plan().second is not None


def test_the_doctor_tells_of_faults_and_of_a_spent_budget(here: Path, model: Model) -> None:
    write_settings(here, model, daily=1)
    app = App()
    now = scheduler.utc_now()
    assert Calls(app.store, 1, clock=lambda: now).spend()
    engine_days.paused(app.store, waiting=34, now=now)
    said = doctor()
    assert "✓ Second opinions by m@127.0.0.1: 0 today (1 calls), 0 flags raised" in said
    assert "rest until 00:00 UTC: the day's 1 calls are made (34 mentions wait)" in said
    engine_days.failed(app.store, "m@127.0.0.1: answers 401", waiting=35, now=now)
    assert "✕ m@127.0.0.1: answers 401 (since " in doctor()
    assert "35 mentions wait" in doctor()
    assert model.asked == []
    write_settings(here, model, language="vi")
    assert "Ý kiến thứ hai của m@127.0.0.1: 0 lượt hôm nay" in doctor()
    app.close()


@pytest.mark.parametrize(
    ("language", "silent", "spent"),
    [
        (
            "en",
            "The second opinion is not heard since 08:00, mentions that wait for it: 3",
            "The budget for second opinions was spent at 20 Nov 15:00, mentions left without",
        ),
        (
            "vi",
            "Chưa có ý kiến thứ hai từ 08:00, số lượt nhắc đang chờ: 3",
            "Ngân sách cho ý kiến thứ hai đã hết lúc",
        ),
    ],
)
def test_the_digest_tells_of_a_silent_engine_and_of_a_spent_budget(
    here: Path, language: str, silent: str, spent: str
) -> None:
    store = open_store(f"sqlite:///{here / 'earful.db'}")
    brand, morning = replace(BRAND, language=language), NOW + timedelta(hours=17)

    def lines() -> str:
        return " ".join(digest_of(store, brand, date(2026, 11, 20), now=morning).sources)

    assert lines() == ""
    engine_days.paused(store, waiting=4, now=NOW)
    assert spent in lines()
    engine_days.failed(store, "away", waiting=3, now=morning)
    assert silent in lines()
    engine_days.heard(store, opinions=1, raised=0, now=morning)
    assert silent not in lines()
    store.close()
