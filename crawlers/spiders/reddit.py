"""Posts and comments on Reddit: its API with a token, else its slow public feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_header, with_query
from crawlers.base import Access, Expect, Source, host_of
from crawlers.grants import AppLogin
from crawlers.spiders.feed import ACCEPT
from ingest.errors import ConfigError, SourceBlocked, SourceError
from ingest.feeds import read_feed
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://oauth.reddit.com"
SITE = "https://www.reddit.com"
PER_PAGE = 100
_HOST = re.compile(r"((www|old|new|np|oauth)\.)?reddit\.com|redd\.it")
_PLACE = re.compile(r"r/\w+|comments/\w+")
_IN_PATH = re.compile(r"/(?:r/(?P<sub>\w+)(?:/|$))?(?:comments/(?P<post>\w+))?")
_PERMALINK = re.compile(r"/comments/(\w+)(?:/[^/?#]*/(\w+))?")
_FULLNAME = re.compile(r"t[13]_\w+")
_GONE = {"[removed]", "[deleted]"}


class Reddit(Source):
    """What a search, a subreddit or one post's comments say; the target is the words, `r/NAME`
    or `comments/ID`.

    An answer is a `Listing` of things, `{kind: t3 (post) | t1 (comment) | more, data}`;
    a post's own page is a list of two. Keys are fullnames (`t3_…`, `t1_…`) in both forms.
    """

    kind = "reddit"
    name_en = "Reddit"
    name_vi = "Reddit"
    access = Access.OPT_IN
    covers = (
        "with a token: posts that a search finds, new posts of a subreddit, comments of a post; "
        "without one: the newest of them from the public feeds, slowly"
    )
    does_not_cover = (
        "comments in searches, removed posts, private subreddits, comments folded behind "
        "'more'; commercial use needs Reddit's consent"
    )
    evidence = (
        "read on real responses of 2016-2019 (API) and 2015-2016 (feeds); the login from "
        "documentation"
    )
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 30
    keys = ("token",)
    has_keyless = True
    keys_en = "On reddit.com/prefs/apps make an app of type script; take its id and its secret"
    keys_vi = "Ở reddit.com/prefs/apps, tạo một ứng dụng loại script; lấy id và secret của nó"
    grant = AppLogin(f"{SITE}/api/v1/access_token")
    marks = frozenset({"subreddit", "created_utc", "name"})

    def recognise(self, url: str) -> str | None:
        """Return the words, `r/NAME` or `comments/ID` of an address on Reddit."""
        if not _HOST.fullmatch(host_of(url)):
            return None
        path = unquote(urlsplit(url).path)
        words = asked(url).get("q", "").strip()
        if words and path.rstrip("/").endswith(("search", "search.rss", "search.json")):
            return words
        found = _IN_PATH.match(path)
        if found and found["post"]:
            return f"comments/{found['post']}"
        return f"r/{found['sub']}" if found and found["sub"] else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError when there is nothing to search for."""
        if not target.strip() or target.startswith(("http:", "https:", "u/", "user/")):
            raise ConfigError(
                "is nothing that can be read on Reddit",
                subject=f"reddit:{target}",
                next_step="give words, r/NAME of a subreddit, or the address of a post",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest, from the API when there is a token."""
        place = order.target if _PLACE.fullmatch(order.target) else ""
        if not order.options.get("token"):
            return Ask(url=_feed_address(order.target, place), headers=(ACCEPT,))
        if place.startswith("comments/"):
            url = f"{API}/{place}?sort=new&limit=500"
        elif place:
            url = f"{API}/{place}/new?limit={PER_PAGE}"
        else:
            words = quote(order.target)
            url = f"{API}/r/all/search?q={words}&sort=new&limit={PER_PAGE}&restrict_sr=false"
        return Ask(url=f"{url}&raw_json=1", headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the token; the public feeds are asked without one."""
        token = order.options.get("token")
        if not token or host_of(ask.url) != host_of(API):
            return ask
        return with_header(ask, "Authorization", f"Bearer {token}")

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the posts and comments of a listing, or of a feed."""
        if fetched.body.lstrip().startswith(b"<"):
            return self._read_feed(fetched)
        answer = read_json(fetched, kind=self.kind)
        parts = answer if isinstance(answer, list) else [answer]
        listings = [each.get("data", each) if isinstance(each, dict) else each for each in parts]
        things = [
            thing
            for listing in listings
            for thing in _things(listed(listing, "children", kind=self.kind))
        ]
        items, problems = read_each(things, _read_thing, kind=self.kind)
        after = listings[-1].get("after") if listings else None
        is_whole = not any(isinstance(each, dict) and each.get("kind") == "more" for each in things)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, after=after), headers=(JSON,)) if after else None,
            is_end=after is None and is_whole,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return that the token is not taken (401), else None."""
        if fetched.status != 401:
            return None
        return SourceBlocked(
            "Reddit does not take the token (401): it has ended or was withdrawn",
            subject=self.kind,
            next_step="earful connect reddit",
        )

    def _read_feed(self, fetched: Fetched) -> Page:
        page = read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url)
        return replace(page, source=self.kind, items=tuple(map(_of_feed, page.items)))


