"""Product reviews on tiki.vn, newest first, with the shop's replies."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page, whole
from ingest.visit import Order

API = "https://tiki.vn/api/v2/reviews"
PER_PAGE = 20


class Tiki(Source):
    """The reviews of one product; the target is the product's number.

    An answer is `{data: [review], paging: {total, current_page, last_page}}`;
    a review's `title` is the site's phrase for its stars, not the customer's.
    """

    kind = "tiki"
    name_en = "Tiki"
    name_vi = "Tiki"
    access = Access.OPT_IN
    covers = "all reviews of a product that the site shows without a login, with the shop's replies"
    does_not_cover = "questions and answers, shop ratings, reviews the site holds back"
    evidence = "read on a real response of 2025-05-23; replies from documentation"
    expect = Expect(min_items=1, filled=("stars", "posted"))
    default_every_min = 360
    matches_by_construction = True
    marks = frozenset({"paging", "review_created_date", "thank_count"})

    def recognise(self, url: str) -> str | None:
        """Return the product number of a tiki.vn product page or review address."""
        if host_of(url) not in ("tiki.vn", "www.tiki.vn"):
            return None
        parts = urlsplit(url)
        named = re.search(r"(?:^|[-/])p(\d+)(?:\.html)?$", parts.path)
        if named:
            return named[1]
        asked = parse_qs(parts.query).get("product_id", [""])[0]
        return asked if asked.isdecimal() and parts.path == urlsplit(API).path else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a product number."""
        if not (target.isascii() and target.isdecimal()):
            raise ConfigError(
                "is not a Tiki product number",
                subject=f"tiki:{target}",
                next_step="give the product's page, or the digits after -p in its address",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews."""
        return _ask(order.target, 1)

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by its replies."""
        answer = read_json(fetched, kind=self.kind)
        rows = [part for row in listed(answer, "data", kind=self.kind) for part in _parts(row)]
        items, problems = read_each(rows, _read_part, kind=self.kind)
        paging = answer["paging"]
        page, is_end = (
            paging["current_page"],
            not rows or paging["current_page"] >= paging["last_page"],
        )
        product = parse_qs(urlsplit(fetched.url).query).get("product_id", [""])[0]
        return Page(
            source=self.kind,
            items=items,
            next=_ask(product, page + 1) if product and not is_end else None,
            is_end=is_end,
            total=paging.get("total"),
            stars=_star_counts(answer.get("stars")),
            problems=problems,
        )


def _star_counts(told: Any) -> dict[int, int]:
    """Return the site's own count of each star, {} when it states none that is whole."""
    counts = told if isinstance(told, dict) else {}
    found: dict[int, int] = {}
    for star, each in counts.items():
        count = whole(each.get("count")) if isinstance(each, dict) else None
        if count is None or not star.isdecimal():
            return {}
        found[int(star)] = count
    return found


def _ask(product: str, page: int) -> Ask:
    query = {
        "product_id": product,
        "page": page,
        "limit": PER_PAGE,
        "sort": "id|desc",
        "include": "comments",
    }
    return Ask(url=f"{API}?{urlencode(query)}", headers=(("Accept", "application/json"),))


def _parts(review: Any) -> list[tuple[Any, Any]]:
    """Return (review, None) and (review, reply) for each of its replies."""
    replies = review.get("comments") if isinstance(review, dict) else None
    return [(review, None), *((review, reply) for reply in replies or ())]


def _read_part(part: tuple[Any, Any]) -> RawItem:
    review, reply = part
    return _read_review(review) if reply is None else _read_reply(review, reply)


def _read_review(row: Any) -> RawItem:
    author = row["created_by"] or {}
    variation = ", ".join(str(each) for each in row.get("product_attributes") or ())
    return RawItem(
        key=str(row["id"]),
        url=_product_address(row),
        text=row["content"],
        author=author.get("full_name") or author.get("name"),
        posted=row["created_at"],
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=row.get("product_name"),
        variation=variation or None,
        likes=row.get("thank_count"),
    )


def _read_reply(review: Any, reply: Any) -> RawItem:
    """Return a reply to a review; from documentation, not seen in a real answer."""
    is_staff = reply.get("commentator") == "seller"
    return RawItem(
        key=f"{review['id']}/{reply['id']}",
        url=_product_address(review),
        text=reply["content"],
        author=reply.get("fullname"),
        posted=reply["create_at"],
        feedback_kind=FeedbackKind.COMMENT,
        speaker=Speaker.STAFF if is_staff else Speaker.CUSTOMER,
        parent=str(review["id"]),
    )


def _product_address(review: Any) -> str:
    return f"https://tiki.vn/p{review['product_id']}.html"


SOURCE = Tiki()
