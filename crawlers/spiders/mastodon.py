"""Public posts with a tag, as one Mastodon server sees them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

PER_PAGE = 40
_TIMELINE = "/api/v1/timelines/tag/"
_SERVER = re.compile(r"mastodon|mstdn|(^|\.)(toot|social)\.|\.social$")


class Mastodon(Source):
    """The posts of one tag, newest first; the target is `server/tag`.

    Post numbers are unique on the server that was asked, so its host is the
    space of the keys. A search answer (`{statuses: [...]}`) is read as well.
    """

    kind = "mastodon"
    name_en = "Mastodon"
    name_vi = "Mastodon"
    access = Access.ON
    covers = "public posts with the tag that the asked server knows of"
    does_not_cover = (
        "posts without the tag (full search needs a login), servers that close the door"
    )
    evidence = "read on real responses of 2026"
    expect = Expect(min_items=0, filled=("author", "posted"))
    default_every_min = 30
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
        if not re.fullmatch(r"[a-z0-9.:-]+/\w+", target):
            raise ConfigError(
                "is not a tag on a server",
                subject=f"mastodon:{target}",
                next_step="give server/tag such as mastodon.social/luamay, without the # sign",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        host, _, tag = order.target.partition("/")
        return _ask(f"https://{host}{_TIMELINE}{quote(tag)}", "")

    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts."""
        answer = read_json(fetched, kind=self.kind)
        is_timeline = isinstance(answer, list)
        rows = answer if is_timeline else listed(answer, "statuses", kind=self.kind)
        items, problems = read_each(rows, _read_status, kind=self.kind)
        place = fetched.url.partition("?")[0]
        goes_on = is_timeline and bool(items)
        return Page(
            source=host_of(fetched.url),
            items=items,
            next=_ask(place, items[-1].key or "") if goes_on else None,
            is_end=is_timeline and not rows,
            problems=problems,
        )


def _ask(place: str, before: str) -> Ask:
    older = f"&max_id={quote(before)}" if before else ""
    return Ask(url=f"{place}?limit={PER_PAGE}{older}", headers=(("Accept", "application/json"),))


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
