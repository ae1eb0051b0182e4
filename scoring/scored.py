"""What one language's lexicon and rules find in a text: `Scored`, a value between rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


NOTHING = Scored()


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


class Side(NamedTuple):
    """An aspect that the text names, from `start` up to `end`."""

    name: str
    start: int
    end: int


class Heard(NamedTuple):
    """All that one language's walk over a text found, in the order of the text.

    `size` counts its words and signs, `different` those that differ.
    """

    scored: Scored
    cues: Sequence[KindCue] = ()
    sides: Sequence[Side] = ()
    causes: Sequence[str] = ()
    signs: Sequence[str] = ()
    size: int = 0
    different: int = 0
