"""What negative posts have in common, in people's own words, against the weeks before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, select

from alerts.counted import covered_weeks, week_to
from cases.groups import Group, Post, find_groups
from cases.usual import WEEKS
from cases.wordings import Wordings
from ingest.brand import Brand
from ingest.mention import Speaker
from scoring.verdict import Label
from store.tables import Matches, Mentions, Verdicts

_READ = 20_000  # negative texts, the newest; some 2 s of counting


def groups(
    connection: Connection,
    brand: Brand,
    brand_id: int,
    *,
    day: date,
    end: datetime,
    covered: Collection[date],
) -> tuple[Group, ...]:
    """Return what the negative posts of `day` and its week say unusually often, known by `end`."""
    place, weeks, this_week = ZoneInfo(brand.zone), covered_weeks(day, covered), week_to(day)
    by_day: dict[date, list[Post]] = {}
    products = set()
    rows = connection.execute(_negative_texts(brand_id, end)).all()
    for row in rows:
        local = row.dated_at.astimezone(place).date()
        text = f"{row.title}\n{row.text}" if row.title else row.text
        by_day.setdefault(local, []).append(Post(row.id, text, row.author))
        products.add(row.product)
    if len(rows) == _READ:  # a week that was not read to its end would look too quiet
        weeks = [week for week in weeks if week[-1] > min(by_day)]
    return find_groups(
        [post for each in this_week for post in by_day.get(each, ())],
        [[post.text for each in week for post in by_day.get(each, ())] for week in weeks],
        today=frozenset(post.id for post in by_day.get(day, ())),
        wordings=Wordings(brand=_names(brand), products=products),
    )


def _negative_texts(brand_id: int, end: datetime) -> Select[int, datetime, str, str, str, str]:
    return (
        select(
            Mentions.id, Mentions.dated_at, Mentions.title, Mentions.text, Mentions.author,
            Mentions.product,
        )
        .join(Matches, Matches.mention_id == Mentions.id)
        .join(Verdicts, (Verdicts.mention_id == Mentions.id) & Verdicts.is_current.is_(True))
        .where(
            Matches.brand_id == brand_id,
            Matches.role != "brand",
            Matches.dismissed_as == "",
            Verdicts.label == Label.NEGATIVE,
            Mentions.speaker == Speaker.CUSTOMER,
            Mentions.is_copy.is_(False),
            Mentions.seen_at < end,
            Mentions.dated_at >= end - timedelta(weeks=WEEKS + 2),
        )
        .order_by(Mentions.dated_at.desc())
        .limit(_READ)
    )  # fmt: skip


def _names(brand: Brand) -> list[str]:
    return [brand.name, *(part for query in brand.queries for part in query.split('"')[1::2])]
