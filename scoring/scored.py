"""What one language's lexicon and rules find in a text: `Scored`, a value between rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from mypy_extensions import mypyc_attr

from scoring.verdict import Kind, Reason


class Scored(NamedTuple):
    """The evidence of one scorer.

    `raw` is unbounded, < 0 leans to negative; `positive` and `negative` are the
    summed strengths found on each side, both >= 0. `reasons` have character
    offsets into the very text that was given to the scorer.
    """

    raw: float = 0.0
    positive: float = 0.0
    negative: float = 0.0
    reasons: tuple[Reason, ...] = ()


NOTHING: Final = Scored()


def scored_of(raw: float, positive: float, negative: float, reasons: tuple[Reason, ...]) -> Scored:
    """Return the evidence; `Scored` itself takes longer to call."""
    return tuple.__new__(Scored, (raw, positive, negative, reasons))


@dataclass(frozen=True, slots=True)
class KindCue:
    """Words that speak for a kind with a `weight`; 1 is enough alone.

    `is_opener`: only as the first words of the text; `is_closer`: only as the last
    ones, or before a sign.
    """

    kind: Kind
    weight: float
    is_opener: bool = False
    is_closer: bool = False


@mypyc_attr(acyclic=True)
class Side:
    """An aspect that the text names, from `start` up to `end`."""

    __slots__ = ("end", "name", "start")

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start = start
        self.end = end


@mypyc_attr(acyclic=True)
class Heard:
    """All that one language's walk over a text found, in the order of the text.

    `keys` are its words and signs as the walk compares them.
    """

    __slots__ = ("causes", "cues", "keys", "scored", "sides", "signs")

    def __init__(
        self, scored: Scored, keys: list[str], *, cues: list[KindCue], sides: list[Side],
        causes: list[str], signs: list[str],
    ) -> None:  # fmt: skip
        self.scored = scored
        self.keys = keys
        self.cues = cues
        self.sides = sides
        self.causes = causes
        self.signs = signs
