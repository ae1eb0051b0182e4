"""Which sides of product and service a text speaks of, and which way; and why it went wrong."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from scoring.phrases import Bilingual, Words, read_rows, spellings
from scoring.verdict import Aspect, Label, Polarity, Reason

_MOST = 8


class Aspects:
    """Finds the aspects of aspects.tsv; their polarity is that of the nearest reason."""

    def __init__(self) -> None:
        self._book = Bilingual(_rows("aspects.tsv"))

    def find(self, words: Words, reasons: Sequence[Reason], *, language: str) -> tuple[Aspect, ...]:
        """Return the aspects in the order of the text, each with each polarity once.

        Only reasons of the same clause count; an aspect without one is neutral.
        """
        seen: dict[tuple[str, Polarity], Aspect] = {}
        for found in self._book.find(words, language):
            start, end = words.span(found.first, found.last)
            polarity = _polarity(start, end, reasons, words.clauses)
            aspect = Aspect(found.entry, polarity, words.text[start:end], start, end)
            seen.setdefault((found.entry, polarity), aspect)
        return tuple(seen.values())[:_MOST]


class Causes:
    """Finds the six causes of a bad experience that causes.tsv names."""

    def __init__(self) -> None:
        self._book = Bilingual(_rows("causes.tsv"))

    def find(self, words: Words, label: Label, *, language: str) -> tuple[str, ...]:
        """Return the causes that the words name, in the order of the text; none in praise."""
        if label is Label.POSITIVE:
            return ()
        return tuple(dict.fromkeys(each.entry for each in self._book.find(words, language)))


def _rows(name: str) -> Iterator[tuple[str, str]]:
    for entry, pattern in read_rows(name):
        for phrase in spellings(pattern):
            yield phrase, entry


def _polarity(start: int, end: int, reasons: Sequence[Reason], clauses: Sequence[int]) -> Polarity:
    """Return the polarity of the reason nearest to `start`-`end` within its clause."""
    after = bisect_left(clauses, start)
    low = clauses[after - 1] if after else -1
    high = clauses[after] if after < len(clauses) else end + 10_000
    near = [each for each in reasons if low <= each.start < high]
    if not near:
        return Polarity.NEUTRAL
    nearest = min(near, key=lambda each: max(0, each.start - end, start - each.end))
    return Polarity.POSITIVE if nearest.weight > 0 else Polarity.NEGATIVE
