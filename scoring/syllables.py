"""Vietnamese text as syllables with their places: tone, stretched letters and teencode undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TypeAlias, cast

from scoring.memo import Memo
from scoring.words import Piece, Words, once

_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_TONE_OF = {
    unicodedata.normalize("NFC", letter + mark): tone
    for letter in "aăâeêioôơuưy"
    for mark, tone in _TONES.items()
}
_TONELESS = {
    ord(each): unicodedata.normalize("NFC", "".join(set_off))
    for each in _TONE_OF
    if (set_off := [c for c in unicodedata.normalize("NFD", each) if c not in _TONES])
}
_FLAT = str.maketrans("ăâêôơưđ", "aaeooud")
_FLAT_LETTERS = _FLAT | {
    **{ord(each): unicodedata.normalize("NFD", each)[0] for each in _TONE_OF},
    **dict.fromkeys(map(ord, "0123456789")),
}
_DOUBLE = re.compile(r"(.)\1")
_TOKEN = re.compile(
    r"<3|[:;=]['’]?-?[DdpPvV3](?![^\W_])|[Tt][_.]+[Tt](?![^\W_])|\d+|[^\W\d_]+|\n+|[^\w\s]+|_+"
)
# Where letters were lost, "?" beside a letter stands for a letter.
_LOSSY_TOKEN = re.compile(
    r"\d+|[^\W\d_]*(?:[?\ufffd]+[^\W\d_]+)+[?\ufffd]?|[^\W\d_]+[?\ufffd]?|\n+|[^\w\s]+"
)
_KEPT_LETTER = re.compile(
    "[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]"
)  # no letter beyond Latin-1 is left in damage
_LOST_LETTER = re.compile(r"[?\ufffd][^\W\d_]")
_VOWELS = frozenset("aăâeêioôơuưy")
_UNITS = frozenset({"k", "K", "kg", "Kg", "KG", "h", "H", "m", "M"})
# A unit apart from its number ("50 k") stays in one piece with it.
_PARTED_UNIT = re.compile(r"\d (?:[khmKHM]|kg|Kg|KG)(?![^\W\d_])")
_BLANK = re.compile(r"(?<!\d) |(?<=\d) (?!(?:[khmKHM]|kg|Kg|KG)(?![^\W\d_]))")
_SHORT = 30
_BITS = 32
_ONLY = (1 << _BITS) - 1
_MARKED, _NUMBER = 1 << _BITS, 1 << 2 * _BITS
_BEYOND_ASCII = re.compile(r"[^\x00-\x3e\x40-\x7f]+")
_LAUGH = re.compile(r"(ha|he|hi|ka|hj|kk|hê|há|hé|hí)\1+[a-z]?|k{3,}|a?h[ai]h[ai]\w*")


class Reading:
    """The syllables of a text and how it is written.

    `keys` are the normal forms of its syllables and runs of signs: lower case, the
    tone as a digit at the end, stretched letters once ("ĐẸPPP" -> "đep5"); teencode
    that stands for two syllables gives two with the same place. `words` counts the
    words; `is_bare` says that it is written largely without diacritics, `has_numbers`
    that there may be numbers in it, `is_lossy` that letters were lost: then a "?"
    stands for each letter beyond ASCII.
    """

    __slots__ = ("_words", "has_numbers", "is_bare", "is_lossy", "keys", "pieces", "words")

    def __init__(self, words: Words, *, is_lossy: bool = False) -> None:
        self._words = words
        self.pieces = words.pieces
        self.is_lossy = is_lossy
        groups = [piece.keys for piece in words.pieces]
        if None in groups:
            groups = [
                cut(piece).keys if piece.keys is None else piece.keys for piece in self.pieces
            ]
        self.keys: list[str] = list(chain.from_iterable(cast(list[tuple[str, ...]], groups)))
        tally = sum([piece.tally for piece in words.pieces])
        self.words = tally & _ONLY
        self.is_bare = (tally >> _BITS & _ONLY) * 5 <= self.words
        self.has_numbers = tally >= _NUMBER

    @property
    def folded(self) -> list[str]:
        """Return the syllables without any marks."""
        return [form for piece in self.pieces for form in piece.folded]

    @property
    def marked(self) -> list[int]:
        """Return of each syllable whether it was written with diacritics."""
        return [is_marked for piece in self.pieces for is_marked in piece.marked]

    @property
    def bounds(self) -> tuple[list[int], list[int]]:
        """Return the offsets in the text at which each syllable starts, and ends."""
        columns = list(zip(self.pieces, self._words.offsets, strict=True))
        starts = [offset + start for piece, offset in columns for start in piece.key_starts]
        return starts, [offset + end for piece, offset in columns for end in piece.key_ends]

    def spans(self, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the offsets in the text of the syllables of each place: first, stop."""
        starts, ends = self.bounds
        return [(starts[first], ends[stop - 1]) for first, stop in places]


