"""A text as words that know their places; cut once, for language, sentiment, kinds and aspects.

A text is cut at its blanks into pieces, and what a piece holds is remembered: most pieces
of a new text were met before, so most of the work on it is looking up.
"""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from operator import add
from typing import Any, TypeVar

from scoring.memo import Memo
from scoring.shelf import Step

__all__ = ["PIECES", "Piece", "Words", "once"]

T = TypeVar("T")

_MOST_ONCE = 20_000

_GAPS = ',.!?"*~|'
_BLANKS = {
    **dict.fromkeys(map(ord, _GAPS + "…“”«»—–•·\u200b\ufe0f\u200d"), " "),
    **dict.fromkeys(
        (*range(0x2600, 0x27C0), *range(0x2B00, 0x2C00), *range(0x1F000, 0x1FB00)), " "
    ),
    **dict.fromkeys(map(ord, "’‘´"), "'"),
}
_COUNTED = re.compile(r"[$£€]?\d+(?:k|tr|đ|d|\$|%)?", re.ASCII | re.IGNORECASE)
_WITH_UNIT = re.compile(
    r"\d+\+?(hours?|hrs?|h|minutes?|mins?|days?|weeks?|wks?|months?|times|x|stars?)"
)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_ENDINGS = ".,!?…"
_FIRST = (0,)
_STOP = re.compile(r"[,.;!?…\n]")
_TURNS = (" but ", " however ", " although ", " though ", " nhưng ", " tuy nhiên ", " mà ")


def _bare(spelling: str) -> str:
    stripped = spelling.strip(string.punctuation)
    word = (stripped if len(stripped) > 1 or stripped.isalnum() else spelling).lower()
    if word[:1] in "$£€" or word[:1].isdigit():
        if _COUNTED.fullmatch(word):
            return "#"
        unit = _WITH_UNIT.fullmatch(word)
        return f"#{unit[1]}" if unit else word
    return _stretched_once(word)


def _stretched_once(word: str) -> str:
    return _STRETCHED.sub(r"\1", word) if _STRETCHED.search(word) else word


class Piece:
    """What stands between two blanks, with all that is known of it in any text.

    `core` is its word where it is one word of letters, perhaps with marks of a sentence's
    end; else "". `spelled` are its words, `low` the same bare, `size` how many there are, `starts`
    and `ends` their bare places in it. `points` are counted by scoring/language.py,
    `signs` by scoring/spam.py,
    `keys` and what belongs to them by scoring/syllables.py, the `heads`, where words
    lead in the books of phrases, by scoring/english.py and scoring/lexicon.py, when they
    are first asked for: that of most pieces was done in an earlier text. What is equal
    in many pieces is kept once, so that it stays near the processor.
    """

    __slots__ = (
        *(
            "bare_heads",
            "core",
            "ends",
            "english_heads",
            "folded",
            "heads",
            "key_ends",
            "key_starts",
        ),
        *("keys", "low", "marked", "points", "signs", "size", "spelled", "starts", "tally", "text"),
    )

    def __init__(self, text: str) -> None:
        self.text = text
        core = text.rstrip(_ENDINGS)
        if core.isalpha():
            self._cut_word(core)
        else:
            self._cut()
        self.points = 0
        self.signs = 0
        self.keys: tuple[str, ...] | None = None
        self.folded: tuple[str, ...] = ()
        self.marked: tuple[int, ...] = ()
        self.key_starts: tuple[int, ...] = ()
        self.key_ends: tuple[int, ...] = ()
        self.tally = 0
        self.heads: tuple[Step, ...] | None = None
        self.bare_heads: tuple[Step, ...] | None = None
        self.english_heads: tuple[Step, ...] | None = None

    def _cut_word(self, core: str) -> None:
        self.core = core
        low = core.lower()
        self.spelled: tuple[str, ...] = (core,)
        self.low: tuple[str, ...] = (_stretched_once(low),)
        self.size = 1
        self.starts: tuple[int, ...] = _FIRST
        self.ends: tuple[int, ...] = once((len(core),))

    def _cut(self) -> None:
        tidy = self.text.translate(_BLANKS)
        starts, ends, at = [], [], 0
        self.core = ""
        self.spelled = tuple(tidy.split())
        for word in self.spelled:
            at = tidy.find(word, at)
            starts.append(at + _lead(word))
            at += len(word)
            ends.append(at - _lead(word[::-1]))
        self.low = tuple(map(_bare, self.spelled))
        self.size = len(self.spelled)
        self.starts, self.ends = once(tuple(starts)), once(tuple(ends))


_ONCE: dict[Any, Any] = {}


def once(value: T) -> T:
    """Return the first value met that equals `value`."""
    if len(_ONCE) > _MOST_ONCE:
        _ONCE.clear()
    same: T = _ONCE.setdefault(value, value)
    return same


def _lead(spelling: str) -> int:
    """Return how many signs stand before the bare word, 0 where there is none."""
    bare = spelling.lstrip(string.punctuation)
    return len(spelling) - len(bare) if bare else 0


PIECES = Memo(Piece)


class Words:
    """The words of a text, and their places.

    Words are cut at blanks, sentence marks and emoji; emoticons stay whole; three
    or more equal letters in a row become one. `pieces` are what stands between blanks.
    """

    __slots__ = ("_clauses", "_low", "_offsets", "_parts", "_sums", "pieces", "text")

    def __init__(self, text: str, parts: Sequence[str] | None = None) -> None:
        self.text = text
        self._parts = parts or text.split(" ")
        self.pieces = list(map(PIECES.__getitem__, self._parts))
        self._low: list[str] | None = None
        self._offsets: list[int] | None = None
        self._sums: list[int] | None = None
        self._clauses: list[int] | None = None

    def __len__(self) -> int:
        return len(self.low)

    @property
    def low(self) -> list[str]:
        """Return the words bare and in lower case; numbers are "#"."""
        if self._low is None:
            self._low = list(chain.from_iterable([piece.low for piece in self.pieces]))
        return self._low

    @property
    def spelled(self) -> list[str]:
        """Return the words as they are spelled, sentence marks off."""
        return [word for piece in self.pieces for word in piece.spelled]

    @property
    def clauses(self) -> list[int]:
        """Return the offsets at which a clause ends, rising."""
        if self._clauses is None:
            text = self.text
            sizes = list(map(len, _STOP.split(text)))
            ends = list(map(add, accumulate(sizes[:-1]), range(len(sizes))))
            turns = [text.find(turn) for turn in _TURNS if turn in text]
            self._clauses = sorted(ends + turns) if turns else ends
        return self._clauses

    @property
    def offsets(self) -> list[int]:
        """Return the character offset of every piece."""
        if self._offsets is None:
            ends = accumulate(map(len, self._parts), initial=0)
            self._offsets = list(map(add, ends, range(len(self._parts))))
        return self._offsets

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return start and end offset of the words `first` to `last` (included), bare."""
        if self._sums is None:
            self._sums = list(accumulate([piece.size for piece in self.pieces], initial=0))
        sums = self._sums
        head = tail = bisect_right(sums, first) - 1
        if last > first:
            tail = bisect_right(sums, last) - 1
        start = self.offsets[head] + self.pieces[head].starts[first - sums[head]]
        return start, self.offsets[tail] + self.pieces[tail].ends[last - sums[tail]]
