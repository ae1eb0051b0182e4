"""The reviews a product page states in schema.org terms, on any site."""

from __future__ import annotations

from crawlers.base import Access, Expect, Source, check_address, is_address
from ingest.page import Ask, Fetched, Page
from ingest.structured import read_reviews
from ingest.visit import Order


class ReviewPage(Source):
    """A page of the brand's own shop or product that carries schema.org reviews."""

    kind = "page"
    name_en = "Product page"
    name_vi = "Trang sản phẩm"
    access = Access.ON
    covers = "reviews and comments that a page states as schema.org JSON-LD or microdata"
    does_not_cover = "reviews that a page draws with scripts only; further pages of reviews"
    evidence = "from the schema.org documentation; shapes read on real product pages of 2023-2025"
    expect = Expect(min_items=1, filled=("text",))
    default_every_min = 360
    pages_from_newest = False
    matches_by_construction = True
    breadth = 2

    def recognise(self, url: str) -> str | None:
        """Return `url`: any address may be a product page."""
        return url if is_address(url) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a web address."""
        check_address(target, self.kind)

    def first(self, order: Order) -> Ask:
        """Return the request for the page."""
        return Ask(url=order.target)

    def read(self, fetched: Fetched) -> Page:
        """Return the page's reviews."""
        return read_reviews(fetched.body, content_type=fetched.content_type, url=fetched.url)


SOURCE = ReviewPage()
