"""What a Google Alert found, by the alert's own feed, whose address is a secret."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from crawlers.base import Access, Expect, Source, is_address
from crawlers.spiders.feed import ACCEPT
from ingest.errors import ConfigError
from ingest.feeds import read_feed
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

_ALERT = re.compile(r"https?://(?:www\.)?google\.[a-z.]+/alerts/feeds/[^/?#\s]+/[^/?#\s]+")
_NUMBERS = re.compile(
    rb"(/alerts/feeds/|reader/user/)[^/?#\s\"'<>]+((?:/state/com\.google/alerts)?/)[^/?#\s\"'<>]+"
)
_BOLD = re.compile(r"</?b>", re.IGNORECASE)


class GoogleAlerts(Source):
    """The newest finds of one alert; the target is the feed's address.

    Whoever knows the address can read the alert, so it is in no name, log,
    mention or capture. Links are unwrapped from Google's redirect.
    """

    kind = "google_alerts"
    name_en = "Google Alerts"
    name_vi = "Google Alerts"
    access = Access.ON
    covers = "pages, blogs and news in which Google found the alert's words"
    does_not_cover = "anything before the alert was made; most social networks"
    evidence = "read on a real response of 2019-07"
    expect = Expect(min_items=0, filled=("title", "posted"))
    default_every_min = 60

    def recognise(self, url: str) -> str | None:
        """Return `url` when it is an alert's feed."""
        return url if _ALERT.fullmatch(url) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is an alert's feed address."""
        if self.recognise(target) is None:
            raise ConfigError(
                "the target is not the feed of a Google Alert",
                subject=self.kind,
                next_step="deliver the alert to 'RSS feed' and copy the address of that feed",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the alert's feed."""
        return Ask(url=order.target, headers=(ACCEPT,))

    def read(self, fetched: Fetched) -> Page:
        """Return the finds."""
        safe = self.scrub(fetched)
        page = read_feed(safe.body, content_type=safe.content_type, url=safe.url)
        return replace(page, source=self.kind, items=tuple(map(_find, page.items)))

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` with the alert's numbers taken out of its address and body."""
        return replace(
            fetched,
            url=_NUMBERS.sub(rb"\1-\2-", fetched.url.encode()).decode(),
            body=_NUMBERS.sub(rb"\1-\2-", fetched.body),
        )

    def public_name(self, target: str) -> str:
        """Return the kind alone: the target is the secret."""
        return self.kind


def _find(item: RawItem) -> RawItem:
    """Return the item without the marks on its words and with the page's own address."""
    return replace(
        item,
        title=_BOLD.sub("", item.title or "") or None,
        text=_BOLD.sub("", item.text or "") or None,
        url=_unwrapped(item.url),
        feedback_kind=FeedbackKind.ARTICLE,
    )


def _unwrapped(url: str | None) -> str | None:
    """Return the address inside `google.com/url?...&url=`, or `url` itself."""
    if not url or not re.match(r"https?://(www\.)?google\.[a-z.]+/url\?", url):
        return url
    query = parse_qs(urlsplit(url).query)
    inner = (query.get("url") or query.get("q") or [""])[0]
    return inner if is_address(inner) else url


SOURCE = GoogleAlerts()
