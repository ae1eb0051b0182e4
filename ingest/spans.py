"""Times told as a distance: "2 weeks ago", "3 giờ trước", "hôm qua, 14:30", "1 bulan lalu"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ingest.mention import Precision

__all__ = ["time_ago"]

_UNITS = {
    name: unit
    for unit, names in {
        "second": "second seconds sec secs s giây detik",
        "minute": "minute minutes min mins m phút menit",
        "hour": "hour hours hr hrs h giờ tiếng jam",
        "day": "day days d ngày hari",
        "week": "week weeks wk wks w tuần minggu",
        "month": "month months mo mos tháng bulan",
        "year": "year years yr yrs y năm tahun",
    }.items()
    for name in names.split()
}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
_ONE = {"a", "an", "one", "một", "satu"}
_DISTANCE = re.compile(
    r"(?:edited|posted|updated|đã chỉnh sửa|đăng|cách đây|khoảng|about|over|almost|hơn|gần"
    r"|sekitar)?"
    r"\s*(\d{1,4}|an?|one|một|satu)\s*\+?\s*([a-zà-ỹ]+)\s*(?:ago|trước|(?:yang )?lalu)?"
)
_LAST = re.compile(r"(?:last (week|month|year)|(tuần|tháng|năm) (?:trước|ngoái))")
_NOW = {
    "now",
    "just now",
    "moments ago",
    "a moment ago",
    "vừa xong",
    "vừa mới",
    "mới đây",
    "bây giờ",
    "baru saja",
}
_DAYS_BACK = {
    "today": 0,
    "hôm nay": 0,
    "hari ini": 0,
    "yesterday": 1,
    "hôm qua": 1,
    "kemarin": 1,
    "hôm kia": 2,
}
_NAMED_DAY = re.compile(
    rf"({'|'.join(_DAYS_BACK)})(?:,?\s*(?:at|lúc|vào lúc)?\s*(\d{{1,2}})[:h](\d{{2}})\s*([ap]m)?)?"
)


def time_ago(
    words: str, *, zone: tzinfo, fetched_at: datetime | None
) -> tuple[datetime, Precision] | None:
    """Return the time that `words` tell relative to `fetched_at`, None when they tell none.

    Days and longer are told by the day: the result is that day's midnight in `zone`.
    Raises ValueError when the words are relative but `fetched_at` is None.
    """
    words = " ".join(words.casefold().split()).rstrip(".")
    named = _NAMED_DAY.fullmatch(words)
    if named:
        return _on_named_day(named, _known(fetched_at).astimezone(zone))
    distance = _distance(words)
    return _back(*distance, _known(fetched_at), zone) if distance else None


def _known(fetched_at: datetime | None) -> datetime:
    if fetched_at is None:
        raise ValueError("relative, and the time of fetching is not known")
    return fetched_at


def _distance(words: str) -> tuple[int, str] | None:
    """Return (how many, unit) of a distance in words, None when it is none."""
    if words in _NOW:
        return 0, "second"
    last = _LAST.fullmatch(words)
    if last:
        return 1, _UNITS[last[1] or last[2]]
    match = _DISTANCE.fullmatch(words)
    if not match or match[2] not in _UNITS:
        return None
    return (1 if match[1] in _ONE else int(match[1])), _UNITS[match[2]]


def _back(count: int, unit: str, fetched_at: datetime, zone: tzinfo) -> tuple[datetime, Precision]:
    if unit in _SECONDS:
        return fetched_at.astimezone(UTC) - timedelta(seconds=count * _SECONDS[unit]), (
            Precision.MINUTE
        )
    day = fetched_at.astimezone(zone).date()
    if unit in _DAYS:
        day -= timedelta(days=count * _DAYS[unit])
    else:
        day = _months_back(day, count * _MONTHS[unit])
    return datetime.combine(day, time(), zone), Precision.DAY


def _months_back(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - timedelta(days=1)).day))


def _on_named_day(named: re.Match[str], local: datetime) -> tuple[datetime, Precision]:
    day = local.date() - timedelta(days=_DAYS_BACK[named[1]])
    if named[2] is None:
        return datetime.combine(day, time(), local.tzinfo), Precision.DAY
    clock = clock_of(named[2], named[3], half=named[4])
    return datetime.combine(day, clock, local.tzinfo), Precision.MINUTE


def clock_of(hour: str, minute: str, second: str | None = None, *, half: str | None = None) -> time:
    """Return the time of day; `half` is "am" or "pm" in any spelling, or None for 24 hours.

    Raises ValueError when there is no such time.
    """
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(f"no hour {hour} {half}")
        hours = hours % 12 + (12 if half.casefold().startswith("p") else 0)
    return time(hours, int(minute), int(second or 0))
