"""Who waits for an answer, and how the answers of the day came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, case, func, select

from alerts.facts import Answered, OpenCase
from alerts.naming import WatchName, source_name, watch_names
from cases.case import State
from cases.flag import FlagReason, Severity
from cases.order import place
from cases.usual import WEEKS, Usual, spread, usual
from ingest.mention import FeedbackKind, Precision
from store.mentions import needs_answer
from store.sql import Found
from store.tables import Cases, Matches, Mentions, MentionVersions

_READ = 500  # cases looked at for the few that are shown


def open_cases(
    connection: Connection, brand_id: int, *, now: datetime, limit: int
) -> tuple[tuple[OpenCase, ...], int, int]:
    """Return the most urgent cases that need an answer at `now`, in the order of `cases.order`.

    Each names the other sources in which copies of its text stand. Beside them:
    how many more cases there are, and how many of those are late.
    """
    waits = (Cases.brand_id == brand_id, needs_answer(now), Cases.opened_at <= now)
    counted = select(func.count(), func.sum(case((Cases.target_at < now, 1), else_=0)))
    every, late = connection.execute(counted.where(*waits)).one()
    by_severity = case({each: n for n, each in enumerate(Severity)}, value=Cases.severity, else_=9)
    asked = (
        select(
            Cases.id.label("case_id"), Cases.severity, Cases.target_at, Matches.flag_reasons,
            Mentions.id, Mentions.source, Mentions.source_kind, Mentions.text, Mentions.title,
            Mentions.url, Mentions.language, Mentions.posted_at, Mentions.posted_precision,
            Mentions.stars, Mentions.reach, Mentions.feedback_kind, Mentions.cluster_id,
            Mentions.gone_at,
        )
        .join(Mentions, Mentions.id == Cases.mention_id)
        .join(
            Matches,
            (Matches.mention_id == Cases.mention_id) & (Matches.brand_id == Cases.brand_id),
        )
        .where(*waits)
        .order_by(by_severity, Cases.target_at, Cases.id)
        .limit(_READ)
    )  # fmt: skip
    rows = sorted(connection.execute(asked), key=_place)
    chosen = _one_a_cluster(rows)[:limit]
    copies = _copies(connection, chosen)
    ids = {each.id for each in (*chosen, *chain.from_iterable(copies.values()))}
    names = watch_names(connection, sorted(ids))
    found = tuple(_open_case(row, copies.get(row.cluster_id, []), names) for row in chosen)
    shown_late = sum(1 for each in found if each.target_at < now)
    return found, every - len(found), (late or 0) - shown_late


def _place(row: Found) -> tuple[int, int, datetime, int]:
    return place(Severity(row.severity), _reasons(row), row.target_at, case_id=row.case_id)


def _one_a_cluster(rows: Sequence[Found]) -> list[Found]:
    """Return the first row of each cluster of copies, and every row that is in none."""
    chosen = {row.cluster_id or -row.id: row for row in reversed(rows)}
    return [row for row in rows if chosen[row.cluster_id or -row.id] is row]


def _copies(connection: Connection, rows: Sequence[Found]) -> dict[int, list[Found]]:
    """Return the mentions of each cluster that `rows` belong to, the first known first."""
    clusters = {row.cluster_id for row in rows} - {None}
    asked = select(Mentions.id, Mentions.cluster_id, Mentions.source, Mentions.source_kind)
    found: dict[int, list[Found]] = {}
    for row in connection.execute(
        asked.where(Mentions.cluster_id.in_(clusters)).order_by(Mentions.id)
    ):
        found.setdefault(row.cluster_id, []).append(row)
    return found


def _open_case(row: Found, copies: Sequence[Found], names: Mapping[int, WatchName]) -> OpenCase:
    source = _source(row, names)
    also = dict.fromkeys(_source(each, names) for each in copies)
    return OpenCase(
        case_id=row.case_id,
        mention_id=row.id,
        severity=Severity(row.severity),
        target_at=row.target_at,
        source=source,
        text=row.text,
        title=row.title,
        language=row.language,
        url=row.url,
        posted_at=row.posted_at,
        precision=Precision(row.posted_precision) if row.posted_precision else None,
        stars=row.stars,
        reach=row.reach,
        feedback_kind=FeedbackKind(row.feedback_kind),
        reasons=_reasons(row),
        also=tuple(name for name in also if name != source),
        is_gone=row.gone_at is not None,
    )


def _source(row: Found, names: Mapping[int, WatchName]) -> str:
    return source_name(row.source_kind, names.get(row.id, WatchName()), row.source)


def _reasons(row: Found) -> tuple[FlagReason, ...]:
    return tuple(FlagReason(each["code"], each["words"]) for each in row.flag_reasons)


def answered(
    connection: Connection,
    brand_id: int,
    *,
    day: date,
    start: datetime,
    end: datetime,
    zone: str,
    covered: Collection[date],
) -> Answered | None:
    """Return how the cases due on the day fared; None when none was due and none answered."""
    answers = _answers(connection, brand_id, start=start, end=end, zone=zone)
    if not answers.due[day] and not answers.minutes:
        return None
    shares = {
        each: answers.kept[each] / answers.due[each] for each in answers.due if each in covered
    }
    return _answered(connection, brand_id, [day], answers, usual(shares, day), (start, end))


def answered_in(
    connection: Connection,
    brand_id: int,
    days: Sequence[date],
    weeks: Sequence[Sequence[date]],
    *,
    start: datetime,
    end: datetime,
    zone: str,
) -> Answered | None:
    """Return how the cases due on `days` fared, beside those of the `weeks` before."""
    answers = _answers(connection, brand_id, start=start, end=end, zone=zone)
    due = [sum(answers.due[day] for day in week) for week in weeks]
    kept = [sum(answers.kept[day] for day in week) for week in weeks]
    shares = [good / every for good, every in zip(kept, due, strict=True) if every]
    found = _answered(connection, brand_id, days, answers, spread(shares), (start, end))
    return found if found.due or found.sent else None


@dataclass(frozen=True, slots=True)
class _Answers:
    """By local day: cases due and answered in time; and the minutes of the window's answers."""

    due: Counter[date]
    kept: Counter[date]
    minutes: list[float]


