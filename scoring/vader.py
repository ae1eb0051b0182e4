"""vaderSentiment's lexicon and rules, the same four scores to the last digit, four times as fast.

Hutto, C.J. & Gilbert, E.E. (2014): VADER, a parsimonious rule-based model for sentiment
analysis of social media text. The word list, the emoji table and every constant are read
from the installed package; only the walk over the words is ours: each word is lower-cased
once, all words that can count are found in one pass, and the rest of the rules look only
at those. tests/test_scoring_english.py holds both against each other.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from vaderSentiment import vaderSentiment as original  # noqa: N813

from scoring.memo import Memo
from scoring.pieces import Token

_SCALAR: Final[float] = original.N_SCALAR
_CAPS: Final[float] = original.C_INCR
_BOOSTERS: Final[dict[str, float]] = original.BOOSTER_DICT
_PAIR_BOOSTERS: Final = {words: step for words, step in _BOOSTERS.items() if " " in words}
_IDIOMS: Final[dict[str, float]] = original.SPECIAL_CASES
# Every idiom and pair of boosters has at least one of these, and most texts have none.
IDIOM_WORDS: Final = {word for words in (*_IDIOMS, *_PAIR_BOOSTERS) for word in words.split()} - {
    *("the", "to", "for", "of")
}
_NEGATIONS: Final = frozenset(original.NEGATE)
_DAMPING: Final = (1.0, 0.95, 0.9)


class Polarity(NamedTuple):
    """VADER's four scores: shares of the text (0-1) and the compound in [-1, 1]."""

    neg: float
    neu: float
    pos: float
    compound: float


class Vader:
    """Scores English as `vaderSentiment.SentimentIntensityAnalyzer` does.

    `lexicon` may be replaced by a changed copy of VADER's own (for cues of ours);
    by default it is VADER's.
    """

    def __init__(self, lexicon: Mapping[str, float] | None = None) -> None:
        analyser = _original()
        self.lexicon: dict[str, float] = dict(analyser.lexicon if lexicon is None else lexicon)
        self.emojis: dict[str, str] = analyser.emojis
        self.hits = frozenset(self.lexicon) - frozenset(_BOOSTERS)
        self.tokens = Memo(self.token)
        self._emoji_marks = frozenset([each for each in self.emojis if len(each) == 1])

    def token(self, spelled: str) -> Token:
        """Return a word as the rules read it."""
        stripped = spelled.strip(string.punctuation)
        low = (spelled if len(stripped) <= 2 else stripped).lower()
        return Token(
            spelled,
            low,
            is_hit=low in self.hits,
            is_idiom=low in IDIOM_WORDS,
            is_upper=spelled.isupper(),
        )

    def read(self, text: str) -> list[Token]:
        """Return the words of a text whose emoji are spelled out."""
        return [self.tokens[word] for word in text.split()]

    def has_emoji(self, text: str) -> bool:
        """Return whether `text` has emoji that are to be spelled out."""
        return not (text.isascii() or self._emoji_marks.isdisjoint(text))

    def polarity(self, text: str) -> Polarity:
        """Return the four scores of `text`, as the original rounds them."""
        text = self.spelled_out(text)
        tokens = self.read(text)
        if not tokens:
            return Polarity(0.0, 0.0, 0.0, 0.0)
        values = self._values(tokens)
        if not values:
            return Polarity(0.0, 1.0, 0.0, 0.0)
        return _shares(values, emphasis(text), len(tokens))

    def total(self, tokens: list[Token], *, stress: float) -> float:
        """Return the unbounded sum behind the compound of a text of these words.

        `stress` is its `emphasis`.
        """
        values = self._values(tokens)
        return _stressed(float(sum(values)), stress) if values else 0.0

    def _values(self, tokens: list[Token]) -> list[float]:
        places: list[int] = []
        capitals = 0
        has_idioms = False
        for at, token in enumerate(tokens):
            capitals += token.is_upper
            if token.is_hit:
                places.append(at)
            if token.is_idiom:
                has_idioms = True
        if not places:
            return []
        low = [token.low for token in tokens]
        is_loud = 0 < capitals < len(tokens)
        shouts = [token.spelled for token in tokens] if is_loud else None
        return _contrast(low, self.valences(low, places, shouts, has_idioms=has_idioms))

    def valences(
        self, low: list[str], places: list[int], shouts: list[str] | None, *, has_idioms: bool
    ) -> list[tuple[int, float]]:
        """Return (place, valence) of the words at `places` that count, before "but" is weighed.

        `shouts` are the words as they are spelled where some, not all, are in capitals;
        `has_idioms` says whether some may stand in idioms.
        """
        found: list[tuple[int, float]] = []
        for at in places:
            if has_idioms or _is_turned(at, low):
                valence = self._valence(at, low, shouts, with_idioms=has_idioms)
            else:
                valence = self.lexicon[low[at]]
                if shouts is not None and shouts[at].isupper():
                    valence = valence + _CAPS if valence > 0 else valence - _CAPS
            if valence:
                found.append((at, valence))
        return found

    def spelled_out(self, text: str) -> str:
        """Return `text` with every emoji replaced by its name."""
        if not self.has_emoji(text):
            return text
        names, before = self.emojis, " "
        parts: list[str] = []
        for mark in text:
            name = names.get(mark)
            parts.append(mark if name is None else name if before == " " else f" {name}")
            before = mark
        return "".join(parts)

    def _valence(
        self, at: int, low: list[str], shouts: list[str] | None, *, with_idioms: bool
    ) -> float:
        lexicon, word, last = self.lexicon, low[at], len(low) - 1
        if word == "kind" and at < last and low[at + 1] == "of":
            return 0.0
        valence = lexicon[word]
        if word == "no" and at < last and low[at + 1] in lexicon:
            valence = 0.0
        if at and _follows_no(at, low):
            valence = lexicon[word] * _SCALAR
        if shouts is not None and shouts[at].isupper():
            valence = valence + _CAPS if valence > 0 else valence - _CAPS
        for back in range(1, min(at, 3) + 1):
            before = low[at - back]
            if before in lexicon:
                continue
            step = _BOOSTERS.get(before)
            if step is not None:
                shouted = shouts is not None and shouts[at - back].isupper()
                valence += _boost(step, valence, shouted) * _DAMPING[back - 1]
            valence = _negate(valence, at, back, low)
            if back == 3 and with_idioms:
                valence = _idiom(valence, at, low)
        if at and low[at - 1] == "least" and "least" not in lexicon:
            spared = at > 1 and low[at - 2] in ("at", "very")
            valence = valence if spared else valence * _SCALAR
        return valence


