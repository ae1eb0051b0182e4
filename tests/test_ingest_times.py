"""Any source time: epochs, ISO, mail, written dates, distances in three languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.mention import Precision
from ingest.times import parse_time

FETCHED = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # 16:30 in Ho Chi Minh City
SAIGON = "Asia/Ho_Chi_Minh"
INSTANT, MINUTE, DAY = Precision.INSTANT, Precision.MINUTE, Precision.DAY


@pytest.mark.parametrize(
    ("value", "utc", "precision"),
    [
        (1680703632, "2023-04-05T14:07:12", INSTANT),
        (1680703632000, "2023-04-05T14:07:12", INSTANT),
        (1680703632123456, "2023-04-05T14:07:12.123456", INSTANT),
        (1680703632.5, "2023-04-05T14:07:12.500000", INSTANT),
        ("1680703632", "2023-04-05T14:07:12", INSTANT),
        ("1680703632000", "2023-04-05T14:07:12", INSTANT),
        ("1680703632123456", "2023-04-05T14:07:12.123456", INSTANT),
        ("1680703632.25", "2023-04-05T14:07:12.250000", INSTANT),
        ("2023-04-05T14:07:12Z", "2023-04-05T14:07:12", INSTANT),
        ("2023-04-05T14:07:12.123Z", "2023-04-05T14:07:12.123000", INSTANT),
        ("2023-04-05T21:07:12+07:00", "2023-04-05T14:07:12", INSTANT),
        ("2023-04-05T14:07:12+0000", "2023-04-05T14:07:12", INSTANT),
        ("2023-04-05 21:07:12 +0700", "2023-04-05T14:07:12", INSTANT),
        ("2023-04-05 21:07:12", "2023-04-05T14:07:12", INSTANT),
        (" 2023-04-05  21:07 ", "2023-04-05T14:07:00", MINUTE),
        ("2023-04-05 14:07:12 UTC", "2023-04-05T14:07:12", INSTANT),
        ("2023-04-05", "2023-04-04T17:00:00", DAY),
        ("20230405", "2023-04-04T17:00:00", DAY),
        ("20260101T000000Z", "2026-01-01T00:00:00", INSTANT),
        ("Wed, 02 Oct 2002 13:00:00 GMT", "2002-10-02T13:00:00", INSTANT),
        ("Wed, 2 Oct 2002 20:00:00 +0700", "2002-10-02T13:00:00", INSTANT),
        ("02 Oct 02 13:00 EST", "2002-10-02T18:00:00", INSTANT),
        ("Wed Oct 10 20:19:24 +0000 2018", "2018-10-10T20:19:24", INSTANT),
        ("Sat Nov 21 16:00:00 2026", "2026-11-21T09:00:00", INSTANT),
        ("20 Sep 2026", "2026-09-19T17:00:00", DAY),
        ("22 Nov 2025", "2025-11-21T17:00:00", DAY),
        ("20-Nov-2026 08:00", "2026-11-20T01:00:00", MINUTE),
        ("28-12-2016, 01:16", "2016-12-27T18:16:00", MINUTE),
        ("28/12/2016", "2016-12-27T17:00:00", DAY),
        ("2026.11.20", "2026-11-19T17:00:00", DAY),
        ("April 13, 2018", "2018-04-12T17:00:00", DAY),
        ("Friday, April 13th, 2018 at 10:15 PM", "2018-04-13T15:15:00", MINUTE),
        ("Nov 20, 2026 12:05 am", "2026-11-19T17:05:00", MINUTE),
        ("20/11/2026 8h05", "2026-11-20T01:05:00", MINUTE),
        ("Thứ hai, 20/11/2026, 07:15 (GMT+7)", "2026-11-20T00:15:00", MINUTE),
        ("07:15:30 | thứ hai, 20/11/2026", "2026-11-20T00:15:30", INSTANT),
        ("07:15 -03:30 20/11/2026", "2026-11-20T10:45:00", MINUTE),
        ("ngày 2 tháng 9 năm 2026", "2026-09-01T17:00:00", DAY),
        ("20 thg 9, 2026", "2026-09-19T17:00:00", DAY),
    ],
)
def test_a_time_is_read_in_the_zone_of_its_source(
    value: str | float, utc: str, precision: Precision
) -> None:
    when, told = parse_time(value, zone=SAIGON, fetched_at=FETCHED)
    assert (when.isoformat(), told) == (utc + "+00:00", precision)
    assert when.tzinfo is UTC


@pytest.mark.parametrize(
    ("words", "utc", "precision"),
    [
        ("just now", "2026-11-21T09:30:00", MINUTE),
        ("vừa xong", "2026-11-21T09:30:00", MINUTE),
        ("30 seconds ago", "2026-11-21T09:29:30", MINUTE),
        ("5m", "2026-11-21T09:25:00", MINUTE),
        ("12 phút trước", "2026-11-21T09:18:00", MINUTE),
        ("an hour ago", "2026-11-21T08:30:00", MINUTE),
        ("3 giờ trước", "2026-11-21T06:30:00", MINUTE),
        ("khoảng 3 tiếng trước", "2026-11-21T06:30:00", MINUTE),
        ("hôm nay", "2026-11-20T17:00:00", DAY),
        ("yesterday", "2026-11-19T17:00:00", DAY),
        ("Hôm qua", "2026-11-19T17:00:00", DAY),
        ("Hôm qua, 14:30", "2026-11-20T07:30:00", MINUTE),
        ("yesterday at 9:05 pm", "2026-11-20T14:05:00", MINUTE),
        ("2 days ago", "2026-11-18T17:00:00", DAY),
        ("3 ngày trước", "2026-11-17T17:00:00", DAY),
        ("Edited 2 weeks ago", "2026-11-06T17:00:00", DAY),
        ("1 tuần trước", "2026-11-13T17:00:00", DAY),
        ("1 tháng trước", "2026-10-20T17:00:00", DAY),
        ("1 bulan lalu", "2026-10-20T17:00:00", DAY),
        ("11 months ago", "2025-12-20T17:00:00", DAY),
        ("a year ago", "2025-11-20T17:00:00", DAY),
        ("last month", "2026-10-20T17:00:00", DAY),
        ("năm ngoái", "2025-11-20T17:00:00", DAY),
    ],
)
def test_a_distance_counts_back_from_the_fetch(words: str, utc: str, precision: Precision) -> None:
    when, told = parse_time(words, zone=SAIGON, fetched_at=FETCHED)
    assert (when.isoformat(), told) == (utc + "+00:00", precision)


def test_months_back_end_on_the_last_day_there_is() -> None:
    end_of_march = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert parse_time("1 month ago", zone=None, fetched_at=end_of_march)[0].day == 28
    assert parse_time("3 tháng trước", zone=None, fetched_at=end_of_march)[0].day == 31


def test_a_naive_time_without_a_zone_is_utc() -> None:
    assert parse_time("2023-04-05 21:07", zone=None, fetched_at=None)[0].hour == 21


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-11-01T01:30:00", "2026-11-01T05:30:00+00:00"),  # occurs twice: the first
        ("2026-03-08T02:30:00", "2026-03-08T07:30:00+00:00"),  # does not occur: moved on
    ],
)
def test_daylight_saving_neither_loses_nor_doubles_a_time(local: str, utc: str) -> None:
    when, _ = parse_time(local, zone="America/New_York", fetched_at=FETCHED)
    assert when.isoformat() == utc


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "hôm nào đó",
        "5 bananas ago",
        "12/25/2016",
        "32/01/2020",
        "1 Foo 2020",
        "2023-04-05 lúc nào",
        "2023-04-05T25:00:00",
        "07:15 20/11/2026 08:00",
        "13:05 pm 20/11/2026",
        "20/11/2026 12:75",
        "3:45",
        "0000-00-00 00:00:00",
        "1989-12-31",
        "2100-01-02",
        "x" * 500,
        12345,
        -5,
        10**25,
        float("nan"),
        float("inf"),
        True,
    ],
)
def test_what_is_no_likely_time_is_refused_by_its_name(value: str | float) -> None:
    with pytest.raises(ValueError, match="time") as refusal:
        parse_time(value, zone=SAIGON, fetched_at=FETCHED)
    assert str(refusal.value).startswith(repr(value)[:100])


def test_only_text_and_numbers_are_times() -> None:
    with pytest.raises(ValueError, match="None: not a time"):
        parse_time(None, zone=None, fetched_at=FETCHED)  # type: ignore[arg-type]


def test_a_distance_needs_the_time_of_the_fetch() -> None:
    with pytest.raises(ValueError, match="fetching is not known"):
        parse_time("2 weeks ago", zone=None, fetched_at=None)


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../etc"])
def test_a_zone_that_does_not_exist_is_named(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        parse_time("2023-04-05", zone=zone, fetched_at=FETCHED)
