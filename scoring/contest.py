"""A model is learned, and meets the one in force on reviews that neither was learned from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ingest.text import clean, fold, repair
from scoring.champion import Comparison, Trial, compare
from scoring.judge import Judge, Learned, score_of
from scoring.learned import LearnedModel
from scoring.training import Lesson, fit, lesson_of_opinion, lesson_of_stars, missing

__all__ = ["Contest", "Review", "contest", "cross_checked", "held_back", "newest", "unlearnable"]

_NEWEST = 0.2


class Review(NamedTuple):
    """A text with what it teaches: 1-5 stars, or a person's word on its flag, which wins."""

    language: str
    text: str
    stars: float | None = None
    is_negative: bool | None = None
    source: str = ""


class Contest(NamedTuple):
    """A challenger, and how it did."""

    model: LearnedModel
    comparison: Comparison


def newest(reviews: Sequence[Review]) -> tuple[Sequence[Review], Sequence[Review]]:
    """Return `reviews`, given oldest first, as those to learn from and the newest fifth."""
    cut = round(len(reviews) * (1 - _NEWEST))
    return reviews[:cut], reviews[cut:]


def held_back(reviews: Sequence[Review]) -> tuple[list[Review], list[Review]]:
    """Return reviews without dates as those to learn from and a fifth, chosen by their text.

    Copies of a text, and the same review on another day, are on the same side.
    """
    older: list[Review] = []
    newer: list[Review] = []
    for each in reviews:
        drawn = zlib.crc32(fold(each.text).encode("utf-8", "surrogatepass")) % 100
        (newer if drawn < 100 * _NEWEST else older).append(each)
    return older, newer


def unlearnable(reviews: Sequence[Review]) -> str:
    """Return what is missing before `reviews` of one language teach a model, "" for nothing."""
    return missing([_lesson(each) for each in reviews])


def contest(
    older: Sequence[Review],
    newer: Sequence[Review],
    language: str,
    *,
    champions: Mapping[str, Learned],
    wanted: float | None,
) -> Contest:
    """Return the model that `older` teaches, judged on `newer` beside the one in force.

    Without a champion for `language` the word lists alone are the one to beat.
    """
    model = fit([_lesson(each) for each in older], language, wanted=wanted).model
    before, after = Judge(learned=champions), Judge(learned={language: model})
    trials = []
    for each in newer:
        lesson = _lesson(each)
        scores = [judge.text(lesson.text, language=language).score for judge in (before, after)]
        trials.append(Trial(each.source, lesson.is_negative, *scores))
    return Contest(model, compare(trials))


def cross_checked(reviews: Sequence[Review], language: str, *, wanted: float | None) -> Contest:
    """Return the model that all `reviews` teach, beside the word lists alone.

    Each review is judged by a model learned without it.
    """
    lessons = [_lesson(each) for each in reviews]
    model, held_out = fit(lessons, language, wanted=wanted)
    before = Judge()
    trials = [
        Trial(
            each.source,
            lesson.is_negative,
            before.text(lesson.text, language=language).score,
            score_of(model.as_chance(p)),
        )
        for each, lesson, p in zip(reviews, lessons, held_out, strict=True)
    ]
    return Contest(model, compare(trials))


def _lesson(review: Review) -> Lesson:
    text = clean(repair(review.text).text)
    if review.is_negative is not None:
        return lesson_of_opinion(text, is_negative=review.is_negative)
    assert review.stars is not None
    return lesson_of_stars(text, review.stars)
