"""Posts and comments on a Lemmy server, by its public search."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_query
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

PER_PAGE = 50
_TARGET = re.compile(r"[a-z0-9.:-]+/\S.*")
_SERVER = re.compile(
    r"(^|\.)lemmy\.|^lemm\.ee$|^sh\.itjust\.works$|^beehaw\.org$|^programming\.dev$"
)
_NEW = "type_=All&sort=New&listing_type=All"


class Lemmy(Source):
    """What one server finds, newest first; the target is `server/words` or `server/c/COMMUNITY`.

    An answer is `{posts: [{post, creator, counts}], comments: [{comment, post, creator, counts}]}`;
    `ap_id` is a post's address on the server it was written on, the same on all of them.
    """

    kind = "lemmy"
    name_en = "Lemmy"
    name_vi = "Lemmy"
    access = Access.ON
    covers = "public posts and comments that the asked server knows of"
    does_not_cover = "servers it does not know, removed posts"
    evidence = "built from documentation, experimental: only trimmed responses were at hand"
    expect = Expect(min_items=0, filled=("author", "posted"))
    default_every_min = 60
    marks = frozenset({"ap_id", "creator", "counts"})

    def recognise(self, url: str) -> str | None:
        """Return `server/words` or `server/c/COMMUNITY` of an address on a known server."""
        host = host_of(url)
        if not _SERVER.search(host):
            return None
        words, path = asked(url).get("q", "").strip(), unquote(urlsplit(url).path)
        place = re.match(r"/c/([\w@.]+)", path)
        if place:
            return f"{host}/c/{place[1]}"
        return f"{host}/{words}" if words and path.rstrip("/") == "/search" else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a server and what to look for."""
        if not _TARGET.fullmatch(target):
            raise ConfigError(
                "names no server and words",
                subject=f"lemmy:{target}",
                next_step="give server/words or server/c/COMMUNITY, such as lemmy.world/luamay",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts and comments."""
        host, _, words = order.target.partition("/")
        place = re.fullmatch(r"c/([\w@.]+)", words)
        what = f"post/list?community_name={place[1]}" if place else f"search?q={quote(words)}"
        url = f"https://{host}/api/v3/{what}&{_NEW}&limit={PER_PAGE}&page=1"
        return Ask(url=url, headers=(JSON,))

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts and comments."""
        answer = read_json(fetched, kind=self.kind)
        posts = listed(answer, "posts", kind=self.kind)
        comments = answer.get("comments") or []
        rows: list[tuple[Callable[[Any], RawItem | None], Any]] = [
            *((_read_post, each) for each in posts),
            *((_read_comment, each) for each in comments),
        ]
        items, problems = read_each(rows, lambda row: row[0](row[1]), kind=self.kind)
        page = int(asked(fetched.url).get("page", "1")) + 1
        url = with_query(fetched.url, page=page)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=url, headers=(JSON,)) if rows else None,
            is_end=not rows,
            problems=problems,
        )


def _read_post(row: Any) -> RawItem | None:
    """Return a post, None for one that was taken away."""
    post = row["post"]
    if post.get("deleted") or post.get("removed"):
        return None
    return RawItem(
        key=post["ap_id"],
        url=post["ap_id"],
        title=post["name"],
        text=post.get("body"),
        author=row["creator"]["name"],
        posted=post["published"],
        edited=post.get("updated"),
        feedback_kind=FeedbackKind.SOCIAL,
        likes=row["counts"].get("score"),
    )


def _read_comment(row: Any) -> RawItem | None:
    """Return a comment below its post, None for one that was taken away."""
    comment = row["comment"]
    if comment.get("deleted") or comment.get("removed"):
        return None
    return RawItem(
        key=comment["ap_id"],
        url=comment["ap_id"],
        text=comment["content"],
        author=row["creator"]["name"],
        posted=comment["published"],
        edited=comment.get("updated"),
        feedback_kind=FeedbackKind.COMMENT,
        likes=row["counts"].get("score"),
        parent=row["post"]["ap_id"],
    )


SOURCE = Lemmy()
