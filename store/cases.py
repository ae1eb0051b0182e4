"""Cases: who waits for an answer, what was done, and what people think of a flag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, insert, select, update

from cases.case import Case, Event, EventKind, State, fold
from cases.flag import Severity
from ingest.errors import ConfigError
from store.engine import Store
from store.mentions import needs_answer
from store.sql import Found, chunks, insert_new
from store.tables import Brands, CaseEvents, Cases, Corrections, Matches, Mentions

URGENT_FIRST = {Severity.URGENT: 0, Severity.HIGH: 1, Severity.NORMAL: 2}


class Opinion(StrEnum):
    """What people say of a flag."""

    USEFUL = "useful"
    NOT_NEGATIVE = "not-negative"
    NOT_US = "not-us"
    LATE = "late"


DISMISSING = frozenset({Opinion.NOT_NEGATIVE, Opinion.NOT_US})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case with what is needed to answer it; `state` as of the time asked."""

    id: int
    brand: str
    mention_id: int
    severity: str
    state: State
    assignee: str
    opened_at: datetime
    target_at: datetime
    snoozed_until: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    rule: str
    flag_reasons: Sequence[dict[str, str]]
    source: str
    url: str
    author: str
    title: str
    text: str
    stars: float | None
    posted_at: datetime | None


def listing(
    store: Store,
    *,
    now: datetime,
    brand: str | None = None,
    only_open: bool = True,
    limit: int = 100,
) -> list[CaseRow]:
    """Return cases: those that need an answer first, then by severity and target."""
    asked = _selected()
    if brand is not None:
        asked = asked.where(Brands.name == brand)
    if only_open:
        asked = asked.where(Cases.state != State.RESOLVED)
    waits = case((needs_answer(now), 0), else_=1)
    severity = case(URGENT_FIRST, value=Cases.severity, else_=3)
    with store.read() as connection:
        rows = connection.execute(
            asked.order_by(waits, severity, Cases.target_at, Cases.id).limit(limit)
        ).all()
    return [_case_row(row, now) for row in rows]


def show(store: Store, case_id: int, *, now: datetime) -> tuple[CaseRow, tuple[Event, ...]]:
    """Return a case and all that happened to it. Raises ConfigError if there is none."""
    with store.read() as connection:
        row = connection.execute(_selected().where(Cases.id == case_id)).one_or_none()
        if row is None:
            raise _no_such(case_id)
        return _case_row(row, now), _events(connection, case_id)


def assign(store: Store, case_id: int, *, to: str, now: datetime) -> Case:
    """Give the case to somebody; "" gives it back to all."""
    return _add(store, case_id, Event(at=now, kind=EventKind.ASSIGNED, who=to))


def answer(store: Store, case_id: int, *, who: str, now: datetime, note: str = "") -> Case:
    """Note that the customer was answered."""
    return _add(store, case_id, Event(at=now, kind=EventKind.ANSWERED, who=who, note=note))


def tell(store: Store, case_id: int, *, who: str, now: datetime, note: str = "") -> Case:
    """Note that the customer was told what was changed since."""
    return _add(store, case_id, Event(at=now, kind=EventKind.TOLD, who=who, note=note))


def resolve(store: Store, case_id: int, *, who: str, now: datetime, note: str = "") -> Case:
    """Close the case."""
    return _add(store, case_id, Event(at=now, kind=EventKind.RESOLVED, who=who, note=note))


def reopen(store: Store, case_id: int, *, who: str, now: datetime, note: str = "") -> Case:
    """Open the case again."""
    return _add(store, case_id, Event(at=now, kind=EventKind.REOPENED, who=who, note=note))


def snooze(store: Store, case_id: int, *, until: datetime, who: str, now: datetime) -> Case:
    """Put the case aside until a time."""
    return _add(store, case_id, Event(at=now, kind=EventKind.SNOOZED, who=who, until=until))


def undo(store: Store, case_id: int, *, who: str, now: datetime) -> Case:
    """Take back the last thing that happened to the case, and a dismissal of its flag with it."""
    return _add(store, case_id, Event(at=now, kind=EventKind.UNDONE, who=who))


def correct(
    store: Store,
    mention_id: int,
    opinion: str,
    *,
    who: str,
    now: datetime,
    brand: str | None = None,
    note: str = "",
) -> int:
    """Keep what somebody thinks of a flag; return for how many brands.

    Not-negative and not-us take the flag back: its case closes, exports and
    digests leave it out. Raises ConfigError for an unknown opinion or mention.
    """
    if opinion not in set(Opinion):
        allowed = ", ".join(Opinion)
        raise ConfigError("not an opinion", subject=opinion, next_step=f"say one of {allowed}")
    told = Opinion(opinion)
    with store.write() as connection:
        asked = select(Matches.brand_id).join(Brands, Brands.id == Matches.brand_id)
        asked = asked.where(Matches.mention_id == mention_id)
        if brand is not None:
            asked = asked.where(Brands.name == brand)
        brand_ids = connection.scalars(asked.order_by(Matches.brand_id)).all()
        if not brand_ids:
            raise ConfigError(
                "there is no such mention",
                subject=str(mention_id),
                next_step="see `earful mentions`",
            )
        rows = [
            {"mention_id": mention_id, "brand_id": each, "opinion": told, "who": who,
             "note": note, "at": now}
            for each in brand_ids
        ]  # fmt: skip
        insert_new(connection, Corrections, rows)
        if told in DISMISSING:
            _dismiss(connection, mention_id, brand_ids, told, event=_dismissal(told, who, now))
        return len(brand_ids)


