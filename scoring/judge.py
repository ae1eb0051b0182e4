"""From a mention to its verdict: language, sentiment, kind, aspects, causes and reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, Protocol

from mypy_extensions import mypyc_attr

from ingest.mention import FeedbackKind, Mention, Speaker
from scoring.aspects import OwnAspects, aspects_in, causes_in
from scoring.english import MODEL as ENGLISH_MODEL
from scoring.english import EnglishScorer
from scoring.kinds import ENOUGH, Wishes, kind_of, wishes_of
from scoring.language import EN, OTHER, VI, WHOLE, guess_from, points
from scoring.mismatch import mismatch
from scoring.pieces import Points
from scoring.scored import Heard, Scored
from scoring.spam import NO_SPAM, spam_of
from scoring.verdict import Kind, Label, Reason, Verdict, verdict_of
from scoring.vietnamese import LOGISTIC as VIETNAMESE_LOGISTIC
from scoring.vietnamese import THRESHOLD, VietnameseScorer
from scoring.words import Words

VIETNAMESE_MODEL: Final = "vi-lexicon-4"
# The ends of neutral on the scale of `Verdict.score`.
_NEGATIVE_TO: Final = -0.05
_POSITIVE_FROM: Final = 0.05
# Reading a member of an enumeration takes longer than comparing it.
_POSITIVE: Final = Label.POSITIVE
_NEUTRAL: Final = Label.NEUTRAL
_NEGATIVE: Final = Label.NEGATIVE
_MIXED: Final = Label.MIXED


@mypyc_attr(acyclic=True)
class Chance:
    """A calibrated `p_negative`, with where negative begins and positive ends on its scale."""

    __slots__ = ("negative_from", "p_negative", "positive_to")

    def __init__(self, p_negative: float, negative_from: float, positive_to: float) -> None:
        self.p_negative = p_negative
        self.negative_from = negative_from
        self.positive_to = positive_to


class Learned(Protocol):
    """A model trained on the brand's own stars, that may know better than the word lists."""

    @property
    def name(self) -> str:
        """Return what tells this model from every other."""
        ...

    def chance(self, text: str, scored: Scored) -> Chance | None:
        """Return what the model thinks of a text in its language, None for no opinion.

        `scored` is what the word list found in it.
        """
        ...


class Calibration:
    """How a scorer's `raw` becomes a chance: a logistic fitted as docs/scoring.md tells.

    p_negative = 1 / (1 + exp(-(slope * raw + intercept))), falling in `raw`.
    `negative_to` is the highest raw that is called negative, `positive_from` the
    lowest that is called positive, `neutral` amid them: that of a text in which nothing
    was found. `ends` are the chances at which negative begins and positive ends.
    """

    def __init__(
        self, slope: float, intercept: float, *, negative_to: float, positive_from: float
    ) -> None:
        self.slope = slope
        self.intercept = intercept
        self.negative_to = negative_to
        self.positive_from = positive_from
        self.neutral = (negative_to + positive_from) / 2
        self.ends = (self._p(negative_to), self._p(positive_from))

    def chance(self, raw: float) -> Chance:
        """Return the chance that a text with this `raw` is negative."""
        negative_from, positive_to = self.ends
        return Chance(self._p(raw), negative_from, positive_to)

    def _p(self, raw: float) -> float:
        return 1 / (1 + math.exp(min(50.0, max(-50.0, -self.slope * raw - self.intercept))))


CALIBRATIONS: Final[Mapping[str, Calibration]] = {
    EN: Calibration(-0.46, -0.34, negative_to=-0.2, positive_from=0.2),
    VI: Calibration(*VIETNAMESE_LOGISTIC, negative_to=THRESHOLD, positive_from=THRESHOLD + 0.1),
}
_STARS: Final[Mapping[int, tuple[float, Label, Kind]]] = {
    1: (0.97, Label.NEGATIVE, Kind.COMPLAINT),
    2: (0.9, Label.NEGATIVE, Kind.COMPLAINT),
    3: (0.6, Label.MIXED, Kind.OTHER),
    4: (0.15, Label.POSITIVE, Kind.PRAISE),
    5: (0.04, Label.POSITIVE, Kind.PRAISE),
}
_STAR_CHANCE: Final = (0.5, 0.4)
_BOTH_SIDES: Final = 1.5  # praise and complaint both at least this strong, and neither ...
_BALANCE: Final = 2.0  # ... this many times the other, make a text mixed
_SECOND_WORDS: Final = 3  # sure words of the other language for its scorer to be heard too
_SECOND_POINTS: Final = 2 * WHOLE * _SECOND_WORDS
_SECOND_SHARE: Final = 0.5
_ARTICLE_WORDS: Final = (
    25  # news is long and speaks of sad things: its evidence is thinned by length,
)
_ARTICLE_DOUBT: Final = 2.5  # and below this it says nothing of the brand
_FEW_WORDS: Final = 2


