"""Mentions as people read and export them: one row per mention and brand, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from cases.case import State
from scoring.verdict import NOT_A_REVIEW
from store import search
from store.engine import Store
from store.sql import chunks
from store.tables import Answers, Brands, Cases, Matches, Mentions, Verdicts

CHUNK = 1_000  # rows of one read while streaming: no transaction is open between two
NOT_US = "not-us"
OPEN_STATES = (State.NEEDS_ANSWER, State.MINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which mentions: every field that is set must hold.

    `source` is a source or a kind of source. `since` (included) and `until` (not
    included) bound the time a mention is listed under, `seen_since` and
    `seen_until` the time it became known. `needs_answer` asks for open cases;
    with `now`, also for those whose snooze has run out. What people called "not
    about us" is left out unless `with_not_us`. Copies of one post in several
    sources count once, as the first known, unless `with_copies` or a `source`.
    `is_mismatch` asks for stars that the text contradicts, `is_spam` for what is no
    honest review (False: for the rest).
    """

    brand: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    seen_since: datetime | None = None
    seen_until: datetime | None = None
    label: str | None = None
    lang: str | None = None
    kind: str | None = None
    severity: str | None = None
    is_flagged: bool | None = None
    feedback_kind: str | None = None
    stars_at_least: float | None = None
    stars_at_most: float | None = None
    search: str | None = None
    is_mismatch: bool | None = None
    is_spam: bool | None = None
    needs_answer: bool = False
    now: datetime | None = None
    with_not_us: bool = False
    with_copies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionRow:
    """One mention as one brand sees it; the fields are the export's columns, in order.

    `reasons` are the words behind the verdict, `flag_reasons` why it is flagged;
    `severity` is None for what is not flagged or what people dismissed.
    """

    id: int
    source: str
    key: str
    url: str
    brand: str
    posted_at: datetime | None
    collected_at: datetime
    lang: str
    author: str
    title: str
    text: str
    stars: float | None
    score: float | None
    label: str | None
    kind: str | None
    severity: str | None
    reasons: list[dict[str, Any]] | None
    feedback_kind: str
    aspects: list[dict[str, Any]] | None
    causes: list[str] | None
    cluster: int | None
    model: str | None
    case_state: str | None
    case_id: int | None
    assignee: str | None
    target_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    source_kind: str
    posted_precision: str | None
    dated_at: datetime
    edited_at: datetime | None
    speaker: str
    role: str
    term: str
    product: str
    variation: str
    stars_native: float | None
    scale_low: float | None
    scale_high: float | None
    answers: list[dict[str, Any]]
    p_negative: float | None
    damage: str
    rule: str | None
    flag_reasons: list[dict[str, str]]
    flagged_at: datetime | None
    dismissed_as: str
    reach: int | None
    likes: int | None
    parent: str
    is_keyless: bool
    gone_at: datetime | None
    mismatch: str | None
    spam: float | None
    spam_sign: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of rows ended; the next one goes on `before` it."""

    dated_at: datetime
    id: int
    brand: str


COLUMNS = tuple(each.name for each in fields(MentionRow))


def place_of(row: MentionRow) -> Place:
    """Return the place of `row` in the listing."""
    return Place(row.dated_at, row.id, row.brand)


def find(
    store: Store, wanted: Filter, *, limit: int = 50, before: Place | None = None
) -> list[MentionRow]:
    """Return at most `limit` rows, newest first, that come after the place `before`."""
    asked = _joined(select(*_columns()))
    for condition in _conditions(wanted, is_sqlite=store.is_sqlite):
        asked = asked.where(condition)
    if before is not None:
        here = tuple_(Mentions.dated_at, Mentions.id, Brands.name)
        there = tuple_(literal(before.dated_at, Mentions.dated_at.type), before.id, before.brand)
        asked = asked.where(Mentions.dated_at <= before.dated_at, here < there)
    newest = (Mentions.dated_at.desc(), Mentions.id.desc(), Brands.name.desc())
    with store.read() as connection:
        rows = connection.execute(asked.order_by(*newest).limit(limit)).all()
        answers = _answers(connection, [row.id for row in rows])
    return [MentionRow(**row._mapping, answers=answers.get(row.id, [])) for row in rows]


def count(store: Store, wanted: Filter) -> int:
    """Return how many rows there are: as many as `stream` and every export give."""
    asked = _joined(select(func.count()))
    for condition in _conditions(wanted, is_sqlite=store.is_sqlite):
        asked = asked.where(condition)
    with store.read() as connection:
        return int(connection.execute(asked).scalar_one())


def stream(store: Store, wanted: Filter, *, chunk: int = CHUNK) -> Iterator[MentionRow]:
    """Yield every row, newest first, without ever holding a long transaction.

    What becomes known while it runs is left out, so that no row comes twice.
    """
    before: Place | None = None
    while True:
        rows = find(store, wanted, limit=chunk, before=before)
        yield from rows
        if len(rows) < chunk:
            return
        before = place_of(rows[-1])


def _columns() -> list[ColumnElement[Any]]:
    """Return the columns of a row; `answers` come by a question of their own."""
    told = {
        "brand": Brands.name,
        "collected_at": Mentions.seen_at,
        "lang": func.coalesce(func.nullif(Verdicts.language, ""), Mentions.language),
        "severity": case((Matches.dismissed_as == "", Matches.severity), else_=null()),
        "cluster": Mentions.cluster_id,
        "case_state": Cases.state,
        "case_id": Cases.id,
    }
    tables = (Mentions, Verdicts, Matches, Cases)
    found: list[ColumnElement[Any]] = []
    for name in COLUMNS:
        if name in told:
            found.append(told[name].label(name))
        elif name != "answers":
            owner = next(each for each in tables if hasattr(each, name))
            found.append(getattr(owner, name))
    return found


def _joined(asked: Select[Any]) -> Select[Any]:
    is_case = and_(Cases.mention_id == Mentions.id, Cases.brand_id == Matches.brand_id)
    is_current = and_(Verdicts.mention_id == Mentions.id, Verdicts.is_current)
    return (
        asked.select_from(Mentions)
        .join(Matches, Matches.mention_id == Mentions.id)
        .join(Brands, Brands.id == Matches.brand_id)
        .outerjoin(Verdicts, is_current)
        .outerjoin(Cases, is_case)
    )


def _conditions(wanted: Filter, *, is_sqlite: bool) -> Iterator[ColumnElement[bool]]:
    equal = (
        (Brands.name, wanted.brand),
        (Verdicts.label, wanted.label),
        (Verdicts.language, wanted.lang),
        (Verdicts.kind, wanted.kind),
        (Mentions.feedback_kind, wanted.feedback_kind),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.source is not None:
        yield or_(Mentions.source == wanted.source, Mentions.source_kind == wanted.source)
    yield from _between(Mentions.dated_at, wanted.since, wanted.until)
    yield from _between(Mentions.seen_at, wanted.seen_since, wanted.seen_until)
    if wanted.stars_at_least is not None:
        yield Mentions.stars >= wanted.stars_at_least
    if wanted.stars_at_most is not None:
        yield Mentions.stars <= wanted.stars_at_most
    if not wanted.with_not_us:
        yield Matches.dismissed_as != NOT_US
    if not wanted.with_copies and wanted.source is None:
        yield Mentions.is_copy.is_(False)
    yield from _doubtful(wanted)
    yield from _flagged(wanted)
    found = search.finds(wanted.search or "", is_sqlite=is_sqlite)
    if found is not None:
        yield found


def _doubtful(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.is_mismatch is not None:
        disagrees = func.coalesce(Verdicts.mismatch, "") != ""
        yield disagrees if wanted.is_mismatch else ~disagrees
    if wanted.is_spam is not None:
        is_none = func.coalesce(Verdicts.spam, 0.0) >= NOT_A_REVIEW
        yield is_none if wanted.is_spam else ~is_none


def _flagged(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    stands = and_(Matches.severity.is_not(None), Matches.dismissed_as == "")
    if wanted.severity is not None:
        yield and_(stands, Matches.severity == wanted.severity)
    if wanted.is_flagged is not None:
        yield stands if wanted.is_flagged else ~stands
    if wanted.needs_answer:
        yield needs_answer(wanted.now)


def needs_answer(now: datetime | None) -> ColumnElement[bool]:
    """Return the condition "the case waits for us"; `now` wakes what was snoozed."""
    is_open: ColumnElement[bool] = Cases.state.in_(OPEN_STATES)
    if now is None:
        return is_open
    return or_(is_open, and_(Cases.state == State.SNOOZED, Cases.snoozed_until <= now))


def _between(
    column: Any, since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield column >= since
    if until is not None:
        yield column < until


def _answers(connection: Connection, mention_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    names = ("metric", "value", "scale_low", "scale_high", "question")
    found: dict[int, list[dict[str, Any]]] = {}
    for some in chunks(mention_ids):
        asked = select(Answers.mention_id, *(getattr(Answers, name) for name in names))
        ordered = asked.where(Answers.mention_id.in_(some)).order_by(
            Answers.mention_id, Answers.position
        )
        for mention_id, *values in connection.execute(ordered):
            found.setdefault(mention_id, []).append(dict(zip(names, values, strict=True)))
    return found