@lru_cache(maxsize=50_000)
def key_of(word: str) -> str:
    """Return the normal form of one word, the tone as a digit at its end."""
    lower = word.lower()
    if _LAUGH.fullmatch(lower):
        return "haha"
    if lower.isascii() and not _DOUBLE.search(lower):
        return lower
    return _quick_key(lower) or _key_of(lower)


def _quick_key(lower: str) -> str:
    """Return the normal form of a word of usual letters, none of them stretched; "" for others."""
    letters = lower.translate(_TONELESS)
    flat = letters.translate(_FLAT)
    if not (flat.isascii() and flat.isalpha()) or _DOUBLE.search(flat):
        return ""
    if letters[-1] == "g" and letters[-2:-1] in _VOWELS and not lower.isascii():
        letters = f"{letters[:-1]}ng"  # "hàg" is "hàng"
    if letters == lower:
        return letters
    tone = ""
    for letter in lower:
        tone = _TONE_OF.get(letter, tone)
    return letters + tone


def _key_of(lower: str) -> str:
    """Return the normal form of any word."""
    letters: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", lower):
        if char in _TONES:
            tone = _TONES[char]
        elif unicodedata.combining(char):
            if letters:
                letters[-1] = unicodedata.normalize("NFC", letters[-1] + char)
        else:
            letters.append(char)
    once = _once(letters)
    if once.endswith("g") and once[-2:-1] in _VOWELS and not lower.isascii():
        once = f"{once[:-1]}ng"
    return once + tone


def _once(letters: list[str]) -> str:
    """Return the letters with stretched ones once; the marked of a run stays; "ưu" is no run."""
    kept: list[str] = []
    for letter in letters:
        same = kept and not letter.isdigit() and bare(kept[-1]) == bare(letter)
        if not same or (kept[-1] == "ư" and letter == "u"):
            kept.append(letter)
        elif kept[-1].isascii():
            kept[-1] = letter
    return "".join(kept)


@lru_cache(maxsize=50_000)
def bare(word: str) -> str:
    """Return a word or normal form without its marks and tone digit."""
    if word.isdigit():
        return word
    flat = word.translate(_FLAT_LETTERS)
    if flat.isascii():
        return flat
    marks_off = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(c for c in marks_off if not unicodedata.combining(c) and not c.isdigit())


@lru_cache(maxsize=50_000)
def lost(word: str) -> str:
    """Return a word as it looks when letters beyond ASCII were lost: "tốt" -> "t?t"."""
    return _BEYOND_ASCII.sub("?", word.lower())


