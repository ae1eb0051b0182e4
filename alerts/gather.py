"""Counts one brand's local day in the store: everything that its digest is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from alerts import counted, heard, said, waiting
from alerts.digest import MAX_CARDS
from alerts.facts import DayFacts, EngineTrouble, KeyEnds
from alerts.owed import day_bounds
from alerts.wins import wins
from cases.usual import WEEKS, usual
from ingest.brand import Brand
from store import brands, engine_days, watches
from store.engine import Store
from store.watches import Watch


def day_facts(
    store: Store, brand: Brand, day: date, *, now: datetime, key_ends: KeyEnds | None = None
) -> DayFacts:
    """Return the facts of the local `day` of `brand`, with open cases and sources as of `now`.

    A brand of which nothing is stored yet has a day without mentions. `key_ends` tells
    of a source when its key ends.
    """
    start, end = day_bounds(day, brand.zone)
    listened = watches.listing(store, now=now, brand=brand.name)
    with store.read() as connection:
        brand_id = brands.ids(connection).get(brand.name, -1)
        facts = _facts(
            connection, brand, brand_id, listened, day=day, start=start, end=end, now=now
        )
    return with_key_ends(facts, listened, key_ends)


def with_key_ends(facts: DayFacts, listened: Sequence[Watch], key_ends: KeyEnds | None) -> DayFacts:
    """Return the facts with the end of each source's key."""
    if key_ends is None:
        return facts
    ends = [key_ends(watch.kind, watch.target) for watch in listened]
    told = zip(facts.sources, ends, strict=True)
    return replace(facts, sources=tuple(replace(each, key_ends=last) for each, last in told))


def _facts(
    connection: Connection,
    brand: Brand,
    brand_id: int,
    listened: list[Watch],
    *,
    day: date,
    start: datetime,
    end: datetime,
    now: datetime,
) -> DayFacts:
    days = [day - timedelta(days=n) for n in range(7 * (WEEKS + 2))]
    covered = heard.covered_days(listened, days, brand.zone)
    known = counted.count(connection, brand_id, day=day, start=start, end=end, zone=brand.zone)
    stars = counted.mean_stars(known, day, covered)
    cases, more_open, more_late = waiting.open_cases(connection, brand_id, now=now, limit=MAX_CARDS)
    return DayFacts(
        brand=brand.name,
        language=brand.language,
        zone=brand.zone,
        day=day,
        start=start,
        end=end,
        now=now,
        answer_within_h=brand.answer_within_h,
        mentions=known.mentions[day],
        mentions_usual=usual(counted.on_covered(known.mentions, covered), day),
        negatives=known.negatives[day],
        negatives_usual=usual(counted.on_covered(known.negatives, covered), day),
        stars_mean=stars.get(day),
        stars_usual=usual(stars, day),
        answered=waiting.answered(
            connection, brand_id, day=day, start=start, end=end, zone=brand.zone, covered=covered
        ),
        earlier=known.earlier,
        earlier_negatives=known.earlier_negatives,
        negative_days=counted.last_days(known, day, covered),
        open_cases=cases,
        more_open=more_open,
        more_late=more_late,
        groups=said.groups(connection, brand, brand_id, day=day, end=end, covered=covered),
        themes=counted.themes(known, day, covered),
        wins=wins(connection, brand_id, start=start, end=end),
        sources=heard.source_healths(connection, listened, start, end, zone=brand.zone),
        second=_second(connection, start, end, now=now),
    )


def _second(
    connection: Connection, start: datetime, end: datetime, *, now: datetime
) -> EngineTrouble | None:
    """Return what keeps second opinions away: a silent engine, or the day's budget spent in it."""
    days = engine_days.between(connection, start.date(), now.date())
    if days and days[-1].fault:
        return EngineTrouble(silent_since=days[-1].failed_at, waiting=days[-1].waiting)
    spent = [each for each in days if each.spent_at and start <= each.spent_at < end]
    if not spent:
        return None
    return EngineTrouble(spent_at=spent[-1].spent_at, waiting=spent[-1].waiting)
