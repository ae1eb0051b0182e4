"""A table that remembers what was made of every string met: bounded, so it never grows for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Memo"]

T = TypeVar("T")

_LONGEST = 60  # longer strings are addresses and noise: made anew each time


class Memo(dict[str, T]):
    """Gives what `make` makes of a string, remembered.

    When it holds `room` strings it begins anew; what of the last `room` is asked for
    again comes over.
    """

    def __init__(self, make: Callable[[str], T], *, room: int = 15_000) -> None:
        super().__init__()
        self.make = make
        self.room = room
        self.older: dict[str, T] = {}

    def __missing__(self, words: str) -> T:
        made = self.older.get(words)
        if made is None:
            made = self.make(words)
        if len(words) <= _LONGEST:
            if len(self) >= self.room:
                self.older = dict(self)
                self.clear()
            self[words] = made
        return made