def spellings(path: Path) -> dict[str, tuple[str, ...]]:
    """Return teencode and slips, by normal form -> the words meant; read from a TSV."""
    table: dict[str, tuple[str, ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            seen, meant = line.split("\t")[:2]
            table.update((key_of(each), tuple(meant.split())) for each in seen.split(","))
    return table


_SPELLINGS = spellings(Path(__file__).parent / "vietnamese_spelling.tsv")


def read(text: str | Words) -> Reading:
    """Return the syllables of `text`, its teencode undone."""
    words = text if isinstance(text, Words) else Words(text)
    text = words.text
    if ("?" in text or "\ufffd" in text) and _is_lossy(text):
        words = Words(text, [text])
        words.pieces = [_lossy_piece(text)]
        return Reading(words, is_lossy=True)
    reading = Reading(words)
    if reading.has_numbers and _PARTED_UNIT.search(text):
        return Reading(Words(text, _BLANK.split(text)))
    return reading


_Place: TypeAlias = tuple[str, str, int, int, int]


def cut(piece: Piece) -> Piece:
    """Return `piece` with its syllables."""
    if piece.core:
        return _cut_word(piece)
    found: list[_Place] = []
    after_digit = False
    piece.tally = 0
    for match in _TOKEN.finditer(piece.text):
        raw, (start, end) = match.group(), match.span()
        if not raw.isalpha():
            found.append((raw, raw, False, start, end))
            after_digit = raw.isdigit()
            piece.tally += _NUMBER * after_digit
            continue
        is_price = after_digit and raw in _UNITS  # "50k" is a price, no denial
        is_marked = not raw.isascii()
        piece.tally += 1 + _MARKED * is_marked
        for key, folded in ((raw, raw),) if is_price else _FORMS[raw]:
            found.append((key, folded, is_marked, start, end))
        after_digit = False
    _leave(piece, found)
    return piece


def _cut_word(piece: Piece) -> Piece:
    """Return a piece of one word, and perhaps a run of signs, with its syllables."""
    core, size = piece.core, len(piece.text)
    tail = (piece.text[len(core) :],) if len(core) < size else ()
    forms = _FORMS[core]
    is_marked = not core.isascii()
    piece.keys = tuple([key for key, _ in forms]) + tail
    piece.folded = tuple([folded for _, folded in forms]) + tail
    piece.marked = once((is_marked,) * len(forms) + (False,) * len(tail))
    piece.key_starts = once((0,) * len(forms) + (len(core),) * len(tail))
    piece.key_ends = once((len(core),) * len(forms) + (size,) * len(tail))
    piece.tally = 1 + _MARKED * is_marked
    return piece


def _form(raw: str) -> tuple[tuple[str, str], ...]:
    """Return the normal and folded forms of a word, more than one for some teencode."""
    key = key_of(raw)
    meant = _SPELLINGS.get(key)
    keys = (key,) if meant is None else tuple(map(key_of, meant))
    return tuple((each, bare(each)) for each in keys)


_FORMS = Memo(_form)


def _lossy_piece(text: str) -> Piece:
    """Return a damaged text as one piece; what is left of its letters are the keys."""
    piece = Piece(text)
    found = [
        (form, form, False, *match.span())
        for match in _LOSSY_TOKEN.finditer(text)
        for form in map(lost, _SPELLINGS.get(match[0].lower(), (match[0],)))
    ]
    piece.tally = len(found)
    _leave(piece, found)
    return piece


def _leave(piece: Piece, found: Sequence[_Place]) -> None:
    keys, folded, marked, starts, ends = zip(*found, strict=True) if found else ((),) * 5
    piece.keys, piece.folded, piece.marked = keys, folded, once(marked)
    piece.key_starts, piece.key_ends = once(starts), once(ends)
    piece.tally = once(piece.tally)


def _is_lossy(text: str) -> bool:
    """Whether "?" stands for letters: twice before a letter, or once in a short bare text.

    Where letters beyond ASCII or Latin-1 were lost, none of those that only Vietnamese has is left.
    """
    if _KEPT_LETTER.search(text):
        return False  # "xấu ?không biết ?": a blank on the wrong side
    seen = len(_LOST_LETTER.findall(text))
    return seen > 1 or (seen == 1 and len(text) <= _SHORT and text.isascii())
