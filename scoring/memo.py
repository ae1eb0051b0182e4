"""A table that remembers what was made of every string met: bounded, so it never grows for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

__all__ = ["Memo"]

T = TypeVar("T")

_LONGEST: Final = 60  # longer strings are addresses and noise: made anew each time


class Memo(Generic[T]):
    """Gives what `make` makes of a string, remembered.

    When `known` holds `room` strings it begins anew; what of the last `room` is asked
    for again comes over.
    """

    def __init__(self, make: Callable[[str], T], *, room: int = 15_000) -> None:
        self.make = make
        self.room = room
        self.known: dict[str, T] = {}
        self.older: dict[str, T] = {}

    def __getitem__(self, words: str) -> T:
        made = self.known.get(words)
        if made is not None:
            return made
        made = self.older.get(words)
        if made is None:
            made = self.make(words)
        if len(words) <= _LONGEST:
            if len(self.known) >= self.room:
                self.older = self.known
                self.known = {}
            self.known[words] = made
        return made

    def clear(self) -> None:
        """Forget everything."""
        self.known = {}
        self.older = {}
