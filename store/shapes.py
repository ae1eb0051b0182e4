"""The shape of a visit: how many of its items held what, to be compared with what is usual."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ingest.mention import Mention
from store.batch import Batch

Shape = Mapping[str, int]

_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")

FIELDS: Mapping[str, Callable[[Mention], object]] = {
    "text": lambda mention: mention.text,
    "title": lambda mention: mention.title,
    "author": lambda mention: mention.author,
    "posted": lambda mention: mention.posted_at,
    "stars": lambda mention: mention.stars,
    "url": lambda mention: mention.url,
    "whole": lambda mention: not mention.damage,
    "vietnamese": lambda mention: _VIETNAMESE.search(mention.text or mention.title),
    "foreign": lambda mention: not _VIETNAMESE.search(mention.text or mention.title),
}


def added(before: Shape | None, batch: Batch, *, is_first: bool) -> dict[str, int]:
    """Return the shape of a visit after it met `batch`; "first" counts its first page's items."""
    shape = dict(before or {})
    shape["items"] = shape.get("items", 0) + len(batch.items)
    if is_first and batch.walked:
        shape["first"] = len(batch.walked[0].identities)
    for name, holds in FIELDS.items():
        filled = sum(1 for item in batch.items.values() if holds(item.mention))
        shape[name] = shape.get(name, 0) + filled
    if batch.totals:
        shape["low_total"] = min(*batch.totals, shape.get("low_total", batch.totals[0]))
        shape["high_total"] = max(*batch.totals, shape.get("high_total", batch.totals[0]))
    return shape
