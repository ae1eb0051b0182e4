"""Posts on Threads that a search finds, mentions and replies, by its API (with a token)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from crawlers.graph import fault_of, following, has_more, refusal_of, scrubbed, signed
from crawlers.meta_login import ThreadsLogin
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://graph.threads.net/v1.0"
_FIELDS = "id,text,permalink,timestamp,username,is_reply,replied_to,media_type"
_PLACE = re.compile(r"me/(?:threads|mentions|replies)|\d+/(?:replies|conversation)")


class Threads(Source):
    """A search or an own place; the target is the words, `me/mentions`, `me/threads`,
    `me/replies` or `POST/conversation` (POST is a number).

    Answers are `{data: [post], paging: {next}}`, newest first; times are `+0000`.
    """

    kind = "threads"
    name_en = "Threads"
    name_vi = "Threads"
    access = Access.KEY
    covers = "public posts with the words, mentions of the account, replies below its posts"
    does_not_cover = "pictures without words, private accounts; 2,200 searches a day"
    evidence = "read on a real response of the account's own posts; the rest from documentation"
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 60
    keys = ("token",)
    keys_en = (
        "On developers.facebook.com make an app for the Threads API; take the id and secret of "
        "Threads, not those of the app"
    )
    keys_vi = (
        "Ở developers.facebook.com, tạo một ứng dụng dùng Threads API; lấy id và secret của "
        "Threads, không phải của ứng dụng"
    )
    grant = ThreadsLogin()
    marks = frozenset({"media_product_type", "is_quote_post"})

    def recognise(self, url: str) -> str | None:
        """Return the words of a search on Threads, or the @name of a profile."""
        if host_of(url).removeprefix("www.") not in ("threads.net", "threads.com"):
            return None
        words = asked(url).get("q", "").strip()
        name = re.match(r"/(@[\w.]+)", unquote(urlsplit(url).path))
        return words or (name[1] if name else None)

    def check_target(self, target: str) -> None:
        """Raise ConfigError when there is nothing to search for."""
        if not target.strip() or target.startswith(("http:", "https:")):
            raise ConfigError(
                "is nothing to search for on Threads",
                subject=f"threads:{target}",
                next_step="give words, me/mentions or me/replies",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        if _PLACE.fullmatch(order.target):
            url = f"{API}/{order.target}?fields={_FIELDS}&limit=100"
        else:
            words = quote(order.target)
            url = f"{API}/keyword_search?q={words}&search_type=RECENT&fields={_FIELDS}&limit=100"
        return Ask(url=url, headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the account's token."""
        return signed(ask, order)

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts."""
        answer = read_json(fetched, kind=self.kind)
        fault = fault_of(answer, fetched, kind=self.kind)
        if fault:
            raise fault
        rows = listed(answer, "data", kind=self.kind)
        items, problems = read_each(rows, _read_post, kind=self.kind)
        return Page(
            source=self.kind,
            items=items,
            next=following(answer, fetched),
            is_end=not has_more(answer),
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says."""
        return refusal_of(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without the token that its paging addresses carry."""
        return scrubbed(fetched)


def _read_post(row: Any) -> RawItem:
    """Return a post or reply; one without words is left out later, with that reason."""
    above = (row.get("replied_to") or {}).get("id")
    is_reply = bool(row.get("is_reply") or above)
    return RawItem(
        key=row["id"],
        url=row.get("permalink"),
        text=row.get("text"),
        author=row.get("username"),
        posted=row["timestamp"],
        feedback_kind=FeedbackKind.COMMENT if is_reply else FeedbackKind.SOCIAL,
        parent=above,
    )


SOURCE = Threads()
