"""Which language a short text is in: Vietnamese (with or without its marks), English, or other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from scoring.phrases import Words, read_rows

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


class Points(NamedTuple):
    """How much of a text speaks for each language, in words and parts of words."""

    vi: float
    en: float
    other: float


class _Shapes(dict[str, tuple[float, float, float]]):
    """Remembers what each word speaks for; emptied when it is full."""

    room = 30_000

    def __missing__(self, word: str) -> tuple[float, float, float]:
        if len(self) >= self.room:
            self.clear()
        points = self[word] = _token_points(word)
        return points


def _token_points(token: str) -> tuple[float, float, float]:
    """Return the summed points of the words in one token of `Words`."""
    parts = [_word_points(word) for word in _WORD.findall(token)]
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


_SHAPES = _Shapes()


def points(words: Words) -> Points:
    """Return what `words` speak for; addresses, tags and names with @ are left out."""
    low: Iterable[str] = words.low
    if _COMBINING.search(words.text):
        low = Words(unicodedata.normalize("NFC", words.text)).low
    text = words.text
    if "@" in text or "#" in text or "://" in text:
        low = Words(_STRIPPED.sub(" ", text)).low
    lost = 0.0
    if "?" in text or "\ufffd" in text:
        lost = len(_LOST.findall(text))
    vi = en = other = 0.0
    shapes = _SHAPES
    for word in low:
        one, two, three = shapes[word]
        vi += one
        en += two
        other += three
    return Points(vi + (lost if lost > 1 else 0.0), en, other)


def words_of(language: str, words: Words) -> int:
    """Return how many of `words` are surely of `language`, for texts that mix two."""
    column = (VI, EN, OTHER).index(language)
    return sum(_SHAPES[word][column] >= _SURE for word in words.low)


def guess(text: str, hint: str = "") -> str:
    """Return "vi", "en" or "other" for `text`.

    `hint` is what the source says ("vi", "en-US", "fr" ...): it decides texts without words
    and tips the balance of unsure ones, never that of clear ones.
    """
    return guess_from(points(Words(text)), hint)


def guess_from(found: Points, hint: str = "") -> str:
    """Return the language that `found` speaks for, as `guess` does."""
    hinted = {"": "", "vi": VI, "en": EN}.get(hint[:2].lower(), OTHER)
    vi, en, other = found
    if not (vi or en or other):
        return hinted or OTHER
    vi += _HINTED * (hinted == VI)
    en += _HINTED * (hinted == EN)
    other += _HINTED * (hinted == OTHER)
    if other > vi and other > en:
        return OTHER
    return VI if vi > en else EN
