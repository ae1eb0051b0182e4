"""Comments under YouTube videos (with a key), and a channel's newest videos (without one)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_header, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.google import Google
from crawlers.spiders.feed import ACCEPT
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceDown, SourceError
from ingest.feeds import read_feed
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://www.googleapis.com/youtube/v3"
FEED = "https://www.youtube.com/feeds/videos.xml"
PER_PAGE = 100
_VIDEO = r"[\w-]{11}"
_CHANNEL = r"UC[\w-]{22}"
_TARGET = re.compile(rf"video/{_VIDEO}|(?:channel|comments)/{_CHANNEL}|replies/[\w-]+")
_IN_PATH = re.compile(rf"/(?:shorts|embed|live|v)/({_VIDEO})|/channel/({_CHANNEL})")
_ID = re.compile(rb"<yt:videoId>([\w-]+)<")
_VIEWS = re.compile(rb"<media:statistics views=\"(\d+)\"")
_LIKES = re.compile(rb"<media:starRating count=\"(\d+)\"")
_REASONS = {
    "commentsDisabled": "comments are switched off under this video",
    "videoNotFound": "there is no such video, or it is private",
    "channelNotFound": "there is no such channel",
    "keyInvalid": "the key is not a valid one",
    "badRequest": "the key is not a valid one, or the request is wrong",
    "accessNotConfigured": "the YouTube Data API is not switched on for this key",
    "quotaExceeded": "the key's units of today are used up",
    "dailyLimitExceeded": "the key's units of today are used up",
    "rateLimitExceeded": "the key asked too often",
    "forbidden": "the key may not read this",
}
_SPENT = {"quotaExceeded", "dailyLimitExceeded"}


class YouTube(Source):
    """Comments with their replies, or videos; the target is `video/ID`, `comments/CHANNEL`
    (under all its videos), `replies/COMMENT` or `channel/CHANNEL` (its newest videos).

    Threads are `{items: [{snippet: {topLevelComment}, replies: {comments}}], nextPageToken}`.
    """

    kind = "youtube"
    name_en = "YouTube"
    name_vi = "YouTube"
    access = Access.KEY
    covers = "comments and up to five replies of each thread; a channel's 15 newest videos"
    does_not_cover = (
        "replies after the fifth (add replies/COMMENT), held comments, what is said in a video"
    )
    evidence = (
        "read on real responses of 2017 (feed) and 2019-2021 (API); the login from documentation"
    )
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 60
    matches_by_construction = True
    keys = ("key", "token")
    grant = Google("youtube.force-ssl", is_second=True)
    keys_en = (
        "On console.cloud.google.com switch on the YouTube Data API v3, then make an API key "
        "under Credentials"
    )
    keys_vi = (
        "Ở console.cloud.google.com, bật YouTube Data API v3, rồi tạo một API key trong mục "
        "Credentials"
    )
    marks = frozenset({"textDisplay", "authorDisplayName"})

    def recognise(self, url: str) -> str | None:
        """Return `video/ID` or `channel/CHANNEL` of an address on YouTube."""
        host = host_of(url).removeprefix("www.").removeprefix("m.")
        if host not in ("youtube.com", "youtu.be"):
            return None
        path, query = urlsplit(url).path, asked(url)
        short = path.strip("/") if host == "youtu.be" else ""
        video = query.get("v", "") if path == "/watch" else short
        if re.fullmatch(_VIDEO, video):
            return f"video/{video}"
        if re.fullmatch(_CHANNEL, query.get("channel_id", "")):
            return f"channel/{query['channel_id']}"
        found = _IN_PATH.match(path)
        if found:
            return f"video/{found[1]}" if found[1] else f"channel/{found[2]}"
        return path.strip("/") if path.startswith("/@") else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` names a video, channel or comment by its id."""
        if not _TARGET.fullmatch(target):
            raise ConfigError(
                "names no video or channel by its id",
                subject=f"youtube:{target}",
                next_step="give a video's address, or channel/UC… "
                "(on the channel's page: About, Share, Copy channel ID)",
            )

    def takes_keys(self, target: str) -> bool:
        """Return False for a channel's newest videos, which a public feed tells."""
        return not target.startswith("channel/")

    def first(self, order: Order) -> Ask:
        """Return the request for the newest comments or videos."""
        what, _, number = order.target.partition("/")
        if what == "channel":
            return Ask(url=f"{FEED}?channel_id={quote(number)}", headers=(ACCEPT,))
        name = {"video": "videoId", "comments": "allThreadsRelatedToChannelId"}.get(what)
        form = f"maxResults={PER_PAGE}&textFormat=plainText"
        if name is None:
            url = f"{API}/comments?part=snippet&parentId={quote(number)}&{form}"
        else:
            parts = "part=snippet%2Creplies&order=time"
            url = f"{API}/commentThreads?{parts}&{name}={quote(number)}&{form}"
        return Ask(url=url, headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the key, or a login's token, in a header; channel feeds need none."""
        token = "" if order.options.get("key") else order.options.get("token")
        if not ask.url.startswith(API):
            return ask
        if token:
            return with_header(ask, "Authorization", f"Bearer {token}")
        return with_header(ask, "X-Goog-Api-Key", secret(order, "key"))

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return a page of comments, or a channel's newest videos."""
        if fetched.body.lstrip().startswith(b"<"):
            return self._read_feed(fetched)
        answer = read_json(fetched, kind=self.kind)
        fault = _fault(answer, fetched)
        if fault:
            raise fault
        rows = [row for item in listed(answer, "items", kind=self.kind) for row in _rows(item)]
        markup = Markup.PLAIN if _is_plain(fetched.url) else Markup.HTML
        items, problems = read_each(rows, lambda row: _read_comment(row, markup), kind=self.kind)
        following = answer.get("nextPageToken")
        url = with_query(fetched.url, pageToken=following, key=None)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=url, headers=(JSON,)) if following else None,
            is_end=not following,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says; a channel feed's 404 is a passing fault."""
        if fetched.url.startswith(FEED):
            if fetched.status not in (404, 500):
                return None
            words = f"the feed answered {fetched.status}, as YouTube's feeds do at times"
            return SourceDown(words, subject=self.kind, next_step="nothing: it is asked again")
        try:
            return _fault(json.loads(fetched.body), fetched)
        except ValueError:
            return None

    def _read_feed(self, fetched: Fetched) -> Page:
        page = read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url)
        counts = _counts(fetched.body)
        items = tuple(_video(each, counts) for each in page.items)
        return replace(page, source=self.kind, items=items)


