"""News headlines that Google News finds for words."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, quote_plus, urlsplit

from crawlers.base import Access, Expect, Source, host_of, is_address
from crawlers.spiders.feed import ACCEPT
from ingest.errors import ConfigError
from ingest.feeds import read_feed
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

EDITIONS = {"vi": "hl=vi&gl=VN&ceid=VN:vi", "en": "hl=en-US&gl=US&ceid=US:en"}
_FIRST_PUBLISHER = re.compile(r"<font[^>]*>([^<]+)</font>", re.IGNORECASE)


class GoogleNews(Source):
    """The newest headlines for words; the target is the words or a search's feed address.

    A title is "headline - Publisher"; the link is opaque and kept as it is; the
    description lists other articles and is never read as this one's text.
    """

    kind = "google_news"
    name_en = "Google News"
    name_vi = "Google Tin tức"
    access = Access.OPT_IN
    covers = "headlines of at most 100 articles that Google finds for the words"
    does_not_cover = "the articles' texts; its terms allow personal feed readers only"
    evidence = "read on a real response of 2026-07"
    expect = Expect(min_items=0, filled=("title", "posted"))
    default_every_min = 120

    def recognise(self, url: str) -> str | None:
        """Return the feed address of a Google News search."""
        if host_of(url) != "news.google.com" or "q" not in parse_qs(urlsplit(url).query):
            return None
        return f"https://news.google.com/rss/search?{urlsplit(url).query}"

    def check_target(self, target: str) -> None:
        """Raise ConfigError when there are no words, or another site's address."""
        if not target.strip() or (is_address(target) and self.recognise(target) is None):
            raise ConfigError(
                "is not a Google News search",
                subject=f"google_news:{target}",
                next_step="give words, or the address of a search on news.google.com",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the search; the option `lang` ("vi" or "en") names the edition."""
        edition = EDITIONS[order.options.get("lang", "vi")]
        address = f"https://news.google.com/rss/search?q={quote_plus(order.target)}&{edition}"
        return Ask(url=self.recognise(order.target) or address, headers=(ACCEPT,))

    def read(self, fetched: Fetched) -> Page:
        """Return the headlines."""
        page = read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url)
        return replace(page, source=self.kind, items=tuple(map(_headline, page.items)))


def _headline(item: RawItem) -> RawItem:
    """Return the item with its publisher as the author, and without the list of others."""
    listed = _FIRST_PUBLISHER.search(item.text or "")
    title, author = item.title or "", item.author
    if listed and title.endswith(f" - {listed[1]}"):
        title, author = title.removesuffix(f" - {listed[1]}"), listed[1]
    elif " - " in title:
        title, _, author = title.rpartition(" - ")
    return replace(item, title=title, author=author, text=None, feedback_kind=FeedbackKind.ARTICLE)


SOURCE = GoogleNews()
