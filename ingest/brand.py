"""A brand as the rules need it: who we listen for, in which zone and language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import time

USUAL_ASPECTS = frozenset(
    {
        "app", "delivery", "genuineness", "packaging", "payment", "price", "quality", "returns",
        "service", "size", "warranty",
    }
)  # fmt: skip
"""The sides of product and service that every text is read for, whatever its brand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A brand's own words and habits; plain values from the settings.

    `queries` are brand queries (see `ingest.query`); `zone` an IANA name;
    `language` "en" or "vi" for what people read; `own_authors` are the names
    under which the brand itself posts; `answer_within_h` the target in hours;
    `old_after_days` how old an item of a first import may be and still open a case;
    `aspects` what the brand wants to hear of besides the usual sides of a product:
    a name and the words that show it each; `weekly_on` is the weekday ("monday") on
    which the week before it is summed up, "" for never.
    """

    name: str
    queries: tuple[str, ...] = ()
    zone: str = "Asia/Ho_Chi_Minh"
    language: str = "en"
    own_authors: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    digest_at: time = time(7, 0)
    answer_within_h: float = 4.0
    old_after_days: int = 7
    aspects: tuple[tuple[str, ...], ...] = ()
    weekly_on: str = ""


def aspects_of(brands: Iterable[Brand]) -> list[tuple[str, ...]]:
    """Return the own aspects of all `brands`: every text is read for every one of them."""
    return [each for brand in brands for each in brand.aspects]


def foreign_aspects(brands: Iterable[Brand], about: Collection[str]) -> frozenset[str]:
    """Return the names of aspects that only brands have which a text is not `about`."""
    own: set[str] = set(USUAL_ASPECTS)
    others: set[str] = set()
    for brand in brands:
        (own if brand.name in about else others).update(name for name, *_ in brand.aspects)
    return frozenset(others - own)
