"""Learned models: kept, promoted, rolled back; and the reviews and corrections they learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from ingest.errors import ConfigError
from ingest.mention import Speaker
from scoring.verdict import NOT_A_REVIEW
from store.cases import Opinion
from store.engine import Store
from store.sql import Found
from store.tables import Corrections, Mentions, Models, Verdicts

__all__ = [
    "JudgedFlag",
    "Kept",
    "Rated",
    "champions",
    "find",
    "forget",
    "judged_flags",
    "keep",
    "listing",
    "newest_texts",
    "promote",
    "promoted",
    "rated",
    "rollback",
]

_SEE = "see `earful models`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One model as it is kept; `is_champion` says that texts are judged by it now."""

    id: int
    name: str
    language: str
    size: int
    figures: Mapping[str, Any]
    made_at: datetime
    promoted_at: datetime | None
    retired_at: datetime | None

    @property
    def is_champion(self) -> bool:
        """Return whether it is promoted and not retired."""
        return self.promoted_at is not None and self.retired_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One text that teaches: by its stars, or by what people said of its flag."""

    mention_id: int
    language: str
    source: str
    title: str
    text: str
    stars: float | None
    is_negative: bool | None  # what people said; None: nothing
    dated_at: datetime


def keep(
    store: Store, name: str, language: str, *, body: bytes, figures: Mapping[str, Any],
    now: datetime,
) -> int:  # fmt: skip
    """Keep a model under its name and return its id; one that is kept already stays as it is."""
    with store.write() as connection:
        known = connection.scalar(select(Models.id).where(Models.name == name))
        if known is not None:
            return known
        row = {"name": name, "language": language, "body": body, "figures": dict(figures)}
        made = insert(Models).values(**row, made_at=now).returning(Models.id)
        return connection.execute(made).scalar_one()


def forget(store: Store, language: str, *, but: int) -> None:
    """Let go of the models of `language` that never were in force, but for the newest."""
    losers = (Models.language == language) & Models.promoted_at.is_(None)
    newest = select(Models.id).where(losers).order_by(Models.id.desc()).limit(but)
    with store.write() as connection:
        kept = connection.scalars(newest).all()
        connection.execute(delete(Models).where(losers, Models.id.not_in(kept)))


def listing(store: Store) -> list[Kept]:
    """Return all models, newest first."""
    with store.read() as connection:
        return [_kept(row) for row in connection.execute(_selected().order_by(Models.id.desc()))]


def find(store: Store, model_id: int) -> tuple[Kept, bytes]:
    """Return a model and its file. Raises ConfigError if there is none."""
    with store.read() as connection:
        row = connection.execute(_selected().where(Models.id == model_id)).one_or_none()
        if row is None:
            raise _no_such(model_id)
        body = connection.execute(select(Models.body).where(Models.id == model_id)).scalar_one()
        return _kept(row), body


def champions(store: Store) -> dict[str, tuple[Kept, bytes]]:
    """Return the model in force of each language that has one, with its file."""
    asked = _selected(Models.body).where(Models.promoted_at.is_not(None))
    with store.read() as connection:
        rows = connection.execute(asked.where(Models.retired_at.is_(None))).all()
    return {row.language: (_kept(row), row.body) for row in rows}


def promoted(store: Store) -> tuple[int, ...]:
    """Return what changes when another model comes into force: the ids of those that are."""
    asked = select(Models.id).where(Models.promoted_at.is_not(None), Models.retired_at.is_(None))
    with store.read() as connection:
        return tuple(connection.scalars(asked.order_by(Models.id)))


def promote(store: Store, model_id: int, *, now: datetime) -> Kept:
    """Put a model in force in place of its language's champion; return it.

    Raises ConfigError if there is no such model.
    """
    with store.write() as connection:
        language = connection.scalar(select(Models.language).where(Models.id == model_id))
        if language is None:
            raise _no_such(model_id)
        _retire(connection, language, now)
        _put_in_force(connection, model_id, now)
        return _one(connection, model_id)


def rollback(store: Store, language: str, *, now: datetime) -> Kept | None:
    """Retire the champion of `language`; return the model that was in force before, if any.

    None: from now on the word lists judge alone. Raises ConfigError if there is no champion.
    """
    of_language = Models.language == language
    in_force = of_language & Models.promoted_at.is_not(None) & Models.retired_at.is_(None)
    with store.write() as connection:
        champion = connection.execute(select(Models.id, Models.promoted_at).where(in_force)).first()
        if champion is None:
            raise ConfigError("no learned model is in force", subject=language, next_step=_SEE)
        before = select(Models.id).where(of_language, Models.promoted_at < champion.promoted_at)
        before = before.order_by(Models.promoted_at.desc(), Models.id.desc()).limit(1)
        _retire(connection, language, now)
        model_id = connection.scalar(before)
        if model_id is None:
            return None
        # Its promotion keeps its old time, so that a second rollback goes one further back.
        again = update(Models).where(Models.id == model_id).values(retired_at=None)
        connection.execute(again)
        return _one(connection, model_id)


def rated(store: Store) -> list[Rated]:
    """Return every customer's text that teaches, oldest first.

    A text counts as negative where people found its flag useful or late, as not negative
    where they said so; the newest word wins. Damaged texts teach nothing, and the stars of
    what is no honest review neither.
    """
    language = func.coalesce(Verdicts.language, Mentions.language).label("language")
    current = (Verdicts.mention_id == Mentions.id) & Verdicts.is_current
    asked = (
        select(
            Mentions.id, language, Mentions.source, Mentions.title, Mentions.text,
            Mentions.stars, Mentions.dated_at, func.coalesce(Verdicts.spam, 0.0).label("spam"),
        )
        .select_from(Mentions)
        .outerjoin(Verdicts, current)
        .where(Mentions.speaker == Speaker.CUSTOMER, Mentions.damage == "", Mentions.text != "")
        .order_by(Mentions.dated_at, Mentions.id)
    )  # fmt: skip
    with store.read() as connection:
        said = _opinions(connection)
        return [
            Rated(
                mention_id=row.id,
                language=row.language,
                source=row.source,
                title=row.title,
                text=row.text,
                stars=row.stars,
                is_negative=said.get(row.id),
                dated_at=row.dated_at,
            )
            for row in connection.execute(asked)
            if (row.stars is not None and row.spam < NOT_A_REVIEW) or row.id in said
        ]


class Text(NamedTuple):
    """One stored text, to be judged by models side by side."""

    mention_id: int
    title: str
    text: str
    stars: float | None


def newest_texts(store: Store, language: str, *, limit: int) -> list[Text]:
    """Return the newest customers' texts in `language` that are whole."""
    asked = (
        select(Mentions.id, Mentions.title, Mentions.text, Mentions.stars)
        .join(Verdicts, (Verdicts.mention_id == Mentions.id) & Verdicts.is_current)
        .where(Verdicts.language == language, Mentions.speaker == Speaker.CUSTOMER)
        .where(Mentions.damage == "", Mentions.text != "")
        .order_by(Mentions.dated_at.desc(), Mentions.id.desc())
        .limit(limit)
    )
    with store.read() as connection:
        return [Text(*row) for row in connection.execute(asked)]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFlag:
    """A mention whose flag people judged: whether it was right, and what the verdict says now."""

    is_right: bool
    language: str
    source: str
    score: float | None
    p_negative: float | None


