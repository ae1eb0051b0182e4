"""Product reviews on Tokopedia, read from answers that people saved."""

from __future__ import annotations

from typing import Any

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import in_known_shape
from crawlers.base import Access, Expect, Source, host_of, is_address
from ingest.errors import ConfigError, SourceChanged
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

OPERATION = "productrevGetProductReviewList"


class Tokopedia(Source):
    """The review list of one product: `{data: {productrevGetProductReviewList: {list}}}`.

    The site gives nobody a right to ask for it, so it is read from files only.
    """

    kind = "tokopedia"
    name_en = "Tokopedia"
    name_vi = "Tokopedia"
    access = Access.IMPORT
    covers = "review answers of the product page that were saved by hand"
    does_not_cover = (
        "what was not saved: the site is not asked; the shop's replies, which have no number"
    )
    evidence = "read on a real response of 2026-07"
    expect = Expect(min_items=1, filled=("stars", "posted"), rhythm_days=7)
    default_every_min = 1440
    matches_by_construction = True
    marks = frozenset({"feedbackID", "productRating"})
    is_fetched = False

    def recognise(self, url: str) -> str | None:
        """Return the address of a Tokopedia page, so that it is told how to be read."""
        host = host_of(url)
        is_site = host == "tokopedia.com" or host.endswith(".tokopedia.com")
        return url if is_site and is_address(url) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError: the site is not asked, whatever the target."""
        raise ConfigError(
            "Tokopedia is read from saved answers only",
            subject=f"tokopedia:{target}",
            next_step="save the answers of the product page, then: earful import FILE",
        )

    def first(self, order: Order) -> Ask:
        """Raise ConfigError: the site is not asked."""
        self.check_target(order.target)
        raise AssertionError("check_target always raises")

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one saved answer's reviews."""
        answer = read_json(fetched, kind=self.kind)
        first = answer[0] if isinstance(answer, list) and answer else answer
        told = (first.get("data") or {}).get(OPERATION) if isinstance(first, dict) else None
        if not isinstance(told, dict):
            listed(first, OPERATION, kind=self.kind)  # says what an error answer says
            raise SourceChanged(f"the answer has no '{OPERATION}'", subject=self.kind)
        rows = listed(told, "list", kind=self.kind)
        items, problems = read_each(rows, _read, kind=self.kind)
        return Page(
            source=self.kind, items=items, is_end=told.get("hasNext") is False, problems=problems
        )


def _read(row: Any) -> RawItem:
    author = None if row.get("isAnonymous") else (row.get("user") or {}).get("fullName")
    return RawItem(
        key=row["feedbackID"],
        text=row["message"],
        author=author,
        posted=row["reviewCreateTime"],
        stars=row["productRating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=(row.get("product") or {}).get("productName"),
        variation=row.get("variantName"),
        likes=(row.get("likeDislike") or {}).get("totalLike"),
        language="id",
    )


SOURCE = Tokopedia()