@cache
def own_english() -> EnglishScorer:
    """Return the English scorer that all judges share: its lists are laid out once."""
    return EnglishScorer()


@cache
def own_vietnamese() -> VietnameseScorer:
    """Return the Vietnamese scorer that all judges share."""
    return VietnameseScorer()


class Judge:
    """Gives every mention its verdict; made once, then pure and fast.

    Texts go to the scorer of their language; `learned` has models by language ("vi",
    "en") that may overrule its chance. `aspects` are the brands' own, as in
    `Brand.aspects`: each a name and the words that show it.
    """

    def __init__(
        self,
        english: EnglishScorer | None = None,
        vietnamese: VietnameseScorer | None = None,
        *,
        learned: Mapping[str, Learned] | None = None,
        aspects: Iterable[Sequence[str]] = (),
    ) -> None:
        self._english = english or own_english()
        self._vietnamese = vietnamese or own_vietnamese()
        self._learned = learned or {}
        self._own_aspects = OwnAspects(aspects)

    def __call__(self, mention: Mention) -> Verdict:
        """Return the verdict of `mention`; staff lines are not judged as customers."""
        if mention.speaker is Speaker.STAFF:
            return _unjudged(mention.language or OTHER, Label.NEUTRAL, model="staff")
        return self.text(
            mention.text,
            title=mention.title,
            language=mention.language,
            stars=mention.stars,
            damage=mention.damage,
            is_article=mention.feedback_kind is FeedbackKind.ARTICLE,
        )

    def text(
        self,
        text: str,
        *,
        title: str = "",
        language: str | None = None,
        stars: float | None = None,
        damage: str = "",
        is_article: bool = False,
    ) -> Verdict:
        """Return the verdict of a customer's `text` (NFC plain text).

        With a `title`, offsets count in title, line break, text. `language` is a hint.
        `stars` (1-5) judge only where there are no words; `damage` other than ""
        makes the verdict unclear, its score good for ranking only.
        """
        words = Words(f"{title}\n{text}" if title else text)
        found = points(words)
        tongue = guess_from(found, language or "")
        heard = self._hear(words, tongue, found)
        if not heard.scored.reasons and found.is_silent:
            bare = _by_stars(tongue, stars) if stars else _unjudged(tongue, Label.UNCLEAR)
            spam = spam_of(words, heard, tongue) if text.strip() else NO_SPAM
            return bare._replace(spam=spam.score, spam_sign=spam.sign)
        chance = self._chance(words, heard.scored, tongue, is_article=is_article)
        verdict = self._verdict(words, heard, tongue, chance=chance, stars=stars)
        return _doubted(verdict) if damage else verdict

    def _verdict(
        self, words: Words, heard: Heard, language: str, *, chance: Chance, stars: float | None
    ) -> Verdict:
        scored = heard.scored
        wishes = wishes_of(heard.cues, words.text)
        if wishes.are_clear:
            chance = _sobered(chance, wishes, scored.reasons)
        score = score_of(chance)
        label = _label(score, scored)
        if not scored.reasons and (language == OTHER or len(words) <= _FEW_WORDS):
            label = Label.UNCLEAR
        strength = max(scored.positive, scored.negative)
        aspects = aspects_in(words, heard.sides, scored.reasons)
        spam = spam_of(words, heard, language)
        return verdict_of(
            language=language,
            score=score,
            p_negative=chance.p_negative,
            label=label,
            kind=kind_of(wishes, label, strength=strength),
            aspects=aspects + self._own_aspects.told(words, scored.reasons),
            causes=causes_in(heard.causes, label),
            reasons=scored.reasons,
            model=self._model(language),
            mismatch=mismatch(stars, label, chance.p_negative),
            spam=spam.score,
            spam_sign=spam.sign,
        )

    def _hear(self, words: Words, language: str, found: Points) -> Heard:
        """Return what the language's scorer hears, in mixed texts with the other's evidence."""
        if language == OTHER:
            return self._english.hear(words, is_english=False)
        is_vi = language == VI
        heard = self._vietnamese.hear(words) if is_vi else self._english.hear(words)
        sure_of_second = found.sure_en if is_vi else found.sure_vi
        if sure_of_second >= _SECOND_WORDS and min(found.vi, found.en) >= _SECOND_POINTS:
            second = self._english.score(words) if is_vi else self._vietnamese.score(words)
            heard.scored = _joined(heard.scored, second)
        return heard

    def _chance(self, words: Words, scored: Scored, language: str, *, is_article: bool) -> Chance:
        calibration = CALIBRATIONS[VI if language == VI else EN]
        is_silent = not (scored.positive or scored.negative)
        raw = calibration.neutral if is_silent else scored.raw
        if is_article:
            raw /= max(1.0, math.sqrt(len(words) / _ARTICLE_WORDS))
            surely = math.copysign(max(0.0, abs(raw) - _ARTICLE_DOUBT), raw)
            raw = surely or calibration.neutral
        model = None if is_article else self._learned.get(language)
        chance = model.chance(words.text, scored) if model else None
        return chance or calibration.chance(raw)

    def _model(self, language: str) -> str:
        own = VIETNAMESE_MODEL if language == VI else ENGLISH_MODEL
        model = self._learned.get(language)
        return f"{own}+{model.name}" if model else own


