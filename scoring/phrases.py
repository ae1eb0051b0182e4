"""A text as words with their places, and a book that finds the longest known phrases in them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from ingest.text import fold

T = TypeVar("T")

_GAPS = ',.!?"*~|'
_RARE = {
    **dict.fromkeys(map(ord, "…“”«»—–•·\u200b\ufe0f\u200d"), " "),
    **dict.fromkeys(
        (*range(0x2600, 0x27C0), *range(0x2B00, 0x2C00), *range(0x1F000, 0x1FB00)), " "
    ),
    **dict.fromkeys(map(ord, "’‘´"), "'"),
}
_RARE_MARKS = frozenset(map(chr, _RARE))
_COUNTED = re.compile(r"[$£€]?\d+(?:k|tr|đ|d|\$|%)?", re.ASCII | re.IGNORECASE)
_WITH_UNIT = re.compile(
    r"\d+\+?(hours?|hrs?|h|minutes?|mins?|days?|weeks?|wks?|months?|times|x|stars?)"
)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_STOP = re.compile(r"[,.;!?…\n]")
_TURNS = (" but ", " however ", " although ", " though ", " nhưng ", " tuy nhiên ", " mà ")


class _Bare(dict[str, str]):
    """Remembers the bare form of every spelling met; emptied when it is full."""

    room = 30_000

    def __missing__(self, spelling: str) -> str:
        if len(self) >= self.room:
            self.clear()
        bare = self[spelling] = _bare(spelling)
        return bare


def _bare(spelling: str) -> str:
    stripped = spelling.strip(string.punctuation)
    word = (stripped if len(stripped) > 1 or stripped.isalnum() else spelling).lower()
    if word[:1] in "$£€" or word[:1].isdigit():
        if _COUNTED.fullmatch(word):
            return "#"
        unit = _WITH_UNIT.fullmatch(word)
        return f"#{unit[1]}" if unit else word
    return _STRETCHED.sub(r"\1", word) if _STRETCHED.search(word) else word


_BARE = _Bare()


def _tidy(text: str) -> str:
    """Return `text`, of the same length, with blanks for sentence marks and emoji."""
    for gap in _GAPS:
        if gap in text:
            text = text.replace(gap, " ")
    if text.isascii() or _RARE_MARKS.isdisjoint(text):
        return text
    return text.translate(_RARE)


class Words:
    """The words of a text: `low` bare and lower-case (numbers are "#"), `span` their places.

    Words are cut at blanks, sentence marks and emoji; emoticons stay whole; three
    or more equal letters in a row become one.
    """

    __slots__ = ("__dict__", "low", "spelled", "text", "tidy")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tidy = _tidy(text)
        self.spelled = self.tidy.split()
        self.low = list(map(_BARE.__getitem__, self.spelled))

    def __len__(self) -> int:
        return len(self.low)

    @cached_property
    def starts(self) -> list[int]:
        """Return the character offset of every word as spelled."""
        starts, at, find = [], 0, self.tidy.find
        for word in self.spelled:
            at = find(word, at)
            starts.append(at)
            at += len(word)
        return starts

    @cached_property
    def spoken(self) -> list[str]:
        """Return `low` with the commonest Vietnamese chat spellings written out."""
        spoken = _SPOKEN.get
        return [spoken(word, word) for word in self.low]

    @cached_property
    def clauses(self) -> list[int]:
        """Return the offsets at which a clause ends, rising."""
        ends = [each.start() for each in _STOP.finditer(self.text)]
        turns = [self.text.find(turn) for turn in _TURNS if turn in self.text]
        return sorted(ends + turns) if turns else ends

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return start and end offset of the words `first` to `last` (included), bare."""
        head, tail = self.spelled[first], self.spelled[last]
        start = self.starts[first] + _lead(head)
        end = self.starts[last] + len(tail) - _lead(tail[::-1])
        return start, end


def _lead(spelling: str) -> int:
    if spelling[0].isalnum():
        return 0
    bare = spelling.lstrip(string.punctuation)
    return len(spelling) - len(bare) if bare else 0


class Found(NamedTuple, Generic[T]):
    """One phrase of a book, found at the words `first` to `last` (included)."""

    first: int
    last: int
    entry: T


