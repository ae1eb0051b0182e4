"""Source health: what is wrong is told within two visits, and good visits never raise an alarm."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from store_pages import BRAND, NOW, RULES, page

from crawlers.registry import source_of
from crawlers.walk import Answer, Walk
from ingest.mention import RawItem
from ingest.normalise import normalise
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order, Outcome, VisitFacts
from store import alarms, shapes, watches
from store.batch import gather
from store.engine import Store, open_store
from store.health import Health, Rhythm, is_silent
from store.intake import take_in
from store.ledger import begin_visit, coverage, end_visit
from store.shapes import Shape

HOUR = timedelta(hours=1)
WHOLE = VisitFacts(outcome=Outcome.OK, is_complete=True, etag='"v"', body_hash="h", status=200)
DOWN = VisitFacts(outcome=Outcome.DOWN, reason="timed out after 30 s")
WORDS = ("Nồi cơm Lúa Mây nấu rất ngon", "Giao hàng nhanh, đóng gói kỹ", "Works well, good value")


class Site:
    """A first page that slides on as new items come; each item has a field by chance."""

    def __init__(self, seed: int, *, per_page: int, stars: float, vi: float, speed: float) -> None:
        self.chance = random.Random(seed)
        self.per_page, self.stars, self.vi, self.speed = per_page, stars, vi, speed
        self.made = 0
        self.items = [self.item() for _ in range(per_page)]

    def item(self) -> RawItem:
        self.made += 1
        said = WORDS[self.made % 2] if self.chance.random() < self.vi else WORDS[2]
        return RawItem(
            key=f"{self.made}",
            text=f"{said} {self.made}",
            stars=5 if self.chance.random() < self.stars else None,
            author="c*****h" if self.chance.random() < 0.9 else None,
            posted=(NOW - timedelta(days=9) + self.made * timedelta(minutes=1)).isoformat(),
        )

    def slides(self, visits: int) -> Iterator[Shape]:
        """Yield the shape of the page at each visit; each item is read once."""
        read: dict[str | None, Shape] = {}
        for _ in range(visits):
            page = self.slide()
            read = {each.key: read.get(each.key) or shape_of_one(each) for each in page}
            yield summed(read.values())

    def slide(self) -> list[RawItem]:
        new = sum(self.chance.random() < self.speed for _ in range(self.per_page))
        self.items = [self.item() for _ in range(new)][::-1] + self.items
        self.items = self.items[: self.per_page]
        return self.items


def shape_of(items: list[RawItem]) -> Shape:
    return shapes.added(None, gather([page(*items)], now=NOW), is_first=True)


def shape_of_one(item: RawItem) -> Shape:
    mention = normalise(item, source="tiki", fetched_at=NOW)
    return {"items": 1} | {name: bool(holds(mention)) for name, holds in shapes.FIELDS.items()}


def summed(shapes: Iterable[Shape]) -> Shape:
    total: Counter[str] = Counter()
    for each in shapes:
        total.update(each)
    return dict(total)


SITES = {
    "busy shop": {"per_page": 20, "stars": 1.0, "vi": 0.95, "speed": 0.5},
    "slow shop": {"per_page": 20, "stars": 1.0, "vi": 0.95, "speed": 0.02},
    "half rated": {"per_page": 20, "stars": 0.6, "vi": 0.5, "speed": 0.2},
    "small page": {"per_page": 5, "stars": 0.8, "vi": 0.7, "speed": 0.3},
    "large page": {"per_page": 100, "stars": 0.7, "vi": 0.6, "speed": 0.1},
    "English": {"per_page": 20, "stars": 0.95, "vi": 0.02, "speed": 0.3},
    "no stars": {"per_page": 30, "stars": 0.0, "vi": 0.3, "speed": 0.3},
}


def false_alarms(visits: Iterable[Shape]) -> list[alarms.Alarm]:
    """Return the alarms that good visits raise, each beside the good ones before it."""
    usual: list[Shape] = []
    raised = []
    for shape in visits:
        alarm = alarms.find(shape, usual[-alarms.VISITS :])
        raised += [alarm] if alarm else []
        usual.append(shape)
    return raised


@pytest.mark.parametrize("site", SITES)
def test_five_hundred_good_visits_raise_no_alarm(site: str) -> None:
    shown = Site(0, **SITES[site])  # type: ignore[arg-type]
    assert false_alarms(shown.slides(500)) == []


@pytest.mark.soak
@pytest.mark.parametrize("site", SITES)
def test_many_times_five_hundred_good_visits_raise_no_alarm(site: str) -> None:
    for seed in range(1, 41):
        shown = Site(seed, **SITES[site])  # type: ignore[arg-type]
        assert false_alarms(shown.slides(500)) == []


def test_as_many_items_as_come_in_a_day_vary_without_an_alarm() -> None:
    chance = random.Random(3)
    one = [shape_of([RawItem(key=f"{at}", text=said)]) for at, said in enumerate(WORDS)]
    counts = [max(1, round(chance.gauss(14, 4)) - 6 * (n % 7 > 4)) for n in range(500)]
    assert false_alarms(summed([one[at % 3] for at in range(count)]) for count in counts) == []


Break = Callable[[RawItem], RawItem]


def less(**fields: object) -> Break:
    from dataclasses import replace

    return lambda item: replace(item, **fields)


@pytest.mark.parametrize(
    ("site", "breaks", "code"),
    [
        ("busy shop", less(stars=None), "stars"),
        ("slow shop", less(author=None), "author"),
        ("half rated", less(stars=None), "stars"),
        ("large page", less(posted=None), "posted"),
        ("small page", less(posted=None), "posted"),
        ("busy shop", less(text="Works well"), "language"),
        ("English", less(text="Nồi cơm nấu rất ngon"), "language"),
        ("slow shop", less(text="N?i c?m n?u ng?n l?m, s?ch s?"), "whole"),
    ],
)
def test_a_page_that_lacks_what_is_usual_is_told_at_once(
    site: str, breaks: Break, code: str
) -> None:
    shown = Site(1, **SITES[site])  # type: ignore[arg-type]
    usual = [shape_of(shown.slide()) for _ in range(12)]
    alarm = alarms.find(shape_of([breaks(each) for each in shown.slide()]), usual)
    assert alarm is not None
    assert alarm.code == code
    assert "usual" in alarm.words
    assert "Nothing that was taken in before is lost" in alarm.words


def test_far_fewer_items_than_usual_are_told() -> None:
    shown = Site(1, **SITES["busy shop"])  # type: ignore[arg-type]
    usual = [shape_of(shown.slide()) for _ in range(12)]
    alarm = alarms.find(shape_of(shown.slide()[:3]), usual)
    assert alarm is not None
    assert alarm.words.startswith("the page answered, but only 3 items were found on it, where 20")


def test_a_young_watch_knows_nothing_usual() -> None:
    shown = Site(1, **SITES["busy shop"])  # type: ignore[arg-type]
    usual = [shape_of(shown.slide()) for _ in range(4)]
    assert alarms.find(shape_of(shown.slide()[:1]), usual) is None


def visited(store: Store, watch_id: int, items: list[RawItem], n: int, **how: object) -> None:
    now = NOW + n * HOUR
    visit_id = begin_visit(store, watch_id, now=now)
    rules = {**RULES, "now": now, "watch_id": watch_id, "visit_id": visit_id}
    take_in(store, [page(*items, fetched_at=now)], **rules)  # type: ignore[arg-type]
    end_visit(store, visit_id, WHOLE, now=now)


def test_a_changed_source_is_broken_in_words_until_it_is_well_or_accepted(store: Store) -> None:
    watch_id = watches.add(store, "tiki", "91", now=NOW, brand=BRAND, is_own=True)
    shown = Site(1, **SITES["busy shop"])  # type: ignore[arg-type]
    for n in range(8):
        visited(store, watch_id, shown.slide(), n)
    assert watches.find(store, "tiki:91", now=NOW).health is Health.HEALTHY
    starless = less(stars=None)
    for n in range(8, 10):
        visited(store, watch_id, [starless(each) for each in shown.slide()], n)
        watch = watches.find(store, "tiki:91", now=NOW)
        assert (watch.health, watch.failures) == (Health.BROKEN, 0)
        assert "only 0 of 20 items have 'stars', where 100% are usual" in watch.reason
        assert watch.last_success_at == NOW + 7 * HOUR
        assert watches.order_for(store, watch_id).body_hash == ""
        assert coverage(store, watch_id).until == NOW + n * HOUR
        assert watch.next_due_at > NOW + n * HOUR + timedelta(minutes=20)
    visited(store, watch_id, shown.slide(), 10)
    assert watches.find(store, "tiki:91", now=NOW).health is Health.HEALTHY
    visited(store, watch_id, [starless(each) for each in shown.slide()], 11)
    assert watches.find(store, "tiki:91", now=NOW).health is Health.BROKEN
    watches.resume(store, watch_id, now=NOW + 11 * HOUR)
    visited(store, watch_id, [starless(each) for each in shown.slide()], 12)
    assert watches.find(store, "tiki:91", now=NOW).health is Health.HEALTHY


def ended(store: Store, watch_id: int, facts: VisitFacts, now: datetime) -> watches.Watch:
    visit_id = begin_visit(store, watch_id, now=now)
    end_visit(store, visit_id, facts, now=now)
    return watches.find(store, str(watch_id), now=now)


def test_a_network_that_is_down_is_counted_against_no_source(store: Store) -> None:
    ids = [watches.add(store, "feed", f"https://t{n}.example/rss", now=NOW) for n in range(4)]
    for each in ids:
        ended(store, each, WHOLE, NOW)
    for minutes in (5, 10, 35, 60):
        now = NOW + timedelta(minutes=minutes)
        found = [ended(store, each, DOWN, now) for each in ids]
        assert {each.health for each in found} == {Health.SLOW}
        assert max(each.next_due_at - now for each in found) <= timedelta(minutes=5)
    assert "no site at all can be reached since 08:05 UTC" in found[-1].reason
    after = ended(store, ids[0], WHOLE, NOW + timedelta(minutes=66))
    assert (after.health, after.failures) == (Health.HEALTHY, 0)
    last = ended(store, ids[1], DOWN, NOW + timedelta(minutes=67))
    assert "no site at all" not in last.reason


def test_one_source_that_is_down_is_its_own_fault(store: Store) -> None:
    ids = [watches.add(store, "feed", f"https://t{n}.example/rss", now=NOW) for n in range(4)]
    for n in range(4):
        now = NOW + n * HOUR
        for each in ids[1:]:
            ended(store, each, WHOLE, now)
        found = ended(store, ids[0], DOWN, now)
    assert (found.health, found.failures) == (Health.BROKEN, 4)


@pytest.mark.parametrize("status", [503, 404])
def test_sites_that_answer_with_errors_are_no_outage(store: Store, status: int) -> None:
    answered = VisitFacts(outcome=Outcome.DOWN, reason="lỗi", status=status)
    ids = [watches.add(store, "feed", f"https://t{n}.example/rss", now=NOW) for n in range(5)]
    for each in ids:
        ended(store, each, WHOLE, NOW)
    for n in range(1, 5):
        found = [ended(store, each, answered, NOW + n * HOUR) for each in ids]
    assert {each.health for each in found} == {Health.BROKEN}


def test_an_outage_of_more_than_a_day_counts_again(store: Store) -> None:
    ids = [watches.add(store, "feed", f"https://t{n}.example/rss", now=NOW) for n in range(5)]
    for each in ids:
        ended(store, each, WHOLE, NOW)
    for n in (1, 9, 17, 26, 28, 29):
        found = [ended(store, each, DOWN, NOW + n * HOUR) for each in ids]
    assert {each.health for each in found} == {Health.BROKEN}


@pytest.mark.parametrize(
    ("mean", "longest", "days", "silent"),
    [
        (20, 0, 1.9, False),
        (20, 0, 2.1, True),
        (0.5, 5, 13, False),
        (0.5, 5, 19, True),
        (0.1, 20, 60, False),
        (0, 56, 400, False),
    ],
)
def test_silence_is_told_when_chance_cannot_explain_it(
    mean: float, longest: int, days: float, silent: bool
) -> None:
    rhythm = Rhythm(low=0, high=mean * 2, longest_pause_days=longest, days=56, mean=mean)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert is_silent(rhythm, now - timedelta(days=days), now=now) is silent


def test_a_quiet_source_is_not_called_silent_in_500_days() -> None:
    """New items come by chance, about one in two days; each day asks whether that is silence."""
    chance = random.Random(11)
    counts = [chance.random() < 0.5 for _ in range(560)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(57, 557):
        past = counts[day - 56 : day]
        pauses = "".join("1" if each else "0" for each in past).split("1")
        rhythm = Rhythm(0, 1, max(map(len, pauses)), 56, sum(past) / 56)
        since = next(n for n in range(56) if counts[day - 1 - n])
        assert not is_silent(rhythm, now - timedelta(days=since), now=now)


FIRST = NOW - timedelta(days=9)


def feed(numbers: range, *, stars: bool = True, title: str = "Nồi cơm Lúa Mây") -> bytes:
    """Return a feed of posts, the newest first."""
    rows = "".join(
        f"<item><guid>p{n}</guid><title>{title} {n}</title><author>h{n}@luamay.example</author>"
        f"<description>{WORDS[n % 3]}</description>"
        f"<pubDate>{FIRST + n * HOUR:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        if stars
        else f"<item><guid>p{n}</guid><title>{title} {n}</title></item>"
        for n in reversed(numbers)
    )
    return f"<rss version='2.0'><channel><title>Diễn đàn</title>{rows}</channel></rss>".encode()


class Feed:
    """A feed read by the real walk into a real store, an hour apart."""

    def __init__(self, store: Store) -> None:
        self.store, self.visits = store, 0
        self.watch_id = watches.add(
            store, "feed", "https://f.example/rss", now=NOW, brand=BRAND, is_own=True
        )

    def visit(self, body: bytes, status: int = 200, kind: str = "application/rss+xml") -> Health:
        self.visits += 1
        now = NOW + self.visits * HOUR
        visit_id = begin_visit(self.store, self.watch_id, now=now)

        async def fetch(ask: Ask) -> Answer:
            told = {"content-type": f"{kind}; charset=utf-8"}
            fetched = Fetched(url=ask.url, status=status, headers=told, body=body, fetched_at=now)
            return Answer(fetched=fetched)

        order = watches.order_for(self.store, self.watch_id)
        receiver = Taker(self.store, visit_id, now)
        walk = Walk(order, source_of("feed"), receiver, fetch, now=lambda: now)
        end_visit(self.store, visit_id, asyncio.run(walk.visit()), now=now)
        return self.watch.health

    @property
    def watch(self) -> watches.Watch:
        return watches.find(self.store, f"{self.watch_id}", now=NOW + self.visits * HOUR)


@dataclass
class Taker:
    store: Store
    visit_id: int
    now: datetime

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        how = {"watch_id": order.watch_id, "visit_id": self.visit_id}
        return take_in(self.store, [(fetched, page)], **RULES, now=self.now, **how).go_on  # type: ignore[arg-type]

    def end(self, order: Order, facts: VisitFacts) -> None:
        raise AssertionError("the walk leaves the end to its caller")


LOGIN = "<html><title>Đăng nhập</title><form><input type='password' name='p'></form></html>"
CHALLENGE = "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'>"


@pytest.mark.parametrize(
    ("body", "status", "kind", "seen"),
    [
        (feed(range(0)), 200, "application/rss+xml", "nothing was found"),
        (feed(range(30, 33)), 200, "application/rss+xml", "only 3 items were found"),
        (feed(range(20, 40), stars=False), 200, "application/rss+xml", "items have"),
        (feed(range(20, 40), title="The rice cooker"), 503, "text/html", "server error (503)"),
        (b"Forbidden", 403, "text/plain", "refuses us (403)"),
        (LOGIN.encode(), 200, "text/html", "login"),
        (CHALLENGE.encode(), 403, "text/html", "refuses us (403)"),
        (CHALLENGE.encode(), 200, "text/html", "challenge"),
        (
            b"<rss><channel><item><title>\x00\x01<<<",
            200,
            "application/rss+xml",
            "only 1 items were found",
        ),
        (feed(range(20, 40))[:-900], 200, "application/rss+xml", "it came in part again"),
        (b'{"error": "gone"}', 200, "application/json", ""),
    ],
    ids=[
        "empty",
        "fewer",
        "emptier",
        "down",
        "refused",
        "login",
        "challenge-403",
        "challenge",
        "malformed",
        "cut",
        "json",
    ],
)
def test_what_is_wrong_is_told_within_two_visits_and_ends_by_itself(
    tmp_path: Path, sqlite_file: Path, body: bytes, status: int, kind: str, seen: str
) -> None:
    (tmp_path / "earful.db").write_bytes(sqlite_file.read_bytes())
    store = open_store(f"sqlite:///{tmp_path}/earful.db")
    source = Feed(store)
    assert {source.visit(feed(range(n, n + 20))) for n in range(7)} == {Health.HEALTHY}
    fared = [source.visit(body, status, kind) for _ in range(2)]
    assert fared[1] is (Health.SLOW if status == 503 else Health.BROKEN)
    assert seen in source.watch.reason
    assert source.watch.coverage.until is not None
    assert source.visit(feed(range(10, 30))) is Health.HEALTHY
    store.close()
