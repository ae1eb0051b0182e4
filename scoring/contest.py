"""A model is learned, and meets the one in force on reviews that neither was learned from."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ingest.text import clean, fold, repair
from scoring.champion import FEWEST_IN_SLICE, Comparison, Trial, compare
from scoring.judge import Judge, Learned, score_of
from scoring.learned import LearnedModel
from scoring.training import Lesson, fit, lesson_of_opinion, lesson_of_stars, missing

__all__ = [
    "Contest",
    "Review",
    "contest",
    "counted",
    "cross_checked",
    "held_back",
    "newest",
    "unlearnable",
]

_JUDGED_ON = (20, 30, 40, 50)  # percent of the reviews: the first that holds enough of each kind


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
    """Return `reviews`, given oldest first, as those to learn from and the newest to judge by.

    These are a fifth; more, up to half, where a fifth holds too few negatives or others.
    """
    cuts = [round(len(reviews) * (100 - percent) / 100) for percent in _JUDGED_ON]
    cut = next((each for each in cuts if _can_judge(reviews[each:])), cuts[0])
    return reviews[:cut], reviews[cut:]


def held_back(reviews: Sequence[Review]) -> tuple[list[Review], list[Review]]:
    """Return reviews without dates as those to learn from and some, by their text, to judge by.

    As many as in `newest`. Copies of a text, and the same review on another day, are on the
    same side.
    """
    drawn = [zlib.crc32(fold(e.text).encode("utf-8", "surrogatepass")) % 100 for e in reviews]
    parts = [
        [each for each, percent in zip(reviews, drawn, strict=True) if percent < most]
        for most in _JUDGED_ON
    ]
    chosen = next((n for n, part in enumerate(parts) if _can_judge(part)), 0)
    most = _JUDGED_ON[chosen]
    older = [each for each, percent in zip(reviews, drawn, strict=True) if percent >= most]
    return older, parts[chosen]


def counted(reviews: Iterable[Review]) -> tuple[int, int]:
    """Return how many reviews teach what is negative, and how many the rest."""
    told = [
        each.is_negative if each.is_negative is not None
        else lesson_of_stars("", each.stars or 0).is_negative
        for each in reviews
    ]  # fmt: skip
    return sum(told), len(told) - sum(told)


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


def _can_judge(reviews: Sequence[Review]) -> bool:
    return min(counted(reviews)) >= FEWEST_IN_SLICE


def _lesson(review: Review) -> Lesson:
    text = clean(repair(review.text).text)
    if review.is_negative is not None:
        return lesson_of_opinion(text, is_negative=review.is_negative)
    assert review.stars is not None
    return lesson_of_stars(text, review.stars)
