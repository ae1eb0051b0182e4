"""Stars and text that say the opposite: "5 stars" over an angry review."""

from __future__ import annotations

from typing import Final

from scoring.verdict import Label

__all__ = ["mismatch"]

_MANY: Final = 4.0
_FEW: Final = 2.0
_SURELY_NEGATIVE: Final = 0.7
_SURELY_POSITIVE: Final = 0.25


def mismatch(stars: float | None, label: Label, p_negative: float | None) -> str:
    """Return what disagrees, such as "stars 5, text negative"; "" where nothing does.

    `stars` are 1-5; three stars agree with every text, and the text must be clear.
    """
    if stars is None or p_negative is None:
        return ""
    if stars >= _MANY and label is Label.NEGATIVE and p_negative >= _SURELY_NEGATIVE:
        return f"stars {stars:g}, text negative"
    if stars <= _FEW and label is Label.POSITIVE and p_negative <= _SURELY_POSITIVE:
        return f"stars {stars:g}, text positive"
    return ""
