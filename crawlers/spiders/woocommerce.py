"""Product reviews of an own WooCommerce shop, by the shop's REST API."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawlers.answers import listed, read_each, read_json, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, is_address, secret
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page, Problem
from ingest.visit import Order

PATH = "/wp-json/wc/v3/products/reviews"
PER_PAGE = 100
_PERSONAL = (
    (re.compile(rb'("reviewer_email"\s*:\s*)"[^"]*"'), rb'\1""'),
    (re.compile(rb"(gravatar\.com\\?/avatar\\?/)[0-9a-fA-F]{16,}"), rb"\1-"),
)


class WooCommerce(Source):
    """The approved reviews of a shop, newest first; the target is the shop's address.

    Numbers are unique in one shop, so its host is the space of the keys. E-mail
    addresses, and their hashes in the addresses of pictures, are never kept.
    """

    kind = "woocommerce"
    name_en = "WooCommerce shop"
    name_vi = "Cửa hàng WooCommerce"
    access = Access.OWN_SHOP
    covers = "approved reviews of all products of the own shop, with and without stars"
    does_not_cover = "reviews that wait for approval or are spam; the shop's replies"
    evidence = "read on a real response of 2019-08; product names from documentation"
    expect = Expect(min_items=0, filled=("text", "posted"))
    default_every_min = 60
    matches_by_construction = True
    keys = ("consumer_key", "consumer_secret")
    keys_en = "In WooCommerce under Settings, Advanced, REST API: add a key that may read"
    keys_vi = "Trong WooCommerce, mục Settings, Advanced, REST API: thêm một khoá được đọc"
    marks = frozenset({"date_created_gmt", "reviewer", "review"})

    def recognise(self, url: str) -> str | None:
        """Return the shop's address of its review API or of its page of reviews."""
        if not is_address(url):
            return None
        place, found, _ = url.partition("/wp-json/wc/")
        if found and "/products/reviews" in url:
            return place
        place, found, query = url.partition("/wp-admin/")
        return place if found and "page=product-reviews" in query else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a shop's address with https."""
        if not is_address(target) or urlsplit(target).scheme != "https":
            raise ConfigError(
                "is not the address of a shop",
                subject=f"woocommerce:{target}",
                next_step="give the shop's address, beginning with https://",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews."""
        place = order.target.rstrip("/") + PATH
        return Ask(url=with_query(place, per_page=PER_PAGE, order="desc", orderby="date", page=1))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the shop's pair of keys."""
        pair = f"{secret(order, 'consumer_key')}:{secret(order, 'consumer_secret')}"
        basic = f"Basic {b64encode(pair.encode()).decode()}"
        return replace(ask, headers=(*ask.headers, ("Authorization", basic)))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews; those that the shop does not show are left out, and said."""
        answer = read_json(fetched, kind=self.kind)
        rows = answer if isinstance(answer, list) else listed(answer, "data", kind=self.kind)
        hidden = [row for row in rows if _status(row) != "approved"]
        shown = [row for row in rows if _status(row) == "approved"]
        items, problems = read_each(shown, _read_review, kind=self.kind)
        page = asked_for(fetched.url, "page")
        goes_on = page.isdecimal() and len(rows) >= PER_PAGE
        return Page(
            source=host_of(fetched.url),
            items=items,
            next=Ask(url=with_query(fetched.url, page=int(page) + 1)) if goes_on else None,
            is_end=not goes_on,
            problems=(*problems, *map(_left_out, hidden)),
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the shop's error answer says."""
        return refused(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without e-mail addresses and what stands for them."""
        body = fetched.body
        for pattern, instead in _PERSONAL:
            body = pattern.sub(instead, body)
        return replace(fetched, body=body)


def _status(row: Any) -> Any:
    return row.get("status", "approved") if isinstance(row, dict) else "approved"


def _left_out(row: Any) -> Problem:
    key = str(row.get("id", ""))
    words = f"review {key} is left out: the shop does not show it ({row['status']})"
    return Problem(code="bad-item", words=words, key=key)


def _read_review(row: Any) -> RawItem:
    return RawItem(
        key=str(row["id"]),
        url=row.get("product_permalink"),
        text=row["review"],
        markup=Markup.HTML,
        author=row["reviewer"],
        posted=row["date_created_gmt"],
        zone="UTC",
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=row.get("product_name") or str(row["product_id"]),
    )


SOURCE = WooCommerce()