def _feed_address(words: str, place: str) -> str:
    if place.startswith("comments/"):
        return f"{SITE}/{place}/.rss?sort=new&limit={PER_PAGE}"
    if place:
        return f"{SITE}/{place}/new/.rss?limit={PER_PAGE}"
    return f"{SITE}/search.rss?q={quote(words)}&sort=new&limit={PER_PAGE}"


def _things(children: list[Any]) -> Iterator[Any]:
    """Yield the things of a listing, each followed by the replies below it."""
    waiting = list(reversed(children))
    while waiting:
        thing = waiting.pop()
        yield thing
        waiting += reversed(_replies(thing))


def _replies(thing: Any) -> list[Any]:
    """Return the things below a comment; `replies` is "" where there are none."""
    for name in ("data", "replies", "data", "children"):
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing if isinstance(thing, list) else []


def _read_thing(thing: Any) -> RawItem | None:
    """Return a post or a comment, None for what only counts folded comments."""
    if thing["kind"] == "more":
        return None
    row = thing["data"]
    if thing["kind"] == "t3":
        return replace(
            _read_both(row),
            title=escape(unescape(row["title"])),
            text=_text(row["selftext"], row.get("selftext_html")),
        )
    if thing["kind"] == "t1":
        return replace(
            _read_both(row),
            text=_text(row["body"], row.get("body_html")),
            feedback_kind=FeedbackKind.COMMENT,
            parent=row["parent_id"],
        )
    raise ValueError(f"{thing['kind']!r} is neither a post nor a comment")


def _read_both(row: Any) -> RawItem:
    edited = row["edited"]  # false, a time, or true for edits of the first years
    place = row.get("permalink") or _place_of(row)
    return RawItem(
        key=row["name"],
        url=f"{SITE}{place}",
        markup=Markup.HTML,
        author=row["author"],
        posted=row["created_utc"],
        edited=None if isinstance(edited, bool) else edited,
        feedback_kind=FeedbackKind.SOCIAL,
        likes=row.get("score"),
    )


def _place_of(row: Any) -> str:
    """Return the path of a thing that came without one: older comments do."""
    post = row.get("link_id", row["name"]).removeprefix("t3_")
    return f"/comments/{post}/" + (f"_/{row['id']}/" if "link_id" in row else "")


def _text(plain: str, html: str | None) -> str | None:
    """Return a text as HTML, None where it was removed."""
    if plain in _GONE:
        return None
    return html or escape(unescape(plain)).replace("\n", "<br>") or None


def _of_feed(item: RawItem) -> RawItem:
    """Return a feed's entry under its fullname, which only the newer feeds send as the id."""
    link = _PERMALINK.search(item.url or item.key or "")
    post, comment = (link[1], link[2]) if link else (None, None)
    named = f"t1_{comment}" if comment else f"t3_{post}" if post else item.key
    key = item.key if item.key and _FULLNAME.fullmatch(item.key) else named
    is_comment = bool(key) and str(key).startswith("t1_")
    return replace(
        item,
        key=key,
        author=(item.author or "").removeprefix("/u/") or None,
        feedback_kind=FeedbackKind.COMMENT if is_comment else FeedbackKind.SOCIAL,
        parent=f"t3_{post}" if is_comment and post else None,
    )


SOURCE = Reddit()
