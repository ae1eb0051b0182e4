"""Vietnamese text as syllables with their places: tone, stretched letters and teencode undone."""

from __future__ import annotations

import re
import string
import unicodedata
from pathlib import Path
from typing import Final, TypeAlias, cast

from mypy_extensions import mypyc_attr

from scoring.memo import Memo
from scoring.pieces import Piece, Spread, Syllables, once
from scoring.words import Places, Words

_TONES: Final = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
# Each usual letter without its tone, without any mark, and its tone.
_LETTERS: Final[dict[str, tuple[str, str, str]]] = {
    **{letter: (letter, letter, "") for letter in string.ascii_lowercase},
    **{letter: (letter, flat, "") for letter, flat in zip("ăâêôơưđ", "aaeooud", strict=True)},
    **{
        unicodedata.normalize("NFC", letter + mark): (letter, flat, tone)
        for letter, flat in zip("aăâeêioôơuưy", "aaaeeiooouuy", strict=True)
        for mark, tone in _TONES.items()
    },
}
_FLAT: Final = {
    **{letter: flat for letter, (_, flat, _) in _LETTERS.items()},
    **dict.fromkeys("0123456789", ""),
}
_TOKEN: Final = re.compile(
    r"<3|[:;=]['’]?-?[DdpPvV3](?![^\W_])|[Tt][_.]+[Tt](?![^\W_])|\d+|[^\W\d_]+|\n+|[^\w\s]+|_+"
)
# Where letters were lost, "?" beside a letter stands for a letter.
_LOSSY_TOKEN: Final = re.compile(
    r"\d+|[^\W\d_]*(?:[?\ufffd]+[^\W\d_]+)+[?\ufffd]?|[^\W\d_]+[?\ufffd]?|\n+|[^\w\s]+"
)
_KEPT_LETTER: Final = re.compile(
    "[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]"
)  # no letter beyond Latin-1 is left in damage
_LOST_LETTER: Final = re.compile(r"[?\ufffd][^\W\d_]")
_VOWELS: Final = frozenset("aăâeêioôơuưy")
_UNITS: Final = frozenset({"k", "K", "kg", "Kg", "KG", "h", "H", "m", "M"})
# A unit apart from its number ("50 k") stays in one piece with it.
_PARTED_UNIT: Final = re.compile(r"\d (?:[khmKHM]|kg|Kg|KG)(?![^\W\d_])")
_BLANK: Final = re.compile(r"(?<!\d) |(?<=\d) (?!(?:[khmKHM]|kg|Kg|KG)(?![^\W\d_]))")
_SHORT: Final = 30
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x3e\x40-\x7f]+")
_LAUGH: Final = re.compile(r"(ha|he|hi|ka|hj|kk|hê|há|hé|hí)\1+[a-z]?|k{3,}|a?h[ai]h[ai]\w*")
_LAUGHING: Final = ("h", "k")  # its third letter is one of these, unless it begins with "ah"


@mypyc_attr(acyclic=True)
class Reading:
    """The syllables of a text and how it is written.

    `keys` are the normal forms of its syllables and runs of signs: lower case, the
    tone as a digit at the end, stretched letters once ("ĐẸPPP" -> "đep5"); teencode
    that stands for two syllables gives two with the same place. `size` counts the
    words; `is_bare` says that it is written largely without diacritics, `has_numbers`
    that there are numbers in it, `is_lossy` that letters were lost: then a "?"
    stands for each letter beyond ASCII. `parts` are the pieces of the text, cut.
    """

    __slots__ = ("_words", "has_numbers", "is_bare", "is_lossy", "keys", "parts", "size")

    def __init__(self, words: Words, *, is_lossy: bool = False) -> None:
        self._words = words
        self.is_lossy = is_lossy
        parts: list[Syllables] = []
        size = marked = numbers = 0
        for piece in words.pieces:
            part = piece.syllables
            if part is None:
                part = piece.syllables = cut(piece)
            parts.append(part)
            size += part.words
            marked += part.marked_words
            numbers += part.numbers
        self.parts = parts
        self.keys = [key for part in parts for key in part.keys]
        self.size = size
        self.is_bare = marked * 5 <= size
        self.has_numbers = numbers > 0

    @property
    def folded(self) -> list[str]:
        """Return the syllables without any marks."""
        return [form for part in self.parts for form in part.folded]

    @property
    def marked(self) -> list[bool]:
        """Return of each syllable whether it was written with diacritics."""
        return [is_marked for part in self.parts for is_marked in part.marked]

    def places(self) -> Places:
        """Return what tells the offsets of the syllables in the text."""
        return Places(self._words.parts, cast("list[Spread]", self.parts))


def key_of(word: str) -> str:
    """Return the normal form of one word, the tone as a digit at its end."""
    lower = word.lower()
    if (lower[2:3] in _LAUGHING or lower[:2] == "ah") and _LAUGH.fullmatch(lower):
        return "haha"
    if lower.isascii() and not _has_double(lower):
        return lower
    return _quick_key(lower) or _key_of(lower)