def _fault(answer: Any, fetched: Fetched) -> SourceError | None:
    """Return what an error answer means, None for any other answer."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return None
    causes = [each for each in error.get("errors") or () if isinstance(each, dict)]
    reason = str(causes[0].get("reason") if causes else error.get("status") or "")
    said = re.sub(r"<[^>]*>", "", str(error.get("message") or ""))[:200]
    words = f"{_REASONS.get(reason, said)} ({error.get('code')} {reason})".strip()
    if reason not in _REASONS and error.get("code") not in (400, 401, 403, 429):
        return SourceChanged(f"YouTube answers with an error: {words}", subject="youtube")
    retry_at = _next_pacific_day(fetched.fetched_at) if reason in _SPENT else None
    step = "earful connect youtube" if "key" in words else ""
    return SourceBlocked(words, subject="youtube", next_step=step, retry_at=retry_at)


def _next_pacific_day(now: datetime) -> datetime:
    """Return when a key's units are given anew: midnight in California."""
    local = now.astimezone(ZoneInfo("America/Los_Angeles"))
    day = (local + timedelta(days=1)).date()
    return datetime.combine(day, time(), local.tzinfo).astimezone(now.tzinfo)


def _is_plain(url: str) -> bool:
    return asked(url).get("textFormat") == "plainText"


def _rows(item: Any) -> list[Any]:
    """Return the comments of a thread, first the one that began it; or the comment itself."""
    if not isinstance(item, dict) or "topLevelComment" not in item.get("snippet", {}):
        return [item]
    replies = (item.get("replies") or {}).get("comments") or ()
    return [item["snippet"]["topLevelComment"], *replies]


def _read_comment(row: Any, markup: Markup) -> RawItem:
    said = row["snippet"]
    own = said.get("textOriginal")  # only the writer and the video's owner get it
    video, edited = said.get("videoId"), said["updatedAt"]
    place = f"https://www.youtube.com/watch?v={video}&lc={row['id']}" if video else None
    return RawItem(
        key=row["id"],
        url=place,
        text=own if own is not None else said["textDisplay"],
        markup=Markup.PLAIN if own is not None else markup,
        author=said.get("authorDisplayName"),
        posted=said["publishedAt"],
        edited=edited if edited != said["publishedAt"] else None,
        feedback_kind=FeedbackKind.COMMENT,
        likes=said.get("likeCount"),
        parent=said.get("parentId") or video,
    )


def _counts(body: bytes) -> dict[str, tuple[int | None, int | None]]:
    """Return the views and likes of each video in a channel's feed."""
    counts = {}
    for entry in body.split(b"<entry")[1:]:
        video, views, likes = (form.search(entry) for form in (_ID, _VIEWS, _LIKES))
        if video:
            counts[video[1].decode()] = (_number(views), _number(likes))
    return counts


def _number(found: re.Match[bytes] | None) -> int | None:
    return int(found[1]) if found else None


def _video(item: RawItem, counts: dict[str, tuple[int | None, int | None]]) -> RawItem:
    """Return a feed's entry under its video's id, with its views as the reach."""
    key = (item.key or "").removeprefix("yt:video:")
    views, likes = counts.get(key, (None, None))
    return replace(
        item,
        key=key or None,
        edited=None,  # changes with every new count
        feedback_kind=FeedbackKind.SOCIAL,
        reach=views,
        likes=likes,
    )


SOURCE = YouTube()
