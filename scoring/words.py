"""A text as words that know their places; cut once, for language, sentiment, kinds and aspects."""

from __future__ import annotations

from typing import Final, cast

from mypy_extensions import mypyc_attr

from scoring.pieces import PIECES, Spread, Token

__all__ = ["Places", "Words"]

_STOPS: Final = tuple(",.;!?…\n")
_TURNS: Final = (" but ", " however ", " although ", " though ", " nhưng ", " tuy nhiên ", " mà ")


@mypyc_attr(acyclic=True)
class Words:
    """The words of a text, and their places.

    Words are cut at blanks, sentence marks and emoji; emoticons stay whole; three
    or more equal letters in a row become one. `parts` are what stands between blanks, and
    `pieces` what is known of each.
    """

    __slots__ = ("_clauses", "_low", "parts", "pieces", "text")

    def __init__(self, text: str, parts: list[str] | None = None) -> None:
        self.text = text
        self.parts = text.split(" ") if parts is None else parts
        self.pieces = [PIECES[part] for part in self.parts]
        self._low: list[str] | None = None
        self._clauses: list[int] | None = None

    def __len__(self) -> int:
        return len(self.low)

    @property
    def low(self) -> list[str]:
        """Return the words bare and in lower case; numbers are "#"."""
        if self._low is None:
            self._low = [word for piece in self.pieces for word in piece.low]
        return self._low

    def shouts(self) -> list[str] | None:
        """Return the words as they are spelled if some, not all, are in capitals."""
        capitals = 0
        for piece in self.pieces:
            capitals += piece.capitals
        if not 0 < capitals < len(self.low):
            return None
        return [word for piece in self.pieces for word in piece.spelled]

    def tokens(self) -> list[Token]:
        """Return the words as VADER reads them, once the pieces were read as English."""
        return [token for piece in self.pieces if piece.english for token in piece.english.tokens]

    @property
    def clauses(self) -> list[int]:
        """Return the offsets at which a clause ends, rising."""
        if self._clauses is None:
            text = self.text
            ends = [text.find(turn) for turn in _TURNS if turn in text]
            for stop in _STOPS:
                at = text.find(stop)
                while at >= 0:
                    ends.append(at)
                    at = text.find(stop, at + 1)
            ends.sort()
            self._clauses = ends
        return self._clauses

    def places(self) -> Places:
        """Return what tells the offsets of the words, bare."""
        return Places(self.parts, cast("list[Spread]", self.pieces))


@mypyc_attr(acyclic=True)
class Places:
    """Tells where in a text its words, or syllables, are: quick if asked in their order.

    `parts` are what stands between the blanks of the text, with the `spreads` in each.
    """

    __slots__ = ("_at", "_first", "_offset", "_parts", "_spreads")

    def __init__(self, parts: list[str], spreads: list[Spread]) -> None:
        self._parts = parts
        self._spreads = spreads
        self._at = 0  # the part it is at, the number of its first word, and its offset
        self._first = 0
        self._offset = 0

    def start(self, number: int) -> int:
        """Return the offset at which the word of this number starts."""
        spread = self._part_of(number)
        return self._offset + spread.starts[number - self._first]

    def end(self, number: int) -> int:
        """Return the offset at which the word of this number ends."""
        spread = self._part_of(number)
        return self._offset + spread.ends[number - self._first]

    def _part_of(self, number: int) -> Spread:
        if number < self._first:
            self._at = self._first = self._offset = 0
        while True:
            spread = self._spreads[self._at]
            size = len(spread.starts)
            if number < self._first + size:
                return spread
            self._first += size
            self._offset += len(self._parts[self._at]) + 1
            self._at += 1
