"""What the sources of a brand let us know: which days are covered, and how each one fares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from alerts.facts import SourceHealth, StatedTotal
from alerts.naming import WatchName, place_of, source_name
from alerts.owed import day_bounds
from ingest.visit import Outcome
from store.health import Health
from store.ledger import Coverage
from store.tables import Mentions, Sightings, Visits
from store.watches import Watch

_FAILED = (Outcome.EMPTY, Outcome.BLOCKED, Outcome.CHANGED, Outcome.DOWN)
_COVERED_SHARE = 0.5
_FORBIDDEN = "robots.txt forbids"


def covered_days(watches: Sequence[Watch], days: Sequence[date], zone: str) -> set[date]:
    """Return those days that at least half of the watches heard whole, gaps left out."""
    heard = [each.coverage for each in watches if each.coverage.since is not None]
    return {
        day
        for day in days
        if heard
        and sum(_covers(each, *day_bounds(day, zone)) for each in heard)
        >= _COVERED_SHARE * len(heard)
    }


def source_healths(
    connection: Connection, watches: Sequence[Watch], start: datetime, end: datetime, *, zone: str
) -> tuple[SourceHealth, ...]:
    """Return how each watch fares now, and what it missed between `start` and `end`."""
    failing = _failing_since(connection, watches)
    newest = _newest_of_files(connection, watches)
    failed_then = set(
        connection.scalars(
            select(Visits.watch_id).where(
                Visits.started_at >= start, Visits.started_at < end, Visits.outcome.in_(_FAILED)
            )
        )
    )
    place = ZoneInfo(zone)
    names = _names(watches)
    return tuple(
        _health(
            each,
            names[each.id],
            failing_since=failing.get(each.id),
            heard_until=each.coverage.until or newest.get(each.id),
            failed_then=each.id in failed_then,
            gap=_gap(each.coverage, start, end),
            zone=place,
        )
        for each in watches
    )


def _health(
    watch: Watch,
    name: str,
    *,
    failing_since: datetime | None,
    heard_until: datetime | None,
    failed_then: bool,
    gap: tuple[datetime | None, datetime] | None,
    zone: ZoneInfo,
) -> SourceHealth:
    is_due = watch.health is Health.DUE
    heard_to = heard_until.astimezone(zone).date() if is_due and heard_until else None
    is_well = watch.health in (Health.HEALTHY, Health.SLOW)
    outcome = Outcome(watch.outcome) if watch.outcome else None
    return SourceHealth(
        name=name,
        outcome=Outcome.OK if is_well else outcome,
        is_paused=watch.health is Health.PAUSED,
        is_forbidden=outcome is Outcome.BLOCKED and watch.reason.startswith(_FORBIDDEN),
        failing_since=failing_since,
        last_success_at=watch.last_success_at,
        heard_to=heard_to,
        due_since=heard_to + timedelta(days=1) if heard_to else None,
        gap=gap if is_well else None,
        has_caught_up=is_well and failed_then,
        total=_stated(watch),
    )


def _stated(watch: Watch) -> StatedTotal | None:
    of = watch.totals
    if of is None:
        return None
    return StatedTotal(of.stated, of.heard, of.cause.value, of.missing_stars)


def _names(watches: Sequence[Watch]) -> dict[int, str]:
    """Return a name for each watch that no other one has: where two share it, their addresses."""
    short = {
        each.id: source_name(each.kind, WatchName(each.name, each.target), each.target)
        for each in watches
    }
    met = Counter(short.values())
    return {
        each.id: short[each.id]
        if met[short[each.id]] == 1
        else place_of(each.target) or each.name or short[each.id]
        for each in watches
    }


def _failing_since(connection: Connection, watches: Sequence[Watch]) -> dict[int, datetime]:
    """Return when each watch that fails now failed first after its last success."""
    since: dict[int, datetime] = {}
    for watch in watches:
        if watch.health is not Health.BROKEN:
            continue
        asked = select(func.min(Visits.started_at)).where(
            Visits.watch_id == watch.id, Visits.outcome.in_(_FAILED)
        )
        if watch.last_success_at is not None:
            asked = asked.where(Visits.started_at > watch.last_success_at)
        first = connection.scalar(asked)
        if first is not None:
            since[watch.id] = first
    return since


def _newest_of_files(connection: Connection, watches: Sequence[Watch]) -> dict[int, datetime]:
    """Return the newest post of each file source that is due and has no closed window yet."""
    due = [each.id for each in watches if each.health is Health.DUE]
    asked = (
        select(Sightings.watch_id, func.max(Mentions.dated_at).label("newest"))
        .join(Mentions, Mentions.id == Sightings.mention_id)
        .where(Sightings.watch_id.in_(due))
        .group_by(Sightings.watch_id)
    )
    return {row.watch_id: row.newest for row in connection.execute(asked)}


def _gap(
    coverage: Coverage, start: datetime, end: datetime
) -> tuple[datetime | None, datetime] | None:
    for gap in coverage.gaps:
        if gap.until > start and (gap.since is None or gap.since < end):
            return gap.since, gap.until
    return None


def _covers(coverage: Coverage, start: datetime, end: datetime) -> bool:
    if coverage.since is None or coverage.until is None:
        return False
    is_inside = coverage.since < end and coverage.until >= end
    return is_inside and _gap(coverage, start, end) is None
