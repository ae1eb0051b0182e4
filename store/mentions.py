"""Mentions as people read and export them: one row per mention and brand, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from cases.case import State
from scoring.verdict import NOT_A_REVIEW
from store import search
from store.engine import Store
from store.sql import chunks, table_of
from store.tables import Answers, Brands, Cases, Matches, Mentions, Verdicts

CHUNK = 400  # rows of one read while streaming: no transaction is open between two
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
ASKED = tuple(name for name in COLUMNS if name not in ("brand", "answers"))
FEW = 1_000  # mentions that are looked up and sorted in a few milliseconds
MENTION, MATCH, BRAND, VERDICT, CASE = (
    table_of(each).columns for each in (Mentions, Matches, Brands, Verdicts, Cases)
)
ANSWER = ("metric", "value", "scale_low", "scale_high", "question")
NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True)
ANSWERED = (
    select(Answers.mention_id, *(table_of(Answers).columns[name] for name in ANSWER))
    .where(Answers.mention_id.in_(NUMBERS))
    .order_by(Answers.mention_id, Answers.position)
)
BY_MENTION = (MENTION.dated_at, MENTION.id)
BY_MATCH = (MATCH.dated_at, MATCH.mention_id)


def place_of(row: MentionRow) -> Place:
    """Return the place of `row` in the listing."""
    return Place(row.dated_at, row.id, row.brand)


def find(
    store: Store, wanted: Filter, *, limit: int = 50, before: Place | None = None
) -> list[MentionRow]:
    """Return at most `limit` rows, newest first, that come after the place `before`."""
    pages = [_page(store, each, limit, before) for each in _listings(store, wanted)]
    return list(islice(_merged(pages), limit))


def count(store: Store, wanted: Filter) -> int:
    """Return how many rows there are: as many as `stream` and every export give."""
    asked = _joined(select(func.count())).where(*_conditions(wanted, is_sqlite=store.is_sqlite))
    if wanted.brand is not None:
        named = select(BRAND.id).where(BRAND.name == wanted.brand)
        asked = asked.where(MATCH.brand_id == named.scalar_subquery())
    with store.read() as connection:
        return int(connection.execute(asked).scalar_one())


def stream(store: Store, wanted: Filter, *, chunk: int = CHUNK) -> Iterator[MentionRow]:
    """Yield every row, newest first, without ever holding a long transaction.

    What becomes known while it runs is left out, so that no row comes twice.
    """
    yield from _merged([_walk(store, each, chunk) for each in _listings(store, wanted)])


@dataclass(frozen=True, slots=True)
class _Listing:
    """The question for one brand's rows, and the columns that they are ordered by."""

    brand: str
    asked: Select[Any]
    order: tuple[ColumnElement[Any], ColumnElement[Any]]


def _listings(store: Store, wanted: Filter) -> list[_Listing]:
    """Return for each brand the question for its rows, so put that no database sorts them all.

    A brand's matches stand in an index in the order of their time, which is walked
    until the page is full. Where only few mentions can be meant, these are looked up
    and sorted. (Over all brands at once SQLite, which keeps no figures of its
    tables, reads everything and sorts it, for each page.)
    """
    asked = _listed().where(*_conditions(wanted, is_sqlite=store.is_sqlite))
    few = _few(store, wanted)
    if few is None:
        asked, order = asked.where(*_between(MATCH.dated_at, wanted.since, wanted.until)), BY_MATCH
    else:
        asked, order = asked.where(MENTION.id.in_(few)), BY_MENTION
    with store.read() as connection:
        known = connection.execute(select(BRAND.id, BRAND.name)).all()
    return [
        _Listing(name, asked.where(MATCH.brand_id == number), order)
        for number, name in known
        if wanted.brand in (None, name)
    ]


def _few(store: Store, wanted: Filter) -> Select[Any] | CompoundSelect[Any] | None:
    """Return the ids among which all of `wanted` are, None when they are many."""
    for ids in _named(wanted, is_sqlite=store.is_sqlite):
        with store.read() as connection:
            first = connection.scalars(ids.limit(FEW)).all()
        if len(first) < FEW:
            return ids
    return None


def _walk(store: Store, listing: _Listing, chunk: int) -> Iterator[MentionRow]:
    before: Place | None = None
    while True:
        rows = _page(store, listing, chunk, before)
        yield from rows
        if len(rows) < chunk:
            return
        before = place_of(rows[-1])


def _merged(of_brands: Sequence[Iterable[MentionRow]]) -> Iterator[MentionRow]:
    """Yield the rows of all brands, newest first."""
    if len(of_brands) == 1:
        return iter(of_brands[0])
    return merge(*of_brands, key=lambda row: (row.dated_at, row.id, row.brand), reverse=True)