@cache
def _original() -> original.SentimentIntensityAnalyzer:
    return original.SentimentIntensityAnalyzer()


def _follows_no(at: int, low: list[str]) -> bool:
    before = low[at - 1]
    if before == "no" or (at > 1 and low[at - 2] == "no"):
        return True
    return at > 2 and low[at - 3] == "no" and before in ("or", "nor")


def _boost(step: float, valence: float, shouted: bool) -> float:
    if valence < 0:
        step *= -1
    if shouted:
        step = step + _CAPS if valence > 0 else step - _CAPS
    return step


# Words that can change the valence of words after them; and all that is short for "not".
_TURNING: Final = (
    frozenset(_BOOSTERS)
    | _NEGATIONS
    | {*("no", "so", "this", "least", "without", "doubt", "never")}
)


def _is_turned(at: int, low: list[str]) -> bool:
    """Return whether the valence of the word at a place may depend on others; "no" looks ahead."""
    for place in range(max(0, at - 3), at + 1):
        word = low[place]
        if word in _TURNING or "n't" in word:
            return True
    return False


def is_negation(word: str) -> bool:
    """Say whether `word` (lower-case) turns what follows, as VADER reads it."""
    return word in _NEGATIONS or "n't" in word


def _negate(valence: float, at: int, back: int, low: list[str]) -> float:
    if back > 1:
        farthest, between = low[at - back], low[at - back + 1 : at]
        near = between[-1]
        if (farthest == "never" and between[0] in ("so", "this")) or (
            back == 3 and near in ("so", "this")
        ):
            return valence * 1.25
        if farthest == "without" and "doubt" in between:
            return valence
    return valence * _SCALAR if is_negation(low[at - back]) else valence


def _idiom(valence: float, at: int, low: list[str]) -> float:
    third, second, first, word = low[at - 3 : at + 1]
    near, far, both = f"{second} {first}", f"{third} {second}", f"{third} {second} {first}"
    for words in (f"{first} {word}", f"{near} {word}", near, both, far):
        if words in _IDIOMS:
            valence = _IDIOMS[words]
            break
    for size in (2, 3):
        if at + size <= len(low):
            valence = _IDIOMS.get(" ".join(low[at : at + size]), valence)
    for words in (far, near):
        valence += _PAIR_BOOSTERS.get(words, 0.0)
    return valence


def _contrast(low: list[str], found: list[tuple[int, float]]) -> list[float]:
    """Return the valences with those before "but" halved and those after it raised by half.

    The original looks each value up by equality, so equal values share the place of the
    first; this is kept.
    """
    values = [valence for _, valence in found]
    if "but" not in low:
        return values
    turn = low.index("but")
    for index in range(len(values)):
        first = values.index(values[index])
        values[first] = values[first] * (0.5 if found[first][0] < turn else 1.5)
    return values


def emphasis(text: str) -> float:
    """Return what the exclamation and question marks of `text` add to the stronger side."""
    questions = text.count("?")
    asked = 0.0 if questions < 2 else questions * 0.18 if questions <= 3 else 0.96
    return min(text.count("!"), 4) * 0.292 + asked


def normalise(total: float) -> float:
    """Return VADER's squeeze of an unbounded sum into [-1, 1]."""
    return max(-1.0, min(1.0, total / math.sqrt(total * total + 15)))


def _stressed(total: float, stress: float) -> float:
    return total + stress if total > 0 else total - stress if total < 0 else total


def _shares(values: list[float], stress: float, size: int) -> Polarity:
    positive = negative = 0.0
    for value in values:  # sum() would round otherwise than the original from Python 3.12 on
        if value > 0:
            positive += value + 1
        else:
            negative += 1 - value
    if positive > negative:
        positive += stress
    elif positive < negative:
        negative += stress
    neutral = size - len(values)
    whole = positive + negative + neutral
    return Polarity(
        round(negative / whole, 3),
        round(neutral / whole, 3),
        round(positive / whole, 3),
        round(normalise(_stressed(float(sum(values)), stress)), 4),
    )
