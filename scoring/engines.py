"""What an optional engine gives, and what of a text may leave the house on its way to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.errors import EarfulError
from scoring.judge import Chance
from scoring.scored import Scored

__all__ = ["Engine", "EngineError", "Opinion", "UnreadableAnswer", "masked"]

_MASKS = (
    ("[link]", re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)),
    ("[mail]", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("[name]", re.compile(r"(?<!\w)@\w[\w.]*\w")),
    (
        "[phone]",
        re.compile(
            r"(?<![\w.,])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)?\d(?:[ .-]?\d){7,13}(?!\w)"
        ),
    ),
    ("[number]", re.compile(r"\d{9,}")),
)
_EVEN = 0.5
_POSITIVE_TO = 0.4


class EngineError(EarfulError):
    """An engine that is away or answers nonsense."""


class UnreadableAnswer(EngineError):
    """An engine that is there, and answers something else: it may be for one of the texts."""


class Engine(Protocol):
    """A second opinion on texts, from a model that is not Earful's own."""

    @property
    def name(self) -> str:
        """Return what tells this engine from others."""
        ...

    def chances(self, texts: Sequence[str]) -> list[float | None]:
        """Return for each text the chance (0-1) that it is negative; None: no opinion.

        Raises EngineError if it is away or answers nonsense.
        """
        ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an engine thinks of one text; a Judge takes it in a learned model's place."""

    name: str
    p_negative: float

    def chance(self, text: str, scored: Scored) -> Chance:
        """Return the engine's chance, whatever the word list says: negative from even up."""
        return Chance(self.p_negative, _EVEN, _POSITIVE_TO)


def masked(text: str) -> str:
    """Return `text` without links, mail addresses, @names, and phone and other long numbers.

    Prices and dates stay readable.
    """
    for mask, found in _MASKS:
        text = found.sub(mask, text)
    return text