def score_of(chance: Chance) -> float:
    """Return the score in [-1, 1]: falling in p_negative, the threshold at -0.05."""
    p, low, high = chance.p_negative, chance.positive_to, chance.negative_from
    if p >= high:
        return _NEGATIVE_TO - (1 + _NEGATIVE_TO) * (p - high) / (1 - high)
    if p <= low:
        return _POSITIVE_FROM + (1 - _POSITIVE_FROM) * (low - p) / low
    return _POSITIVE_FROM - (_POSITIVE_FROM - _NEGATIVE_TO) * (p - low) / (high - low)


def _sobered(chance: Chance, wishes: Wishes, reasons: tuple[Reason, ...]) -> Chance:
    """Return `chance`, amid neutral where a question blames nobody or a wish praises nothing."""
    p, middle = chance.p_negative, (chance.positive_to + chance.negative_from) / 2
    if wishes.question >= ENOUGH and all(each.weight > 0 for each in reasons):
        p = min(p, middle)
    if wishes.suggestion >= ENOUGH and all(each.weight < 0 for each in reasons):
        p = max(p, middle)
    return Chance(p, chance.negative_from, chance.positive_to)


def _label(score: float, scored: Scored) -> Label:
    weaker = min(scored.positive, scored.negative)
    stronger = max(scored.positive, scored.negative)
    if weaker >= _BOTH_SIDES and stronger < _BALANCE * weaker:
        return _MIXED
    if score <= _NEGATIVE_TO:
        return _NEGATIVE
    return _POSITIVE if score >= _POSITIVE_FROM else _NEUTRAL


def _joined(scored: Scored, second: Scored) -> Scored:
    """Return the evidence with what the other language's scorer finds in other places."""
    more = tuple(each for each in second.reasons if not _overlaps(each, scored.reasons))
    if not more:
        return scored
    positive = _SECOND_SHARE * sum(each.weight for each in more if each.weight > 0)
    negative = _SECOND_SHARE * -sum(each.weight for each in more if each.weight < 0)
    return Scored(
        raw=scored.raw + positive - negative,
        positive=scored.positive + positive,
        negative=scored.negative + negative,
        reasons=tuple(sorted(scored.reasons + more, key=lambda each: each.start)),
    )


def _overlaps(reason: Reason, others: tuple[Reason, ...]) -> bool:
    return any(reason.start < each.end and each.start < reason.end for each in others)


def _unjudged(language: str, label: Label, *, model: str = "none") -> Verdict:
    return Verdict(
        language=language, score=0.0, p_negative=None, label=label, kind=Kind.OTHER, model=model
    )


def _by_stars(language: str, stars: float) -> Verdict:
    p_negative, label, kind = _STARS[min(5, max(1, round(stars)))]
    score = score_of(Chance(p_negative, *_STAR_CHANCE))
    return Verdict(
        language=language,
        score=score,
        p_negative=p_negative,
        label=label,
        kind=kind,
        model="stars",
    )


def _doubted(verdict: Verdict) -> Verdict:
    return verdict._replace(label=Label.UNCLEAR, p_negative=None, damaged=True, mismatch="")
