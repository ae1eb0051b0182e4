"""What stands in the store of a mention: the facts, the verdict in force, and its matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from cases.case import EventKind
from ingest.mention import Mention
from store.batch import Hit
from store.facts import mention_of
from store.sql import Found, table_of
from store.tables import (
    Answers,
    Brands,
    CaseEvents,
    Cases,
    Corrections,
    Matches,
    Mentions,
    Verdicts,
)

__all__ = ["BY_RESCORING", "VERDICT", "Match", "Stored", "stored"]

BY_RESCORING = "rescored"  # the note of what a rescoring did to a case
OF_THE_PROGRAM = (BY_RESCORING, "edited")
VERDICT = tuple(
    each.name for each in table_of(Verdicts).columns if each.name not in ("judged_at", "is_current")
)


@dataclass(frozen=True, slots=True)
class Match:
    """One match with its flag and case, if it has them.

    `is_settled` says that people judged the flag or did something about the case.
    """

    brand_id: int
    hit: Hit
    flagged_at: datetime | None
    is_settled: bool
    case_id: int | None
    case_state: str | None


@dataclass(slots=True)
class Stored:
    """One mention; `verdict` is the current one, by the columns of its table, None for none."""

    id: int
    key_hash: bytes
    content_hash: str
    dated_at: datetime
    is_copy: bool
    mention: Mention
    verdict: dict[str, Any] | None
    matches: list[Match] = field(default_factory=list)


def stored(connection: Connection, ids: Sequence[int]) -> list[Stored]:
    """Return the mentions of `ids` that are still there, newest first."""
    answers: dict[int, list[Found]] = {}
    asked = select(*table_of(Answers).columns).where(Answers.mention_id.in_(ids))
    for row in connection.execute(asked.order_by(Answers.mention_id, Answers.position)):
        answers.setdefault(row.mention_id, []).append(row)
    mentions = select(*table_of(Mentions).columns).where(Mentions.id.in_(ids))
    verdicts = _verdicts(connection, ids)
    found = {
        row.id: Stored(
            row.id, row.key_hash, row.content_hash, row.dated_at, row.is_copy,
            mention_of(row, answers.get(row.id, ())), verdicts.get(row.id),
        )
        for row in connection.execute(mentions.order_by(Mentions.id.desc()))
    }  # fmt: skip
    for row in connection.execute(_matches(ids)):
        if row.mention_id in found:
            found[row.mention_id].matches.append(_match(row))
    return list(found.values())


def _verdicts(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    columns = [getattr(Verdicts, name) for name in VERDICT]
    asked = select(*columns).where(Verdicts.mention_id.in_(ids), Verdicts.is_current)
    return {row.mention_id: dict(row._mapping) for row in connection.execute(asked)}


def _matches(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    said = select(Corrections.id).where(
        Corrections.mention_id == Matches.mention_id, Corrections.brand_id == Matches.brand_id
    )
    done = select(CaseEvents.id).where(
        CaseEvents.case_id == Cases.id,
        CaseEvents.kind != EventKind.OPENED,
        CaseEvents.note.not_in(OF_THE_PROGRAM),
    )
    of_match = and_(Cases.mention_id == Matches.mention_id, Cases.brand_id == Matches.brand_id)
    asked = select(
        Matches.mention_id, Matches.brand_id, Brands.name, Matches.term, Matches.role,
        Matches.flagged_at, Matches.dismissed_as, Cases.id.label("case_id"),
        Cases.state.label("case_state"), said.exists().label("is_said"),
        done.exists().label("is_done"),
    )  # fmt: skip
    return (
        asked.join(Brands, Brands.id == Matches.brand_id)
        .outerjoin(Cases, of_match)
        .where(Matches.mention_id.in_(ids))
        .order_by(Matches.mention_id, Matches.brand_id)
    )


def _match(row: Found) -> Match:
    return Match(
        brand_id=row.brand_id,
        hit=Hit(row.name, row.term, row.role),
        flagged_at=row.flagged_at,
        is_settled=bool(row.dismissed_as or row.is_said or row.is_done),
        case_id=row.case_id,
        case_state=row.case_state,
    )