class Book(Generic[T]):
    """Known phrases, each with its entry; finds the longest ones from left to right.

    All beginnings of all phrases lie in one table of plain strings: small, and
    nothing for the garbage collector to walk.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self.steps: dict[str, T | None] = {}
        for phrase, entry in phrases:
            cut = phrase.find(" ")
            while cut > 0:
                self.steps.setdefault(phrase[:cut], None)
                cut = phrase.find(" ", cut + 1)
            self.steps[phrase] = entry
        self.heads = frozenset(phrase.split(" ", 1)[0] for phrase in self.steps)

    def find_at(self, low: Sequence[str], places: Iterable[int]) -> list[Found[T]]:
        """Return the phrases that begin at one of `places` (rising); none overlaps another."""
        steps, size, free, found = self.steps, len(low), 0, []
        for first in places:
            words = low[first]
            if first < free or words not in steps:
                continue
            longest: Found[T] | None = None
            at = first
            while words in steps:
                entry = steps[words]
                if entry is not None:
                    longest = Found(first, at, entry)
                at += 1
                if at == size:
                    break
                words = f"{words} {low[at]}"
            if longest:
                found.append(longest)
                free = longest.last + 1
        return found


_SPOKEN = {
    spelling: word
    for word, spellings in {
        "không": "ko k kh kg khong hok hong hông hổng hk khum hem kô",
        "được": "dc đc dk đk duoc dx đx",
        "mình": "mk mik mih mìh",
        "gì": "j ji",
        "giờ": "jo",
        "rồi": "r oy òi rùi gòi",
        "với": "vs",
        "vậy": "v z zậy zay",
        "quá": "wá qá",
        "trước": "trc",
        "biết": "bik bít bt",
        "giúp": "jup zúp",
        "thêm": "thim",
        "luôn": "lun luon",
        "lỗi": "lổi",
    }.items()
    for spelling in spellings.split()
}
_FEW_MARKS = 0.15


class Bilingual(Generic[T]):
    """Books of Vietnamese and English phrases, read in one walk; each finds its own longest.

    Vietnamese is also found without its marks. In a text with marks only phrases of
    three words and more are: "nen co" may be "nền có" there, "neu co them" can be
    nothing but "nếu có thêm".
    """

    def __init__(self, *books: Iterable[tuple[str, T]]) -> None:
        written = [dict(book) for book in books]
        bare = [{fold(phrase): entry for phrase, entry in book.items()} for book in written]
        ascii_only = [{p: e for p, e in book.items() if p.isascii()} for book in written]
        self._english = _Shelf(ascii_only)
        self._marked = _Shelf([_longer(b) | w for b, w in zip(bare, written, strict=True)])
        self._bare = _Shelf([b | a for b, a in zip(bare, ascii_only, strict=True)])

    def find(self, words: Words, language: str) -> list[list[Found[T]]]:
        """Return, book by book, the longest phrases in `words`; none overlaps another."""
        if language != "vi":
            return self._english.find(words.low)
        low = words.spoken
        marked = len(low) - sum(map(str.isascii, low))
        return (self._bare if marked < _FEW_MARKS * len(low) else self._marked).find(low)


class _Shelf(Generic[T]):
    """Several books whose phrases are found in one walk over the words."""

    def __init__(self, books: Sequence[dict[str, T]]) -> None:
        self._books = len(books)
        phrases: dict[str, tuple[tuple[int, T], ...]] = {}
        shared: dict[tuple[tuple[int, T], ...], tuple[tuple[int, T], ...]] = {}
        for number, book in enumerate(books):
            for phrase, entry in book.items():
                entries = (*phrases.get(phrase, ()), (number, entry))
                phrases[phrase] = shared.setdefault(entries, entries)
        self._book = Book(phrases.items())

    def find(self, low: Sequence[str]) -> list[list[Found[T]]]:
        steps, size = self._book.steps, len(low)
        found: list[list[Found[T]]] = [[] for _ in range(self._books)]
        free = [0] * self._books
        for first in [at for at, word in enumerate(low) if word in steps]:
            words, at = low[first], first
            best: dict[int, Found[T]] = {}
            while words in steps:
                for number, entry in steps[words] or ():
                    best[number] = Found(first, at, entry)
                at += 1
                if at == size:
                    break
                words = f"{words} {low[at]}"
            for number, each in best.items():
                if first >= free[number]:
                    found[number].append(each)
                    free[number] = each.last + 1
        return found


def _longer(phrases: dict[str, T]) -> dict[str, T]:
    """Return the phrases of three words and more: long enough to be clear without marks."""
    return {phrase: entry for phrase, entry in phrases.items() if phrase.count(" ") > 1}


def spellings(pattern: str) -> Iterator[str]:
    """Yield every phrase that `pattern` stands for.

    "a/b" is a choice, "_" in a choice is nothing, "+" joins the words of a choice:
    "my/the/_ bag/suit+case" gives "my bag", "the suit case", "bag" ...
    """
    for choice in product(*(part.split("/") for part in pattern.split())):
        yield " ".join(word.replace("+", " ") for word in choice if word != "_")


def read_rows(name: str) -> list[list[str]]:
    """Return the tab-separated rows of a word list beside this file; others are comments."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if "\t" in line]
