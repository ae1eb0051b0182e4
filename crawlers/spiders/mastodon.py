"""Public posts with a tag, as one Mastodon server sees them; with its token also searches."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, with_header, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

PER_PAGE = 40
SEARCH = "search:"
_TIMELINE = "/api/v1/timelines/tag/"
_SERVER = re.compile(r"mastodon|mstdn|(^|\.)(toot|social)\.|\.social$")


class Mastodon(Source):
    """The posts of one tag, newest first; the target is `server/tag`, or `server/search:words`
    with a token of that server.

    Post numbers are unique on the server that was asked, so its host is the
    space of the keys. A search answer (`{statuses: [...]}`) is read as well.
    """

    kind = "mastodon"
    name_en = "Mastodon"
    name_vi = "Mastodon"
    access = Access.ON
    covers = (
        "public posts with the tag that the asked server knows of; with a token of that server "
        "also what a search there finds, and servers that show nothing without"
    )
    does_not_cover = "posts without the tag, in a search those of people who do not allow it"
    evidence = "read on real responses of 2026; token and search pages from documentation"
    expect = Expect(min_items=0, filled=("author", "posted"))
    default_every_min = 30
    keys = ("token",)
    has_keyless = True
    keys_by_account = True
    keys_en = "On your server under Preferences, Development: add an application that may read"
    keys_vi = "Trên máy chủ của bạn, mục Preferences, Development: thêm một ứng dụng được đọc"
    marks = frozenset({"reblogs_count", "favourites_count"})

    def recognise(self, url: str) -> str | None:
        """Return `server/tag` of a tag's timeline, or of its page on a server known as Mastodon."""
        host, path = host_of(url), unquote(urlsplit(url).path) if host_of(url) else ""
        if path.startswith(_TIMELINE):
            return f"{host}/{path.removeprefix(_TIMELINE)}"
        tag = re.fullmatch(r"/tags/([^/.]+)/?", path)
        return f"{host}/{tag[1]}" if tag and _SERVER.search(host) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is `server/tag`."""
        if not re.fullmatch(r"[a-z0-9.:-]+/(?:\w+|search:.*\S.*)", target):
            raise ConfigError(
                "is not a tag on a server",
                subject=f"mastodon:{target}",
                next_step="give server/tag such as mastodon.social/luamay, without the # sign",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        host, _, tag = order.target.partition("/")
        if tag.startswith(SEARCH):
            words = quote(tag.removeprefix(SEARCH))
            url = f"https://{host}/api/v2/search?q={words}&type=statuses&limit={PER_PAGE}"
            return Ask(url=url, headers=(JSON,))
        return _ask(f"https://{host}{_TIMELINE}{quote(tag)}", "")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the server's token where there is one; a search needs it.

        Without one a server finds nothing, and says so as if there were nothing.
        """
        is_search = order.target.partition("/")[2].startswith(SEARCH)
        if not (is_search or order.options.get("token")):
            return ask
        return with_header(ask, "Authorization", f"Bearer {secret(order, 'token')}")

    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts."""
        answer = read_json(fetched, kind=self.kind)
        is_timeline = isinstance(answer, list)
        rows = answer if is_timeline else listed(answer, "statuses", kind=self.kind)
        items, problems = read_each(rows, _read_status, kind=self.kind)
        place = fetched.url.partition("?")[0]
        following = _ask(place, items[-1].key or "") if is_timeline and items else None
        is_search = asked(fetched.url).get("type") == "statuses"
        if is_search:
            following = _following(fetched.url, len(rows))
        return Page(
            source=host_of(fetched.url),
            items=items,
            next=following,
            is_end=(is_timeline and not rows) or (is_search and following is None),
            problems=problems,
        )


def _following(url: str, found: int) -> Ask | None:
    """Return the request for a search's next page, None after one that was not full."""
    if found < PER_PAGE:
        return None
    offset = int(asked(url).get("offset", "0")) + found
    return Ask(url=with_query(url, offset=offset), headers=(JSON,))


def _ask(place: str, before: str) -> Ask:
    older = f"&max_id={quote(before)}" if before else ""
    return Ask(url=f"{place}?limit={PER_PAGE}{older}", headers=(JSON,))


def _read_status(row: Any) -> RawItem:
    status = row["reblog"] or row
    account = status["account"]
    return RawItem(
        key=str(status["id"]),
        url=status["url"] or status["uri"],
        title=status["spoiler_text"] or None,
        text=status["content"],
        markup=Markup.HTML,
        author=account["acct"],
        posted=status["created_at"],
        edited=status.get("edited_at"),
        feedback_kind=FeedbackKind.SOCIAL,
        reach=account.get("followers_count"),
        likes=status.get("favourites_count"),
        parent=status.get("in_reply_to_id"),
        language=status.get("language"),
    )


SOURCE = Mastodon()
