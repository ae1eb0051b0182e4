"""How many calls an engine may make on one day (UTC)."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Budget"]


class Budget(Protocol):
    """Counts calls; those of all runs together (`store.engine_days.Calls`)."""

    def spend(self) -> bool:
        """Count one call before it is made; return whether it may be made."""
        ...
