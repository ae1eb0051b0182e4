"""Signs that a text is no honest review: gibberish, adverts, filler, praise without a product.

The score says how little a text is worth as a customer's voice; it never changes the
sentiment. Copies of one text under several names are found where all texts are:
`store/seeding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from scoring.kinds import ENOUGH
from scoring.language import OTHER, VI, is_known_shape
from scoring.phrases import Parts, parts_of, read_rows, spellings
from scoring.scored import Heard
from scoring.syllables import bare, key_of
from scoring.words import Piece, Words, once

__all__ = ["NO_SPAM", "SIGNS", "Spam", "spam_of", "spam_words"]

SIGNS = (
    *("gibberish", "advert", "repeated", "off topic", "no content", "coins", "brand only"),
    "foreign",
)
"""What `Spam.sign` may be."""

_WORD = re.compile(r"[^\W\d_]+")
_ADVERT = re.compile(r"https?:|www\.|\b0\d{8,10}\b|\[|\d[.,]000\b|\b\d{2,4}k\b", re.IGNORECASE)
_HINT = re.compile(r"[:.\[]")  # without it, or a digit, there is none
_BULLETS = frozenset("●•✅☘🌸🍃💥🔥📌👉✔➡💎🎁📣📞⚡❌▶")
_VOWELS = re.compile("[aeiouy]+")
_ODD = re.compile("[^aeiouy]{3}|.{10}")  # without it a word is neither long nor lacks vowels
_NO_VOWELS = str.maketrans("", "", "aeiouy")
_NAMES = ("@", "#")
_PRODUCT = frozenset({"quality", "size", "genuineness", "app", "warranty"})


class Spam(NamedTuple):
    """How surely a text is no review (0-1), and the strongest sign of it, "" for none."""

    score: float
    sign: str


NO_SPAM = Spam(0.0, "")


class _Counts(NamedTuple):
    """What a text is made of: letters, among them capitals and those of no word, and so on.

    `noise` are letters in what no Vietnamese would take for a word, `mash` in what is
    no word in any language.
    """

    letters: int
    capitals: int
    noise: int
    mash: int
    digits: int
    adverts: int
    bullets: int
    words: int
    reviewed: int
    pieces: int


# They share one number, so that a text is counted by one sum over its pieces.
_COUNTS = Struct(f"<{len(_Counts._fields)}I")


_REVIEW = "review"  # single words that reviews are made of
_ROWS = read_rows("spam.tsv")
_REVIEWED = frozenset(
    key_of(word) for sign, pattern in _ROWS if sign == _REVIEW for word in spellings(pattern)
)


def spam_words() -> Iterator[tuple[Parts, str]]:
    """Yield the patterns of spam.tsv with the sign they are."""
    return ((parts_of(pattern), sign) for sign, pattern in _ROWS if sign != _REVIEW)


def spam_of(words: Words, heard: Heard, language: str) -> Spam:
    """Return how surely a text is no review; `language` is what it was found to be in."""
    total = sum([piece.signs or _count(piece) for piece in words.pieces])
    counts = _Counts._make(_COUNTS.unpack(total.to_bytes(_COUNTS.size, "little")))
    noise = counts.noise if language == VI else counts.mash
    weights = (
        min(1.0, 3.2 * noise / counts.letters) if noise >= 6 else 0.0,
        _advert(counts, heard, size=len(words.text)),
        _repeated(heard) if 2 * heard.size > 3 * heard.different else 0.0,
        _off_topic(counts, heard) if counts.words >= 10 and language == VI else 0.0,
        _no_content(counts, heard) if counts.words <= 4 and not heard.sides else 0.0,
        0.3 if heard.signs and "coins" in heard.signs else 0.0,
        _brand_only(heard) if heard.signs else 0.0,
        0.35 if language == OTHER and counts.words > 2 else 0.0,
    )
    score = sum(weights)
    if not score:
        return NO_SPAM
    return Spam(round(min(1.0, score), 2), SIGNS[weights.index(max(weights))])


def _advert(counts: _Counts, heard: Heard, *, size: int) -> float:
    adverts = counts.adverts + (heard.signs.count("advert") if heard.signs else 0)
    points = min(0.7, 0.14 * adverts + 0.12 * counts.bullets)
    points += 0.2 * (counts.digits > 0.06 * size)
    return points + 0.15 * (counts.capitals > 0.25 * size and size > 30)


def _repeated(heard: Heard) -> float:
    if heard.size < 8:
        return 0.0
    share = heard.different / heard.size
    return 0.6 if share < 0.5 else 0.3 if share < 0.62 else 0.0


def _off_topic(counts: _Counts, heard: Heard) -> float:
    """Return the sign of a text that names no side of a product, feels and asks nothing."""
    if len(heard.sides) > 1:
        return 0.0
    if any(cue.weight >= ENOUGH for cue in heard.cues):
        return 0.0
    if len(heard.scored.reasons) > 1 + 0.04 * counts.words:
        return 0.0
    share = counts.reviewed / counts.words
    points = 0.5 if share <= 0.03 else 0.3 if share <= 0.06 else 0.0
    return points + 0.2 * (counts.words >= 25 and not heard.sides)


def _no_content(counts: _Counts, heard: Heard) -> float:
    return 0.3 if heard.scored.reasons and counts.words else 0.45


def _brand_only(heard: Heard) -> float:
    """Return the sign of praise by someone who did not use what was bought."""
    if "not used" not in heard.signs:
        return 0.0
    return 0.1 if any(side.name in _PRODUCT for side in heard.sides) else 0.35


def _count(piece: Piece) -> int:
    """Return the counts of a piece, each in its own bits, and leave them with the piece."""
    text, word = piece.text, piece.core
    if word and not word.endswith(("www", "WWW", "Www")):
        capitals = 0 if word.islower() else sum(map(str.isupper, word))
        is_noise, is_mash = _noise(word)
        size = len(word)
        reviewed = key_of(word) in _REVIEWED
        counts: tuple[int, ...] = (
            size,
            capitals,
            size * is_noise,
            size * is_mash,
            0,
            0,
            0,
            1,
            reviewed,
            1,
        )
    else:
        counts = _counts(text)
    piece.signs = once(int.from_bytes(_COUNTS.pack(*counts), "little"))
    return piece.signs


def _counts(text: str) -> _Counts:
    parts = _WORD.findall(text)
    is_name = text.startswith(_NAMES) or "://" in text
    digits = sum(map(str.isdigit, text))
    noises = [] if is_name else [(len(part), *_noise(part)) for part in parts]
    return _Counts(
        letters=sum(map(len, parts)),
        capitals=sum(map(str.isupper, text)),
        noise=sum([size for size, is_noise, _ in noises if is_noise]),
        mash=sum([size for size, _, is_mash in noises if is_mash]),
        digits=digits,
        adverts=len(_ADVERT.findall(text)) if digits or _HINT.search(text) else 0,
        bullets=0 if text.isascii() else sum([mark in _BULLETS for mark in text]),
        words=len(parts),
        reviewed=sum([key_of(part) in _REVIEWED for part in parts]),
        pieces=1,
    )


def _noise(word: str) -> tuple[bool, bool]:
    """Say whether `word` is none for a Vietnamese, and whether it is none in any language.

    Names of English letters such as "switch" have few vowels, but never none.
    """
    low = word.lower()
    if len(word) < 5 or not _ODD.search(low):
        return False, False
    once = bare(key_of(low))
    vowels = len(once) - len(once.translate(_NO_VOWELS))
    crowd = max(map(len, _VOWELS.split(once)))
    is_long = len(word) > (13 if word.isascii() else 9)
    is_noise = is_long or crowd > 4 or vowels < 0.2 * len(once)
    if not is_noise or not once.isascii() or is_known_shape(low, once):
        return False, False
    return True, not vowels or crowd > 6 or len(word) > 20
