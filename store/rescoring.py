"""What is stored is judged anew by other models; facts are never touched.

A walk in chunks, newest first, each kept together or not at all. What the models have judged
already is not read again: a walk that was cut goes on where it was. The verdicts of other models
stay. Flags are decided anew where nobody said or did anything; an older post opens no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nlargest
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    update,
)

from cases.case import Event, EventKind, State
from cases.flag import Flag
from ingest.brand import Brand
from ingest.mention import Speaker
from scoring.english import MODEL as ENGLISH_MODEL
from scoring.judge import VIETNAMESE_MODEL, Learned
from scoring.language import EN, OTHER, VI
from scoring.verdict import Verdict
from store import brands, cases, seeding
from store.batch import ROLE_OF_BRAND, Decide, Item, Judge, Weighed, of_brands
from store.copies import Sketched, likely_copies, sketched
from store.engine import Store
from store.facts import flag_row, verdict_row
from store.intake_rows import Writer
from store.known import WatchFacts
from store.sql import Row, lock_sources, table_of, upsert
from store.standing import BY_RESCORING, VERDICT, Match, Stored, stored
from store.tables import Cases, Matches, Mentions, Verdicts

__all__ = [
    "CHUNK",
    "Anew",
    "Change",
    "Rescored",
    "by_engine",
    "judged",
    "keep",
    "model_names",
    "rescore",
    "waiting",
]

CHUNK = 500  # mentions of one transaction: a tenth of a second on SQLite
EXAMPLES = 10
NEGATIVE = -0.05


class Change(NamedTuple):
    """A mention that becomes negative, or no longer is."""

    mention_id: int
    before: float
    after: float
    text: str
    stars: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """What a walk came to, or would: mentions read, verdicts that differ, flags and cases.

    `worse` became negative, `better` no longer are: those that moved most.
    """

    read: int = 0
    judged: int = 0
    flagged: int = 0
    unflagged: int = 0
    opened: int = 0
    closed: int = 0
    worse: tuple[Change, ...] = ()
    better: tuple[Change, ...] = ()

    def __add__(self, other: Rescored) -> Rescored:
        return Rescored(
            read=self.read + other.read,
            judged=self.judged + other.judged,
            flagged=self.flagged + other.flagged,
            unflagged=self.unflagged + other.unflagged,
            opened=self.opened + other.opened,
            closed=self.closed + other.closed,
            worse=_furthest(self.worse + other.worse),
            better=_furthest(self.better + other.better),
        )


@dataclass(frozen=True, slots=True)
class Anew:
    """What the models think of one stored mention: the verdict, and the flag by brand."""

    stored: Stored
    verdict: Verdict
    flags: Mapping[str, Flag]

    @property
    def free(self) -> list[tuple[Match, Flag | None]]:
        """Return the matches about which nobody said or did anything, each with its new flag."""
        return [
            (each, self.flags.get(each.hit.brand))
            for each in self.stored.matches
            if not each.is_settled
        ]

    @property
    def takes_back(self) -> bool:
        """Return whether a flag would be gone."""
        return any(flag is None and match.flagged_at is not None for match, flag in self.free)


def model_names(learned: Mapping[str, Learned]) -> dict[str, str]:
    """Return by language how a Judge with the `learned` models signs its verdicts."""
    own = {VI: VIETNAMESE_MODEL, EN: ENGLISH_MODEL, OTHER: ENGLISH_MODEL}
    return {
        language: f"{name}+{learned[language].name}" if language in learned else name
        for language, name in own.items()
    }


def by_engine(name: str, verdicts: type[Verdicts] = Verdicts) -> ColumnElement[bool]:
    """Return the condition that a verdict was made with the engine called `name`."""
    return verdicts.model.endswith(f"+{name}", autoescape=True)


def waiting(
    store: Store, names: Mapping[str, str], *, since: datetime | None = None, engine: str = ""
) -> int:
    """Return how many mentions are not judged by the models of `names` yet; all without names.

    What has no words is judged by no model, and counts each time.
    """
    asked = select(func.count()).select_from(Mentions).outerjoin(Verdicts, _is_current())
    with store.read() as connection:
        return int(connection.execute(asked.where(*_wanted(names, since, engine))).scalar_one())


def rescore(
    store: Store,
    names: Mapping[str, str],
    *,
    judge: Judge,
    flag: Decide,
    now: datetime,
    since: datetime | None = None,
    engine: str = "",
    is_dry: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Rescored:
    """Judge what the models of `names` have not judged yet; return what that came to.

    Without names everything is judged again; with names the verdicts stay that the `engine`
    gave. What is listed under a time before `since` stays as it is. With `is_dry` nothing is
    written. `told` hears after each chunk how many mentions it had.
    """
    with store.read() as connection:
        habits = brands.habits(connection)
    found = Rescored()
    before: int | None = None
    while ids := _next(store, _wanted(names, since, engine), before):
        with store.read() as connection:
            here = stored(connection, ids)
        opinions = [judged(each, judge, flag, habits) for each in here]
        differing = [each for each in opinions if _differs(each, now)]
        planned = _planned(differing, habits, now)
        kept = planned if is_dry else keep(store, differing, habits, now)
        found += replace(kept, read=len(ids))
        before = ids[-1]
        told(len(ids))
    return found


def _next(store: Store, wanted: Sequence[ColumnElement[bool]], before: int | None) -> Sequence[int]:
    asked = select(Mentions.id).outerjoin(Verdicts, _is_current()).where(*wanted)
    if before is not None:
        asked = asked.where(Mentions.id < before)
    with store.read() as connection:
        return connection.scalars(asked.order_by(Mentions.id.desc()).limit(CHUNK)).all()


def _is_current() -> ColumnElement[bool]:
    return and_(Verdicts.mention_id == Mentions.id, Verdicts.is_current)


def _wanted(
    names: Mapping[str, str], since: datetime | None, engine: str
) -> list[ColumnElement[bool]]:
    done = [and_(Verdicts.language == each, Verdicts.model == names[each]) for each in names]
    done += [by_engine(engine)] if engine else []
    is_left = or_(Verdicts.mention_id.is_(None), ~or_(false(), *done))
    wanted: list[ColumnElement[bool]] = [Mentions.speaker != Speaker.STAFF]
    wanted += [is_left] if names else []
    return [*wanted, Mentions.dated_at >= since] if since else wanted


def judged(here: Stored, judge: Judge, flag: Decide, habits: Mapping[str, Brand]) -> Anew:
    """Return what `judge` thinks of a stored mention, and the flags that come of it."""
    verdict = of_brands(judge(here.mention), (each.hit for each in here.matches), habits)
    flags = {}
    for each in here.matches:
        if each.hit.role != ROLE_OF_BRAND:
            decided = flag(here.mention, verdict, each.hit.brand)
            if decided is not None:
                flags[each.hit.brand] = decided
    return Anew(here, verdict, flags)


def _differs(opinion: Anew, now: datetime) -> bool:
    """Return whether the current verdict says anything else, or there is none."""
    row = verdict_row(opinion.stored.id, opinion.verdict, now=now)
    return opinion.stored.verdict != {name: row[name] for name in VERDICT}


def _planned(opinions: Sequence[Anew], habits: Mapping[str, Brand], now: datetime) -> Rescored:
    """Return what keeping `opinions` would come to."""
    free = [(each.stored, match, flag) for each in opinions for match, flag in each.free]
    return Rescored(
        judged=len(opinions),
        flagged=sum(flag is not None and match.flagged_at is None for _, match, flag in free),
        unflagged=sum(flag is None and match.flagged_at is not None for _, match, flag in free),
        opened=sum(_is_to_open(here, match, flag, habits, now) for here, match, flag in free),
        closed=len(_to_close(opinions)),
        worse=_furthest(_crossed(opinions, is_worse=True)),
        better=_furthest(_crossed(opinions, is_worse=False)),
    )


def keep(
    store: Store,
    opinions: Sequence[Anew],
    habits: Mapping[str, Brand],
    now: datetime,
    *,
    is_raising: bool = False,
) -> Rescored:
    """Keep the opinions of one chunk; what was edited meanwhile is left to its intake.

    With `is_raising` those that would take a flag back are left out.
    """
    if not opinions:
        return Rescored()
    with store.write() as connection:
        lock_sources(connection, {each.stored.mention.source for each in opinions})
        # People may have said something, and sources edited something, since the first look.
        again = {here.id: here for here in stored(connection, [o.stored.id for o in opinions])}
        fresh = [
            replace(each, stored=again[each.stored.id])
            for each in opinions
            if each.stored.id in again
            and again[each.stored.id].content_hash == each.stored.content_hash
        ]
        if is_raising:
            fresh = [each for each in fresh if not each.takes_back]
        _write_verdicts(connection, fresh, now)
        _write_flags(connection, fresh, now)
        opened = _open_cases(connection, fresh, habits, now)
        for case_id in _to_close(fresh):
            _add(connection, case_id, EventKind.DISMISSED, now)
    return replace(_planned(fresh, habits, now), opened=opened)


def _write_verdicts(connection: Connection, opinions: Sequence[Anew], now: datetime) -> None:
    ids = [each.stored.id for each in opinions]
    current = Verdicts.mention_id.in_(ids) & Verdicts.is_current
    connection.execute(update(Verdicts).where(current).values(is_current=False))
    rows = [verdict_row(each.stored.id, each.verdict, now=now) for each in opinions]
    key = ("mention_id", "model")
    columns = [each.name for each in table_of(Verdicts).columns if each.name not in key]
    upsert(connection, Verdicts, rows, by=key, change=columns)
    told = {each.stored.id: sketched(each.stored.mention) for each in opinions}
    seeding.mark(connection, likely_copies(connection, told))


def _write_flags(connection: Connection, opinions: Sequence[Anew], now: datetime) -> None:
    """Write the flags that are free; one that stays keeps the time since when it is there."""
    rows: list[Row] = [
        {
            "of_mention": each.stored.id,
            "of_brand": match.brand_id,
            **flag_row(flag, now=match.flagged_at or now),
        }
        for each in opinions
        for match, flag in each.free
    ]
    if rows:
        here = table_of(Matches)
        of_match = and_(
            here.c.mention_id == bindparam("of_mention"), here.c.brand_id == bindparam("of_brand")
        )
        columns: Row = {name: bindparam(name) for name in flag_row(None, now=now)}
        connection.execute(update(here).where(of_match).values(columns), rows)


def _open_cases(
    connection: Connection, opinions: Sequence[Anew], habits: Mapping[str, Brand], now: datetime
) -> int:
    """Open a case for each new flag on a newer post, and again what a rescoring had closed."""
    weighed = []
    reopened = 0
    for each in opinions:
        flags = {}
        for match, flag in each.free:
            if flag is None or not _is_to_open(each.stored, match, flag, habits, now):
                continue
            if match.case_id is None:
                flags[match.hit.brand] = flag
            else:
                _add(connection, match.case_id, EventKind.REOPENED, now)
                reopened += 1
        item = Item(each.stored.key_hash, each.stored.content_hash, each.stored.mention)
        weighed.append((each.stored.id, Weighed(item, Sketched("", "", ()), flags=flags)))
    brand_ids = brands.ids(connection)
    writer = Writer(connection, watch=WatchFacts(), brand_ids=brand_ids, brands=habits, now=now)
    before = _cases(connection, opinions)
    writer.write_cases(weighed, new=set(), renew=set())
    return reopened + _cases(connection, opinions) - before


def _cases(connection: Connection, opinions: Sequence[Anew]) -> int:
    ids = [each.stored.id for each in opinions]
    asked = select(func.count()).select_from(Cases).where(Cases.mention_id.in_(ids))
    return int(connection.execute(asked).scalar_one())


def _is_to_open(
    here: Stored, match: Match, flag: Flag | None, habits: Mapping[str, Brand], now: datetime
) -> bool:
    brand = habits.get(match.hit.brand, Brand(name=match.hit.brand))
    is_closed = match.case_id is None or match.case_state == State.RESOLVED
    is_new = here.dated_at >= now - timedelta(days=brand.old_after_days)
    return flag is not None and is_closed and is_new and not here.is_copy


def _to_close(opinions: Iterable[Anew]) -> list[int]:
    """Return the cases that nobody touched and whose flag is gone."""
    return [
        match.case_id
        for each in opinions
        for match, flag in each.free
        if flag is None and match.case_id is not None and match.case_state != State.RESOLVED
    ]


def _add(connection: Connection, case_id: int, kind: EventKind, now: datetime) -> None:
    cases.append(connection, case_id, Event(at=now, kind=kind, note=BY_RESCORING))


def _crossed(opinions: Iterable[Anew], *, is_worse: bool) -> tuple[Change, ...]:
    """Return the mentions that became negative, or those that no longer are."""
    changes = []
    for each in opinions:
        before = each.stored.verdict["score"] if each.stored.verdict else 0.0
        after = each.verdict.score
        is_now = after <= NEGATIVE
        if (before <= NEGATIVE) != is_now and is_now is is_worse:
            said = each.stored.mention
            text = said.text or said.title
            changes.append(Change(each.stored.id, before, after, text, said.stars))
    return tuple(changes)


def _furthest(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(nlargest(EXAMPLES, changes, key=lambda each: abs(each.after - each.before)))
