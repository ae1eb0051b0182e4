"""Books of known phrases; the longest ones in a text are found in one walk over its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar, cast

from ingest.text import fold
from scoring.words import Words

__all__ = ["Bilingual", "Book", "Found", "read_rows", "spellings"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

_FEW_MARKS = 0.15


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


class Bilingual(Generic[A, B, C]):
    """Three books of Vietnamese and English phrases, read in one walk; each finds its longest.

    Vietnamese is also found without its marks. In a text with marks only phrases of
    three words and more are: "nen co" may be "nền có" there, "neu co them" can be
    nothing but "nếu có thêm".
    """

    def __init__(
        self,
        first: Iterable[tuple[str, A]],
        second: Iterable[tuple[str, B]],
        third: Iterable[tuple[str, C]],
    ) -> None:
        written: list[dict[str, object]] = [dict(first), dict(second), dict(third)]
        bare = [{fold(phrase): entry for phrase, entry in book.items()} for book in written]
        ascii_only = [{p: e for p, e in book.items() if p.isascii()} for book in written]
        self._english = _Shelf(ascii_only)
        self._marked = _Shelf([_longer(b) | w for b, w in zip(bare, written, strict=True)])
        self._bare = _Shelf([b | a for b, a in zip(bare, ascii_only, strict=True)])

    def find(
        self, words: Words, language: str
    ) -> tuple[list[Found[A]], list[Found[B]], list[Found[C]]]:
        """Return, book by book, the longest phrases in `words`; none overlaps another."""
        found = self._shelf(words, language)
        return cast(tuple[list[Found[A]], list[Found[B]], list[Found[C]]], found)

    def _shelf(self, words: Words, language: str) -> list[list[Found[object]]]:
        if language != "vi":
            return self._english.find(words.low)
        low = words.spoken
        marked = sum([piece.marks for piece in words.pieces])
        return (self._bare if marked < _FEW_MARKS * len(low) else self._marked).find(low)


class _Shelf:
    """Several books whose phrases are found in one walk over the words."""

    def __init__(self, books: Sequence[Mapping[str, object]]) -> None:
        self._books = len(books)
        root = _Step()
        for number, book in enumerate(books):
            for phrase, entry in book.items():
                step = root
                for word in phrase.split(" "):
                    step = step.next.setdefault(word, _Step())
                step.entries = (*step.entries, (number, entry))
        known: dict[object, _Step] = {}
        self._heads = {word: _shared(step, known) for word, step in root.next.items()}

    def find(self, low: Sequence[str]) -> list[list[Found[object]]]:
        """Return, book by book, the longest phrases in `low`; none overlaps another."""
        found: list[list[Found[object]]] = [[] for _ in range(self._books)]
        free = [0] * self._books
        steps = list(map(self._heads.get, low))
        after = [*low[1:], ""]
        for first in [at for at, step in enumerate(steps) if step is not None]:
            step = steps[first]
            if step is None or not (step.entries or after[first] in step.next):
                continue
            for number, (last, entry) in _longest(step, low, first).items():
                if first >= free[number]:
                    found[number].append(Found(first, last, entry))
                    free[number] = last + 1
        return found


class _Step:
    """What may follow the words read so far, and the (book, entry) pairs that end here."""

    __slots__ = ("entries", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Step] = {}
        self.entries: tuple[tuple[int, object], ...] = ()


def _longest(step: _Step, low: Sequence[str], first: int) -> dict[int, tuple[int, object]]:
    """Return the last word and the entry of each book's longest phrase from `first` on."""
    longest = {number: (first, entry) for number, entry in step.entries}
    for last in range(first + 1, len(low)):
        below = step.next.get(low[last])
        if below is None:
            break
        step = below
        for number, entry in step.entries:
            longest[number] = (last, entry)
    return longest


def _shared(step: _Step, known: dict[object, _Step]) -> _Step:
    """Return a step equal to `step` whose equal endings are one: thousands, not ten thousands."""
    step.next = {word: _shared(below, known) for word, below in step.next.items()}
    told = (
        tuple((number, id(entry)) for number, entry in step.entries),
        tuple((word, id(below)) for word, below in step.next.items()),
    )
    return known.setdefault(told, step)


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