def _quick_key(lower: str) -> str:
    """Return the normal form of a word of usual letters, none of them stretched; "" for others."""
    letters: list[str] = []
    tone = last = ""
    for char in lower:
        told = _LETTERS.get(char)
        if told is None or told[1] == last:
            return ""
        letters.append(told[0])
        last = told[1]
        tone = told[2] or tone
    if last == "g" and len(letters) > 1 and letters[-2] in _VOWELS and not lower.isascii():
        letters[-1] = "ng"  # "hàg" is "hàng"
    return "".join(letters) + tone


def _has_double(word: str) -> bool:
    """Whether a letter stands twice in a row."""
    last = ""
    for letter in word:
        if letter == last:
            return True
        last = letter
    return False


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


def bare(word: str) -> str:
    """Return a word or normal form without its marks and tone digit."""
    if (word.isascii() and word.isalpha()) or word.isdigit():
        return word
    flat = "".join([_FLAT.get(char, char) for char in word])
    if flat.isascii():
        return flat
    marks_off = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join([c for c in marks_off if not unicodedata.combining(c) and not c.isdigit()])


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


_SPELLINGS: Final = spellings(Path(__file__).parent / "vietnamese_spelling.tsv")


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


def cut(piece: Piece) -> Syllables:
    """Return the syllables of `piece`."""
    if piece.core:
        return _cut_word(piece)
    found = _Found()
    after_digit = False
    for match in _TOKEN.finditer(piece.text):
        raw = match[0]
        start = match.start()
        if raw.isalpha():
            is_price = after_digit and raw in _UNITS  # "50k" is a price, no denial
            found.add_word(((raw, raw),) if is_price else _FORMS[raw], raw, start)
            after_digit = False
        else:
            after_digit = raw.isdigit()
            found.add(raw, raw, start)
            found.numbers += after_digit
    return found.syllables()


def _cut_word(piece: Piece) -> Syllables:
    """Return a piece of one word, and perhaps a run of signs, as its syllables."""
    core, text = piece.core, piece.text
    size = len(core)
    is_marked = not core.isascii()
    forms = _FORMS[core]
    if len(text) == size and len(forms) == 1:
        key, folded = forms[0]
        keys = piece.low if key == piece.low[0] else (key,)  # what is equal is kept once
        return Syllables(
            keys,
            keys if folded == key else (folded,),
            _MARKED if is_marked else _UNMARKED,
            starts=piece.starts,
            ends=piece.ends,
            words=1,
            marked_words=int(is_marked),
        )
    found = _Found()
    found.add_word(forms, core, 0)
    if len(text) > size:
        found.add(text[size:], text[size:], size)
    return found.syllables()


_MARKED: Final = (True,)
_UNMARKED: Final = (False,)


@mypyc_attr(acyclic=True)
class _Found:
    """The syllables found so far in a piece."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.folded: list[str] = []
        self.marked: list[bool] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.words = 0
        self.marked_words = 0
        self.numbers = 0

    def add_word(self, forms: Forms, raw: str, start: int) -> None:
        """Take in a word that is read as `forms`."""
        is_marked = not raw.isascii()
        for key, folded in forms:
            self._add(key, folded, is_marked, start, start + len(raw))
        self.words += 1
        self.marked_words += is_marked

    def add(self, key: str, raw: str, start: int) -> None:
        """Take in what is no word, or one that lost letters."""
        self._add(key, key, False, start, start + len(raw))

    def _add(self, key: str, folded: str, is_marked: bool, start: int, end: int) -> None:
        self.keys.append(key)
        self.folded.append(folded)
        self.marked.append(is_marked)
        self.starts.append(start)
        self.ends.append(end)

    def syllables(self) -> Syllables:
        """Return them all."""
        return Syllables(
            tuple(self.keys), tuple(self.folded), tuple(self.marked),
            starts=once(tuple(self.starts)), ends=once(tuple(self.ends)),
            words=self.words, marked_words=self.marked_words, numbers=self.numbers,
        )  # fmt: skip


Forms: TypeAlias = tuple[tuple[str, str], ...]
"""Normal and folded forms of a word: more than one for some teencode."""


def _form(raw: str) -> Forms:
    """Return the normal and folded forms of a word."""
    key = key_of(raw)
    meant = _SPELLINGS.get(key)
    keys = (key,) if meant is None else tuple([key_of(word) for word in meant])
    return tuple([(each, bare(each)) for each in keys])


_FORMS: Final = Memo(_form)


def _lossy_piece(text: str) -> Piece:
    """Return a damaged text as one piece; what is left of its letters are the keys."""
    found = _Found()
    for match in _LOSSY_TOKEN.finditer(text):
        for form in _SPELLINGS.get(match[0].lower(), (match[0],)):
            found.add(lost(form), match[0], match.start())
            found.words += 1
    piece = Piece(text)
    piece.syllables = found.syllables()
    return piece


def _is_lossy(text: str) -> bool:
    """Whether "?" stands for letters: twice before a letter, or once in a short bare text.

    Where letters beyond ASCII or Latin-1 were lost, none of those that only Vietnamese has is left.
    """
    if _KEPT_LETTER.search(text):
        return False  # "xấu ?không biết ?": a blank on the wrong side
    seen = len(_LOST_LETTER.findall(text))
    return seen > 1 or (seen == 1 and len(text) <= _SHORT and text.isascii())
