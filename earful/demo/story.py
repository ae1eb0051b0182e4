"""The plot of the demo, as plain values: who listens where, when, and what must be true at the end.

Since Tuesday 17 November the lid hinges of new 1.8L cookers break and the shop
does not answer; on Friday somebody gets an electric shock, at night a child is
burnt, a shop sells fakes, a restaurant calls for a boycott. All of it is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from earful.demo import catalogue
from earful.demo.catalogue import NOW, PRODUCTS, ZONE
from earful.demo.posts import Post, Truth, all_posts, named
from ingest.brand import Brand
from ingest.mention import FeedbackKind

__all__ = [
    "ANSWERED",
    "BRAND",
    "EXPECTED_FILE_MENTIONS",
    "EXPECTED_FILE_URGENT",
    "EXPECTED_STAFF",
    "FILES",
    "FORBIDDEN",
    "HISTORY_NOW",
    "NEVER_HEARD",
    "NOW",
    "STILL_OPEN",
    "WATCHES",
    "Answered",
    "FileDrop",
    "WatchOrder",
    "expected",
    "heard",
]


def _local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 in Vietnam, as aware UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


HISTORY_NOW = (_local(19, 18), _local(20, 17), _local(20, 23, 45))
"""When earlier visits took place; the last visit is at `NOW`."""

BRAND = Brand(
    name="Lúa Mây",
    queries=(
        '"Lúa Mây" AND NOT ("ruộng lúa mây" OR "lúa mây tre" OR "lua may be")',
        "luamay",
    ),
    zone="Asia/Ho_Chi_Minh",
    language="en",
    own_authors=("luamay", "Lúa Mây", "Lúa Mây Chính Hãng"),
    own_hosts=(catalogue.BRAND_SITE,),
    recipients=("doi-cham-soc@luamay.example",),
)
"""Rice fields in the clouds, rattan and a programming language are not about the brand."""


class WatchOrder(NamedTuple):
    """A watch to add: a source's kind, what to read there, and its options."""

    kind: str
    target: str
    options: dict[str, str]


_PEOPLE = {"feedback_kind": FeedbackKind.SOCIAL.value}
"""A feed of people's own posts: they are judged as customers, not as news."""

WATCHES = (
    WatchOrder("tiki", str(PRODUCTS["noi18"].shop_id), {}),
    WatchOrder("tiki", str(PRODUCTS["xay"].shop_id), {}),
    WatchOrder("appstore", f"vn/{catalogue.APP_ID}", {}),
    WatchOrder("appstore", f"us/{catalogue.APP_ID}", {}),
    WatchOrder("page", catalogue.BRAND_PAGE, {}),
    WatchOrder("page", catalogue.FORUM_CORNER, {}),
    WatchOrder("feed", catalogue.FORUM_RSS, _PEOPLE),
    WatchOrder("feed", catalogue.FORUM_PRIVATE_RSS, {}),
    WatchOrder("feed", catalogue.NEWS_RSS, {}),
    WatchOrder("feed", catalogue.BLOG_ATOM, _PEOPLE),
    WatchOrder("feed", catalogue.PODCAST_FEED, {}),
    WatchOrder("feed", catalogue.BREAKING_RSS, {}),
    WatchOrder("hackernews", "lua may", {}),
    WatchOrder("mastodon", f"{catalogue.SOCIAL}/luamay", {}),
)
FORBIDDEN = catalogue.FORUM_PRIVATE_RSS
"""The watch that robots.txt forbids: its address must never be asked for."""


class FileDrop(NamedTuple):
    """A file in the drop folder: how it is to be read, how often one is due, when it came.

    `kind` is None for behaviour figures, which are no mentions.
    """

    name: str
    kind: FeedbackKind | None
    every_days: int
    arrives_at: datetime


