"""Each local day's digest is owed exactly once, across DST, sleep, jumps and restarts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from alerts.owed import day_bounds, latest_due_day, owed_digests
from ingest.brand import Brand

START = datetime(2025, 12, 31, tzinfo=UTC)


def brand(zone: str, at: time) -> Brand:
    return Brand(name="Lúa Mây", zone=zone, digest_at=at, recipients=("hang@luamay.example",))


def sent_over(ticks: list[datetime], one: Brand) -> list[date]:
    sent: set[tuple[str, str, date]] = set()
    days = []
    for now in ticks:
        for owed in owed_digests(now, [(one, START)], sent=sent):
            sent.add((owed.recipient, owed.brand.name, owed.day))
            days.append(owed.day)
    return days


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Marquesas"])
@pytest.mark.parametrize("at", [time(1, 30), time(2, 30), time(8, 0), time(0, 0), time(23, 59)])
def test_four_hundred_days_give_one_digest_a_day(zone: str, at: time) -> None:
    ticks = [START + timedelta(minutes=29 * n) for n in range(400 * 24 * 60 // 29)]
    days = sent_over(ticks, brand(zone, at))
    assert len(days) == len(set(days))
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert 398 <= len(days) <= 401


def test_three_days_asleep_give_one_digest_of_the_latest_day() -> None:
    one = brand("Asia/Ho_Chi_Minh", time(7))
    awake = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    days = sent_over([awake, awake + timedelta(days=3)], one)
    assert days == [date(2026, 11, 19), date(2026, 11, 22)]


@pytest.mark.parametrize("jump_h", [1, -1, 24, -24])
def test_a_jump_of_the_clock_sends_no_day_twice(jump_h: int) -> None:
    before = [START + timedelta(minutes=10 * n) for n in range(1000)]
    after = [before[-1] + timedelta(hours=jump_h, minutes=10 * n) for n in range(1000)]
    days = sent_over(before + after, brand("America/New_York", time(1, 30)))
    assert len(days) == len(set(days))
    assert days == sorted(days)


def test_a_brand_added_today_owes_nothing_of_yesterday() -> None:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    assert owed_digests(now, [(brand("Asia/Ho_Chi_Minh", time(7)), now)], sent=()) == []


def test_before_the_morning_hour_yesterday_is_not_yet_due() -> None:
    one = brand("Asia/Ho_Chi_Minh", time(7))
    assert latest_due_day(datetime(2026, 11, 20, 23, 59, tzinfo=UTC), one) == date(2026, 11, 19)
    assert latest_due_day(datetime(2026, 11, 21, 0, 0, tzinfo=UTC), one) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 11, 20), "Asia/Ho_Chi_Minh", 24),
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(day: date, zone: str, hours: int) -> None:
    first, last = day_bounds(day, zone)
    assert last - first == timedelta(hours=hours)
