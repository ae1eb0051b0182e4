"""From the store's own stars and corrections to a model in force, by contest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ingest.brand import Brand, aspects_of
from ingest.errors import ConfigError
from scoring.contest import Contest, Review, contest, unlearnable
from scoring.judge import Judge
from scoring.learned import LearnedModel, load, save
from store import models
from store.engine import Store

__all__ = ["Learnt", "Outcome", "in_force", "judge_in_force", "learn", "reviews"]

MOST_REVIEWS = 50_000  # the newest; learning from more costs minutes and gains nothing measured


class Outcome(StrEnum):
    """What became of what was learned."""

    REFUSED = "refused"
    PROMOTED = "promoted"
    NOT_PROMOTED = "not promoted"
    IN_FORCE = "already in force"  # the very same model was learned again
    TAKEN_BACK = "not promoted again"  # it was in force before, and people took it back


class Learnt(NamedTuple):
    """What learning in one language came to: a contest kept under `model_id`, or `refused`."""

    language: str
    outcome: Outcome
    refused: str = ""
    contest: Contest | None = None
    model_id: int | None = None

    def __str__(self) -> str:
        """Return what it came to as one line."""
        if self.contest is None:
            return f"{self.language}: {self.refused}"
        why = {
            Outcome.IN_FORCE: "the same was learned again",
            Outcome.TAKEN_BACK: "it was in force before",
        }.get(self.outcome, self.contest.comparison.why)
        return f"{self.language}: model {self.model_id} {self.outcome}: {why}"


def in_force(store: Store) -> dict[str, LearnedModel]:
    """Return the learned models that judge texts now, by language; none at first.

    Raises ConfigError for one that an earlier version of Earful made.
    """
    found = {}
    for language, (kept, body) in models.champions(store).items():
        subject = f"model {kept.id}"
        try:
            found[language] = load(body, subject=subject)[language]
        except ConfigError as e:
            back = f"`earful models rollback --lang {language}`, then `earful train`"
            raise ConfigError(e.what, subject=subject, next_step=back) from e
    return found


def judge_in_force(store: Store, brands: Iterable[Brand]) -> Judge:
    """Return the judge of what comes in now: by those models, with the brands' own aspects."""
    return Judge(learned=in_force(store), aspects=aspects_of(brands))


def reviews(store: Store, language: str) -> list[Review]:
    """Return what the store has to learn from in `language`, oldest first."""
    rows = [each for each in models.rated(store) if each.language == language]
    return [
        Review(
            language,
            f"{each.title}\n{each.text}" if each.title else each.text,
            each.stars,
            each.is_negative,
            each.source,
        )
        for each in rows[-MOST_REVIEWS:]
    ]


def learn(
    store: Store,
    language: str,
    *,
    parts: tuple[Sequence[Review], Sequence[Review]],
    wanted: float | None,
    now: datetime,
) -> Learnt:
    """Learn from the first of `parts`, judge on the second, keep the model; promote it if better.

    A model that was in force before is not promoted again: who rolled it back had a reason.
    """
    older, newer = parts
    lacking = unlearnable(older)
    if lacking:
        return Learnt(language, Outcome.REFUSED, refused=f"without the newest, {lacking}")
    champions = in_force(store)
    made = contest(older, newer, language, champions=champions, wanted=wanted)
    name = made.model.name
    model_id = models.keep(
        store,
        name,
        language,
        body=save([made.model]),
        figures={**made.comparison.as_json(), "learned_from": dict(made.model.learned_from)},
        now=now,
    )
    kept, _ = models.find(store, model_id)
    outcome = _outcome(kept, is_better=made.comparison.is_promoted)
    if outcome is Outcome.PROMOTED:
        models.promote(store, model_id, now=now)
    return Learnt(language, outcome, contest=made, model_id=model_id)


def _outcome(kept: models.Kept, *, is_better: bool) -> Outcome:
    if kept.is_champion:
        return Outcome.IN_FORCE
    if not is_better:
        return Outcome.NOT_PROMOTED
    return Outcome.PROMOTED if kept.promoted_at is None else Outcome.TAKEN_BACK