def _page(store: Store, listing: _Listing, limit: int, before: Place | None) -> list[MentionRow]:
    asked, (dated_at, number) = listing.asked, listing.order
    if before is not None:
        here = tuple_(dated_at, number)
        there = tuple_(literal(before.dated_at, dated_at.type), before.id)
        # Of one mention's rows, those of the brands last in the alphabet come first.
        is_after = here <= there if listing.brand < before.brand else here < there
        asked = asked.where(dated_at <= before.dated_at, is_after)
    newest = asked.order_by(dated_at.desc(), number.desc()).limit(limit)
    with store.read() as connection:
        rows = connection.execute(newest).all()
        answers = _answers(connection, [row.id for row in rows])
    return [
        MentionRow(
            **dict(zip(ASKED, row, strict=True)),
            brand=listing.brand,
            answers=answers.get(row.id, []),
        )
        for row in rows
    ]


@cache
def _listed() -> Select[Any]:
    return _joined(select(*_columns()))


def _columns() -> list[ColumnElement[Any]]:
    """Return the columns of a row but for the brand's name and the answers."""
    told = {
        "collected_at": MENTION.seen_at,
        "lang": func.coalesce(func.nullif(VERDICT.language, ""), MENTION.language),
        "severity": case((MATCH.dismissed_as == "", MATCH.severity), else_=null()),
        "cluster": MENTION.cluster_id,
        "case_state": CASE.state,
        "case_id": CASE.id,
    }
    found: list[ColumnElement[Any]] = []
    for name in ASKED:
        if name in told:
            found.append(told[name].label(name))
        else:
            owner = next(each for each in (MENTION, VERDICT, MATCH, CASE) if name in each)
            found.append(owner[name])
    return found


def _joined(asked: Select[Any]) -> Select[Any]:
    is_case = and_(CASE.mention_id == MENTION.id, CASE.brand_id == MATCH.brand_id)
    # As the index of current verdicts says it: else SQLite does not use that index.
    is_current = and_(VERDICT.mention_id == MENTION.id, text("verdicts.is_current"))
    return (
        asked.select_from(table_of(Mentions))
        .join(table_of(Matches), MATCH.mention_id == MENTION.id)
        .outerjoin(table_of(Verdicts), is_current)
        .outerjoin(table_of(Cases), is_case)
    )


def _conditions(wanted: Filter, *, is_sqlite: bool) -> Iterator[ColumnElement[bool]]:
    equal = (
        (VERDICT.label, wanted.label),
        (VERDICT.language, wanted.lang),
        (VERDICT.kind, wanted.kind),
        (MENTION.feedback_kind, wanted.feedback_kind),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.source is not None:
        yield or_(MENTION.source == wanted.source, MENTION.source_kind == wanted.source)
    yield from _between(MENTION.dated_at, wanted.since, wanted.until)
    yield from _between(MENTION.seen_at, wanted.seen_since, wanted.seen_until)
    if wanted.stars_at_least is not None:
        yield MENTION.stars >= wanted.stars_at_least
    if wanted.stars_at_most is not None:
        yield MENTION.stars <= wanted.stars_at_most
    if not wanted.with_not_us:
        yield MATCH.dismissed_as != NOT_US
    if not wanted.with_copies and wanted.source is None:
        yield MENTION.is_copy.is_(False)
    yield from _doubtful(wanted)
    yield from _flagged(wanted)
    found = search.finds(wanted.search or "", is_sqlite=is_sqlite)
    if found is not None:
        yield found


def _doubtful(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.is_mismatch is not None:
        disagrees = func.coalesce(VERDICT.mismatch, "") != ""
        yield disagrees if wanted.is_mismatch else ~disagrees
    if wanted.is_spam is not None:
        is_none = func.coalesce(VERDICT.spam, 0.0) >= NOT_A_REVIEW
        yield is_none if wanted.is_spam else ~is_none


def _named(wanted: Filter, *, is_sqlite: bool) -> Iterator[Select[Any] | CompoundSelect[Any]]:
    """Yield the ids of the mentions that a part of `wanted` names, where an index has them."""
    if wanted.search:
        held = search.holders(wanted.search, is_sqlite=is_sqlite)
        if held is not None:
            yield held
    if wanted.needs_answer:
        yield select(CASE.mention_id).where(needs_answer(wanted.now))
    if wanted.source is not None:
        columns = (MENTION.source, MENTION.source_kind)
        yield union_all(*(select(MENTION.id).where(each == wanted.source) for each in columns))


def _flagged(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    stands = and_(MATCH.severity.is_not(None), MATCH.dismissed_as == "")
    if wanted.severity is not None:
        yield and_(stands, MATCH.severity == wanted.severity)
    if wanted.is_flagged is not None:
        yield stands if wanted.is_flagged else ~stands
    if wanted.needs_answer:
        yield needs_answer(wanted.now)


def needs_answer(now: datetime | None) -> ColumnElement[bool]:
    """Return the condition "the case waits for us"; `now` wakes what was snoozed."""
    is_open: ColumnElement[bool] = CASE.state.in_(OPEN_STATES)
    if now is None:
        return is_open
    return or_(is_open, and_(CASE.state == State.SNOOZED, CASE.snoozed_until <= now))


def _between(
    column: Any, since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield column >= since
    if until is not None:
        yield column < until


def _answers(connection: Connection, mention_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for some in chunks(mention_ids):
        for mention_id, *values in connection.execute(ANSWERED, {"numbers": some}).all():
            found.setdefault(mention_id, []).append(dict(zip(ANSWER, values, strict=True)))
    return found
