"""What we think of a mention: `Verdict`, with its reasons; never mixed with the facts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

NOT_A_REVIEW: Final = 0.5
"""A text whose `Verdict.spam` is this or more is no honest review."""


class Label(StrEnum):
    """The sentiment in one word; `unclear` for damaged or empty text."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    MIXED = "mixed"
    UNCLEAR = "unclear"


class Kind(StrEnum):
    """What a customer wants to say; `question` is also every support request."""

    PRAISE = "praise"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    QUESTION = "question"
    BUG = "bug"
    OTHER = "other"


class Polarity(StrEnum):
    """Which way an aspect is spoken of."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


class Reason(NamedTuple):
    """Words that moved the verdict, in the text's own spelling.

    `start` and `end` are character offsets in the scored text (title, line
    break, text when there is a title), `weight` < 0 pulls to negative.
    """

    words: str
    weight: float
    start: int
    end: int


_MOST_ROUNDED: Final = 10_000
_ROUNDED: Final[dict[float, float]] = {}


def reason(text: str, weight: float, start: int, end: int) -> Reason:
    """Return the words of `text` from `start` to `end` as a reason, `weight` to two digits."""
    rounded = _ROUNDED.get(weight)
    if rounded is None:  # few different weights are met, and rounding is slow
        if len(_ROUNDED) > _MOST_ROUNDED:
            _ROUNDED.clear()
        rounded = _ROUNDED[weight] = round(weight, 2)
    return tuple.__new__(Reason, (text[start:end], rounded, start, end))


class Aspect(NamedTuple):
    """A side of product or service that the text speaks of, with the words that show it."""

    name: str
    polarity: Polarity
    words: str
    start: int
    end: int


class Verdict(NamedTuple):
    """The judgement of one text.

    `score` in [-1, 1]: at most -0.05 is negative, at least 0.05 positive;
    monotone in `p_negative` (0-1, None for damaged text). `language` is vi, en
    or other. `damaged` says that letters were lost: then `label` is unclear and
    `score` is only good for ranking. `model` names what judged, for example
    "vader-3.3.2+cues-3", "vi-lexicon-4", "stars". `mismatch` says how stars and text
    disagree ("stars 5, text negative"), "" if they do not. `spam` (0-1) is how
    surely the text is no honest review (from NOT_A_REVIEW on it counts as none),
    `spam_sign` why: "gibberish", "advert" ...
    """

    language: str
    score: float
    p_negative: float | None
    label: Label
    kind: Kind
    aspects: tuple[Aspect, ...] = ()
    causes: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    damaged: bool = False
    model: str = ""
    mismatch: str = ""
    spam: float = 0.0
    spam_sign: str = ""

    def as_json(self) -> Mapping[str, object]:
        """Return the contract's fields of `earful score`, JSON-ready."""
        return {
            "lang": self.language,
            "score": round(self.score, 4),
            "p_negative": None if self.p_negative is None else round(self.p_negative, 4),
            "label": self.label,
            "kind": self.kind,
            "aspects": [each._asdict() for each in self.aspects],
            "causes": list(self.causes),
            "reasons": [each._asdict() for each in self.reasons],
            "damaged": self.damaged,
            "model": self.model,
            "mismatch": self.mismatch,
            "spam": self.spam,
            "spam_sign": self.spam_sign,
        }


def verdict_of(
    *, language: str, score: float, p_negative: float | None, label: Label, kind: Kind,
    aspects: tuple[Aspect, ...], causes: tuple[str, ...], reasons: tuple[Reason, ...],
    model: str, mismatch: str, spam: float, spam_sign: str,
) -> Verdict:  # fmt: skip
    """Return the verdict of an undamaged text; `Verdict` itself takes longer to call."""
    told = (language, score, p_negative, label, kind, aspects, causes, reasons, False)
    return tuple.__new__(Verdict, (*told, model, mismatch, spam, spam_sign))
