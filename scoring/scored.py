"""What one language's lexicon and rules find in a text: `Scored`, a value between rooms."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.verdict import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
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
