"""Whose voice a mention is, for a brand; pure."""

from __future__ import annotations

from ingest.brand import Brand
from ingest.mention import FeedbackKind, Mention, Speaker


def role_of(mention: Mention, brand: Brand) -> str:
    """Return whose voice a mention is: brand, seller, press or customer."""
    author = mention.author.casefold().strip()
    if author in {name.casefold() for name in brand.own_authors}:
        return "brand"
    if mention.speaker is Speaker.STAFF:
        return "seller"
    return "press" if mention.feedback_kind is FeedbackKind.ARTICLE else "customer"
