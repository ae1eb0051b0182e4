"""The ledger under faults: all that can be reached is heard, every loss told, nothing called gone.

Here each kind of trouble once, and what is special; `make soak` draws shops and
troubles by many seeds (`faulty_shop.drawn`).
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import faulty_shop
import pytest
from faulty_shop import DAY, FAULTS, HAPPENINGS, HOUR, Fault, Happening, Tally, run
from paged_source import Shop, Watcher, filled, without

from ingest.visit import Outcome
from store.engine import Store, open_store

SEEDS = 300


@contextmanager
def fresh(folder: Path, sqlite_file: Path) -> Iterator[Store]:
    for old in folder.glob("bench.db*"):
        old.unlink()
    shutil.copyfile(sqlite_file, folder / "bench.db")
    opened = open_store(f"sqlite:///{folder}/bench.db")
    yield opened
    opened.close()


@pytest.fixture
def quick_store(tmp_path: Path, sqlite_file: Path) -> Iterator[Store]:
    """Return a fresh store on SQLite alone: the long runs say nothing about the database."""
    with fresh(tmp_path, sqlite_file) as opened:
        yield opened


def name_of(each: Callable[..., object]) -> str:
    return each.__name__


@pytest.mark.parametrize("happening", HAPPENINGS, ids=name_of)
def test_all_that_can_be_reached_is_heard_and_nothing_called_gone(
    quick_store: Store, happening: Happening
) -> None:
    shop = filled(Shop(states_total=HAPPENINGS.index(happening) % 2 == 0), 25)
    tally = run(quick_store, shop, happenings=[happening])
    assert tally.faults == (set(), set(), [])


def floods_at_first(shop: Shop, n: int, chance: random.Random) -> None:
    if n in (1, 2, 5, 6):
        faulty_shop.floods(shop, n, chance)


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_loss_is_told_and_made_up_for(quick_store: Store, fault: Fault) -> None:
    shop = filled(Shop(), 25)
    tally = run(quick_store, shop, happenings=[floods_at_first], faults=[fault])
    assert tally.short, "the fault hid nothing: it proves nothing"
    assert tally.faults == (set(), set(), [])
    assert "bridge-403" not in tally.heard


def test_kills_and_clocks_that_jump_lose_nothing(quick_store: Store) -> None:
    shop = filled(Shop(page_size=5, states_total=False), 25)
    tally = run(
        quick_store, shop, happenings=[floods_at_first], visits=10, kills=0.4, clock_jumps=0.4
    )
    assert tally.short
    assert tally.faults == (set(), set(), [])


def test_what_was_deleted_is_called_gone_after_two_walks_and_stays(quick_store: Store) -> None:
    def deletes(shop: Shop, n: int, chance: random.Random) -> None:
        if n in (1, 4, 6):
            shop.reviews.pop(5 + 2 * n)

    shop = filled(Shop(states_total=False), 30)
    tally = run(quick_store, shop, happenings=[deletes])
    assert len(tally.deleted) == 3
    assert tally.gone == tally.deleted <= tally.heard


def test_what_a_source_dropped_between_two_visits_is_told_as_a_gap_for_good(store: Store) -> None:
    """The source shows its newest 20 alone; 30 came while nobody asked."""
    shop = filled(Shop(depth=20, states_total=False), 20)
    watcher = Watcher(store, shop)
    watcher.visit()
    for number in range(30):
        shop.add(100 + number)
    watcher.visit()
    assert [(gap.reason, gap.is_final) for gap in watcher.watch.coverage.gaps] == [
        ("no-overlap", True)
    ]
    watcher.visit(after=8 * DAY)
    assert watcher.watch.coverage.gaps
    assert watcher.gone() == set()


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


def test_a_review_that_comes_back_is_not_gone(quick_store: Store) -> None:
    shop = filled(Shop(), 30)
    watcher = Watcher(quick_store, shop)
    watcher.visit()
    whole = shop.reviews
    shop.reviews = without(whole, 15)
    watcher.visit(after=7 * DAY)
    watcher.visit(after=7 * DAY)
    assert watcher.gone() == {"r15"}
    shop.reviews = whole
    watcher.visit(after=7 * DAY)
    assert watcher.gone() == set()


def test_a_cut_page_calls_nothing_gone(quick_store: Store) -> None:
    shop = filled(Shop(page_size=30), 30)
    watcher = Watcher(quick_store, shop)
    watcher.visit()
    shop.spoil = lambda page, told: b'CUT{"rows": [], "next": null, "end": true, "total": 30}'
    for _ in range(3):
        watcher.visit(after=7 * DAY)
    assert watcher.gone() == set()


def test_a_walk_that_ends_too_early_calls_nothing_gone_and_is_made_again(
    quick_store: Store,
) -> None:
    """An item that sank to page 3 is not on page 1 any more; page 2 comes empty."""
    shop = filled(Shop(), 30)
    watcher = Watcher(quick_store, shop)
    watcher.visit()
    shop.reviews.insert(25, shop.reviews.pop(4))
    shop.spoil = faulty_shop.empties(shop, random.Random(1))
    for _ in range(3):
        watcher.visit(after=7 * DAY)
        assert watcher.watch.is_walk_due
    assert watcher.gone() == set()


def test_a_known_review_that_left_its_place_makes_the_next_visit_read_to_the_end(
    quick_store: Store,
) -> None:
    """One of the newest was deleted: what slipped over a page's edge meanwhile shows at once."""
    shop = filled(Shop(states_total=False), 40)
    watcher = Watcher(quick_store, shop)
    watcher.visit()
    shop.reviews.pop(3)
    shop.add(77, ago=DAY, at=25)
    watcher.visit(after=7 * HOUR)
    assert watcher.watch.is_walk_due
    assert "r77" not in watcher.stored()
    watcher.visit(after=7 * HOUR)
    assert "r77" in watcher.stored()