def _answers(
    connection: Connection, brand_id: int, *, start: datetime, end: datetime, zone: str
) -> _Answers:
    place = ZoneInfo(zone)
    due: Counter[date] = Counter()
    kept: Counter[date] = Counter()
    minutes = []
    for row in connection.execute(_of_nine_weeks(brand_id, start, end)):
        done_at = min(filter(None, (row.answered_at, row.resolved_at)), default=None)
        if row.target_at < end:
            local = row.target_at.astimezone(place).date()
            due[local] += 1
            kept[local] += done_at is not None and done_at <= row.target_at
        if row.answered_at is not None and start <= row.answered_at < end:
            minutes.append((row.answered_at - row.opened_at) / timedelta(minutes=1))
    return _Answers(due, kept, minutes)


def _answered(
    connection: Connection,
    brand_id: int,
    days: Sequence[date],
    answers: _Answers,
    usual_share: Usual | None,
    window: tuple[datetime, datetime],
) -> Answered:
    return Answered(
        due=sum(answers.due[day] for day in days),
        in_time=sum(answers.kept[day] for day in days),
        usual=usual_share,
        sent=len(answers.minutes),
        median_min=median(answers.minutes) if answers.minutes else None,
        raised=_raised(connection, brand_id, *window),
    )


def _of_nine_weeks(
    brand_id: int, start: datetime, end: datetime
) -> Select[datetime, datetime, datetime | None, datetime | None]:
    is_right = (Matches.mention_id == Cases.mention_id) & (Matches.brand_id == Cases.brand_id)
    since = start - timedelta(weeks=WEEKS + 1)
    return (
        select(Cases.target_at, Cases.opened_at, Cases.answered_at, Cases.resolved_at)
        .join(Matches, is_right)
        .where(
            Cases.brand_id == brand_id,
            Matches.dismissed_as == "",
            Cases.opened_at < end,
            (Cases.target_at >= since) | (Cases.answered_at >= start),
        )
    )


def _raised(
    connection: Connection, brand_id: int, start: datetime, end: datetime
) -> tuple[tuple[int, int], ...]:
    """Return the ratings that customers raised in the window, after they were answered."""
    asked = (
        select(MentionVersions.stars, Mentions.stars.label("now_stars"))
        .join(Mentions, Mentions.id == MentionVersions.mention_id)
        .join(Cases, (Cases.mention_id == Mentions.id) & (Cases.brand_id == brand_id))
        .where(
            MentionVersions.until >= start,
            MentionVersions.until < end,
            MentionVersions.stars < Mentions.stars,
            Cases.answered_at < MentionVersions.until,
            Cases.state != State.NEEDS_ANSWER,
        )
        .order_by(Mentions.id)
    )
    return tuple((round(row.stars), round(row.now_stars)) for row in connection.execute(asked))
