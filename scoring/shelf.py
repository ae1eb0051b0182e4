"""A shelf: several books of known phrases, the longest of each found in one walk over a text.

Phrases are patterns that stand for many (`scoring/phrases.py`): written out they would be
hundreds of thousands. They are laid out as one table of steps instead: where a word leads from
the words before it. Ends that look alike are one step, so there are some ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from mypy_extensions import mypyc_attr

__all__ = ["NEVER", "NOWHERE", "Found", "Line", "Shelf", "Step", "longest"]

Found: TypeAlias = tuple[int, int, Any]
"""The words from the first up to, not including, the second number are a phrase: its entry."""

Form: TypeAlias = Callable[[str], Sequence[str]]
"""Gives the words that a text shows for one word of a pattern: none, one or more."""

NEVER: Final = 99
"""As the least size of a phrase: there is none."""

_NO_END: Final[tuple[int, Any]] = (-1, None)


class Line(NamedTuple):
    """A pattern of a book: its parts, each a row of choices, with its entry.

    `forms` turns a choice into words. `least` is how many words a phrase has at least:
    one with letters beyond ASCII, and one without. `rank` orders lines that give the
    same phrase: the higher first number wins, then what is in ASCII, then the second.
    """

    parts: tuple[tuple[str, ...], ...]
    entry: Any
    forms: Form
    rank: tuple[int, int] = (0, 0)
    least: tuple[int, int] = (1, 1)


@mypyc_attr(acyclic=True)
class Step:
    """Where the next word leads from here, and the (book, entry) pairs that end here.

    `number` is where any number leads that is not known itself: "#" in a phrase.
    """

    __slots__ = ("entries", "next", "number")

    def __init__(self, entries: tuple[tuple[int, Any], ...] = ()) -> None:
        self.entries = entries
        self.next: dict[str, Step] = {}
        self.number: Step | None = None

    def lead(self, word: str) -> Step:
        """Return the step that `word` leads to, or NOWHERE."""
        step = self.next.get(word)
        if step is None and self.number is not None and word.isdigit():
            step = self.number
        return NOWHERE if step is None else step


NOWHERE: Final = Step()


class Shelf:
    """Books of phrases."""

    def __init__(self, *books: Iterable[Line]) -> None:
        self.books = len(books)
        self.root = _laid_out(books)

    def find(self, words: list[str], heads: list[Step] | None = None) -> list[list[Found]]:
        """Return, book by book, the longest phrases in `words`; none overlaps another.

        `heads` are where the words lead, each for itself, if that is known already.
        """
        found: list[list[Found]] = [[] for _ in range(self.books)]
        free = [0] * self.books
        steps = [self.root.lead(word) for word in words] if heads is None else heads
        stop = len(words)
        for first, step in enumerate(steps):
            at = first + 1
            below = step.lead(words[at]) if at < stop and step.next else NOWHERE
            if below is NOWHERE:
                for book, entry in step.entries:
                    if first >= free[book]:
                        found[book].append((first, at, entry))
                        free[book] = at
                continue
            ends = {book: (at, entry) for book, entry in step.entries}
            while below is not NOWHERE:
                at += 1
                for book, entry in below.entries:
                    ends[book] = (at, entry)
                below = below.lead(words[at]) if at < stop else NOWHERE
            for book, (end, entry) in ends.items():
                if first >= free[book]:
                    found[book].append((first, end, entry))
                    free[book] = end
        return found


def longest(step: Step, words: list[str], first: int) -> tuple[int, Any]:
    """Return where the longest phrase of the first book ends that begins at `first`, and its entry.

    `step` is where the first word led; the end is -1 where there is none.
    """
    end, at, stop = _NO_END, first + 1, len(words)
    while step is not NOWHERE:
        if step.entries and step.entries[0][0] == 0:
            end = (at, step.entries[0][1])
        step = step.lead(words[at]) if at < stop else NOWHERE
        at += 1
    return end


@mypyc_attr(acyclic=True)
class _Place:
    """A place in a line that a text may be at, with the words that lead on from there.

    `number` tells it from every other place. `at` parts of the line are read, but for
    the words `left` of one; `size` words lead here.
    """

    def __init__(
        self, number: int, book: int, line: Line, *, at: int, left: tuple[str, ...],
        size: int, is_ascii: bool,
    ) -> None:  # fmt: skip
        self.number = number
        self.book = book
        self.line = line
        self.at = at
        self.left = left
        self.size = size
        self.is_ascii = is_ascii
        self.ways: list[tuple[str, _Place]] = []
        group, row = line.rank
        self.rank = (group, is_ascii, row)
        self.is_end = (
            not left
            and all("_" in part for part in line.parts[at:])
            and size >= line.least[is_ascii]
        )


class _Layout:
    """Makes the places of all lines, each with its ways on, and the steps that join them."""

    def __init__(self) -> None:
        self._made = 0
        self._steps: dict[tuple[int, ...], Step] = {}
        self._forms: dict[tuple[Form, str], tuple[str, ...]] = {}

    def first_place(self, book: int, line: Line) -> _Place:
        """Return the place before the first word of a line; its ways lead to all others."""
        places: dict[tuple[int, tuple[str, ...], int, bool], _Place] = {}
        return self._place(places, book, line, 0, (), 0, True)

    def _place(
        self, places: dict[tuple[int, tuple[str, ...], int, bool], _Place], book: int,
        line: Line, at: int, left: tuple[str, ...], size: int, is_ascii: bool,
    ) -> _Place:  # fmt: skip
        known = places.get((at, left, size, is_ascii))
        if known is not None:
            return known
        self._made += 1
        place = _Place(self._made, book, line, at=at, left=left, size=size, is_ascii=is_ascii)
        places[at, left, size, is_ascii] = place
        if left:
            after = self._place(places, book, line, at, left[1:], size + 1, is_ascii)
            place.ways.append((left[0], after))
        elif at < len(line.parts):
            for choice in line.parts[at]:
                words = () if choice == "_" else self._words(line.forms, choice)
                still = is_ascii and choice.isascii()
                after = self._place(places, book, line, at + 1, words, size, still)
                place.ways += after.ways
        return place

    def _words(self, forms: Form, choice: str) -> tuple[str, ...]:
        words = self._forms.get((forms, choice))
        if words is None:
            words = self._forms[forms, choice] = tuple(forms(choice))
        return words

    def step(self, places: list[_Place]) -> Step:
        """Return the step at which a text is at all of these places; equal ones are one."""
        told = tuple([each.number for each in places])
        known = self._steps.get(told)
        if known is not None:
            return known
        ends = sorted([each for each in places if each.is_end], key=_rank)
        entries = {each.book: each.line.entry for each in ends}
        step = self._steps[told] = Step(tuple(sorted(entries.items(), key=_book)))
        followers: dict[str, list[_Place]] = {}
        for place in places:
            for word, after in place.ways:
                followers.setdefault(word, []).append(after)
        for word, afters in followers.items():
            step.next[word] = self.step(afters)
        step.number = step.next.get("#")
        return step


def _laid_out(books: Sequence[Iterable[Line]]) -> Step:
    layout = _Layout()
    return layout.step(
        [layout.first_place(book, line) for book, lines in enumerate(books) for line in lines]
    )


def _rank(place: _Place) -> tuple[int, bool, int]:
    return place.rank


def _book(entry: tuple[int, Any]) -> int:
    return entry[0]
