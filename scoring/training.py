"""Learns a model from star-rated reviews and people's corrections; needs scikit-learn.

Three steps, all deterministic: a logistic regression on hashed words and word pairs (each review
also without its marks and with letters lost); a second one, on predictions for reviews that were
held out, that weighs those words against the word list's opinion and makes the sum a chance; and a
threshold that keeps a wanted precision on the same held-out predictions. docs/learning.md has the
figures behind every constant.
"""

from __future__ import annotations

import math
import unicodedata
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ingest.errors import ConfigError
from scoring.judge import own_english, own_vietnamese
from scoring.learned import BUCKETS, LearnedModel, buckets, sides
from scoring.measure import counts, f1, precision

__all__ = [
    "FEWEST",
    "MOST_F1_LOST",
    "WANTED_PRECISION",
    "Fitted",
    "Lesson",
    "fit",
    "lesson_of_opinion",
    "lesson_of_stars",
    "missing",
    "threshold_for",
]

FEWEST = 30
"""No model is learned from fewer negative, or fewer other, reviews."""

WANTED_PRECISION = 0.85
MOST_F1_LOST = 0.02

_FOLDS = 5
_FREEDOM = 4.0  # how freely words may weigh (C), shared among the copies of a lesson
_COPY_WEIGHT = 0.5
_TRUST = 2.5  # the word list holds for other sources too, words of one shop hold less there
_LEAST = 0.4  # what praise and blame weigh at least, whatever few reviews say
_EVEN = 0.5
_BY_STARS = {1: (True, 1.0), 2: (True, 1.0), 3: (True, 0.5), 4: (False, 1.0), 5: (False, 1.0)}
_CORRECTION_WEIGHT = 4.0
_STRONGEST = 127


class Lesson(NamedTuple):
    """One text (repaired and clean) with what it teaches, and how much that counts."""

    text: str
    is_negative: bool
    weight: float = 1.0


class Fitted(NamedTuple):
    """A model, and the chance it gave each lesson when that lesson was held out."""

    model: LearnedModel
    held_out: list[float]


def lesson_of_stars(text: str, stars: float) -> Lesson:
    """Return what a review with 1-5 `stars` teaches: 3 is negative, at half weight."""
    is_negative, weight = _BY_STARS[min(5, max(1, math.floor(stars + 0.5)))]
    return Lesson(text, is_negative, weight)


def lesson_of_opinion(text: str, *, is_negative: bool) -> Lesson:
    """Return what a person's word on a flag teaches: more than stars do."""
    return Lesson(text, is_negative, _CORRECTION_WEIGHT)


def missing(lessons: Sequence[Lesson]) -> str:
    """Return what is missing before a model can be learned, "" for nothing."""
    negative = sum(each.is_negative for each in lessons)
    rest = len(lessons) - negative
    lacks = [
        f"{FEWEST - have} more {what}"
        for have, what in ((negative, "with 1-3 stars"), (rest, "with 4-5 stars"))
        if have < FEWEST
    ]
    if not lacks:
        return ""
    have = f"{negative} reviews with 1-3 stars and {rest} with 4-5"
    return f"{have}: {' and '.join(lacks)} are needed ({FEWEST} of each)"


def fit(lessons: Sequence[Lesson], language: str, *, wanted: float | None = None) -> Fitted:
    """Return the model that `lessons` in `language` ("vi" or "en") teach.

    `wanted` is the precision that its threshold keeps on held-out lessons (see
    `threshold_for`). Raises
    ConfigError if there are too few lessons or scikit-learn is not installed.
    """
    lacking = missing(lessons)
    if lacking:
        raise ConfigError(lacking, subject=language, next_step="collect or import more reviews")
    learner = _Learner(lessons, language)
    words = learner.held_out_words()
    scale, praise, blame, bias = learner.mixed(words)
    z = (scale * words - praise * learner.praise + blame * learner.blame + bias)[: len(lessons)]
    held_out = [1 / (1 + math.exp(-each)) for each in z.tolist()]
    coefficients, intercept = learner.words()
    step = max(float(abs(coefficients).max()), 1e-9) / _STRONGEST**2
    negative = sum(each.is_negative for each in lessons)
    model = LearnedModel(
        language=language,
        weights=learner.table(coefficients),
        scale=_short(scale * step),
        bias=_short(bias + scale * intercept),
        praise=_short(praise),
        blame=_short(blame),
        threshold=threshold_for(lessons, held_out, wanted=wanted),
        learned_from={"negative": negative, "other": len(lessons) - negative},
    )
    return Fitted(model, held_out)


def threshold_for(
    lessons: Sequence[Lesson], chances: Sequence[float], *, wanted: float | None = None
) -> float:
    """Return the lowest chance from even up (at most .95) whose flags have the `wanted` precision.

    The most precise one where none has. Without a wish it is WANTED_PRECISION, as far as
    that costs no more than MOST_F1_LOST: few reviews tell precision badly.
    """
    truth = [each.is_negative for each in lessons]
    steps = [percent / 100 for percent in range(50, 96)]
    found = {step: counts(truth, [chance >= step for chance in chances]) for step in steps}
    least = 0.0 if wanted else max(map(f1, found.values())) - MOST_F1_LOST
    kept = [step for step in steps if f1(found[step]) >= least]
    precise = [step for step in kept if precision(found[step]) >= (wanted or WANTED_PRECISION)]
    return precise[0] if precise else max(kept, key=lambda step: (precision(found[step]), -step))


