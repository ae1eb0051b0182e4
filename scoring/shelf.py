"""A shelf: several books of known phrases, the longest of each found in one walk over a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeAlias

__all__ = ["Found", "Shelf", "Step"]

Found: TypeAlias = tuple[int, int, Any]
"""The words from the first up to, not including, the second number are a phrase: its entry."""


class Step:
    """What may follow the words read so far, and the (book, entry) pairs that end here.

    `number` is where any number leads that is not known itself: "#" in a phrase.
    """

    __slots__ = ("entries", "next", "number")

    def __init__(self, entries: tuple[tuple[int, Any], ...] = ()) -> None:
        self.entries = entries
        self.next: dict[str, Step] = {}
        self.number: Step | None = None

    def below(self, word: str) -> Step | None:
        """Return the step that `word` leads to."""
        step = self.next.get(word)
        if step is None and self.number is not None and word.isdigit():
            return self.number
        return step


class Shelf:
    """Books of phrases, each a row of words with its entry; a later one of the same words wins."""

    def __init__(self, *books: Iterable[tuple[Sequence[str], Any]]) -> None:
        self._books = len(books)
        root = Step()
        for number, book in enumerate(books):
            for words, entry in book:
                step = root
                for word in words:
                    below = step.next.get(word)
                    if below is None:
                        below = step.next[word] = Step()
                    step = below
                others = tuple(pair for pair in step.entries if pair[0] != number)
                step.entries = (*others, (number, entry))
        self.root = _slim(root, {})

    def find(
        self, words: Sequence[str], heads: Iterable[Step | None] | None = None
    ) -> list[list[Found]]:
        """Return, book by book, the longest phrases in `words`; none overlaps another.

        `heads` are where the words lead, each for itself, if that is known already.
        """
        found: list[list[Found]] = [[] for _ in range(self._books)]
        free = [0] * self._books
        last = len(words) - 1
        for first, step in enumerate(heads or map(self.root.next.get, words)):
            if step is None:
                continue
            if first < last and (words[first + 1] in step.next or step.number):
                for book, (stop, entry) in longest(step, words, first).items():
                    if first >= free[book]:
                        found[book].append((first, stop, entry))
                        free[book] = stop
                continue
            for book, entry in step.entries:
                if first >= free[book]:
                    found[book].append((first, first + 1, entry))
                    free[book] = first + 1
        return found


def longest(step: Step, words: Sequence[str], first: int) -> dict[int, tuple[int, Any]]:
    """Return by book where its longest phrase ends that begins at `first`, and its entry.

    `step` is where the first word led.
    """
    at = first + 1
    ends = {book: (at, entry) for book, entry in step.entries}
    for word in islice(words, at, None):
        below = step.next.get(word)
        if below is None:
            if step.number is None or not word.isdigit():
                break
            below = step.number
        step = below
        at += 1
        for book, entry in step.entries:
            ends[book] = (at, entry)
    return ends


def _slim(step: Step, known: dict[object, Step]) -> Step:
    """Return a step equal to `step` whose equal endings are one: a tenth of the memory."""
    step.next = {word: _slim(below, known) for word, below in step.next.items()}
    step.number = step.next.get("#")
    told = (
        tuple((book, id(entry)) for book, entry in step.entries),
        tuple((word, id(below)) for word, below in step.next.items()),
    )
    return known.setdefault(told, step)
