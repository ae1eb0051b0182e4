"""Which language a short text is in: Vietnamese (with or without its marks), English, or other."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from scoring.memo import Memo
from scoring.phrases import read_rows
from scoring.pieces import Piece, Points
from scoring.words import Words

VI: Final = "vi"
EN: Final = "en"
OTHER: Final = "other"

# Letters that among written languages in wide use only Vietnamese has. Its other marked letters
# (é, ê, ô, à ...) are French or Portuguese too, đ is Croatian and ă Romanian: they weigh less.
_ONLY_VI: Final = frozenset("ơưƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA))))
_ALSO_VI: Final = frozenset("ăđĂĐãõĩũÃÕĨŨàèìòùÀÈÌÒÙáéíóúýÁÉÍÓÚÝâêôÂÊÔ")
_COMBINING: Final = re.compile("[\u0300-\u036f]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_STRIPPED: Final = re.compile(r"https?://\S+|[@#]\w+|\S+@\S+")
_LOST: Final = re.compile(r"[^\W\d_][?\ufffd]+(?=[^\W\d_])")


def _words(language: str) -> frozenset[str]:
    rows = (words.split() for code, words in read_rows("language.tsv") if code == language)
    return frozenset(word for row in rows for word in row)


_VI_WORDS: Final = _words(VI)
_EN_WORDS: Final = _words(EN)
_OTHER_WORDS: Final = _words(OTHER)

_ONSET: Final = "(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?"
_RIME: Final = (
    "(?:a(?:ch|nh|ng|[imnopcuty])?|e(?:ch|nh|ng|[mnopct]|u)?|i(?:a|e(?:ng|[mncptu])|ch|nh|[mnptu])?"
    "|o(?:a(?:ch|nh|ng|[imncpty])?|e[nt]?|ng|c|i|[mnpt])?|u(?:a|o(?:ng|[cimnptu])|e(?:ch|nh)?|y"
    "(?:e[nt]|[nt]|nh|a|u)?|a(?:n|t|ng|y)|ng|[cimnptu])?|y(?:e(?:u|[mnt]|ng))?)"
)
_SYLLABLE: Final = re.compile(f"{_ONSET}{_RIME}")
WHOLE: Final = 20
"""How many points a word is worth."""

_HINTED: Final = 50
_SURE: Final = 30


# The points of a word: one on a list, one in the shape of a Vietnamese syllable ...
_LISTED_VI: Final = Points(40, 0, 0, sure_vi=1)
_LISTED_EN: Final = Points(0, 40, 0, sure_en=1)
_LISTED_OTHER: Final = Points(0, 0, 40)
_LISTED_BOTH: Final = Points(6, 6, 0)
_SHAPED: Final = Points(14, 3, 2)
_UNSHAPED: Final = Points(0, 12, 6)
_UNSHAPED_SHORT: Final = Points(0, 6, 4)
_MARKED: Final = Points(80, 0, 0, sure_vi=1)
_SHAPED_MARKED: Final = Points(30, 0, 10, sure_vi=1)
_UNSHAPED_MARKED: Final = Points(0, 4, 40)


def _known() -> dict[str, Points]:
    """Return the points of the words on the lists."""
    return {
        **dict.fromkeys(_OTHER_WORDS - _EN_WORDS - _VI_WORDS, _LISTED_OTHER),
        **dict.fromkeys(_EN_WORDS - _VI_WORDS, _LISTED_EN),
        **dict.fromkeys(_VI_WORDS - _EN_WORDS - _OTHER_WORDS, _LISTED_VI),
        **dict.fromkeys(_VI_WORDS & _EN_WORDS, _LISTED_BOTH),
    }


_KNOWN: Final = _known()


def points(words: Words) -> Points:
    """Return what `words` speak for; addresses, tags and names with @ are left out."""
    vi = en = other = lost = sure_vi = sure_en = 0
    for piece in words.pieces:
        told = piece.points
        if told is None:
            told = piece.points = _points_of(piece)
        vi += told.vi
        en += told.en
        other += told.other
        lost += told.lost
        sure_vi += told.sure_vi
        sure_en += told.sure_en
    if lost > 1:
        vi += WHOLE * lost
    return Points(vi, en, other, lost=lost, sure_vi=sure_vi, sure_en=sure_en)


def _points_of(piece: Piece) -> Points:
    if piece.core:
        return _points_of_word(piece.low[0])
    low, text = piece.low, piece.text
    told = low
    if "@" in text or "#" in text or "://" in text:
        left = _STRIPPED.sub(" ", text)
        told = () if left.isspace() else Piece(left).low
    elif not text.isascii() and _COMBINING.search(text):
        told = Piece(unicodedata.normalize("NFC", text)).low
    lost = len(_LOST.findall(text)) if "?" in text or "\ufffd" in text else 0
    if told is low and not lost and len(low) == 1:
        return _TOKENS[low[0]]
    vi = en = other = sure_vi = sure_en = 0
    for token in told:
        each = _TOKENS[token]
        vi += each.vi
        en += each.en
        other += each.other
    for token in low:
        each = _TOKENS[token]
        sure_vi += each.sure_vi
        sure_en += each.sure_en
    return Points(vi, en, other, lost=lost, sure_vi=sure_vi, sure_en=sure_en)


def _points_of_token(token: str) -> Points:
    """Return the summed points of the words in one token of `Words`."""
    if token.isalpha():
        return _points_of_word(token)
    vi = en = other = 0
    for word in _WORD.findall(token):
        told = _points_of_word(word)
        vi += told.vi
        en += told.en
        other += told.other
    return Points(vi, en, other, sure_vi=int(vi >= _SURE), sure_en=int(en >= _SURE))


def _points_of_word(word: str) -> Points:
    """Return the points of one lower-case word."""
    known = _KNOWN.get(word)
    if known is not None:
        return known
    if word.isascii():
        if _SYLLABLE.fullmatch(word):
            return _SHAPED
        return _UNSHAPED_SHORT if len(word) < 4 else _UNSHAPED
    if not _ONLY_VI.isdisjoint(word):
        return _MARKED
    if all(mark.isascii() or mark in _ALSO_VI or mark == "'" for mark in word):
        bare = unicodedata.normalize("NFD", word.replace("đ", "d"))
        shape = _SYLLABLE.fullmatch("".join([c for c in bare if c.isascii()]))
        return _SHAPED_MARKED if shape and len(word) < 7 else _UNSHAPED_MARKED
    return _LISTED_OTHER


def is_listed(word: str) -> bool:
    """Say whether `word`, lower-case, is on the list of Vietnamese or of English words."""
    return word in _VI_WORDS or word in _EN_WORDS


def is_syllable(once: str) -> bool:
    """Say whether a word in ASCII, each letter once, is shaped like a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(once) is not None


_TOKENS: Final = Memo(_points_of_token)


def guess(text: str, hint: str = "") -> str:
    """Return "vi", "en" or "other" for `text`.

    `hint` is what the source says ("vi", "en-US", "fr" ...): it decides texts without words
    and tips the balance of unsure ones, never that of clear ones.
    """
    return guess_from(points(Words(text)), hint)


def guess_from(found: Points, hint: str = "") -> str:
    """Return the language that `found` speaks for, as `guess` does."""
    hinted = _hinted(hint[:2].lower()) if hint else ""
    if found.is_silent:
        return hinted or OTHER
    vi, en, other = found.vi, found.en, found.other
    if hinted == VI:
        vi += _HINTED
    elif hinted == EN:
        en += _HINTED
    elif hinted:
        other += _HINTED
    if other > vi and other > en:
        return OTHER
    return VI if vi > en else EN


def _hinted(code: str) -> str:
    return code if code in (VI, EN) else OTHER
