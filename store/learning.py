"""From the store's own stars and corrections to a model in force, by contest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from scoring.contest import Contest, Review, contest, unlearnable
from scoring.learned import LearnedModel, load, save
from store import models
from store.engine import Store

__all__ = ["Learnt", "in_force", "learn", "reviews"]

MOST_REVIEWS = 50_000  # the newest; learning from more costs minutes and gains nothing measured


class Learnt(NamedTuple):
    """What learning in one language came to: a contest kept under `model_id`, or `refused`."""

    language: str
    refused: str = ""
    contest: Contest | None = None
    model_id: int | None = None


def in_force(store: Store) -> dict[str, LearnedModel]:
    """Return the learned models that judge texts now, by language; none at first."""
    found = models.champions(store)
    return {
        language: load(body, subject=f"model {kept.id}")[language]
        for language, (kept, body) in found.items()
    }


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
        return Learnt(language, refused=lacking)
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
    if made.comparison.is_promoted and kept.promoted_at is None:
        models.promote(store, model_id, now=now)
    return Learnt(language, contest=made, model_id=model_id)
