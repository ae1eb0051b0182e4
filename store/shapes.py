"""The shape of a visit: how many items its first page had, and how many of them held what."""

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
    """Return the shape of a visit after it met `batch`.

    Only the first page counts: what stands further down is older, and may never
    have had what newer items have.
    """
    shape = dict(before or {})
    if is_first and batch.walked:
        page = [batch.items[each].mention for each in batch.walked[0].identities]
        shape["items"] = len(page)
        for name, holds in FIELDS.items():
            shape[name] = sum(1 for mention in page if holds(mention))
    if batch.totals:
        shape["low_total"] = min(*batch.totals, shape.get("low_total", batch.totals[0]))
        shape["high_total"] = max(*batch.totals, shape.get("high_total", batch.totals[0]))
    return shape
