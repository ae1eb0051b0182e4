"""What an optional engine gives, and what of a text may leave the house on its way to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

__all__ = ["Engine", "masked"]

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)?\d(?:[ .-]?\d){7,13}(?!\w)"
)


class Engine(Protocol):
    """A second opinion on texts, from a model that is not Earful's own."""

    @property
    def name(self) -> str:
        """Return what tells this engine from others."""
        ...

    def chances(self, texts: Sequence[str]) -> list[float | None]:
        """Return for each text the chance (0-1) that it is negative; None: no opinion."""
        ...


def masked(text: str) -> str:
    """Return `text` without mail addresses and phone numbers; prices and dates stay readable."""
    return _PHONE.sub("[phone]", _MAIL.sub("[mail]", text))
