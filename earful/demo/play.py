"""Plays the demo's story: the real spiders on the sample web, at the moments of its time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import scheduler
from crawlers.run import warm_up
from crawlers.settings import CrawlSettings
from earful.demo.catalogue import PRODUCTS
from earful.demo.drop import body_of
from earful.demo.story import ANSWERED, BRAND, FILES, HISTORY_NOW, NOW, WATCHES, FileDrop
from earful.demo.web import SampleWeb
from earful.targets import read_target, watch_name
from store import brands, cases, watches
from store.engine import Store, open_store
from store.mentions import Filter, stream

TEAM = "minh"
_FILE_NAMES = {
    "tiktok-shop.csv": "TikTok Shop",
    "shopee-reviews.csv": "Shopee",
    "survey.csv": "Survey",
    "stars.xlsx": "Delivery stars",
    "support.txt": "Support chat",
    "inapp.jsonl": "In-app form",
    "interview.txt": "Interview",
    "tracker.csv": "Tracker",
    "social.csv": "Facebook and Instagram",
    "figures.csv": "Site figures",
}
_NAMES = {str(each.shop_id): f"Tiki · {each.name}" for each in PRODUCTS.values()}


@dataclass(frozen=True, slots=True)
class Played:
    """What the demo came to: how the last visits ended, and every address asked for."""

    visited: tuple[scheduler.Visited, ...]
    asked: tuple[str, ...]


def play(database: str, drop: Path, *, say: Callable[[str], None]) -> Played:
    """Crawl, import, score, flag and answer the whole story into `database`.

    `drop` is the folder that the demo's files are dropped in; `say` is told each step.
    """
    warm_up(*scheduler.WARM)
    drop.mkdir(parents=True, exist_ok=True)
    store = open_store(database)
    brands.save(store, BRAND)
    _add_watches(store, drop)
    try:
        with SampleWeb() as web:
            settings = CrawlSettings(
                contact="demo@luamay.example", delay_s=0, retries=0, allow_private=True,
                replay_address=web.address,
            )  # fmt: skip
            earlier = datetime.min.replace(tzinfo=UTC)
            for moment in sorted({*(file.arrives_at for file in FILES), *HISTORY_NOW, NOW}):
                say(f"{moment.astimezone(ZoneInfo(BRAND.zone)):%a %d %b %H:%M}")
                _answer(store, since=earlier, until=moment)
                _let_arrive(drop, moment)
                web.set_now(moment)
                is_crawl = moment in (*HISTORY_NOW, NOW)
                visited = _visit(database, settings, moment, is_crawl=is_crawl)
                earlier = moment
            asked = tuple(f"{seen.host}{seen.path}" for seen in web.requests)
    finally:
        store.close()
    return Played(tuple(visited), asked)


def _add_watches(store: Store, drop: Path) -> None:
    start = HISTORY_NOW[0]
    for kind, target, options in WATCHES:
        read = read_target(f"{kind}:{target}")
        watches.add(
            store, kind, read.target, now=start, brand=BRAND.name,
            is_own=read.source.matches_by_construction,
            name=_NAMES.get(read.target) or watch_name(read.source, read.target),
            options=options, every_min=read.source.default_every_min,
        )  # fmt: skip
    for file in FILES:
        watches.add(
            store, "file", str(drop / file.name), now=file.arrives_at, brand=BRAND.name,
            is_own=True, name=_FILE_NAMES[file.name], options=_options(file), every_min=60,
        )  # fmt: skip


def _options(file: FileDrop) -> dict[str, str]:
    kind = {"kind": str(file.kind)} if file.kind else {}
    return {**kind, "every_days": str(file.every_days), "zone": BRAND.zone}


def _let_arrive(drop: Path, moment: datetime) -> None:
    """Write the files that arrive at `moment` into the drop folder."""
    for file in FILES:
        if file.arrives_at == moment:
            path = drop / file.name
            path.write_bytes(body_of(file.name))
            os.utime(path, (moment.timestamp(), moment.timestamp()))


def _visit(
    database: str, settings: CrawlSettings, moment: datetime, *, is_crawl: bool
) -> Sequence[scheduler.Visited]:
    """Visit the files that are there, and at a crawl everything else too."""
    clock = scheduler.FixedClock(moment)
    collector = scheduler.Collector(database, [BRAND], settings, clock=clock)
    try:
        chosen = [
            each
            for each in watches.listing(collector.listener.store, now=moment)
            if (is_crawl if each.kind != "file" else Path(each.target).exists())
        ]
        return asyncio.run(collector.visit(chosen))
    finally:
        collector.close()


def _answer(store: Store, *, since: datetime, until: datetime) -> None:
    """Note the team's answers that were given between two visits."""
    given = [each for each in ANSWERED if since <= each.at < until]
    every = Filter(brand=BRAND.name, with_copies=True)
    by_key = {row.key: row.case_id for row in stream(store, every)}
    for each in given:
        case_id = by_key.get(each.key)
        if case_id is not None:
            cases.answer(store, case_id, who=TEAM, now=each.at)