def judged_flags(store: Store) -> list[JudgedFlag]:
    """Return the flags that people called useful, late or not negative; the newest word counts."""
    current = (Verdicts.mention_id == Mentions.id) & Verdicts.is_current
    with store.read() as connection:
        said = _opinions(connection)
        asked = (
            select(
                Mentions.id, Mentions.source, Verdicts.language, Verdicts.score,
                Verdicts.p_negative,
            )
            .outerjoin(Verdicts, current)
            .where(Mentions.id.in_(select(Corrections.mention_id)))
            .order_by(Mentions.id)
        )  # fmt: skip
        return [
            JudgedFlag(
                is_right=said[row.id],
                language=row.language or "",
                source=row.source,
                score=row.score,
                p_negative=row.p_negative,
            )
            for row in connection.execute(asked)
            if row.id in said
        ]


def _opinions(connection: Connection) -> dict[int, bool]:
    """Return by mention whether people called its flag right; nothing where it was not us."""
    meant = {Opinion.USEFUL: True, Opinion.LATE: True, Opinion.NOT_NEGATIVE: False}
    asked = select(Corrections.mention_id, Corrections.opinion).order_by(Corrections.id)
    rows = connection.execute(asked.where(Corrections.opinion.in_(meant)))
    return {row.mention_id: meant[Opinion(row.opinion)] for row in rows}


def _retire(connection: Connection, language: str, now: datetime) -> None:
    in_force = Models.promoted_at.is_not(None) & Models.retired_at.is_(None)
    here = (Models.language == language) & in_force
    connection.execute(update(Models).where(here).values(retired_at=now))


def _put_in_force(connection: Connection, model_id: int, now: datetime) -> None:
    values = {"promoted_at": now, "retired_at": None}
    connection.execute(update(Models).where(Models.id == model_id).values(**values))


def _one(connection: Connection, model_id: int) -> Kept:
    return _kept(connection.execute(_selected().where(Models.id == model_id)).one())


def _selected(*more: Any) -> Select[*tuple[Any, ...]]:
    return select(
        Models.id, Models.name, Models.language, func.length(Models.body).label("size"),
        Models.figures, Models.made_at, Models.promoted_at, Models.retired_at, *more,
    )  # fmt: skip


def _kept(row: Found) -> Kept:
    told = {name: value for name, value in row._mapping.items() if name != "body"}
    return Kept(**told)


def _no_such(model_id: int) -> ConfigError:
    return ConfigError("there is no such model", subject=str(model_id), next_step=_SEE)
