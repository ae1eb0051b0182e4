"""Counts one brand's week in the store: everything that its weekly digest is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from alerts import counted, heard, said, waiting
from alerts.counted import Counted, covered_weeks, week_to
from alerts.facts import DayFacts, KeyEnds
from alerts.gather import with_key_ends
from alerts.owed import day_bounds
from alerts.weekly import Series, WeekFacts
from alerts.wins import wins
from cases.usual import WEEKS, spread
from ingest.brand import Brand
from store import brands, figures, watches
from store.engine import Store
from store.watches import Watch

_WEEK = 7


def week_facts(
    store: Store, brand: Brand, last: date, *, now: datetime, key_ends: KeyEnds | None = None
) -> WeekFacts:
    """Return the facts of the seven local days up to `last`, cases and sources as of `now`."""
    first = last - timedelta(days=_WEEK - 1)
    start, end = day_bounds(first, brand.zone)[0], day_bounds(last, brand.zone)[1]
    listened = watches.listing(store, now=now, brand=brand.name)
    days = [last - timedelta(days=n) for n in range(_WEEK * (WEEKS + 2))]
    covered = heard.covered_days(listened, days, brand.zone)
    with store.read() as connection:
        brand_id = brands.ids(connection).get(brand.name, -1)
        known = counted.count(
            connection, brand_id, day=first, start=start, end=end, zone=brand.zone
        )
        of = _week(connection, brand, brand_id, listened, known,
                   last=last, start=start, end=end, covered=covered, now=now)  # fmt: skip
    weeks = [week_to(last - timedelta(days=_WEEK * n)) for n in range(WEEKS, -1, -1)]
    whole = [week_to(last), *covered_weeks(last, covered)]
    return WeekFacts(
        of=with_key_ends(of, listened, key_ends),
        negative_weeks=tuple(
            (week[0], sum(known.negatives[day] for day in week) if week in whole else None)
            for week in weeks
        ),
        share=_share(known, weeks, whole),
        figures=_figures(store, brand, weeks),
    )


def _week(
    connection: Connection,
    brand: Brand,
    brand_id: int,
    listened: Sequence[Watch],
    known: Counted,
    *,
    last: date,
    start: datetime,
    end: datetime,
    covered: Collection[date],
    now: datetime,
) -> DayFacts:
    """Return the week as if it were one day, beside the weeks before."""
    stars = counted.mean_stars(known, last, covered)
    cases, more_open, more_late = waiting.open_cases(connection, brand_id, now=now, limit=1)
    weeks = covered_weeks(last, covered)
    found = said.groups(connection, brand, brand_id, day=last, end=end, covered=covered)
    return DayFacts(
        brand=brand.name,
        language=brand.language,
        zone=brand.zone,
        day=last,
        start=start,
        end=end,
        now=now,
        answer_within_h=brand.answer_within_h,
        mentions=_sum(known.mentions, week_to(last)),
        mentions_usual=spread(float(_sum(known.mentions, each)) for each in weeks),
        negatives=_sum(known.negatives, week_to(last)),
        negatives_usual=spread(float(_sum(known.negatives, each)) for each in weeks),
        stars_mean=stars.get(last),
        stars_usual=spread(mean for each, mean in stars.items() if each != last),
        answered=waiting.answered_in(
            connection, brand_id, week_to(last), weeks, start=start, end=end, zone=brand.zone
        ),
        earlier=known.earlier,
        earlier_negatives=known.earlier_negatives,
        open_cases=cases,
        more_open=more_open,
        more_late=more_late,
        groups=tuple(replace(each, today=()) for each in found),
        themes=tuple(replace(each, day=0) for each in counted.themes(known, last, covered)),
        wins=wins(connection, brand_id, start=start, end=end),
        sources=heard.source_healths(connection, listened, start, end, zone=brand.zone),
    )


def _sum(counts: dict[date, int], days: Sequence[date]) -> int:
    return sum(counts.get(day, 0) for day in days)


def _share(known: Counted, weeks: list[list[date]], whole: list[list[date]]) -> Series:
    """Return the negative posts of each week in percent of all, None where there is no base."""
    shares = []
    for week in weeks:
        every = _sum(known.mentions, week)
        bad = _sum(known.negatives, week)
        shares.append(100 * bad / every if every and week in whole else None)
    return Series("", tuple(shares), spread(each for each in shares[:-1] if each is not None))


def _figures(store: Store, brand: Brand, weeks: list[list[date]]) -> tuple[Series, ...]:
    """Return each behaviour figure's mean of each week; those that ended before are left out."""
    since, until = weeks[0][-1].isoformat(), weeks[-1][0].isoformat()
    by_metric: dict[str, dict[str, float]] = defaultdict(dict)
    for row in figures.rows(store, brand=brand.name, since=since, until=until):
        by_metric[row.metric][row.day] = row.value
    found = []
    for metric, values in sorted(by_metric.items()):
        means = [_mean([values.get(day.isoformat()) for day in week]) for week in weeks]
        usual = spread(each for each in means[:-1] if each is not None)
        if means[-1] is not None:
            found.append(Series(metric, tuple(means), usual))
    return tuple(found)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if known else None