def append(connection: Connection, case_id: int, event: Event) -> Case:
    """Add one event inside the caller's transaction; return the case it makes.

    Raises ConfigError if there is no such case.
    """
    locked = select(Cases.id).where(Cases.id == case_id).with_for_update()
    if connection.scalar(locked) is None:
        raise _no_such(case_id)
    before = _events(connection, case_id)
    made = fold((*before, event))
    connection.execute(
        insert(CaseEvents).values(
            case_id=case_id, at=event.at, kind=event.kind, who=event.who, note=event.note,
            until=event.until,
        )
    )  # fmt: skip
    connection.execute(update(Cases).where(Cases.id == case_id).values(**_folded(made)))
    if event.kind is EventKind.UNDONE and before[-1].kind is EventKind.DISMISSED:
        _set_dismissed(connection, _ids(case_id), "")
    return made


def clusters_with_cases(
    connection: Connection, cluster_ids: set[int]
) -> set[tuple[int | None, int]]:
    """Return (cluster, brand id) of those clusters that have a case."""
    asked = select(Mentions.cluster_id, Cases.brand_id).join(Cases, Cases.mention_id == Mentions.id)
    rows = connection.execute(asked.where(Mentions.cluster_id.in_(cluster_ids)))
    return {(row.cluster_id, row.brand_id) for row in rows}


def reopen_edited(connection: Connection, case_ids: Sequence[int], *, now: datetime) -> None:
    """Open again those resolved cases whose posts were edited and flagged anew.

    What people dismissed stays dismissed.
    """
    for some in chunks(case_ids):
        closed = (
            select(Cases.id)
            .join(
                Matches,
                (Matches.mention_id == Cases.mention_id) & (Matches.brand_id == Cases.brand_id),
            )
            .where(Cases.id.in_(some), Cases.state == State.RESOLVED, Matches.dismissed_as == "")
        )
        for case_id in connection.scalars(closed.order_by(Cases.id)).all():
            append(connection, case_id, Event(at=now, kind=EventKind.REOPENED, note="edited"))


def _add(store: Store, case_id: int, event: Event) -> Case:
    with store.write() as connection:
        return append(connection, case_id, event)


def _dismissal(opinion: Opinion, who: str, now: datetime) -> Event:
    return Event(at=now, kind=EventKind.DISMISSED, who=who, note=opinion)


def _dismiss(
    connection: Connection,
    mention_id: int,
    brand_ids: Sequence[int],
    opinion: Opinion,
    *,
    event: Event,
) -> None:
    here = (Matches.mention_id == mention_id) & Matches.brand_id.in_(brand_ids)
    _set_dismissed(connection, here, opinion)
    open_cases = select(Cases.id).where(
        Cases.mention_id == mention_id,
        Cases.brand_id.in_(brand_ids),
        Cases.state != State.RESOLVED,
    )
    for case_id in connection.scalars(open_cases.order_by(Cases.id)).all():
        append(connection, case_id, event)


def _set_dismissed(connection: Connection, which: ColumnElement[bool], as_what: str) -> None:
    connection.execute(update(Matches).where(which).values(dismissed_as=as_what))


def _ids(case_id: int) -> ColumnElement[bool]:
    of_case = select(Cases.id).where(
        Cases.id == case_id,
        Cases.mention_id == Matches.mention_id,
        Cases.brand_id == Matches.brand_id,
    )
    return of_case.exists()


def _selected() -> Select[*tuple[Any, ...]]:
    of_match = (Matches.mention_id == Cases.mention_id) & (Matches.brand_id == Cases.brand_id)
    return (
        select(
            Cases.id, Brands.name.label("brand"), Cases.mention_id, Cases.severity, Cases.state,
            Cases.assignee, Cases.opened_at, Cases.target_at, Cases.snoozed_until,
            Cases.answered_at, Cases.resolved_at, Matches.rule, Matches.flag_reasons,
            Mentions.source, Mentions.url, Mentions.author, Mentions.title, Mentions.text,
            Mentions.stars, Mentions.posted_at,
        )
        .join(Brands, Brands.id == Cases.brand_id)
        .join(Mentions, Mentions.id == Cases.mention_id)
        .join(Matches, of_match)
    )  # fmt: skip


def _case_row(row: Found, now: datetime) -> CaseRow:
    stored = Case(
        state=State(row.state),
        opened_at=row.opened_at,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until,
    )
    told = {**row._mapping, "state": stored.state_at(now), "rule": row.rule or ""}
    return CaseRow(**told)


def _events(connection: Connection, case_id: int) -> tuple[Event, ...]:
    asked = select(
        CaseEvents.at, CaseEvents.kind, CaseEvents.who, CaseEvents.note, CaseEvents.until
    )
    rows = connection.execute(asked.where(CaseEvents.case_id == case_id).order_by(CaseEvents.id))
    return tuple(
        Event(at=row.at, kind=EventKind(row.kind), who=row.who, note=row.note, until=row.until)
        for row in rows
    )


def _folded(made: Case) -> dict[str, object]:
    return {
        "state": made.state,
        "assignee": made.assignee,
        "snoozed_until": made.snoozed_until,
        "answered_at": made.answered_at,
        "resolved_at": made.resolved_at,
    }


def _no_such(case_id: int) -> ConfigError:
    return ConfigError(
        "there is no such case", subject=str(case_id), next_step="see `earful cases`"
    )
