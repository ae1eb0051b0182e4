"""How many calls an engine may make on one day (UTC), counted over all runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

__all__ = ["Budget"]


class Budget:
    """Counts calls in `file`, at most `daily` a day; a call counts before it is made."""

    def __init__(self, file: Path, daily: int, *, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._daily = daily
        self._clock = clock

    @property
    def left(self) -> int:
        """Return how many calls may still be made today."""
        return max(0, self._daily - self._made())

    def spend(self) -> bool:
        """Count one call; return whether it may be made."""
        made = self._made()
        if made >= self._daily:
            return False
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps({"day": self._today(), "calls": made + 1}), encoding="utf-8")
        written.replace(self._file)
        return True

    def _today(self) -> str:
        return self._clock().date().isoformat()

    def _made(self) -> int:
        """Return today's calls; a file that cannot be read counts as a spent budget."""
        if not self._file.is_file():
            return 0
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return int(kept["calls"]) if kept["day"] == self._today() else 0
        except (ValueError, KeyError, TypeError):
            return self._daily
