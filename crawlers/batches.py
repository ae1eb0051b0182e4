"""Plans which watches a crawl child takes; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawlers.base import host_of
from crawlers.registry import source_of
from ingest.errors import ConfigError
from ingest.visit import Order

AT_MOST = 50

Batch = tuple[Order, ...]


def batches(orders: Sequence[Order], *, at_most: int = AT_MOST) -> list[Batch]:
    """Return `orders` in batches of `at_most`, a host's orders together.

    Only a host with more than `at_most` orders is in several batches; `is_free`
    keeps those from running side by side.
    """
    by_host: dict[str, list[Order]] = {}
    for order in orders:
        by_host.setdefault(order_host(order), []).append(order)
    planned: list[list[Order]] = []
    for group in sorted(by_host.values(), key=len, reverse=True):
        for start in range(0, len(group), at_most):
            part = group[start : start + at_most]
            roomy = (batch for batch in planned if len(batch) + len(part) <= at_most)
            batch = next(roomy, None)
            if batch is None:
                planned.append(part)
            else:
                batch += part
    return [tuple(batch) for batch in planned]


def is_free(batch: Batch, running: Iterable[Batch]) -> bool:
    """Return whether no host of `batch` is being visited by a running one."""
    busy = {order_host(order) for each in running for order in each}
    return busy.isdisjoint(order_host(order) for order in batch)


def order_budget(order: Order) -> str:
    """Return the name of the rate budget that an order draws on: of its host, or of its keys."""
    return f"{order.kind}#{order.account}" if order.account else order_host(order)


def order_host(order: Order) -> str:
    """Return the host that an order's visit begins at, "" when its target names none."""
    try:
        return host_of(source_of(order.kind).first(order).url)
    except ConfigError:
        return ""
