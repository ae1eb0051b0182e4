"""The keys of a visit: who brings them, and how a visit ends that has to go without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from crawlers.registry import source_of
from crawlers.walk import HELD, refused_facts
from ingest.errors import EarfulError, SourceBlocked
from ingest.visit import Order, VisitFacts


class Keys(Protocol):
    """Brings the keys of a visit, renewed where they end soon."""

    def section(self, order: Order) -> str:
        """Return whose keys an order brings, "" for none."""
        ...

    def keys(self, order: Order, *, now: datetime) -> Mapping[str, str]:
        """Return the keys by name; raises EarfulError when one has ended and none can be had."""
        ...

    def doubt(self, order: Order) -> None:
        """Take note that the site refused the keys of an order."""
        ...

    def ends(self, kind: str, target: str, *, now: datetime) -> date | None:
        """Return the last day of a key that a person must see to within a week, else None."""
        ...


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Keys that stay as they are, by kind of source and name."""

    by_kind: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def section(self, order: Order) -> str:
        """Return the order's kind where there are keys for it."""
        return order.kind if order.kind in self.by_kind else ""

    def keys(self, order: Order, *, now: datetime) -> Mapping[str, str]:
        """Return the keys that the kind of source takes."""
        own = self.by_kind.get(order.kind, {})
        return {name: own[name] for name in source_of(order.kind).keys if name in own}

    def doubt(self, order: Order) -> None:
        """There are no others."""

    def ends(self, kind: str, target: str, *, now: datetime) -> date | None:
        """Nothing is known of their end."""
        return None


def named(order: Order, keys: Keys) -> Order:
    """Return `order`, told whose keys it will bring."""
    if not source_of(order.kind).takes_keys(order.target):
        return order
    try:
        return replace(order, account=keys.section(order))
    except EarfulError:
        return order  # the visit itself will say what is wrong with the keys


def brought(
    order: Order, keys: Keys, *, held_until: datetime | None, now: datetime
) -> Order | VisitFacts:
    """Return `order` with its keys, for one visit only, or how that visit ends without being made.

    `held_until` is until when its rate budget is not to be drawn on.
    """
    try:
        if held_until is not None:
            raise SourceBlocked(HELD, retry_at=held_until)
        own = keys.keys(order, now=now) if source_of(order.kind).takes_keys(order.target) else {}
    except EarfulError as fault:
        return refused_facts(fault)
    return replace(order, options={**order.options, **own}) if own else order
