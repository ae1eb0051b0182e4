"""A shelf: several books of known phrases, the longest of each found in one walk over a text.

Phrases are patterns that stand for many (`scoring/phrases.py`): written out they would be tens
of thousands. So what may follow the words read so far is laid out when a text first gets there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

__all__ = ["NEVER", "NOWHERE", "Found", "Line", "Shelf", "Step", "longest"]

Found: TypeAlias = tuple[int, int, Any]
"""The words from the first up to, not including, the second number are a phrase: its entry."""

Form: TypeAlias = Callable[[str], Sequence[str]]
"""Gives the words that a text shows for one word of a pattern: none, one or more."""

NEVER = 99
"""As the least size of a phrase: there is none."""


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


class _Place(NamedTuple):
    """How far the line of that number is read: `at` parts, but for the words `left` of one."""

    number: int
    book: int
    line: Line
    at: int = 0
    left: tuple[str, ...] = ()
    size: int = 0
    is_ascii: bool = True

    def ways(self) -> Iterator[tuple[str, _Place]]:
        """Yield the words that may come next, with the place after each."""
        if self.left:
            yield self.left[0], self._replace(left=self.left[1:], size=self.size + 1)
            return
        if self.at == len(self.line.parts):
            return
        for choice in self.line.parts[self.at]:
            words = () if choice == "_" else tuple(self.line.forms(choice))
            after = self._replace(
                at=self.at + 1, left=words, is_ascii=self.is_ascii and choice.isascii()
            )
            yield from after.ways()

    def rank(self) -> tuple[int, bool, int]:
        """Return what orders phrases that are the same."""
        group, row = self.line.rank
        return group, self.is_ascii, row

    @property
    def is_end(self) -> bool:
        """Return whether the phrase may end here."""
        return (
            not self.left
            and all("_" in part for part in self.line.parts[self.at :])
            and self.size >= self.line.least[self.is_ascii]
        )


class Step:
    """What may follow the words read so far, and the (book, entry) pairs that end here.

    `next` is None until it is `opened`; `number` is where any number leads that is
    not known itself: "#" in a phrase.
    """

    __slots__ = ("_places", "_shelf", "entries", "next", "number")

    def __init__(
        self, entries: tuple[tuple[int, Any], ...] = (), shelf: Shelf | None = None,
        places: tuple[_Place, ...] = (),
    ) -> None:  # fmt: skip
        self.entries = entries
        self.number: Step | None = None
        self._shelf = shelf
        self._places = places
        self.next: dict[str, Step] | None = None if places else {}

    def opened(self) -> dict[str, Step]:
        """Return where each word leads from here, laid out now if it was not yet."""
        places = self._places  # first: another thread may be doing the same
        if self.next is None:
            assert self._shelf is not None
            followers: dict[str, list[_Place]] = {}
            for place in places:
                for word, after in place.ways():
                    followers.setdefault(word, []).append(after)
            steps = {word: self._shelf.step(tuple(each)) for word, each in followers.items()}
            self.number = steps.get("#")
            self.next = steps
            self._places = ()
        return self.next

    def below(self, word: str) -> Step | None:
        """Return the step that `word` leads to."""
        step = self.opened().get(word)
        if step is None and self.number is not None and word.isdigit():
            return self.number
        return step

    def lead(self, word: str) -> Step:
        """Return the step that `word` leads to, laid out, or NOWHERE."""
        step = self.below(word)
        if step is None:
            return NOWHERE
        step.opened()
        return step


NOWHERE = Step()


class Shelf:
    """Books of phrases."""

    def __init__(self, *books: Iterable[Line]) -> None:
        self.books = len(books)
        self._steps: dict[tuple[object, ...], Step] = {}
        lines = [(book, line) for book, lines in enumerate(books) for line in lines]
        self.root = Step((), self, tuple([_Place(at, *each) for at, each in enumerate(lines)]))

    def lay_out(self) -> None:
        """Lay out ahead of any text what may follow a first word: most of what texts reach."""
        for step in self.root.opened().values():
            step.opened()

    def step(self, places: tuple[_Place, ...]) -> Step:
        """Return the step at which a text is at these places; equal ones are one."""
        told = tuple([part for each in places for part in (each.number, *each[3:])])
        step = self._steps.get(told)
        if step is None:
            ends = sorted((each for each in places if each.is_end), key=_Place.rank)
            entries = {each.book: each.line.entry for each in ends}
            going = tuple(each for each in places if each.left or each.at < len(each.line.parts))
            step = self._steps[told] = Step(tuple(entries.items()), self, going)
        return step

    def find(
        self, words: Sequence[str], heads: Sequence[Step] | None = None, *, has_numbers: bool = True
    ) -> list[list[Found]]:
        """Return, book by book, the longest phrases in `words`; none overlaps another.

        `heads` are where the words lead, each for itself, if that is known already;
        `has_numbers` says whether there may be numbers among them.
        """
        found: list[list[Found]] = [[] for _ in range(self.books)]
        free = [0] * self.books
        steps = [self.root.lead(word) for word in words] if heads is None else heads
        words = [*words, ""]
        seconds = _seconds(steps, words, has_numbers=has_numbers)
        first = -1
        for step, below in zip(steps, seconds, strict=True):
            first += 1
            if below is not None:
                for book, (stop, entry) in _ends(step, below, words, first).items():
                    if first >= free[book]:
                        found[book].append((first, stop, entry))
                        free[book] = stop
            elif step.entries:
                for book, entry in step.entries:
                    if first >= free[book]:
                        found[book].append((first, first + 1, entry))
                        free[book] = first + 1
        return found


def longest(step: Step, words: Sequence[str], first: int) -> dict[int, tuple[int, Any]]:
    """Return by book where its longest phrase ends that begins at `first`, and its entry.

    `step` is where the first word led; the last of `words` must be "".
    """
    below = step.below(words[first + 1])
    if below is not None:
        return _ends(step, below, words, first)
    return {book: (first + 1, entry) for book, entry in step.entries}


def _seconds(
    steps: Sequence[Step], words: Sequence[str], *, has_numbers: bool
) -> list[Step | None]:
    """Return where the word after each leads from its step."""
    following = cast(list[dict[str, Step]], [step.next for step in steps])
    seconds: list[Step | None] = list(map(dict.get, following, words[1:]))
    if has_numbers and True in map(str.isdigit, words):
        for at, step in enumerate(steps):
            if seconds[at] is None and words[at + 1].isdigit():
                seconds[at] = step.number
    return seconds


def _ends(step: Step, below: Step, words: Sequence[str], first: int) -> dict[int, tuple[int, Any]]:
    """Return what `longest` does; the second word led from `step` to `below`."""
    at = first + 1
    ends = {book: (at, entry) for book, entry in step.entries} if step.entries else {}
    while True:
        at += 1
        for book, entry in below.entries:
            ends[book] = (at, entry)
        following = below.next
        if following is None:
            following = below.opened()
        if not following:
            return ends
        third = following.get(words[at])
        if third is None:
            if below.number is None or not words[at].isdigit():
                return ends
            third = below.number
        below = third
