"""A Facebook page's posts with their comments, and its recommendations, by the Graph API."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from crawlers.graph import VERSION, fault_of, following, has_more, refusal_of, scrubbed, signed
from crawlers.meta_login import FacebookLogin
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, RawItem, Scale, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = f"https://graph.facebook.com/{VERSION}"
RECOMMENDED = {"positive": 1, "negative": 0}
_COMMENT = "id,message,created_time,permalink_url,from,like_count,parent{id}"
_POST = (
    "id,message,created_time,permalink_url,from,reactions.summary(true).limit(0),"
    f"comments.filter(stream).limit(100){{{_COMMENT}}}"
)
_FIELDS = {
    "feed": _POST,
    "comments": _COMMENT,
    "ratings": "created_time,recommendation_type,review_text,reviewer,open_graph_story{id}",
}
_TARGET = re.compile(r"[\w.-]+(?:/(?:feed|comments|ratings))?")
_POST_ID = re.compile(r"\d+_\d+")
_NOT_PAGES = re.compile(
    r"(?:events|explore|gaming|groups|hashtag|help|login|marketplace|people|photo|pages|reel"
    r"|search|share|sharer|stories|story\.php|watch)(?:/|$)"
)


class Facebook(Source):
    """What a page's owner may read; the target is `PAGE` (a name or number), `PAGE/ratings`
    or `POST/comments`.

    Answers are `{data: [...], paging: {next}}`, newest first; times are `+0000`.
    Ratings recommend or not, without stars: 1 or 0 on the scale 0-1.
    """

    kind = "facebook"
    name_en = "Facebook"
    name_vi = "Facebook"
    access = Access.KEY
    covers = "posts on your page with up to 100 comments each, and its recommendations"
    does_not_cover = (
        "groups, profiles and other people's pages; posts without words; the 101st comment of a "
        "post, and new ones below posts older than the newest 50 (add POST/comments)"
    )
    evidence = "read on real responses of 2021-2024; ratings and login from documentation"
    expect = Expect(min_items=0, filled=("posted",))
    default_every_min = 30
    matches_by_construction = True
    keys = ("token",)
    keys_en = (
        "On developers.facebook.com make an app of type Business; its id and secret stand "
        "under App settings, Basic"
    )
    keys_vi = (
        "Ở developers.facebook.com, tạo một ứng dụng loại Business; id và secret của nó ở App "
        "settings, Basic"
    )
    grant = FacebookLogin()
    marks = frozenset({"created_time", "permalink_url", "message"})

    def recognise(self, url: str) -> str | None:
        """Return the page or post that an address on facebook.com names."""
        if not re.fullmatch(r"((www|m|web|vi-vn|en-gb)\.)?(facebook|fb)\.com", host_of(url)):
            return None
        query = {name: each[0] for name, each in parse_qs(urlsplit(url).query).items()}
        first, *rest = unquote(urlsplit(url).path).strip("/").split("/")
        if first in ("permalink.php", "story.php") and {"id", "story_fbid"} <= query.keys():
            return f"{query['id']}_{query['story_fbid']}/comments"
        if first == "profile.php" and "id" in query:
            return query["id"]
        if first.isdecimal() and len(rest) > 1 and rest[0] == "posts" and rest[1].isdecimal():
            return f"{first}_{rest[1]}/comments"
        return "/".join((first, *rest)) if _NOT_PAGES.match(first) else first or None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a page, its ratings or a post's comments."""
        if not _TARGET.fullmatch(target) or _NOT_PAGES.match(target):
            raise ConfigError(
                "is no page that the Graph API can read",
                subject=f"facebook:{target}",
                next_step="give your own page's name or number; groups and profiles "
                "cannot be read by any program: import what you have as a file",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts, comments or ratings."""
        place, _, what = order.target.partition("/")
        what = what or "feed"
        only = "&filter=stream&order=reverse_chronological" if what == "comments" else ""
        url = f"{API}/{place}/{what}?fields={_FIELDS[what]}&limit=50{only}"
        return Ask(url=url.replace("{", "%7B").replace("}", "%7D"), headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the page's token."""
        return signed(ask, order)

    def account(self, target: str) -> str:
        """Return the page, also of one of its posts."""
        return target.partition("/")[0].partition("_")[0]

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the posts, each followed by its comments, or the comments or ratings."""
        answer = read_json(fetched, kind=self.kind)
        fault = fault_of(answer, fetched, kind=self.kind)
        if fault:
            raise fault
        is_by_id = isinstance(answer, dict) and answer and all(map(_POST_ID.fullmatch, answer))
        posts = list(answer.values()) if is_by_id else listed(answer, "data", kind=self.kind)
        rows = [part for post in posts for part in (post, *_comments(post))]
        place = urlsplit(fetched.url).path.rstrip("/").split("/")[-2:]
        post_id = place[0] if place[-1] == "comments" else None
        items, problems = read_each(rows, lambda row: _read(row, post_id), kind=self.kind)
        more = has_more(answer)
        return Page(
            source=self.kind,
            items=items,
            next=following(answer, fetched),
            is_end=not more,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says."""
        return refusal_of(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without the token that its paging addresses carry."""
        return scrubbed(fetched)


def _comments(post: Any) -> list[Any]:
    """Return the comments that came with a post, each told whose they are."""
    if not isinstance(post, dict) or not isinstance(post.get("comments"), dict):
        return []
    return [{**each, "of_post": post["id"]} for each in post["comments"].get("data") or ()]


def _read(row: Any, post_id: str | None) -> RawItem | None:
    if "recommendation_type" in row or "review_text" in row:
        return _read_rating(row)
    place = row.get("permalink_url") or ""
    if "of_post" in row or post_id or "comment_id=" in place:
        return _read_comment(row, row.get("of_post") or post_id)
    return _read_post(row)


def _read_post(row: Any) -> RawItem:
    """Return a post; one without words is left out later, with that reason."""
    page = row["id"].partition("_")[0]
    return RawItem(
        key=row["id"],
        url=row.get("permalink_url"),
        text=row.get("message"),
        author=(row.get("from") or {}).get("name"),
        posted=row["created_time"],
        feedback_kind=FeedbackKind.SOCIAL,
        speaker=_speaker(row, page),
        likes=_total(row.get("reactions")),
    )


def _read_comment(row: Any, post: str | None) -> RawItem:
    """Return a comment; where no id was sent its address names it: post and comment."""
    named = _named(row.get("permalink_url") or "")
    if named:
        page, number, comment, above = named
        key, post = f"{number}_{comment}", post or f"{page}_{number}"
        parent = f"{number}_{above}" if above else post
    else:
        key = _comment_key(row["id"])
        parent = _comment_key(row["parent"]["id"]) if row.get("parent") else post or ""
    return RawItem(
        key=key,
        url=row.get("permalink_url"),
        text=row.get("message"),
        author=(row.get("from") or {}).get("name"),
        posted=row["created_time"],
        feedback_kind=FeedbackKind.COMMENT,
        speaker=_speaker(row, (post or "").partition("_")[0]),
        likes=row.get("like_count", row.get("likes")),
        parent=parent or None,
    )


def _read_rating(row: Any) -> RawItem:
    story = row.get("open_graph_story") or {}
    told = row.get("recommendation_type")
    stars = row.get("rating") if told is None else RECOMMENDED[told]
    return RawItem(
        key=story.get("id"),
        text=row.get("review_text"),
        author=(row.get("reviewer") or {}).get("name"),
        posted=row["created_time"],
        stars=stars,
        scale=None if told is None else Scale(0, 1),
        feedback_kind=FeedbackKind.REVIEW,
    )


def _comment_key(number: str) -> str:
    """Return `POST_COMMENT` of an id that may begin with the page's number."""
    return "_".join(number.split("_")[-2:])


def _named(permalink: str) -> tuple[str, str, str, str] | None:
    """Return (page, post, comment, comment above or "") of a comment's address, else None."""
    found = re.search(r"/([^/]+)/posts/(\d+)", permalink)
    query = {name: each[0] for name, each in parse_qs(urlsplit(permalink).query).items()}
    if not found or "comment_id" not in query:
        return None
    reply = query.get("reply_comment_id")
    above = query["comment_id"] if reply else ""
    return found[1], found[2], reply or query["comment_id"], above


def _speaker(row: Any, page: str) -> Speaker:
    """Return staff for what the page itself says: its number is the writer's."""
    writer = str((row.get("from") or {}).get("id") or "")
    return Speaker.STAFF if writer and writer == page else Speaker.CUSTOMER


def _total(summed: Any) -> int | None:
    return summed["summary"]["total_count"] if isinstance(summed, dict) else None


SOURCE = Facebook()
