"""How many items a take-in or a visit met, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Items by what became of them; the visit's columns have the same names.

    `same` are stored and unchanged, `unmatched` about no brand, `unreadable`
    in quarantine; `overlap` were known from closed windows of the watch.
    """

    seen: int = 0
    new: int = 0
    edited: int = 0
    same: int = 0
    unmatched: int = 0
    unreadable: int = 0
    overlap: int = 0

    @staticmethod
    def names() -> tuple[str, ...]:
        """Return the names of the counts."""
        return tuple(each.name for each in fields(Counts))
