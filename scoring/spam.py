"""Signs that a text is no honest review: gibberish, adverts, filler, praise without a product.

The score says how little a text is worth as a customer's voice; it never changes the
sentiment. Copies of one text under several names are found where all texts are:
`store/seeding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mypy_extensions import mypyc_attr

from scoring.kinds import ENOUGH
from scoring.language import OTHER, VI, is_listed, is_syllable
from scoring.phrases import Parts, parts_of, read_rows, spellings
from scoring.pieces import Piece, Signs
from scoring.scored import Heard
from scoring.syllables import bare, key_of
from scoring.words import Words

__all__ = ["NO_SPAM", "SIGNS", "Spam", "spam_of", "spam_words"]

SIGNS: Final = (
    *("gibberish", "advert", "repeated", "off topic", "no content", "coins", "brand only"),
    "foreign",
)
"""What `Spam.sign` may be."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_ADVERT: Final = re.compile(
    r"https?:|www\.|\b0\d{8,10}\b|\[|\d[.,]000\b|\b\d{2,4}k\b", re.IGNORECASE
)
_DIGIT: Final = re.compile(r"\d")
_HINT: Final = re.compile(r"[:.\[]")  # without it, or a digit, there is none
_BULLETS: Final = frozenset("●•✅☘🌸🍃💥🔥📌👉✔➡💎🎁📣📞⚡❌▶")
_VOWELS: Final = re.compile("[aeiouy]+")
_VOWEL_LETTERS: Final = frozenset("aeiouy")
_USUAL: Final = 13  # letters of a word that is not long for ASCII
_CROWD: Final = 4  # consonants in a row that words have
_ODD: Final = re.compile("[^aeiouy]{3}|.{10}")  # without it a word is neither long nor lacks vowels
_NO_VOWELS: Final = str.maketrans("", "", "aeiouy")
_NAMES: Final = ("@", "#")
_PRODUCT: Final = frozenset({"quality", "size", "genuineness", "app", "warranty"})


@mypyc_attr(acyclic=True)
class Spam:
    """How surely a text is no review (0-1), and the strongest sign of it, "" for none."""

    __slots__ = ("score", "sign")

    def __init__(self, score: float, sign: str) -> None:
        self.score = score
        self.sign = sign


NO_SPAM: Final = Spam(0.0, "")


_REVIEW: Final = "review"  # single words that reviews are made of
_ROWS: Final = read_rows("spam.tsv")
_REVIEWED: Final = frozenset(
    key_of(word) for sign, pattern in _ROWS if sign == _REVIEW for word in spellings(pattern)
)


def spam_words() -> Iterator[tuple[Parts, str]]:
    """Yield the patterns of spam.tsv with the sign they are."""
    return ((parts_of(pattern), sign) for sign, pattern in _ROWS if sign != _REVIEW)


def spam_of(words: Words, heard: Heard, language: str) -> Spam:
    """Return how surely a text is no review; `language` is what it was found to be in."""
    counts = _counted(words)
    is_vi = language == VI
    noise = counts.noise if is_vi else counts.mash
    weights = (
        min(1.0, 3.2 * noise / counts.letters) if noise >= 6 else 0.0,
        _advert(counts, heard, size=len(words.text)),
        _repeated(heard),
        _off_topic(words, counts, heard) if is_vi and counts.words >= 10 else 0.0,
        _no_content(counts, heard) if counts.words <= 4 and not heard.sides else 0.0,
        0.3 if heard.signs and "coins" in heard.signs else 0.0,
        _brand_only(heard) if heard.signs else 0.0,
        0.35 if language == OTHER and counts.words > 2 else 0.0,
    )
    score = sum(weights)
    if not score:
        return NO_SPAM
    return Spam(round(min(1.0, score), 2), SIGNS[weights.index(max(weights))])


def _counted(words: Words) -> Signs:
    letters = capitals = count = noise = mash = digits = adverts = bullets = 0
    for piece in words.pieces:
        signs = piece.signs
        if signs is None:
            signs = piece.signs = _signs_of(piece)
        letters += signs.letters
        capitals += signs.capitals
        count += signs.words
        if not signs.is_plain:
            noise += signs.noise
            mash += signs.mash
            digits += signs.digits
            adverts += signs.adverts
            bullets += signs.bullets
    return Signs(
        letters, capitals, count,
        noise=noise, mash=mash, digits=digits, adverts=adverts, bullets=bullets,
    )  # fmt: skip


def _advert(counts: Signs, heard: Heard, *, size: int) -> float:
    adverts = counts.adverts + (heard.signs.count("advert") if heard.signs else 0)
    points = min(0.7, 0.14 * adverts + 0.12 * counts.bullets)
    if counts.digits > 0.06 * size:
        points += 0.2
    if counts.capitals > 0.25 * size and size > 30:
        points += 0.15
    return points


