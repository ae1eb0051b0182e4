"""The brand's mentions of the last nine weeks, counted by local day, aspect and mood."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from alerts.facts import DayCount, Theme, Win
from alerts.heard import source_name
from cases.usual import WEEKS, Usual, spread
from ingest.mention import Speaker
from scoring.verdict import Kind, Label, Polarity
from store.tables import Matches, Mentions, Sightings, Verdicts, Watches

CHART_DAYS = 14
_WEEK = 7
_COVERED_OF_A_WEEK = 6
_WIN_LETTERS = (40, 400)
_POLARITY = {Label.NEGATIVE: Polarity.NEGATIVE, Label.POSITIVE: Polarity.POSITIVE}


@dataclass(slots=True)
class Counted:
    """Mentions by the local day they were posted on, and what became known on the day itself."""

    mentions: Counter[date] = field(default_factory=Counter)
    negatives: Counter[date] = field(default_factory=Counter)
    stars: defaultdict[date, list[float]] = field(default_factory=lambda: defaultdict(list))
    themes: Counter[tuple[str, Polarity, date]] = field(default_factory=Counter)
    earlier: int = 0
    earlier_negatives: int = 0

    def add(
        self,
        day: date,
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


def count(
    connection: Connection, brand_id: int, *, day: date, start: datetime, end: datetime, zone: str
) -> Counted:
    """Return what was known by `end` of the posts of the nine weeks up to the local day."""
    place = ZoneInfo(zone)
    counted = Counted()
    asked = (
        select(
            Mentions.dated_at, Mentions.seen_at, Mentions.stars, Matches.dismissed_as,
            Verdicts.label, Verdicts.aspects,
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
            Mentions.seen_at < end,
            (Mentions.dated_at >= start - timedelta(weeks=WEEKS + 2)) | (Mentions.seen_at >= start),
        )
    )  # fmt: skip
    for row in connection.execute(asked.execution_options(yield_per=2_000)):
        posted = row.dated_at.astimezone(place).date()
        counted.add(
            posted,
            stars=row.stars,
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


def mean_stars(counted: Counted, covered: Collection[date]) -> dict[date, float]:
    """Return the mean stars of every covered day that has any."""
    return {
        day: sum(stars) / len(stars)
        for day, stars in counted.stars.items()
        if stars and day in covered
    }


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
    weeks = [_week(day - timedelta(days=_WEEK * n)) for n in range(1, WEEKS + 1)]
    whole = [week for week in weeks if sum(each in covered for each in week) >= _COVERED_OF_A_WEEK]
    return tuple(
        Theme(
            name=name,
            polarity=polarity,
            day=counted.themes[name, polarity, day],
            week=sum(counted.themes[name, polarity, each] for each in _week(day)),
            usual_week=_usual_week(counted, name, polarity, whole),
        )
        for name, polarity in names
    )


def wins(
    connection: Connection, brand_id: int, *, start: datetime, end: datetime
) -> tuple[Win, ...]:
    """Return the clearest praise that became known in the window, the best first."""
    asked = (
        select(
            Mentions.id, Mentions.text, Mentions.url, Mentions.product, Mentions.stars,
            Mentions.source, Mentions.source_kind, Verdicts.language,
        )
        .join(Matches, Matches.mention_id == Mentions.id)
        .join(Verdicts, (Verdicts.mention_id == Mentions.id) & Verdicts.is_current.is_(True))
        .where(
            Matches.brand_id == brand_id, Matches.role == "customer", Matches.severity.is_(None),
            Matches.dismissed_as == "", Verdicts.label == Label.POSITIVE,
            Verdicts.kind == Kind.PRAISE, Mentions.seen_at >= start, Mentions.seen_at < end,
            Mentions.dated_at >= start - timedelta(days=_WEEK),
            (Mentions.stars.is_(None)) | (Mentions.stars >= 5),
        )
        .order_by(Verdicts.score.desc(), Mentions.reach.desc().nulls_last(), Mentions.id)
        .limit(50)
    )  # fmt: skip
    rows = connection.execute(asked).all()
    good = [row for row in rows if _WIN_LETTERS[0] <= len(row.text) <= _WIN_LETTERS[1]]
    names = watch_names(connection, [row.id for row in good[:1]])
    return tuple(
        Win(
            mention_id=row.id,
            text=row.text,
            source=source_name(row.source_kind, names.get(row.id, ""), row.source),
            language=row.language,
            url=row.url,
            product=row.product,
            stars=row.stars,
        )
        for row in good[:1]
    )


def watch_names(connection: Connection, mention_ids: Sequence[int]) -> dict[int, str]:
    """Return the name of the watch through which each mention was first met, "" for none."""
    asked = (
        select(Sightings.mention_id, Watches.name)
        .join(Watches, Watches.id == Sightings.watch_id)
        .where(Sightings.mention_id.in_(mention_ids))
        .order_by(Sightings.mention_id, Sightings.seen_at.desc(), Sightings.watch_id.desc())
    )
    return {row.mention_id: row.name for row in connection.execute(asked)}


def _usual_week(
    counted: Counted, name: str, polarity: Polarity, weeks: Sequence[Sequence[date]]
) -> Usual | None:
    return spread(
        float(sum(counted.themes[name, polarity, each] for each in week)) for week in weeks
    )


def _week(last: date) -> list[date]:
    return [last - timedelta(days=n) for n in range(_WEEK)]
