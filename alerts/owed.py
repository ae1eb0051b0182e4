"""Which digests are owed at a moment: each local day once, whatever the clocks do; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.brand import Brand

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class OwedDigest:
    """The digest of local `day`, or of the week that ends on it, that `recipient` should have."""

    brand: Brand
    recipient: str
    day: date


def owed_digests(
    now: datetime,
    brands: Iterable[tuple[Brand, datetime]],
    *,
    sent: Collection[tuple[str, str, date]],
) -> list[OwedDigest]:
    """Return what is owed at `now`: for each brand and recipient at most the latest full day.

    `brands` pairs each brand with the time since when it is listened for (aware
    UTC): days that ended before it are not owed. `sent` holds (recipient, brand
    name, day). After a sleep of several days only the latest is owed.
    """
    owed = []
    for brand, since in brands:
        day = latest_due_day(now, brand)
        if day_bounds(day, brand.zone)[1] <= since:
            continue
        owed += [
            OwedDigest(brand, recipient, day)
            for recipient in brand.recipients
            if (recipient, brand.name, day) not in sent
        ]
    return owed


def owed_weeks(
    now: datetime,
    brands: Iterable[tuple[Brand, datetime]],
    *,
    sent: Collection[tuple[str, str, date]],
) -> list[OwedDigest]:
    """Return which weekly digests are owed at `now`, as `owed_digests` does; at most the latest."""
    owed = []
    for brand, since in brands:
        last = latest_due_week(now, brand) if brand.weekly_on else None
        if last is None or day_bounds(last, brand.zone)[1] <= since:
            continue
        owed += [
            OwedDigest(brand, recipient, last)
            for recipient in brand.recipients
            if (recipient, brand.name, last) not in sent
        ]
    return owed


def latest_due_week(now: datetime, brand: Brand) -> date:
    """Return the last day of the latest week whose digest time has come.

    The week ends on the evening before the brand's weekday, on Sunday where it has none.
    """
    ends_on = (WEEKDAYS.index(brand.weekly_on or WEEKDAYS[0]) - 1) % len(WEEKDAYS)
    day = latest_due_day(now, brand)
    return day - timedelta(days=(day.weekday() - ends_on) % len(WEEKDAYS))


def latest_due_day(now: datetime, brand: Brand) -> date:
    """Return the latest local day whose digest time (on the next morning) has come."""
    zone = ZoneInfo(brand.zone)
    today = now.astimezone(zone).date()
    due_at = datetime.combine(today, brand.digest_at, zone).astimezone(UTC)
    return today - timedelta(days=1 if now >= due_at else 2)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the first moment of local `day` and that of the next day, aware UTC."""
    place = ZoneInfo(zone)
    first = datetime(day.year, day.month, day.day, tzinfo=place)
    after = day + timedelta(days=1)
    last = datetime(after.year, after.month, after.day, tzinfo=place)
    return first.astimezone(UTC), last.astimezone(UTC)
