"""Which sides of product and service a text speaks of, and which way; and why it went wrong."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ingest.text import fold
from scoring.phrases import Parts, parts_of, read_rows
from scoring.scored import Side
from scoring.shelf import Found, Line, Shelf
from scoring.verdict import Aspect, Label, Polarity, Reason
from scoring.words import Places, Words

_MOST: Final = 8
_NEIGHBOURS: Final = 3  # reasons hardly overlap: the nearest is among so many on either side
# By sign. Reading a member of an enumeration takes longer than finding it here.
_POLARITIES: Final = (Polarity.NEUTRAL, Polarity.POSITIVE, Polarity.NEGATIVE)  # [-1] is the last


def aspect_words() -> Iterator[tuple[Parts, str]]:
    """Yield the patterns of aspects.tsv with the aspect they name."""
    return ((parts_of(pattern), aspect) for aspect, pattern in read_rows("aspects.tsv"))


class OwnAspects:
    """Aspects that brands name themselves, each a name and the words that show it."""

    def __init__(self, aspects: Iterable[Sequence[str]]) -> None:
        rows = [(words.casefold(), name) for name, *phrases in aspects for words in phrases]
        bare = [(fold(words), name) for words, name in rows if " " in words]
        lines = [Line(((words,),), name, str.split) for words, name in bare + rows]
        self._shelf = Shelf([line._replace(rank=(0, row)) for row, line in enumerate(lines)])
        self._is_empty = not rows

    def told(self, words: Words, reasons: tuple[Reason, ...]) -> tuple[Aspect, ...]:
        """Return those that a text names; two words and more also without their marks.

        Their own words name the aspect and do not judge it.
        """
        if self._is_empty:
            return ()
        (found,) = self._shelf.find(words.low)
        sides = sides_at(words.places(), found)
        around = [
            each
            for each in reasons
            if not any(side.start <= each.start and each.end <= side.end for side in sides)
        ]
        return aspects_in(words, sides, tuple(around))


def sides_at(places: Places, found: list[Found]) -> list[Side]:
    """Return the aspects `found` among words or syllables, where they are in the text."""
    return [Side(name, places.start(first), places.end(stop - 1)) for first, stop, name in found]


def cause_words() -> Iterator[tuple[Parts, str]]:
    """Yield the patterns of causes.tsv with the cause of a bad experience they show."""
    return ((parts_of(pattern), cause) for cause, pattern in read_rows("causes.tsv"))


def aspects_in(words: Words, sides: list[Side], reasons: tuple[Reason, ...]) -> tuple[Aspect, ...]:
    """Return the aspects in the order of the text, each with each polarity once.

    The polarity is that of the nearest reason of the same clause; an aspect
    without one is neutral.
    """
    if not sides:
        return ()
    clauses, text = words.clauses, words.text
    ordered = sorted(reasons, key=_start)
    starts = [each.start for each in ordered]
    seen: dict[tuple[str, int], Aspect] = {}
    for side in sides:
        start, end = side.start, side.end
        clause = bisect_left(clauses, start)
        weight, gap = 0.0, -1
        near = bisect_left(starts, start)
        for each in ordered[max(0, near - _NEIGHBOURS) : near + _NEIGHBOURS]:
            apart = each.start - end if each.start > start else start - each.end
            if apart < 0:
                apart = 0
            is_nearer = gap < 0 or apart < gap
            if is_nearer and bisect_right(clauses, each.start) == clause:
                weight, gap = each.weight, apart
        sign = 1 if weight > 0 else -1 if weight < 0 else 0
        if (side.name, sign) not in seen:
            told = (side.name, _POLARITIES[sign], text[start:end], start, end)
            seen[side.name, sign] = tuple.__new__(Aspect, told)
    return tuple(seen.values())[:_MOST]


def _start(reason: Reason) -> int:
    return reason.start


def causes_in(causes: Iterable[str], label: Label) -> tuple[str, ...]:
    """Return the causes that the words show, in the order of the text; none in praise."""
    if label is Label.POSITIVE:
        return ()
    return tuple(dict.fromkeys(causes))