def _repeated(heard: Heard) -> float:
    size = len(heard.keys)
    if size < 8:
        return 0.0
    share = len(set(heard.keys)) / size
    return 0.6 if share < 0.5 else 0.3 if share < 0.62 else 0.0


def _off_topic(words: Words, counts: Signs, heard: Heard) -> float:
    """Return the sign of a text that names no side of a product, feels and asks nothing."""
    if len(heard.sides) > 1:
        return 0.0
    if any(cue.weight >= ENOUGH for cue in heard.cues):
        return 0.0
    if len(heard.scored.reasons) > 1 + 0.04 * counts.words:
        return 0.0
    share = _reviewed(words) / counts.words
    points = 0.5 if share <= 0.03 else 0.3 if share <= 0.06 else 0.0
    return points + 0.2 * (counts.words >= 25 and not heard.sides)


def _reviewed(words: Words) -> int:
    """Return how many of the words are those that reviews are made of."""
    total = 0
    for piece in words.pieces:
        if piece.reviewed < 0:
            parts = [piece.core] if piece.core else _WORD.findall(piece.text)
            piece.reviewed = sum([key_of(part) in _REVIEWED for part in parts])
        total += piece.reviewed
    return total


def _no_content(counts: Signs, heard: Heard) -> float:
    return 0.3 if heard.scored.reasons and counts.words else 0.45


def _brand_only(heard: Heard) -> float:
    """Return the sign of praise by someone who did not use what was bought."""
    if "not used" not in heard.signs:
        return 0.0
    return 0.1 if any(side.name in _PRODUCT for side in heard.sides) else 0.35


def _signs_of(piece: Piece) -> Signs:
    word = piece.core
    if not word or word.endswith(("www", "WWW", "Www")):
        return _signs_of_text(piece.text)
    size = len(word)
    is_noise, is_mash = _noise(word)
    if word.islower() and not is_noise and size < len(_PLAIN):
        return _PLAIN[size]
    capitals = sum([letter.isupper() for letter in word])
    return Signs(size, capitals, 1, noise=size * is_noise, mash=size * is_mash)


# The signs of a usual word in small letters, by its length.
_PLAIN: Final = [Signs(size, 0, 1) for size in range(15)]


def _signs_of_text(text: str) -> Signs:
    parts = _WORD.findall(text)
    is_name = text.startswith(_NAMES) or "://" in text
    noise = mash = 0
    if not is_name:
        for part in parts:
            is_noise, is_mash = _noise(part)
            noise += len(part) * is_noise
            mash += len(part) * is_mash
    digits = sum([char.isdigit() for char in text]) if _DIGIT.search(text) else 0
    has_capitals = parts and not text.islower()
    return Signs(
        sum([len(part) for part in parts]),
        sum([char.isupper() for char in text]) if has_capitals else 0,
        len(parts),
        noise=noise,
        mash=mash,
        digits=digits,
        adverts=len(_ADVERT.findall(text)) if digits or _HINT.search(text) else 0,
        bullets=0 if text.isascii() else sum([mark in _BULLETS for mark in text]),
    )


def _noise(word: str) -> tuple[bool, bool]:
    """Say whether `word` is none for a Vietnamese, and whether it is none in any language.

    Names of English letters such as "switch" have few vowels, but never none.
    """
    if len(word) < 5:
        return False, False
    low = word.lower()
    if _is_sayable(low) or is_listed(low) or not _ODD.search(low):
        return False, False
    once = bare(key_of(low))
    vowels = len(once) - len(once.translate(_NO_VOWELS))
    crowd = max([len(consonants) for consonants in _VOWELS.split(once)])
    is_long = len(word) > (_USUAL if word.isascii() else 9)
    is_noise = is_long or crowd > _CROWD or vowels < 0.2 * len(once)
    if not is_noise or not once.isascii() or is_syllable(once):
        return False, False
    return True, not vowels or crowd > 6 or len(word) > 20


def _is_sayable(low: str) -> bool:
    """Whether a short word in ASCII has vowels enough, and nowhere many consonants in a row.

    Of most words this tells that they are no noise, whatever letters they repeat.
    """
    if len(low) > _USUAL or not low.isascii():
        return False
    groups = crowd = 0
    was_vowel = False
    for letter in low:
        is_vowel = letter in _VOWEL_LETTERS
        if is_vowel:
            crowd = 0
            groups += not was_vowel
        else:
            crowd += 1
            if crowd > _CROWD:
                return False
        was_vowel = is_vowel
    return groups * 5 >= len(low)
