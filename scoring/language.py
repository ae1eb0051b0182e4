"""Which language a short text is in: Vietnamese (with or without its marks), English, or other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple, TypeAlias

from scoring.memo import Memo
from scoring.phrases import read_rows
from scoring.words import Piece, Words, once

VI, EN, OTHER = "vi", "en", "other"

# Letters that among written languages in wide use only Vietnamese has. Its other marked letters
# (é, ê, ô, à ...) are French or Portuguese too, đ is Croatian and ă Romanian: they weigh less.
_ONLY_VI = frozenset("ơưƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA))))
_ALSO_VI = frozenset("ăđĂĐãõĩũÃÕĨŨàèìòùÀÈÌÒÙáéíóúýÁÉÍÓÚÝâêôÂÊÔ")
_COMBINING = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_STRIPPED = re.compile(r"https?://\S+|[@#]\w+|\S+@\S+")
_LOST = re.compile(r"[^\W\d_][?\ufffd]+(?=[^\W\d_])")


def _words(language: str) -> frozenset[str]:
    rows = (words.split() for code, words in read_rows("language.tsv") if code == language)
    return frozenset(word for row in rows for word in row)


_VI_WORDS, _EN_WORDS, _OTHER_WORDS = map(_words, (VI, EN, OTHER))
_BOTH = _VI_WORDS & _EN_WORDS
_VI_ONLY = _VI_WORDS - _EN_WORDS - _OTHER_WORDS
_EN_ONLY = _EN_WORDS - _VI_WORDS
_OTHER_ONLY = _OTHER_WORDS - _EN_WORDS - _VI_WORDS

_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?"
_RIME = (
    "(?:a(?:ch|nh|ng|[imnopcuty])?|e(?:ch|nh|ng|[mnopct]|u)?|i(?:a|e(?:ng|[mncptu])|ch|nh|[mnptu])?"
    "|o(?:a(?:ch|nh|ng|[imncpty])?|e[nt]?|ng|c|i|[mnpt])?|u(?:a|o(?:ng|[cimnptu])|e(?:ch|nh)?|y"
    "(?:e[nt]|[nt]|nh|a|u)?|a(?:n|t|ng|y)|ng|[cimnptu])?|y(?:e(?:u|[mnt]|ng))?)"
)
_SYLLABLE = re.compile(f"{_ONSET}{_RIME}")
_HINTED = 2.5
_SURE = 1.5


# Seven counts share one number, so that a text is counted by one sum over its pieces; the last
# is that of the pieces, so that none is 0.
_COUNTS = Struct("<7I")
_UNIT = 20  # points are counted in twentieths


class Points(NamedTuple):
    """How much of a text speaks for each language, in words and parts of words.

    `sure_vi` and `sure_en` count the words that are surely of the language, those
    of addresses and tags among them.
    """

    vi: float
    en: float
    other: float
    sure_vi: int
    sure_en: int

    @property
    def is_silent(self) -> bool:
        """Return whether nothing speaks for any language."""
        return not (self.vi or self.en or self.other)


def points(words: Words) -> Points:
    """Return what `words` speak for; addresses, tags and names with @ are left out."""
    total = sum([piece.points or _count(piece) for piece in words.pieces])
    told = _COUNTS.unpack(total.to_bytes(_COUNTS.size, "little"))
    vi, en, other, lost, sure_vi, sure_en, _ = told
    letters = lost if lost > 1 else 0
    return Points(vi / _UNIT + letters, en / _UNIT, other / _UNIT, sure_vi, sure_en)


def _count(piece: Piece) -> int:
    """Return the points of a piece, each in its own bits, and leave them with the piece."""
    if piece.core:
        piece.points = _WORDS[piece.low[0]]
        return piece.points
    low, text = piece.low, piece.text
    sure = told = [_TOKENS[token] for token in low]
    if "@" in text or "#" in text or "://" in text:
        left = _STRIPPED.sub(" ", text)
        told = [] if left.isspace() else [_TOKENS[token] for token in Piece(left).low]
    elif not text.isascii() and _COMBINING.search(text):
        told = [_TOKENS[token] for token in Piece(unicodedata.normalize("NFC", text)).low]
    lost = len(_LOST.findall(text)) if "?" in text or "\ufffd" in text else 0
    piece.points = _packed(told, sure, lost)
    return piece.points


_Told: TypeAlias = Sequence[tuple[float, float, float]]


def _packed(told: _Told, sure: _Told, lost: int) -> int:
    vi = en = other = 0.0
    for points in told:
        vi += points[0]
        en += points[1]
        other += points[2]
    sure_vi = sum([points[0] >= _SURE for points in sure])
    sure_en = sum([points[1] >= _SURE for points in sure])
    counts = (round(_UNIT * vi), round(_UNIT * en), round(_UNIT * other), lost, sure_vi, sure_en, 1)
    return once(int.from_bytes(_COUNTS.pack(*counts), "little"))


def _packed_word(word: str) -> int:
    """Return what `_packed` does for one word of letters."""
    vi, en, other = _word_points(word)
    points = round(_UNIT * vi), round(_UNIT * en), round(_UNIT * other)
    return int.from_bytes(_COUNTS.pack(*points, 0, vi >= _SURE, en >= _SURE, 1), "little")


def _token_points(token: str) -> tuple[float, float, float]:
    """Return the summed points of the words in one token of `Words`."""
    parts = [_word_points(word) for word in _WORD.findall(token)]
    if len(parts) == 1:
        return parts[0]
    vi, en, other = (sum(column) for column in zip(*parts, strict=True)) if parts else (0, 0, 0)
    return vi, en, other


def _word_points(word: str) -> tuple[float, float, float]:
    """Return the points of one lower-case word for vi, en and other."""
    if word in _BOTH:
        return 0.3, 0.3, 0.0
    if word in _VI_ONLY:
        return 2.0, 0.0, 0.0
    if word in _EN_ONLY:
        return 0.0, 2.0, 0.0
    if word in _OTHER_ONLY:
        return 0.0, 0.0, 2.0
    if word.isascii():
        if _SYLLABLE.fullmatch(word):
            return 0.7, 0.15, 0.1
        return (0.0, 0.3, 0.2) if len(word) < 4 else (0.0, 0.6, 0.3)
    if not _ONLY_VI.isdisjoint(word):
        return 4.0, 0.0, 0.0
    if all(mark.isascii() or mark in _ALSO_VI or mark == "'" for mark in word):
        bare = unicodedata.normalize("NFD", word.replace("đ", "d"))
        shape = _SYLLABLE.fullmatch("".join(c for c in bare if c.isascii()))
        return (1.5, 0.0, 0.5) if shape and len(word) < 7 else (0.0, 0.2, 2.0)
    return 0.0, 0.0, 2.0


def is_known_shape(word: str, once: str) -> bool:
    """Say whether `word`, lower-case, is known or shaped like a Vietnamese syllable.

    `once` is the same in ASCII with each letter once ("nhaaaa" -> "nha").
    """
    return word in _VI_WORDS or word in _EN_WORDS or _SYLLABLE.fullmatch(once) is not None


_TOKENS = Memo(_token_points)
_WORDS = Memo(_packed_word)


def guess(text: str, hint: str = "") -> str:
    """Return "vi", "en" or "other" for `text`.

    `hint` is what the source says ("vi", "en-US", "fr" ...): it decides texts without words
    and tips the balance of unsure ones, never that of clear ones.
    """
    return guess_from(points(Words(text)), hint)


def guess_from(found: Points, hint: str = "") -> str:
    """Return the language that `found` speaks for, as `guess` does."""
    hinted = {"": "", "vi": VI, "en": EN}.get(hint[:2].lower(), OTHER)
    if found.is_silent:
        return hinted or OTHER
    vi, en, other = found[:3]
    vi += _HINTED * (hinted == VI)
    en += _HINTED * (hinted == EN)
    other += _HINTED * (hinted == OTHER)
    if other > vi and other > en:
        return OTHER
    return VI if vi > en else EN