FILES = (
    FileDrop("tiktok-shop.csv", FeedbackKind.REVIEW, 1, _local(16, 9)),
    FileDrop("shopee-reviews.csv", FeedbackKind.REVIEW, 1, _local(20, 18)),
    FileDrop("survey.csv", FeedbackKind.SURVEY, 7, _local(20, 18)),
    FileDrop("stars.xlsx", FeedbackKind.STARS, 7, _local(20, 18)),
    FileDrop("support.txt", FeedbackKind.CONVERSATION, 7, _local(20, 18)),
    FileDrop("inapp.jsonl", FeedbackKind.IN_APP, 7, _local(20, 18)),
    FileDrop("interview.txt", FeedbackKind.INTERVIEW, 30, _local(20, 18)),
    FileDrop("tracker.csv", FeedbackKind.TICKET, 7, _local(20, 18)),
    FileDrop("social.csv", FeedbackKind.SOCIAL, 1, _local(20, 18)),
    FileDrop("figures.csv", None, 7, _local(21, 7)),
)

NEVER_HEARD = named("hidden-by-break")
"""Posted after its site began to answer with a challenge page: no visit can see it."""

EXPECTED_STAFF = ("five-star-defect",)
"""Reviews with an answer of the shop: a mention of its own, spoken by staff, never flagged."""

STILL_OPEN = ("shock", "hinge-seen", "cross-forum", "headline", "app-sync-friday")
"""Posts seen on Friday afternoon that nobody has answered when the digest is written."""

_ANSWERED_ROWS = (
    "SP-90116", "SP-90117", "SP-90118", "SP-90119", "SP-90122",
    "fb-61008", "fb-61009", "ig-61010", "fb-61011",
)  # fmt: skip


class Answered(NamedTuple):
    """A mention's key and when the brand's team answered it."""

    key: str
    at: datetime


def expected(*truths: Truth) -> tuple[Post, ...]:
    """Return the posts that the sources can have heard by `NOW` and that are truly `truths`."""
    return tuple(post for post in heard() if post.truth in truths)


def heard() -> tuple[Post, ...]:
    """Return every post about the brand that the visits up to `NOW` can see."""
    return tuple(
        post
        for post in all_posts()
        if post.truth != Truth.ELSEWHERE and post.at < NOW and post != NEVER_HEARD
    )


def _answered() -> Iterator[Answered]:
    """Yield who was answered: Thursday's cases that evening, Friday's in turn, two too late."""
    first, second, _ = HISTORY_NOW
    asked = expected(Truth.URGENT, Truth.HIGH, Truth.FLAG)
    young = first - timedelta(days=BRAND.old_after_days)
    fresh = [post for post in asked if post.at >= young]
    thursday = [post for post in fresh if post.at < first]
    friday = [post for post in fresh if first <= post.at < second and post.name not in STILL_OPEN]
    for number, post in enumerate(thursday):
        yield Answered(post.mention_key, first + timedelta(minutes=8 + 5 * number))
    for number, post in enumerate(friday):
        is_late = number in (3, 11)
        minutes = 285 if is_late else 12 + 9 * number
        yield Answered(post.mention_key, second + timedelta(minutes=minutes))
    for number, key in enumerate(_ANSWERED_ROWS):
        yield Answered(key, _local(20, 19) + timedelta(minutes=15 * number))


ANSWERED = tuple(_answered())

EXPECTED_FILE_MENTIONS = {
    "tiktok-shop.csv": 8,
    "shopee-reviews.csv": 29,  # 26 reviews, 3 of them with an answer of the shop
    "survey.csv": 26,
    "stars.xlsx": 36,
    "support.txt": 14,
    "inapp.jsonl": 12,
    "interview.txt": 10,
    "tracker.csv": 9,
    "social.csv": 16,
    "figures.csv": 0,
}
"""How many mentions each file holds, staff and interviewers included, counted by hand."""

EXPECTED_FILE_URGENT = ("fb-61012",)
"""Rows of files that must be flagged urgent: a complaint that names the court."""
