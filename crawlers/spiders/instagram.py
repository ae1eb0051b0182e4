"""Instagram posts with a tag, posts that tag the account, and comments, by the Graph API."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape
from crawlers.base import Access, Expect, Source, host_of
from crawlers.graph import VERSION, fault_of, following, has_more, refusal_of, scrubbed, signed
from crawlers.meta_login import InstagramLogin
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = f"https://graph.facebook.com/{VERSION}"
_COMMENT = "id,text,timestamp,username,like_count,parent_id"
_SHORT = "id,caption,permalink,timestamp,like_count,comments_count,media_type"
_MEDIA = f"{_SHORT},username,comments{{{_COMMENT},replies{{{_COMMENT}}}}}"
_FIELDS = {
    "media": _MEDIA,
    "tags": f"{_SHORT},username",
    "comments": f"{_COMMENT},replies{{{_COMMENT}}}",
}
_TARGET = re.compile(r"\d+/(?:media|tags|comments|hashtag/\w+)")


class Instagram(Source):
    """What an account's owner may read; the target is `ACCOUNT/hashtag/TAG`, `ACCOUNT/tags`
    (posts that tag the account), `ACCOUNT/media` (its own posts with comments) or
    `MEDIA/comments`; ACCOUNT and MEDIA are numbers.

    Answers are `{data: [media or comment], paging: {next}}`. Posts found by a tag name no author.
    """

    kind = "instagram"
    name_en = "Instagram"
    name_vi = "Instagram"
    access = Access.KEY
    covers = (
        "posts with a tag of the last 24 hours, posts that tag the account, comments and replies "
        "on its own posts"
    )
    does_not_cover = (
        "stories, private accounts, words without a tag, pictures without a caption, new comments "
        "below posts older than the newest 50 (add MEDIA/comments); at most 30 tags in 7 days"
    )
    evidence = "read on real responses of 2020-2021; the login from documentation"
    expect = Expect(min_items=0, filled=("key",))
    default_every_min = 60
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
    grant = InstagramLogin()
    marks = frozenset({"media_type", "caption", "comments_count"})

    def recognise(self, url: str) -> str | None:
        """Return the tag or the name that an address on instagram.com is about."""
        if host_of(url).removeprefix("www.") != "instagram.com":
            return None
        path = unquote(urlsplit(url).path).strip("/")
        tag = re.match(r"explore/tags/(\w+)", path)
        return f"hashtag/{tag[1].lower()}" if tag else path or None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` begins with an account's or a post's number."""
        if not _TARGET.fullmatch(target):
            tag = target if target.startswith("hashtag/") else "media"
            raise ConfigError(
                "says not which business account may read it",
                subject=f"instagram:{target}",
                next_step=f"put your account's number before it: instagram:17841…/{tag} "
                "(or /tags, /hashtag/NAME)",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest; a tag is first asked for its number."""
        place, _, what = order.target.partition("/")
        if what.startswith("hashtag/"):
            tag = quote(what.removeprefix("hashtag/"))
            return Ask(url=f"{API}/ig_hashtag_search?user_id={place}&q={tag}", headers=(JSON,))
        return _ask(f"{API}/{place}/{what}?fields={_FIELDS[what]}&limit=50")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the account's token."""
        return signed(ask, order)

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return posts or comments, each followed by what came below it."""
        answer = read_json(fetched, kind=self.kind)
        fault = fault_of(answer, fetched, kind=self.kind)
        if fault:
            raise fault
        if urlsplit(fetched.url).path.endswith("/ig_hashtag_search"):
            return self._tag_found(answer, fetched)
        rows = [row for each in self._listed(answer) for row in _parts(each, "")]
        items, problems = read_each(rows, _read, kind=self.kind)
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

    def _listed(self, answer: Any) -> list[Any]:
        """Return the list of an answer, or the one post or comment that a mention names."""
        for name in ("mentioned_media", "mentioned_comment"):
            if isinstance(answer, dict) and isinstance(answer.get(name), dict):
                return [answer[name]]
        return listed(answer, "data", kind=self.kind)

    def _tag_found(self, answer: Any, fetched: Fetched) -> Page:
        """Return an empty page that leads to the tag's newest posts."""
        found = listed(answer, "data", kind=self.kind)
        if not found:
            return Page(source=self.kind, is_end=True, total=0)
        account = asked(fetched.url).get("user_id", "")
        place = f"{API}/{found[0]['id']}/recent_media"
        return Page(
            source=self.kind, next=_ask(f"{place}?user_id={account}&fields={_SHORT}&limit=50")
        )


def _ask(url: str) -> Ask:
    return Ask(url=url.replace("{", "%7B").replace("}", "%7D"), headers=(JSON,))


def _parts(row: Any, above: str) -> list[tuple[Any, str]]:
    """Return (row, id of what it is below) for a row and everything nested in it."""
    parts = [(row, above)]
    for name in ("comments", "replies"):
        nested = row.get(name) if isinstance(row, dict) else None
        for each in (nested.get("data") or ()) if isinstance(nested, dict) else ():
            parts += _parts(each, str(row.get("id") or ""))
    return parts


def _read(part: tuple[Any, str]) -> RawItem:
    row, above = part
    return _read_comment(row, above) if "text" in row else _read_media(row)


def _read_media(row: Any) -> RawItem:
    """Return a post; one without a caption is left out later, with that reason."""
    return RawItem(
        key=row["id"],
        url=row.get("permalink"),
        text=row.get("caption"),
        author=row.get("username"),
        posted=row.get("timestamp"),
        feedback_kind=FeedbackKind.SOCIAL,
        likes=row.get("like_count"),
    )


def _read_comment(row: Any, above: str) -> RawItem:
    return RawItem(
        key=row["id"],
        text=row["text"],
        author=row.get("username") or (row.get("from") or {}).get("username"),
        posted=row["timestamp"],
        feedback_kind=FeedbackKind.COMMENT,
        likes=row.get("like_count"),
        parent=row.get("parent_id") or above or None,
    )


SOURCE = Instagram()