class _Learner:
    """The lessons as numbers: each with its copies, rows in the order clean, copy 1, copy 2 ..."""

    def __init__(self, lessons: Sequence[Lesson], language: str) -> None:
        self._np, self._sparse, self._regression = _libraries()
        copies = _COPIES[language]
        score = own_english().score if language == "en" else own_vietnamese().score
        texts = [copy(each.text) for copy in copies for each in lessons]
        np = self._np
        self._size, self._copies = len(lessons), len(copies)
        self._matrix, self._used = self._counted(texts, language)
        self.praise, self.blame = np.array([sides(score(text), language) for text in texts]).T
        self._truth = np.tile([each.is_negative for each in lessons], len(copies))
        weights = np.array([each.weight for each in lessons])
        shares = [1.0] + [_COPY_WEIGHT] * (len(copies) - 1)
        self._weights = np.concatenate([weights * share for share in shares])
        self._freedom = _FREEDOM / sum(shares)
        self._folds = np.tile(_folds(lessons), len(copies))

    def _counted(self, texts: Sequence[str], language: str) -> tuple[Any, Any]:
        """Return the texts as rows over the buckets that occur, and which buckets these are."""
        values, places, ends = [], [], [0]
        for text in texts:
            found = buckets(text, language)
            places.extend(found)
            values.extend([1 / math.sqrt(len(found))] * len(found) if found else [])
            ends.append(len(places))
        used, columns = self._np.unique(self._np.array(places, dtype=int), return_inverse=True)
        shape = (len(texts), len(used))
        matrix = self._sparse.csr_matrix((values, columns, ends), shape=shape)
        matrix.sum_duplicates()
        return matrix, used

    def table(self, coefficients: Any) -> array[int]:
        """Return the weights of all buckets as signed bytes whose squares stand for them."""
        strongest = max(float(abs(coefficients).max()), 1e-9)
        roots = self._np.sqrt(abs(coefficients) / strongest) * _STRONGEST
        whole = self._np.zeros(BUCKETS, dtype="int8")
        whole[self._used] = (self._np.sign(coefficients) * roots.round()).astype("int8")
        return array("b", whole.tobytes())

    def words(self, rows: Any = None) -> tuple[Any, float]:
        """Return the weight of each bucket and the intercept, learned from `rows` (all)."""
        rows = slice(None) if rows is None else rows
        regression = self._regression(C=self._freedom, solver="liblinear", random_state=0)
        regression.fit(self._matrix[rows], self._truth[rows], self._weights[rows])
        return regression.coef_[0], float(regression.intercept_[0])

    def held_out_words(self) -> Any:
        """Return what the words say of each row, learned without its lesson and its copies."""
        said = self._np.zeros(len(self._folds))
        for fold in range(_FOLDS):
            coefficients, intercept = self.words(self._folds != fold)
            here = self._folds == fold
            said[here] = self._matrix[here] @ coefficients + intercept
        return said

    def mixed(self, words: Any) -> tuple[float, float, float, float]:
        """Return scale of the words, the word list's praise and blame, and bias: a chance."""
        scale, praise, blame, _ = self._logistic(words, -self.praise, self.blame)
        scale, praise, blame = max(scale, 0.0), _trusted(praise), _trusted(blame)
        share, bias = self._logistic(scale * words - praise * self.praise + blame * self.blame)
        return scale * share, praise * share, blame * share, bias

    def _logistic(self, *columns: Any) -> tuple[float, ...]:
        regression = self._regression(C=100.0)
        regression.fit(self._np.column_stack(columns), self._truth, self._weights)
        return (*map(float, regression.coef_[0]), float(regression.intercept_[0]))


def _folds(lessons: Sequence[Lesson]) -> list[int]:
    """Return the fold of each lesson: dealt in turn, so that each has its share of negatives.

    Texts that are the same are dealt together.
    """
    dealt: dict[tuple[bool, str], int] = {}
    turn = {True: 0, False: 0}
    for each in lessons:
        if (each.is_negative, each.text) not in dealt:
            dealt[each.is_negative, each.text] = turn[each.is_negative] % _FOLDS
            turn[each.is_negative] += 1
    return [dealt[each.is_negative, each.text] for each in lessons]


def _same(text: str) -> str:
    return text


def _stripped(text: str) -> str:
    """Return `text` typed without marks."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def _lost_beyond_latin(text: str) -> str:
    """Return `text` as a Western database keeps it: "?" for most marked letters."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _lost_beyond_ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")


_COPIES: Mapping[str, Sequence[Callable[[str], str]]] = {
    "vi": (_same, _stripped, _lost_beyond_latin, _lost_beyond_ascii),
    "en": (_same,),
}


def _trusted(weight: float) -> float:
    """Return what one side of the word list weighs, from what lessons of one source say."""
    return max(_TRUST * weight, _LEAST)


def _short(value: float) -> float:
    """Return six digits of `value`: more are noise, and would differ between machines."""
    return float(f"{value:.6g}")


def _libraries() -> tuple[Any, Any, Any]:
    try:
        import numpy
        from scipy import sparse
        from sklearn.linear_model import LogisticRegression
    except ModuleNotFoundError as e:
        raise ConfigError(
            f"learning needs {e.name}", subject="train", next_step="pip install 'earful[train]'"
        ) from e
    return numpy, sparse, LogisticRegression
