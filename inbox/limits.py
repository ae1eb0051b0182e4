"""How often an address may knock, and which posts were seen already: bounded memories."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

MOST = 20_000  # addresses or marks remembered; the oldest are forgotten first


class Rate:
    """Lets each address through `most` times in any `span`, and says how long to wait else."""

    def __init__(self, most: int, *, span: timedelta) -> None:
        self.most = most
        self.span = span
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, address: str, *, now: datetime) -> timedelta | None:
        """Take one turn of `address`; return how long to wait when it has none left."""
        left, since = self._left.get(address, (float(self.most), now))
        left = min(self.most, left + max((now - since) / self.span, 0.0) * self.most)
        is_free = left >= 1
        self._left[address] = (left - 1 if is_free else left, now)
        self._left.move_to_end(address)
        if len(self._left) > MOST:
            self._left.popitem(last=False)
        return None if is_free else (1 - left) / self.most * self.span


class Seen:
    """Remembers marks for `span`; a mark that comes again within it is a repeat."""

    def __init__(self, span: timedelta) -> None:
        self.span = span
        self._until: OrderedDict[str, datetime] = OrderedDict()

    def is_repeat(self, mark: str, *, now: datetime) -> bool:
        """Return whether `mark` was seen within the span, and remember it."""
        while self._until and next(iter(self._until.values())) < now:
            self._until.popitem(last=False)
        if mark in self._until:
            return True
        self._until[mark] = now + self.span
        if len(self._until) > MOST:
            self._until.popitem(last=False)
        return False

    def forget(self, mark: str) -> None:
        """Let `mark` come again: what it stood for was not kept."""
        self._until.pop(mark, None)
