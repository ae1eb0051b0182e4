"""The brand's mentions of the last nine weeks, counted by local day, aspect and mood."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from alerts.facts import DayCount, Theme
from cases.usual import WEEKS, Usual, spread
from ingest.mention import Speaker
from scoring.verdict import NOT_A_REVIEW, Label, Polarity
from store.tables import Matches, Mentions, Verdicts

CHART_DAYS = 14
_WEEK = 7
_COVERED_OF_A_WEEK = 6
_FEWEST_STARS = 5
_POLARITY = {Label.NEGATIVE: Polarity.NEGATIVE, Label.POSITIVE: Polarity.POSITIVE}


@dataclass(slots=True)
class Counted:
    """Mentions by the local day they were posted on, and what became known on the day itself."""

    mentions: Counter[date] = field(default_factory=Counter)
    negatives: Counter[date] = field(default_factory=Counter)
    stars: defaultdict[date, list[float]] = field(default_factory=lambda: defaultdict(list))
    themes: Counter[tuple[str, Polarity, date]] = field(default_factory=Counter)
    theme_posts: defaultdict[tuple[str, Polarity], list[tuple[date, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    earlier: int = 0
    earlier_negatives: int = 0

    def add(
        self,
        day: date,
        mention_id: int,
        *,
        stars: float | None,
        label: str | None,
        aspects: Sequence[dict[str, str]],
        dismissed_as: str,
    ) -> None:
        """Count one mention under the day it was posted on."""
        self.mentions[day] += 1
        if stars is not None:
            self.stars[day].append(stars)
        if label is None or dismissed_as:
            return
        if label == Label.NEGATIVE:
            self.negatives[day] += 1
        polarity = _POLARITY.get(Label(label))
        for name in {each["name"] for each in aspects if each["polarity"] == polarity}:
            self.themes[name, polarity or Polarity.NEUTRAL, day] += 1
            self.theme_posts[name, polarity or Polarity.NEUTRAL].append((day, mention_id))


def count(
    connection: Connection, brand_id: int, *, day: date, start: datetime, end: datetime, zone: str
) -> Counted:
    """Return what was known by `end` of the posts of the nine weeks up to the local day.

    The stars of what is no honest review are left out.
    """
    place = ZoneInfo(zone)
    counted = Counted()
    asked = (
        select(
            Mentions.id, Mentions.dated_at, Mentions.seen_at, Mentions.stars,
            Matches.dismissed_as, Verdicts.label, Verdicts.aspects, Verdicts.spam,
        )
        .join(Matches, Matches.mention_id == Mentions.id)
        .outerjoin(
            Verdicts, (Verdicts.mention_id == Mentions.id) & Verdicts.is_current.is_(True)
        )
        .where(
            Matches.brand_id == brand_id,
            Matches.role != "brand",
            Matches.dismissed_as != "not-us",
            Mentions.speaker == Speaker.CUSTOMER,
            Mentions.is_copy.is_(False),
            Mentions.seen_at < end,
            (Mentions.dated_at >= start - timedelta(weeks=WEEKS + 2)) | (Mentions.seen_at >= start),
        )
    )  # fmt: skip
    for row in connection.execute(asked.execution_options(yield_per=2_000)):
        posted = row.dated_at.astimezone(place).date()
        counted.add(
            posted,
            row.id,
            stars=None if (row.spam or 0.0) >= NOT_A_REVIEW else row.stars,
            label=row.label,
            aspects=row.aspects or (),
            dismissed_as=row.dismissed_as,
        )
        if posted < day and row.seen_at >= start:
            counted.earlier += 1
            is_negative = row.label == Label.NEGATIVE and not row.dismissed_as
            counted.earlier_negatives += is_negative
    return counted


def on_covered(counts: Counter[date], covered: Collection[date]) -> dict[date, float]:
    """Return the count of every covered day, zero included."""
    return {day: float(counts[day]) for day in covered}


def mean_stars(counted: Counted, day: date, covered: Collection[date]) -> dict[date, float]:
    """Return the mean stars of the week that ends on `day`, and of each covered week before.

    Weeks, not days: a day's mean over two or three ratings says little. Weeks with
    fewer than five ratings are left out. Keyed by the last day of the week.
    """
    means = {}
    for week in [week_to(day), *covered_weeks(day, covered)]:
        stars = [each for one in week for each in counted.stars.get(one, ())]
        if len(stars) >= _FEWEST_STARS:
            means[week[0]] = sum(stars) / len(stars)
    return means


def covered_weeks(day: date, covered: Collection[date]) -> list[list[date]]:
    """Return those of the eight weeks before the one to `day` that are covered but for a day."""
    weeks = [week_to(day - timedelta(days=_WEEK * n)) for n in range(1, WEEKS + 1)]
    return [week for week in weeks if sum(each in covered for each in week) >= _COVERED_OF_A_WEEK]


def week_to(last: date) -> list[date]:
    """Return the seven days up to `last`, the newest first."""
    return [last - timedelta(days=n) for n in range(_WEEK)]


def last_days(counted: Counted, day: date, covered: Collection[date]) -> tuple[DayCount, ...]:
    """Return the negative posts of the last 14 days, None where a day is not covered."""
    days = [day - timedelta(days=CHART_DAYS - 1 - n) for n in range(CHART_DAYS)]
    return tuple(
        DayCount(each, counted.negatives[each] if each == day or each in covered else None)
        for each in days
    )


def themes(counted: Counted, day: date, covered: Collection[date]) -> tuple[Theme, ...]:
    """Return the aspects of the last seven days against the eight weeks before them."""
    names = sorted({(name, polarity) for name, polarity, _ in counted.themes})
    weeks, this_week = covered_weeks(day, covered), week_to(day)
    return tuple(
        Theme(
            name=name,
            polarity=polarity,
            day=counted.themes[name, polarity, day],
            week=sum(counted.themes[name, polarity, each] for each in this_week),
            usual_week=_usual_week(counted, name, polarity, weeks),
            posts=frozenset(
                id for each, id in counted.theme_posts[name, polarity] if each in this_week
            ),
        )
        for name, polarity in names
    )


def _usual_week(
    counted: Counted, name: str, polarity: Polarity, weeks: Sequence[Sequence[date]]
) -> Usual | None:
    return spread(
        float(sum(counted.themes[name, polarity, each] for each in week)) for week in weeks
    )