def test_an_end_that_only_an_empty_page_tells_is_asked_for_twice(quick_store: Store) -> None:
    shop = filled(Shop(states_total=False, states_end=False), 25)
    nothing = {"rows": [], "next": None, "end": False}
    shop.spoil = lambda page, told: told | {"next": page + 1} if page < 4 else nothing
    watcher = Watcher(quick_store, shop)
    watcher.visit()
    assert [gap.reason for gap in watcher.watch.coverage.gaps] == ["short"]
    assert watcher.watch.next_due_at - shop.now < timedelta(minutes=10)
    watcher.visit(after=timedelta(minutes=5))
    assert watcher.watch.coverage.gaps == ()


def test_a_list_that_is_not_in_the_order_of_time_is_read_to_its_end_each_time(
    quick_store: Store,
) -> None:
    shop = filled(Shop(page_size=4, states_total=False), 12)
    random.Random(2).shuffle(shop.reviews)
    watcher = Watcher(quick_store, shop)
    for _ in range(3):
        shop.asked.clear()
        watcher.visit()
        assert shop.asked == [1, 2, 3]


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


def test_a_walk_that_ends_at_the_most_pages_allowed_says_that_the_rest_lies_deeper(
    quick_store: Store,
) -> None:
    shop = filled(Shop(), 30)
    watcher = Watcher(quick_store, shop, page_cap=3)
    watcher.visit()
    shop.add(77, at=len(shop.reviews))
    watcher.visit(after=8 * DAY)
    totals = watcher.watch.totals
    assert totals is not None
    assert (totals.missing, totals.cause) == (1, "deep")


def test_an_error_message_sent_as_content_is_a_refusal(quick_store: Store) -> None:
    shop = filled(Shop(), 12)
    watcher = Watcher(quick_store, shop)
    watcher.visit()
    row = {"id": "bridge-403", "text": "Bridge returned error 403! (20406)", "at": None, "stars": 1}
    shop.spoil = lambda page, told: {"rows": [row], "next": None, "end": True}
    assert watcher.visit().outcome is Outcome.BLOCKED
    assert "bridge-403" not in watcher.stored()


@pytest.mark.soak
def test_many_shops_under_many_faults(tmp_path: Path, sqlite_file: Path) -> None:
    """Print what the bench came to: visits, items that could be reached, heard, gone."""
    tallies: list[Tally] = []
    for seed in range(SEEDS):
        with fresh(tmp_path, sqlite_file) as store:
            tally, name = faulty_shop.drawn(store, seed)
        assert tally.faults == (set(), set(), []), name
        tallies.append(tally)
    summary = (
        f"{SEEDS} shops, {sum(each.visits for each in tallies)} visits, "
        f"{sum(len(each.short) for each in tallies)} of them short: "
        f"{sum(len(each.reachable & each.heard) for each in tallies)} of "
        f"{sum(len(each.reachable) for each in tallies)} items heard, "
        f"{sum(len(each.gone & each.deleted) for each in tallies)} of "
        f"{sum(len(each.deleted) for each in tallies)} deletions found, 0 called gone wrongly"
    )
    sys.stderr.write(f"\n{summary}\n")
