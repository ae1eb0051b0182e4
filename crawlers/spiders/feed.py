"""Any RSS, Atom, RDF or JSON feed, by its address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawlers.base import Access, Expect, Source, check_address, is_address
from ingest.feeds import read_feed
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

ACCEPT = (
    "Accept",
    "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5",
)
_LOOKS_LIKE_A_FEED = re.compile(
    r"\.(rss|atom|xml|rdf)$|(^|/)(rss|feed|feeds|atom)(/|$)|feed\.json$|/index\.rdf$", re.IGNORECASE
)


class Feed(Source):
    """A feed at its own address; only addresses that look like one are recognised."""

    kind = "feed"
    name_en = "Feed"
    name_vi = "Nguồn tin RSS"
    access = Access.ON
    covers = "news, blogs, forums and channels that publish a feed; the newest entries of each"
    does_not_cover = "entries that left the feed before the first visit; full texts a feed cuts"
    evidence = "read on real feeds of 2017-2026 in all four formats"
    expect = Expect(min_items=1, filled=())  # notes without titles or guids are feeds too
    default_every_min = 60
    breadth = 1

    def recognise(self, url: str) -> str | None:
        """Return `url` when its path or query looks like a feed's."""
        if not is_address(url):
            return None
        parts = urlsplit(url)
        is_feed = _LOOKS_LIKE_A_FEED.search(parts.path) or "type=rss" in parts.query
        return url if is_feed else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a web address."""
        check_address(target, self.kind)

    def first(self, order: Order) -> Ask:
        """Return the request for the feed."""
        return Ask(url=order.target, headers=(ACCEPT,))

    def read(self, fetched: Fetched) -> Page:
        """Return the feed's entries; a damaged feed keeps its problems beside them."""
        return read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url)


SOURCE = Feed()
