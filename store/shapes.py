"""The shape of a visit: how many items its first page had, and how many of them held what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from ingest.mention import Mention
from store.batch import Batch

Shape = Mapping[str, int]

STARS = ("5", "4", "3", "2", "1")
MOST_RISING = 3  # one pair in three may stand the other way round

_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")

FIELDS: Mapping[str, Callable[[Mention], object]] = {
    "text": lambda mention: mention.text,
    "title": lambda mention: mention.title,
    "author": lambda mention: mention.author,
    "posted": lambda mention: mention.posted_at,
    "stars": lambda mention: mention.stars,
    "url": lambda mention: mention.url,
    "whole": lambda mention: not mention.damage,
    "vietnamese": lambda mention: _is_vietnamese(mention.text or mention.title),
    "foreign": lambda mention: not _is_vietnamese(mention.text or mention.title),
}


def _is_vietnamese(text: str) -> bool:
    return not text.isascii() and _VIETNAMESE.search(text) is not None


def added(before: Shape | None, batch: Batch, *, is_first: bool) -> dict[str, int]:
    """Return the shape of a visit after it met `batch`.

    Of what items hold only the first page counts: what stands further down is older,
    and may never have had what newer items have. The order of time is that of all pages.
    """
    shape = dict(before or {})
    if is_first and batch.walked:
        page = [batch.items[each].mention for each in batch.walked[0].identities]
        shape["items"] = len(page)
        for name, holds in FIELDS.items():
            shape[name] = sum(1 for mention in page if holds(mention))
    shape["pages"] = shape.get("pages", 0) + batch.pages
    for walked in batch.walked:
        pairs, rising = order([batch.items[each].mention for each in walked.identities])
        shape["pairs"] = shape.get("pairs", 0) + pairs
        shape["rising"] = shape.get("rising", 0) + rising
    if batch.totals:
        shape["low_total"] = min(*batch.totals, shape.get("low_total", batch.totals[0]))
        shape["high_total"] = max(*batch.totals, shape.get("high_total", batch.totals[0]))
    shape |= {f"stated_{star}": count for star, count in batch.stars.items()}
    return shape


def stated_stars(shape: Shape | None) -> dict[str, int]:
    """Return the source's own count of each star, {} where it states none."""
    named = ((star, f"stated_{star}") for star in STARS)
    return {star: shape[name] for star, name in named if shape and name in shape}


def order(mentions: Sequence[Mention]) -> tuple[int, int]:
    """Return how many pairs of neighbours tell their times, and how many of them rise.

    Answers stand by what they answer, not by their own time.
    """
    told = (each for each in mentions if not each.parent)
    times = [each.posted_at for each in told if each.posted_at is not None]
    return max(len(times) - 1, 0), sum(before < after for before, after in pairwise(times))


def is_newest_first(shape: Shape | None) -> bool:
    """Return whether the times of a visit go down, but for a few; without times: yes."""
    return shape is None or shape.get("rising", 0) * MOST_RISING <= shape.get("pairs", 0)
