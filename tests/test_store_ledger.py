"""The ledger: what is covered, what may be missing, and when a watch is due again."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from store_pages import BRAND, NOW, RULES, item, page

from ingest.errors import ConfigError, StoreError
from ingest.mention import RawItem
from ingest.visit import Outcome, VisitFacts
from store import leases, watches
from store.due import next_due, paced
from store.engine import Store
from store.health import Health
from store.intake import Intake, take_in
from store.ledger import abandon_running, begin_visit, coverage, end_visit
from store.tables import Visits, Watches

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WHOLE = VisitFacts(
    outcome=Outcome.OK, is_complete=True, etag='"v1"', last_modified="then", body_hash="h1"
)
CUT = VisitFacts(outcome=Outcome.OK, is_complete=False)
DOWN = VisitFacts(outcome=Outcome.DOWN, reason="timed out after 30 s")


@pytest.fixture
def watch_id(store: Store) -> int:
    return watches.add(store, "tiki", "91", now=NOW, brand=BRAND, is_own=True)


def take(
    store: Store, watch_id: int, visit_id: int, *items: RawItem, now: datetime = NOW
) -> Intake:
    pages = [page(*items, fetched_at=now)]
    return take_in(store, pages, **RULES, now=now, watch_id=watch_id, visit_id=visit_id)  # type: ignore[arg-type]


def visit(
    store: Store,
    watch_id: int,
    *pages: range,
    facts: VisitFacts = WHOLE,
    now: datetime = NOW,
) -> list[bool]:
    """Walk `pages` (newest first) as a crawl does, until the store says stop."""
    visit_id = begin_visit(store, watch_id, now=now)
    answers: list[bool] = []
    for numbers in pages:
        go_on = take(store, watch_id, visit_id, *(item(n) for n in numbers), now=now).go_on
        answers.append(go_on)
        if not go_on:
            break
    end_visit(store, visit_id, facts, now=now)
    return answers


def newest_first(first: int, last: int) -> range:
    return range(last, first - 1, -1)


def test_a_whole_walk_closes_its_window(store: Store, watch_id: int) -> None:
    assert visit(store, watch_id, newest_first(11, 20), newest_first(1, 10)) == [True, True]
    covered = coverage(store, watch_id)
    assert covered.since == NOW - 6 * DAY + HOUR
    assert (covered.until, covered.gaps) == (NOW, ())


def test_the_next_walk_stops_where_the_last_one_began(store: Store, watch_id: int) -> None:
    visit(store, watch_id, newest_first(1, 10))
    pages = (newest_first(13, 22), newest_first(3, 12), newest_first(1, 2))
    assert visit(store, watch_id, *pages, now=NOW + HOUR) == [True, False]
    assert coverage(store, watch_id).gaps == ()


def test_page_one_of_a_killed_visit_does_not_stop_the_next_one(store: Store, watch_id: int) -> None:
    visit(store, watch_id, newest_first(1, 10))
    killed = begin_visit(store, watch_id, now=NOW + HOUR)
    take(store, watch_id, killed, *(item(n) for n in newest_first(31, 40)))
    (gap,) = coverage(store, watch_id).gaps
    assert (gap.since, gap.until, gap.is_final) == (NOW, NOW + HOUR, False)
    assert abandon_running(store, now=NOW + 2 * HOUR) == [watch_id]
    pages = [newest_first(first, first + 9) for first in (31, 21, 11, 1)]
    assert visit(store, watch_id, *pages, now=NOW + 3 * HOUR) == [True, True, True, False]
    assert coverage(store, watch_id).gaps == ()
    assert visit(store, watch_id, *pages, now=NOW + 4 * HOUR) == [False]


def test_unmatched_items_of_a_killed_visit_do_not_stop_the_next_one_either(
    store: Store, watch_id: int
) -> None:
    weather = item("w", "Thời tiết đẹp")
    visit(store, watch_id, newest_first(1, 3))
    killed = begin_visit(store, watch_id, now=NOW)
    take(store, watch_id, killed, weather)
    again = begin_visit(store, watch_id, now=NOW)
    assert take(store, watch_id, again, weather).go_on
    end_visit(store, again, WHOLE, now=NOW)
    third = begin_visit(store, watch_id, now=NOW)
    assert not take(store, watch_id, third, weather).go_on


def test_a_pinned_old_post_on_top_does_not_stop_the_walk(store: Store, watch_id: int) -> None:
    visit(store, watch_id, newest_first(1, 10))
    visit_id = begin_visit(store, watch_id, now=NOW)
    assert take(store, watch_id, visit_id, item(1), *(item(n) for n in (30, 29, 28))).go_on


@pytest.mark.parametrize("outcome", [Outcome.DOWN, Outcome.BLOCKED, Outcome.CHANGED, Outcome.EMPTY])
def test_a_walk_cut_by_a_fault_leaves_its_gap_until_it_is_mended(
    store: Store, watch_id: int, outcome: Outcome
) -> None:
    visit(store, watch_id, newest_first(1, 10))
    cut = VisitFacts(outcome=outcome, reason="lỗi máy chủ")
    visit(store, watch_id, newest_first(31, 40), facts=cut, now=NOW + HOUR)
    covered = coverage(store, watch_id)
    assert covered.until == NOW
    assert [gap.reason for gap in covered.gaps] == ["unfinished"]
    pages = [newest_first(first, first + 9) for first in (31, 21, 11, 1)]
    assert visit(store, watch_id, *pages, now=NOW + 2 * HOUR)[-1] is False
    assert coverage(store, watch_id).gaps == ()


def test_a_first_import_cut_by_the_cap_says_what_is_older_was_not_asked_for(
    store: Store, watch_id: int
) -> None:
    visit(store, watch_id, newest_first(101, 110), facts=CUT)
    (gap,) = coverage(store, watch_id).gaps
    oldest = NOW - 6 * DAY + 101 * HOUR
    assert (gap.since, gap.until, gap.reason, gap.is_final) == (None, oldest, "cap", True)
    assert coverage(store, watch_id).since == oldest
    assert visit(store, watch_id, newest_first(111, 120), newest_first(101, 110)) == [True, False]


def test_a_gap_left_by_the_cap_is_retried_with_more_pages_and_told_at_last(
    store: Store, watch_id: int
) -> None:
    visit(store, watch_id, newest_first(1, 10))
    caps = []
    for n in range(4):
        caps.append(watches.order_for(store, watch_id).page_cap)
        visit(store, watch_id, newest_first(91, 100), facts=CUT, now=NOW + n * HOUR)
    assert caps == [50, 100, 200, 400]
    (gap,) = coverage(store, watch_id).gaps
    assert (gap.reason, gap.is_final) == ("cap", True)
    assert watches.order_for(store, watch_id).page_cap == 50
    assert visit(store, watch_id, newest_first(91, 100)) == [False]


def test_a_feed_that_dropped_what_lay_between_leaves_a_gap_that_is_told(
    store: Store, watch_id: int
) -> None:
    visit(store, watch_id, newest_first(1, 10))
    visit(store, watch_id, newest_first(181, 190), now=NOW + 3 * DAY)
    (gap,) = coverage(store, watch_id).gaps
    assert (gap.reason, gap.is_final) == ("no-overlap", True)
    assert (gap.since, gap.until) == (NOW, NOW - 6 * DAY + 181 * HOUR)


def test_validators_are_kept_only_when_the_window_closed(store: Store, watch_id: int) -> None:
    visit(store, watch_id, newest_first(1, 3))
    visit(store, watch_id, newest_first(4, 6), facts=VisitFacts(outcome=Outcome.OK, etag='"v2"'))
    order = watches.order_for(store, watch_id)
    assert (order.etag, order.last_modified, order.body_hash) == ('"v1"', "then", "h1")
    visit(store, watch_id, facts=VisitFacts(outcome=Outcome.UNCHANGED), now=NOW + DAY)
    again = watches.order_for(store, watch_id)
    assert (again.etag, again.last_modified, again.body_hash) == ('"v1"', "then", "h1")
    assert coverage(store, watch_id).until == NOW + DAY
    assert coverage(store, watch_id).gaps == ()


def test_a_file_is_heard_to_its_newest_item_not_to_the_hour_it_was_read(store: Store) -> None:
    watch_id = watches.add(store, "file", "tiktok.csv", now=NOW, brand=BRAND, is_own=True)
    visit(store, watch_id, newest_first(1, 48))
    covered = coverage(store, watch_id)
    assert (covered.since, covered.until) == (NOW - 6 * DAY + HOUR, NOW - 4 * DAY)
    visit(store, watch_id, facts=VisitFacts(outcome=Outcome.DUE), now=NOW + 5 * DAY)
    assert coverage(store, watch_id).until == NOW - 4 * DAY
    assert watches.find(store, str(watch_id), now=NOW).health is Health.DUE


def test_a_visit_ends_once(store: Store, watch_id: int) -> None:
    visit_id = begin_visit(store, watch_id, now=NOW)
    for _ in range(3):
        end_visit(store, visit_id, DOWN, now=NOW)
    assert watches.find(store, "tiki:91", now=NOW).failures == 1


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(StoreError, match="no visit 77"):
        end_visit(store, 77, WHOLE, now=NOW)
    with pytest.raises(StoreError, match="no source 77"):
        begin_visit(store, 77, now=NOW)
    with pytest.raises(ConfigError, match="tiki:8: there is no such source"):
        watches.find(store, "tiki:8", now=NOW)
    with pytest.raises(ConfigError, match="earful sources"):
        watches.pause(store, 77, now=NOW)


def test_a_run_left_by_a_crash_is_marked_and_due_again_at_once(store: Store, watch_id: int) -> None:
    visit(store, watch_id, newest_first(1, 3))
    assert watches.claim_due(store, holder="a", now=NOW + DAY) == [watch_id]
    begin_visit(store, watch_id, now=NOW + DAY)
    assert watches.claim_due(store, holder="b", now=NOW + DAY) == []
    assert abandon_running(store, now=NOW + DAY) == [watch_id]
    assert abandon_running(store, now=NOW + DAY) == []
    with store.read() as connection:
        states = connection.scalars(select(Visits.state).order_by(Visits.id)).all()
    assert states == ["ended", "abandoned"]
    assert watches.claim_due(store, holder="b", now=NOW + DAY) == [watch_id]


def test_two_schedulers_never_take_the_same_watch(store: Store) -> None:
    ids = [watches.add(store, "feed", f"https://tin.example/{n}", now=NOW) for n in range(5)]
    first = watches.claim_due(store, holder="a", now=NOW, limit=3)
    second = watches.claim_due(store, holder="b", now=NOW, limit=9)
    assert sorted(first + second) == ids
    assert not set(first) & set(second)
    assert sorted(watches.claim_due(store, holder="b", now=NOW + HOUR)) == ids


def test_a_right_is_held_by_one_and_taken_over_when_it_runs_out(store: Store) -> None:
    minute = timedelta(minutes=1)
    assert leases.acquire(store, "lịch", holder="a", now=NOW, lasts=minute)
    assert leases.acquire(store, "lịch", holder="a", now=NOW, lasts=minute)
    assert not leases.acquire(store, "lịch", holder="b", now=NOW, lasts=minute)
    assert leases.acquire(store, "lịch", holder="b", now=NOW + minute, lasts=minute)
    leases.release(store, "lịch", holder="a")
    assert not leases.acquire(store, "lịch", holder="a", now=NOW + minute, lasts=minute)
    leases.release(store, "lịch", holder="b")
    assert leases.acquire(store, "lịch", holder="a", now=NOW + minute, lasts=minute)


def test_adding_a_watch_again_changes_its_settings_only(store: Store) -> None:
    first = watches.add(store, "feed", "https://tin.example/rss", now=NOW, every_min=60)
    visit(store, first, newest_first(1, 3))
    again = watches.add(store, "feed", "https://tin.example/rss", now=NOW + DAY, every_min=15)
    watch = watches.find(store, "feed:https://tin.example/rss", now=NOW)
    assert (again, watch.every_min, watch.health) == (first, 15, Health.HEALTHY)
    assert watch.added_at == NOW


def test_paused_and_removed_watches_are_not_due(store: Store) -> None:
    one, two, three = (watches.add(store, "feed", f"https://{n}.example", now=NOW) for n in "abc")
    watches.pause(store, one, now=NOW)
    watches.remove(store, two, now=NOW)
    assert watches.due(store, now=NOW) == [three]
    assert [each.id for each in watches.listing(store, now=NOW)] == [one, three]
    assert watches.find(store, str(one), now=NOW).health is Health.PAUSED
    watches.resume(store, one, now=NOW)
    assert sorted(watches.due(store, now=NOW)) == [one, three]
    assert watches.add(store, "feed", "https://b.example", now=NOW) == two
    assert two in watches.due(store, now=NOW)


@pytest.mark.parametrize(
    ("outcome", "times", "health"),
    [
        (Outcome.OK, 1, Health.HEALTHY),
        (Outcome.UNCHANGED, 1, Health.HEALTHY),
        (Outcome.DOWN, 1, Health.SLOW),
        (Outcome.DOWN, 3, Health.BROKEN),
        (Outcome.BLOCKED, 1, Health.BROKEN),
        (Outcome.CHANGED, 1, Health.BROKEN),
        (Outcome.EMPTY, 1, Health.BROKEN),
        (Outcome.DUE, 1, Health.DUE),
    ],
)
def test_health_follows_from_the_last_visits(
    store: Store, watch_id: int, outcome: Outcome, times: int, health: Health
) -> None:
    assert watches.find(store, "tiki:91", now=NOW).health is Health.NEW
    for _ in range(times):
        visit(store, watch_id, facts=VisitFacts(outcome=outcome, reason="vì thế"))
    watch = watches.find(store, "tiki:91", now=NOW)
    assert (watch.health, watch.reason) == (health, "vì thế")


def test_usual_items_a_day_and_silence_come_from_the_last_eight_weeks(
    store: Store, watch_id: int
) -> None:
    posted = [
        item(f"{day}-{n}", posted=(NOW - day * DAY).isoformat())
        for day in range(2, 60)
        for n in range(day % 4)
    ]
    visit_id = begin_visit(store, watch_id, now=NOW)
    take(store, watch_id, visit_id, *posted)
    end_visit(store, visit_id, WHOLE, now=NOW)
    watch = watches.find(store, "tiki:91", now=NOW)
    assert watch.usual_a_day is not None
    assert (watch.usual_a_day.low, watch.usual_a_day.high) == (0, 3)
    assert not watch.is_silent
    quiet = watches.find(store, "tiki:91", now=NOW + 7 * DAY)
    assert quiet.is_silent


def test_a_young_watch_has_no_usual(store: Store, watch_id: int) -> None:
    visit(store, watch_id, newest_first(1, 10))
    watch = watches.find(store, "tiki:91", now=NOW)
    assert (watch.usual_a_day, watch.is_silent) == (None, False)


def rhythm_after(store: Store, watch_id: int, *news: bool) -> float:
    """Visit once an item of `news`, then return how many minutes the next visit is away."""
    now = NOW
    for n, is_new in enumerate(news):
        now += HOUR
        visit(store, watch_id, range(500 + n * is_new, 500, -1) or range(500, 499, -1), now=now)
    with store.read() as connection:
        due_at = connection.scalars(select(Watches.next_due_at)).one()
    return (due_at - now) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("options", "news", "low", "high"),
    [
        ({}, [True, True], 59, 61),
        ({}, [True] + [True] * 3, 44, 46),
        ({}, [True] * 18, 14, 16),
        ({}, [True] + [False] * 6, 74, 76),
        ({}, [True] + [False] * 44, 235, 245),
        ({"fixed": "yes"}, [True] * 9, 59, 61),
        ({"fixed": "yes"}, [True] + [False] * 9, 59, 61),
    ],
    ids=["no haste", "busy", "very busy", "quiet", "very quiet", "fixed busy", "fixed quiet"],
)
def test_visits_come_as_often_as_something_new_does(
    store: Store, options: dict[str, str], news: list[bool], low: float, high: float
) -> None:
    watch_id = watches.add(
        store, "tiki", "91", now=NOW, brand=BRAND, is_own=True, options=options, every_min=60
    )
    assert low <= rhythm_after(store, watch_id, *news) <= high


def test_the_pace_stays_in_its_bounds_and_settles_where_one_visit_in_three_brings_something() -> (
    None
):
    chance = random.Random(7)
    pace, streak, seen = 1.0, 0, []
    for n in range(4000):
        pace, streak = paced(pace, streak, brought=chance.random() < 0.3 * pace)
        assert 0.25 <= pace <= 4
        seen += [0.3 * pace] if n > 1000 else []
    assert 0.3 < sum(seen) / len(seen) < 0.75


def pauses(outcome: Outcome, failures: int, rnd: float, retry_at: datetime | None = None) -> float:
    due = next_due(outcome, failures, every_min=60, now=NOW, retry_at=retry_at, rnd=rnd)
    return (due - NOW) / timedelta(minutes=1)


@pytest.mark.parametrize("rnd", [0.0, 0.5, 0.999])
def test_a_failing_source_is_retried_soon_then_rarely_and_never_given_up(rnd: float) -> None:
    found = [pauses(Outcome.DOWN, n, rnd) for n in (1, 2, 5, 9, 10, 50, 10_000)]
    assert found[0] <= 5
    assert found == sorted(found)
    assert max(found) <= 24 * 60
    assert found[-1] >= 19 * 60


def test_a_success_resets_the_pause(store: Store, watch_id: int) -> None:
    for _ in range(5):
        visit(store, watch_id, facts=DOWN)
    visit(store, watch_id, newest_first(1, 2))
    with store.read() as connection:
        row = connection.execute(select(Watches.failures, Watches.next_due_at)).one()
    assert row.failures == 0
    assert abs(row.next_due_at - NOW - HOUR) < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("retry_at", "low", "high"),
    [
        (NOW + timedelta(minutes=30), 30, 30),
        (NOW - HOUR, 4, 5),
        (NOW + 30 * DAY, 24 * 60, 24 * 60),
        (None, 4, 5),
    ],
    ids=["asked for", "past", "too far", "none"],
)
def test_a_time_the_site_names_is_waited_for(
    retry_at: datetime | None, low: float, high: float
) -> None:
    assert low <= pauses(Outcome.BLOCKED, 1, 0.5, retry_at) <= high


def test_a_failing_watch_is_due_within_a_day_whatever_happens(store: Store, watch_id: int) -> None:
    with store.write() as connection:
        connection.execute(update(Watches).values(failures=5_000))
    visit(store, watch_id, facts=DOWN)
    assert watches.due(store, now=NOW + DAY) == [watch_id]


@pytest.mark.parametrize(
    ("stated", "missing"),
    [({5: 3, 4: 0, 1: 1}, {"5": 1, "1": -1}), ({5: 2, 1: 2}, {}), ({}, {})],
)
def test_a_sources_own_count_of_each_star_stands_beside_ours(
    store: Store, stated: dict[int, int], missing: dict[str, int]
) -> None:
    watch_id = watches.add(store, "tiki", "91", now=NOW, brand=BRAND, is_own=True)
    visit_id = begin_visit(store, watch_id, now=NOW)
    answers = [item("e", parent="d", stars=None)]  # belongs to d, and is not counted
    fetched, told = page(
        item("a", stars=5), item("b", stars=4.5), item("c", stars=1), item("d", stars=1), *answers
    )
    told = replace(told, stars=stated, total=4)
    take_in(store, [(fetched, told)], **RULES, now=NOW, watch_id=watch_id, visit_id=visit_id)  # type: ignore[arg-type]
    end_visit(store, visit_id, WHOLE, now=NOW)
    totals = watches.find(store, "tiki:91", now=NOW).totals
    assert totals is not None
    assert (totals.stated, totals.heard, totals.missing_stars) == (4, 4, missing)
