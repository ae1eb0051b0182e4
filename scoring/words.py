"""A text as words that know their places; cut once, for language, sentiment, kinds and aspects."""

from __future__ import annotations

from typing import Final

from mypy_extensions import mypyc_attr

from scoring.pieces import PIECES, Token

__all__ = ["Words"]

_STOPS: Final = tuple(",.;!?…\n")
_TURNS: Final = (" but ", " however ", " although ", " though ", " nhưng ", " tuy nhiên ", " mà ")


@mypyc_attr(acyclic=True)
class Words:
    """The words of a text, and their places.

    Words are cut at blanks, sentence marks and emoji; emoticons stay whole; three
    or more equal letters in a row become one. `pieces` are what stands between blanks.
    """

    __slots__ = ("_bounds", "_clauses", "_low", "_offsets", "_parts", "pieces", "text")

    def __init__(self, text: str, parts: list[str] | None = None) -> None:
        self.text = text
        self._parts = text.split(" ") if parts is None else parts
        self.pieces = [PIECES[part] for part in self._parts]
        self._low: list[str] | None = None
        self._offsets: list[int] | None = None
        self._clauses: list[int] | None = None
        self._bounds: tuple[list[int], list[int]] | None = None

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

    @property
    def offsets(self) -> list[int]:
        """Return the character offset of every piece."""
        if self._offsets is None:
            offsets, at = [], 0
            for part in self._parts:
                offsets.append(at)
                at += len(part) + 1
            self._offsets = offsets
        return self._offsets

    def bounds(self) -> tuple[list[int], list[int]]:
        """Return the start and the end offset of every word, bare."""
        if self._bounds is not None:
            return self._bounds
        pieces, offsets = self.pieces, self.offsets
        starts = [offsets[at] + start for at, one in enumerate(pieces) for start in one.starts]
        ends = [offsets[at] + end for at, one in enumerate(pieces) for end in one.ends]
        self._bounds = (starts, ends)
        return self._bounds
