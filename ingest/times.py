"""Any time a source may send, to aware UTC with the precision it was told in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.mention import Precision
from ingest.spans import clock_of, time_ago

__all__ = ["parse_time"]

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_LONGEST = 100  # characters of a written time
_EPOCH = re.compile(r"\d{9,13}(?:\.\d{1,9})?|\d{16}|\d{19}")
_ISO = re.compile(
    r"\d{4}-?\d\d-?\d\d(?:[T ]\d\d:?\d\d(:?\d\d(?:[.,]\d+)?)?\s?(?:Z|[+-]\d\d(?::?\d\d)?)?)?"
)
_RFC_822 = re.compile(r"(?:[a-z]{3,9},\s*)?\d{1,2}\s+[a-z]{3}\s+\d{2,4}\s+\d{1,2}:\d{2}.*")
_WEEKDAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|thứ\s+\w+|chủ\s+nhật)[,.]?\s+"
)
# The clock stands before the year in "Wed Oct 10 20:19:24 +0000 2018".
_YEAR_LAST = re.compile(
    r"([a-z]{3})\s+(\d{1,2})\s+(\d\d:\d\d(?::\d\d)?)\s+(?:([+-]\d{4}|utc|gmt)\s+)?(\d{4})"
)
_CLOCK = re.compile(
    r"(\d{1,2})[:h](\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([ap])\.?m\.?)?"
    r"\s*\(?(?:(?:utc|gmt)?\s*([+-])(\d{1,2}):?(\d{2})?|(z|utc|gmt))?\)?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})\2(?P<year>\d{4})",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-](?P<name>[a-z]{3,9})\.?,?[\s-](?P<year>\d{4})",
        r"(?P<name>[a-z]{3,9})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<year>\d{4})",
        r"(?:ngày\s)?(?P<day>\d{1,2})\s(?:tháng|thg)\s(?P<month>\d{1,2}),?\s(?:năm\s)?(?P<year>\d{4})",
    )
)
_BETWEEN = re.compile(r"\s*(?:,|\||•|–|-|\bat\b|\blúc\b|t(?=\d))?\s*")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}


def parse_time(
    value: str | float, *, zone: str | None, fetched_at: datetime | None
) -> tuple[datetime, Precision]:
    """Return (aware UTC, precision) of a time as a source sent it.

    `zone` is the IANA zone that naive times and plain days are in (None: UTC); a
    plain day is its local midnight; 28/12/2016 is read day first. Relative times
    ("3 giờ trước") count back from `fetched_at`. An hour that occurs twice is its
    first, one that daylight saving skips is moved on by the gap. Raises ValueError
    naming the value when it is no time, or one outside 1990-2099.
    """
    try:
        when, precision = _read(value, _zone(zone), fetched_at)
        when = when.astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise ValueError(f"{_shown(value)}: not a time ({e})") from e
    if not _EARLIEST <= when < _LATEST:
        raise ValueError(f"{_shown(value)}: not a likely time (it is in {when.year})")
    return when, precision


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"


@lru_cache(maxsize=64)
def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, IsADirectoryError, ValueError) as e:
        raise ValueError(f"there is no time zone {name!r}") from e


def _read(
    value: str | float, zone: tzinfo, fetched_at: datetime | None
) -> tuple[datetime, Precision]:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("neither text nor number")
    if not isinstance(value, str):
        return _epoch(float(value), value)
    if len(value) > _LONGEST:
        raise ValueError("too long")
    words = " ".join(value.split())
    if _EPOCH.fullmatch(words):
        return _epoch(float(words), words)
    iso = _ISO.fullmatch(words)
    if iso:
        return _iso(words, has_seconds=iso[1] is not None, zone=zone)
    folded = words.casefold()
    if _RFC_822.fullmatch(folded):
        return _local(parsedate_to_datetime(words), zone), Precision.INSTANT
    found = time_ago(folded, zone=zone, fetched_at=fetched_at) or _in_words(folded, zone)
    if found is None:
        raise ValueError("no form that is known")
    return found


def _epoch(number: float, shown: object) -> tuple[datetime, Precision]:
    """Return the time of an epoch in s, ms, µs or ns: its size tells which."""
    for unit in (1, 1e3, 1e6, 1e9):
        if abs(number) / unit < 1e11:
            return datetime.fromtimestamp(number / unit, UTC), Precision.INSTANT
    raise ValueError(f"{shown} is too big")


def _iso(words: str, *, has_seconds: bool, zone: tzinfo) -> tuple[datetime, Precision]:
    when = _local(datetime.fromisoformat(words.replace(",", ".").replace(" +", "+")), zone)
    if len(words) <= 10:
        return when, Precision.DAY
    return when, Precision.INSTANT if has_seconds else Precision.MINUTE


def _local(when: datetime, zone: tzinfo) -> datetime:
    return when.replace(tzinfo=zone) if when.tzinfo is None else when


def _in_words(words: str, zone: tzinfo) -> tuple[datetime, Precision] | None:
    """Return the time of a written date, with or without a clock before or behind it."""
    words = _WEEKDAY.sub("", words, count=1)
    words = _YEAR_LAST.sub(r"\2 \1 \5 \3 \4", words).strip()
    clock = _CLOCK.match(words)
    start = _BETWEEN.match(words, clock.end()).end() if clock else 0  # type: ignore[union-attr]
    start += len(_weekday_at(words, start))
    for form in _DATES:
        day = form.match(words, start)
        if day:
            return _with_clock(words[day.end() :], _day(day.groupdict()), clock, zone)
    return None


def _weekday_at(words: str, start: int) -> str:
    weekday = _WEEKDAY.match(words, start)
    return weekday[0] if weekday else ""


def _day(parts: dict[str, str]) -> date:
    if "name" not in parts:
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    if parts["name"] not in _MONTHS:
        raise ValueError(f"no month {parts['name']!r}")
    return date(int(parts["year"]), _MONTHS[parts["name"]], int(parts["day"]))


def _with_clock(
    rest: str, day: date, clock: re.Match[str] | None, zone: tzinfo
) -> tuple[datetime, Precision]:
    """Return the day with its clock: the one before it, else what `rest` holds."""
    if clock is None:
        if not rest.strip():
            return datetime.combine(day, time(), zone), Precision.DAY
        clock = _CLOCK.fullmatch(_BETWEEN.sub("", rest, count=1).strip())
        if clock is None:
            raise ValueError(f"{rest.strip()!r} is no time of day")
    elif rest.strip():
        raise ValueError(f"{rest.strip()!r} behind the date")
    hour, minute, second, half, sign, off_hours, off_minutes, is_utc = clock.groups()
    if sign:
        offset = timedelta(hours=int(off_hours), minutes=int(off_minutes or 0))
        zone = timezone(offset if sign == "+" else -offset)
    elif is_utc:
        zone = UTC
    when = datetime.combine(day, clock_of(hour, minute, second, half=half), zone)
    return when, Precision.INSTANT if second else Precision.MINUTE
