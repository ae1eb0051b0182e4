"""Vietnamese text as syllables with their places: tone, stretched letters and teencode undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_TOKEN = re.compile(
    r"<3|[:;=]['’]?-?[DdpPvV3](?![^\W_])|[Tt][_.]+[Tt](?![^\W_])|\d+|[^\W\d_]+|\n+|[^\w\s]+|_+"
)
# Where letters were lost, "?" beside a letter stands for a letter.
_LOSSY_TOKEN = re.compile(
    r"\d+|[^\W\d_]*(?:[?\ufffd]+[^\W\d_]+)+[?\ufffd]?|[^\W\d_]+[?\ufffd]?|\n+|[^\w\s]+"
)
_LOST_LETTER = re.compile(r"[?\ufffd][^\W\d_]")
_VOWELS = frozenset("aăâeêioôơuưy")
_UNITS = frozenset({"k", "K", "kg", "Kg", "KG", "h", "H", "m", "M"})
_SHORT = 30
_FORMS_KEPT = 50_000
_INNER = frozenset("\"'“”‘’-_/&()+*%#")
_STOPS = frozenset(".!?\n;…")
_BEYOND_ASCII = re.compile(r"[^\x00-\x3e\x40-\x7f]+")
_LAUGH = re.compile(r"(ha|he|hi|ka|hj|kk|hê|há|hé|hí)\1+[a-z]?|k{3,}|a?h[ai]h[ai]\w*")


class Syllable(NamedTuple):
    """One syllable or symbol run of a text.

    `key` is its normal form: lower case, the tone as a digit at the end,
    stretched letters once ("ĐẸPPP" -> "đep5"); `folded` has no marks at all.
    `start` and `end` are offsets into the text; teencode that stands for two
    syllables gives two with the same place. `clause` and `sentence` count up at
    commas and at full stops; `is_marked` says that it was written with diacritics.
    """

    key: str
    folded: str
    start: int
    end: int
    clause: int
    sentence: int
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The syllables of a text and how it is written.

    `words` counts the words, `marked` those with diacritics; `is_lossy` says
    that letters were lost, and `folded` holds "?" for each letter beyond ASCII.
    """

    syllables: tuple[Syllable, ...]
    words: int
    marked: int
    is_lossy: bool = False

    @property
    def is_bare(self) -> bool:
        """True where the text is written largely without diacritics."""
        return self.marked * 5 <= self.words


@lru_cache(maxsize=50_000)
def key_of(word: str) -> str:
    """Return the normal form of one word, the tone as a digit at its end."""
    lower = word.lower()
    if _LAUGH.fullmatch(lower):
        return "haha"
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
    if once.endswith("g") and once[-2:-1] in _VOWELS and not word.isascii():
        once = f"{once[:-1]}ng"  # "hàg" is "hàng"
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


class Reader:
    """Reads texts into syllables, teencode undone by a table of `spellings`."""

    def __init__(self, spelling: Mapping[str, tuple[str, ...]]) -> None:
        self._spelling = spelling
        self._forms: dict[str, tuple[tuple[str, str], ...]] = {}  # seen before; bounded

    def read(self, text: str) -> Reading:
        """Return the syllables of `text`."""
        if ("?" in text or "\ufffd" in text) and _is_lossy(text):
            return self._read_lossy(text)
        found: list[Syllable] = []
        words = marked = clause = sentence = 0
        after_digit = False
        forms = self._forms
        for match in _TOKEN.finditer(text):
            raw = match.group()
            start, end = match.span()
            if raw.isalpha():
                words += 1
                is_marked = not raw.isascii()
                marked += is_marked
                if after_digit and raw in _UNITS:  # "50k" is a price, no denial
                    found.append(Syllable(raw, raw, start, end, clause, sentence))
                else:
                    for key, folded in forms.get(raw) or self._form(raw):
                        found.append(Syllable(key, folded, start, end, clause, sentence, is_marked))
                after_digit = False
                continue
            found.append(Syllable(raw, raw, start, end, clause, sentence))
            after_digit = raw.isdigit()
            if not after_digit:
                clause += not _INNER.issuperset(raw)
                sentence += not _STOPS.isdisjoint(raw)
        return Reading(tuple(found), words, marked)

    def _form(self, raw: str) -> tuple[tuple[str, str], ...]:
        """Return the normal and folded forms of a word, more than one for some teencode."""
        if len(self._forms) > _FORMS_KEPT:
            self._forms.clear()
        key = key_of(raw)
        meant = self._spelling.get(key)
        keys = (key,) if meant is None else tuple(map(key_of, meant))
        forms = tuple((each, bare(each)) for each in keys)
        self._forms[raw] = forms
        return forms

    def _read_lossy(self, text: str) -> Reading:
        found: list[Syllable] = []
        clause = 0
        for match in _LOSSY_TOKEN.finditer(text):
            raw = match.group()
            start, end = match.span()
            for form in map(lost, self._spelling.get(raw.lower(), (raw,))):
                found.append(Syllable(form, form, start, end, clause, clause))  # noqa: PERF401
            is_word = raw[0].isalnum() or raw[-1].isalpha()
            clause += not is_word and not _STOPS.isdisjoint(raw)
        return Reading(tuple(found), len(found), 0, is_lossy=True)


def _is_lossy(text: str) -> bool:
    """Whether "?" stands for letters: twice before a letter, or once in a short bare text."""
    seen = len(_LOST_LETTER.findall(text))
    return seen > 1 or (seen == 1 and len(text) <= _SHORT and text.isascii())
