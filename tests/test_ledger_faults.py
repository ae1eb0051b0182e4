"""The ledger under faults: all that can be reached is heard, every loss told, nothing called gone.

Each fault is injected into a small paged source that the real walk reads.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from paged_source import START, Review, Shop, Watcher, filled, moved, without

from ingest.errors import SourceDown
from ingest.visit import Outcome
from store.engine import Store, open_store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TWO_WEEKS = 30  # visits, twelve hours apart
SETTLING = 18  # visits after the last fault: a walk to the end comes each week


@pytest.fixture
def quick_store(tmp_path: Path, sqlite_file: Path) -> Iterator[Store]:
    """Return a fresh store on SQLite alone: the long runs say nothing about the database."""
    shutil.copyfile(sqlite_file, tmp_path / "earful.db")
    opened = open_store(f"sqlite:///{tmp_path}/earful.db")
    yield opened
    opened.close()


@dataclass
class Tally:
    """How a bench run went."""

    reachable: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    short: list[int] = field(default_factory=list)  # visits after which items were missing
    silent: list[int] = field(default_factory=list)  # those of them that told nobody

    @property
    def lost(self) -> set[str]:
        return self.reachable - self.heard

    @property
    def falsely_gone(self) -> set[str]:
        return self.gone - self.deleted


Daily = Callable[[Shop, int, random.Random], None]
Spoil = Callable[[int, dict[str, Any]], Any]


def run(
    store: Store,
    shop: Shop,
    *,
    happens: Daily | None = None,
    spoils: dict[int, Spoil] | None = None,
    visits: int = TWO_WEEKS,
    seed: int = 1,
) -> Tally:
    """Visit a shop that changes before each visit; some visits meet spoilt answers."""
    chance = random.Random(seed)
    watcher = Watcher(store, shop)
    tally = Tally()
    for n in range(visits + SETTLING):
        shop.now += timedelta(hours=11)
        before = {each.key for each in shop.reviews}
        if happens is not None:
            (happens if n < visits else grows)(shop, n, chance)
        here = {each.key for each in shop.reviews}
        tally.deleted = (tally.deleted | (before - here)) - here
        shop.spoil = (spoils or {}).get(n)
        watcher.visit(after=HOUR)
        tally.reachable |= {each.key for each in shop.reviews}
        is_missing = {each.key for each in shop.reviews} - watcher.stored().keys()
        tally.short += [n] if is_missing else []
        tally.silent += [n] if is_missing and not watcher.is_loss_told else []
        tally.gone |= watcher.gone() - tally.deleted
    tally.heard = set(watcher.stored())
    tally.gone |= watcher.gone()
    return tally


def grows(shop: Shop, n: int, chance: random.Random) -> None:
    for _ in range(chance.randrange(4)):
        shop.add(len(shop.reviews) + 1000 * (n + 1))


def late(shop: Shop, n: int, chance: random.Random) -> None:
    """A review that waited for approval appears deep in the list, under its old time."""
    grows(shop, n, chance)
    if n in (3, 10, 17):
        shop.add(50_000 + n, ago=4 * DAY, at=min(25, len(shop.reviews)))


def same_second(shop: Shop, n: int, chance: random.Random) -> None:
    for extra in range(4 if n % 5 == 0 else 0):
        shop.add(60_000 + n * 10 + extra)


def undated(shop: Shop, n: int, chance: random.Random) -> None:
    shop.reviews.insert(0, Review(70_000 + n, None))


def reordered(shop: Shop, n: int, chance: random.Random) -> None:
    """The site sorts by what it thinks helpful: any order, each day another."""
    grows(shop, n, chance)
    chance.shuffle(shop.reviews)


def redated(shop: Shop, n: int, chance: random.Random) -> None:
    """An edited review moves to the top under a new time, another one sinks under an old."""
    grows(shop, n, chance)
    if n % 3 == 0:
        up = chance.randrange(len(shop.reviews))
        shop.reviews.insert(0, moved(shop.reviews.pop(up), shop.now))
    if n % 7 == 0:
        down = shop.reviews.pop(chance.randrange(10))
        shop.reviews.insert(len(shop.reviews) - 3, moved(down, START - 30 * DAY))


def pinned(shop: Shop, n: int, chance: random.Random) -> None:
    """One old review stands on top of all, each week another one."""
    grows(shop, n, chance)
    if n % 14 == 0:
        shop.reviews.sort(key=lambda each: each.at or START, reverse=True)
        shop.reviews.insert(0, shop.reviews.pop())
    else:
        top = next(at for at, each in enumerate(shop.reviews) if (each.at or START) < START)
        shop.reviews.insert(0, shop.reviews.pop(top)) if top else None


def edited(shop: Shop, n: int, chance: random.Random) -> None:
    grows(shop, n, chance)
    at = chance.randrange(len(shop.reviews))
    shop.reviews[at] = replace(shop.reviews[at], edits=n)


def deletes(shop: Shop, n: int, chance: random.Random) -> None:
    grows(shop, n, chance)
    if n in (2, 5, 8):
        shop.reviews.pop(5 + n)


@pytest.mark.parametrize("states_total", [True, False], ids=["counted", "uncounted"])
@pytest.mark.parametrize(
    "happens", [grows, late, same_second, undated, reordered, redated, pinned, edited]
)
def test_all_that_can_be_reached_is_heard_and_nothing_called_gone(
    quick_store: Store, happens: Daily, states_total: bool
) -> None:
    shop = filled(Shop(states_total=states_total), 47)
    tally = run(quick_store, shop, happens=happens)
    assert (tally.lost, tally.gone) == (set(), set())
    assert not (tally.silent and states_total)


def loops(page: int, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "next": 1} if page == 2 else told


def repeats(page: int, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "rows": [], "end": False, "next": None} if page > 2 else told


def empties(page: int, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "rows": [], "next": None} if page == 2 else told


def first_is_empty(page: int, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "rows": [], "next": None, "end": True}


def cuts(page: int, told: dict[str, Any]) -> bytes:
    few = {**told, "rows": told["rows"][:4]} if page == 1 else told
    return (b"CUT" if page == 1 else b"") + json.dumps(few).encode()


def refuses(page: int, told: dict[str, Any]) -> dict[str, Any]:
    row = {"id": "bridge-403", "text": "Bridge returned error 403! (20406)", "at": None, "stars": 1}
    return {"rows": [row], "next": None, "end": True}


def breaks(page: int, told: dict[str, Any]) -> Any:
    return SourceDown("timed out") if page == 2 else told


def hides_a_language(page: int, told: dict[str, Any]) -> dict[str, Any]:
    rows = [row for row in told["rows"] if "rice cooker" in row["text"]]
    return {**told, "rows": rows, "total": 16}


def same_page_again(shop: Shop) -> Spoil:
    kept: dict[int, dict[str, Any]] = {}

    def spoil(page: int, told: dict[str, Any]) -> dict[str, Any]:
        kept[page] = told
        return {**kept[1], "next": told["next"], "end": told["end"]} if page > 1 else told

    return spoil


SPOILS = [
    loops, repeats, empties, first_is_empty, cuts, refuses, breaks, hides_a_language,
    same_page_again,
]  # fmt: skip


def grows_by_pages(shop: Shop, n: int, chance: random.Random) -> None:
    """More comes between two visits than one page holds."""
    for extra in range(23):
        shop.add(1000 * (n + 1) + extra)


@pytest.mark.parametrize("at", [0, 3], ids=["at the first import", "later"])
@pytest.mark.parametrize("spoil", SPOILS, ids=lambda each: each.__name__)
def test_a_loss_is_told_at_once_and_made_up_for(quick_store: Store, spoil: Any, at: int) -> None:
    shop = filled(Shop(), 47)
    bad = spoil(shop) if spoil is same_page_again else spoil
    spoils = {at: bad, at + 1: bad}
    tally = run(quick_store, shop, happens=grows_by_pages, spoils=spoils, visits=12)
    assert tally.short, "the fault hid nothing: it proves nothing"
    assert (tally.silent, tally.lost, tally.gone) == ([], set(), set())
    assert "bridge-403" not in tally.heard


def test_items_that_slip_between_pages_are_not_called_gone(store: Store) -> None:
    """While pages are asked for, one review is deleted: the next page lacks its first item."""
    shop = filled(Shop(), 60)

    def shift(page: int) -> None:
        if page == 2 and shop.reviews[4].number in slips:
            shop.reviews.pop(4)

    slips: set[int] = set()
    watcher = Watcher(store, shop)
    watcher.visit()
    deleted = set()
    for _ in range(6):
        before = shop.reviews
        slips = {shop.reviews[4].number}
        deleted.add(shop.reviews[4].key)
        shop.between = shift
        watcher.visit(after=7 * DAY)
        assert shop.reviews is before
        shop.add(900 + len(deleted))
    shop.between = None
    watcher.visits(30)
    assert watcher.gone() <= deleted
    assert {each.key for each in shop.reviews} <= watcher.stored().keys()


@pytest.mark.parametrize("states_total", [True, False], ids=["counted", "uncounted"])
def test_what_was_deleted_is_called_gone_after_two_walks_and_stays(
    store: Store, states_total: bool
) -> None:
    shop = filled(Shop(states_total=states_total), 47)
    tally = run(store, shop, happens=deletes)
    assert (tally.gone, tally.lost) == (tally.deleted, set())
    assert len(tally.deleted) == 3


def test_one_walk_is_not_enough_to_call_a_review_gone(store: Store) -> None:
    shop = filled(Shop(), 30)
    watcher = Watcher(store, shop)
    watcher.visit()
    shop.reviews = without(shop.reviews, 15)
    watcher.visit(after=7 * DAY)
    assert watcher.gone() == set()
    watcher.visit(after=7 * HOUR)
    assert watcher.gone() == {"r15"}
    assert "r15" in watcher.stored()


def test_a_review_that_comes_back_is_not_gone(store: Store) -> None:
    shop = filled(Shop(), 30)
    watcher = Watcher(store, shop)
    watcher.visit()
    whole = shop.reviews
    shop.reviews = without(whole, 15)
    watcher.visit(after=7 * DAY)
    watcher.visit(after=7 * DAY)
    assert watcher.gone() == {"r15"}
    shop.reviews = whole
    watcher.visit(after=7 * DAY)
    assert watcher.gone() == set()


def test_a_cut_page_calls_nothing_gone(store: Store) -> None:
    shop = filled(Shop(page_size=30), 30)
    watcher = Watcher(store, shop)
    watcher.visit()
    shop.spoil = cuts
    for _ in range(6):
        watcher.visit(after=7 * DAY)
    assert watcher.gone() == set()


def test_the_sources_own_count_is_compared_and_explained(store: Store) -> None:
    shop = filled(Shop(), 30)
    shop.spoil = lambda page, told: {**told, "total": 33}
    watcher = Watcher(store, shop)
    watcher.visit()
    totals = watcher.watch.totals
    assert totals is not None
    assert (totals.stated, totals.heard, totals.missing, totals.cause) == (33, 30, 3, "held-back")
    shop.add(77, ago=DAY, at=24)
    shop.spoil = lambda page, told: {**told, "total": 34}
    watcher.visit()
    assert watcher.watch.totals is not None
    assert watcher.watch.totals.cause == "not-walked"
    watcher.visit()
    assert "r77" in watcher.stored()
    assert watcher.watch.totals is not None
    assert watcher.watch.totals.cause == "held-back"


def test_an_error_message_sent_as_content_is_a_refusal(store: Store) -> None:
    shop = filled(Shop(), 12)
    watcher = Watcher(store, shop)
    watcher.visit()
    shop.spoil = refuses
    assert watcher.visit().outcome is Outcome.BLOCKED
    assert "bridge-403" not in watcher.stored()
