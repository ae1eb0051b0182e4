"""Second opinions: an engine is asked about what came in without a flag, and may raise one.

It is asked in small lots, newest first, each kept together or not at all; what it was asked
stays in the store under its name, so that a job that was cut goes on where it was. It closes
no case and takes no flag back, and what people have judged it is never asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from ingest.mention import FeedbackKind, Mention, Speaker
from scoring.engines import Engine, Opinion, UnreadableAnswer
from scoring.judge import Judge
from scoring.language import EN, OTHER, VI
from scoring.verdict import Label
from store import brands
from store.batch import ROLE_OF_BRAND, Decide
from store.engine import Store
from store.rescoring import by_engine, judged, keep
from store.sql import insert_new
from store.standing import Stored, stored
from store.tables import Corrections, Matches, Mentions, Verdicts

__all__ = ["LOT", "Asked", "Lot", "SecondEar", "Worth", "ask", "waiting"]

LOT = 16  # mentions of one transaction, and texts of one call
NEWS = timedelta(days=7)  # what is older opens no case
DOUBT = 0.5  # scores no further from even than this are doubtful
REFUSED = "refused"  # the answer to a text alone cannot be read
_CURRENT = (Verdicts.mention_id == Mentions.id) & Verdicts.is_current


class Worth(StrEnum):
    """Which mentions are worth a second opinion, of those without a flag."""

    DOUBTFUL = "doubtful"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one lot came to: mentions asked about, opinions given, flags raised, cases opened."""

    mentions: int = 0
    opinions: int = 0
    raised: int = 0
    opened: int = 0


class Lot(NamedTuple):
    """What is news after one lot: sentences, what is wrong if that is new, and whether to go on."""

    said: tuple[str, ...] = ()
    trouble: str = ""
    is_more: bool = False


class SecondEar(Protocol):
    """Gives a service its second opinions."""

    def ask(self, store: Store) -> Lot:
        """Ask about the newest that wait."""
        ...


def waiting(store: Store, name: str, worth: Worth, *, now: datetime) -> int:
    """Return how many mentions the engine called `name` has yet to be asked about."""
    asked = select(func.count()).select_from(Mentions).join(Verdicts, _CURRENT)
    with store.read() as connection:
        return int(connection.execute(asked.where(*_wanted(name, worth, now))).scalar_one())


def ask(
    store: Store,
    engine: Engine,
    worth: Worth,
    *,
    aspects: Iterable[Sequence[str]],
    flag: Decide,
    now: datetime,
) -> Asked:
    """Ask the engine about the newest lot that waits; return what that came to.

    Fewer opinions than mentions: its budget is spent. `aspects` are the brands' own.
    Raises EngineError if it is away; then nothing is kept, and all waits on.
    """
    lot = select(Mentions.id).join(Verdicts, _CURRENT).where(*_wanted(engine.name, worth, now))
    with store.read() as connection:
        newest = lot.order_by(Mentions.dated_at.desc(), Mentions.id.desc()).limit(LOT)
        ids = connection.scalars(newest).all()
        here = stored(connection, ids)
        habits = brands.habits(connection)
    chances = _chances(engine, [_text(each.mention) for each in here])
    own = list(aspects)
    anew = [
        judged(each, _judge(engine.name, chance, own), flag, habits)
        for each, chance in zip(here, chances, strict=True)
        if isinstance(chance, float)
    ]
    kept = keep(store, anew, habits, now, is_raising=True)
    refused = [each for each, chance in zip(here, chances, strict=True) if chance is REFUSED]
    _leave(store, refused, engine.name, now=now)
    return Asked(
        mentions=len(here),
        opinions=len(anew) + len(refused),
        raised=kept.flagged,
        opened=kept.opened,
    )


def _wanted(name: str, worth: Worth, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions on a mention and its current verdict."""
    before = aliased(Verdicts)
    of_mention = Matches.mention_id == Mentions.id
    open_to_it = (Matches.role != ROLE_OF_BRAND) & (Matches.dismissed_as == "")
    wanted = [
        Mentions.dated_at >= now - NEWS,
        Mentions.speaker != Speaker.STAFF,
        Mentions.feedback_kind != FeedbackKind.ARTICLE,
        ~Mentions.is_copy,
        Verdicts.p_negative.is_not(None),
        Verdicts.label != Label.UNCLEAR,
        Verdicts.model != "stars",
        select(Matches.brand_id).where(of_mention, open_to_it).exists(),
        ~select(Matches.brand_id).where(of_mention, Matches.severity.is_not(None)).exists(),
        ~select(Corrections.id).where(Corrections.mention_id == Mentions.id).exists(),
        ~select(before.model)
        .where(before.mention_id == Mentions.id, by_engine(name, before))
        .exists(),
    ]
    doubtful = Verdicts.score.between(-DOUBT, DOUBT)
    return [*wanted, doubtful] if worth is Worth.DOUBTFUL else wanted


def _text(mention: Mention) -> str:
    return f"{mention.title}\n{mention.text}" if mention.title else mention.text


def _chances(engine: Engine, texts: Sequence[str]) -> list[float | str | None]:
    """Return the chance of each text, REFUSED for one that alone spoils the answer.

    Raises UnreadableAnswer if that is so for every text.
    """
    try:
        return list(engine.chances(texts))
    except UnreadableAnswer:
        if len(texts) == 1:
            raise
    told: list[float | str | None] = []
    for text in texts:
        try:
            told += engine.chances([text])
        except UnreadableAnswer as e:
            told.append(REFUSED)
            fault = e
    if set(told) <= {REFUSED, None}:
        raise fault
    return told


def _judge(name: str, chance: float, aspects: Sequence[Sequence[str]]) -> Judge:
    """Return the judge by whom the engine's chance stands in place of a learned model's."""
    opinion = Opinion(name, chance)
    return Judge(learned={VI: opinion, EN: opinion, OTHER: opinion}, aspects=aspects)


def _leave(store: Store, refused: Sequence[Stored], name: str, *, now: datetime) -> None:
    """Note that the engine was asked about these; our own verdict stays in force."""
    rows = [
        {**own, "model": f"{own['model']}+{name}", "is_current": False, "judged_at": now}
        for each in refused
        if (own := each.verdict) is not None
    ]
    if rows:
        with store.write() as connection:
            insert_new(connection, Verdicts, rows)
