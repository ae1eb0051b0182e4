"""Players' reviews on Steam, by the store's public review answers, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from crawlers.answers import listed, read_json, read_many
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceChanged
from ingest.mention import FeedbackKind, Markup, RawItem, Scale, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://store.steampowered.com/appreviews"
PER_PAGE = 100
THUMBS = Scale(0, 1)
MOST_VOTES = 1_000_000_000  # the store has sent 4294967295 where it meant none
LANGUAGES = {
    "english": "en", "vietnamese": "vi", "schinese": "zh", "tchinese": "zh", "japanese": "ja",
    "koreana": "ko", "thai": "th", "indonesian": "id", "french": "fr", "german": "de",
    "spanish": "es", "latam": "es", "portuguese": "pt", "brazilian": "pt", "italian": "it",
    "russian": "ru", "ukrainian": "uk", "polish": "pl", "turkish": "tr", "dutch": "nl",
    "czech": "cs", "hungarian": "hu", "romanian": "ro", "swedish": "sv", "norwegian": "no",
    "danish": "da", "finnish": "fi", "greek": "el", "bulgarian": "bg", "arabic": "ar",
}  # fmt: skip


class Steam(Source):
    """The reviews of one game in all languages; the target is the game's number.

    An answer is `{success: 1, query_summary, reviews: [review], cursor}`. A
    thumb is the rating, 0 or 1. The last cursor comes again. Review "bombs",
    which the store leaves out by default, are asked for as well.
    """

    kind = "steam"
    name_en = "Steam"
    name_vi = "Steam"
    access = Access.ON
    covers = "all public reviews of a game, its thumbs, and the developer's answers"
    does_not_cover = "comments under reviews, discussions; edits of reviews older than a visit's"
    evidence = (
        "reviews read on a real response of 2018-2019 (kept by number); "
        "paging and developers' answers from documentation"
    )
    expect = Expect(min_items=1, filled=("stars", "posted"))
    default_every_min = 360
    matches_by_construction = True
    marks = frozenset({"recommendationid", "voted_up"})

    def recognise(self, url: str) -> str | None:
        """Return the game's number of a store or community page."""
        if host_of(url) not in ("store.steampowered.com", "steamcommunity.com"):
            return None
        named = re.match(r"https?://[^/]+/(?:app|appreviews)/(\d+)(?:[/?#]|$)", url)
        return named[1] if named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a game's number."""
        if not re.fullmatch(r"[0-9]+", target):
            raise ConfigError(
                "is not a game's number",
                subject=f"steam:{target}",
                next_step="give the game's store page, or the digits behind /app/ in its address",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews."""
        query = {
            "json": 1,
            "filter": "recent",
            "language": "all",
            "purchase_type": "all",
            "filter_offtopic_activity": 0,
            "num_per_page": PER_PAGE,
            "cursor": "*",
        }
        return Ask(url=f"{API}/{order.target}?{urlencode(query)}")

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the developer's answer."""
        answer = read_json(fetched, kind=self.kind)
        rows = _rows(answer)
        app = self.recognise(fetched.url) or ""
        items, problems = read_many(rows, lambda row: _read(row, app), kind=self.kind)
        cursor, asked = answer.get("cursor"), asked_for(fetched.url, "cursor")
        goes_on = bool(rows and cursor) and cursor != asked
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, cursor=cursor)) if goes_on else None,
            is_end="cursor" in answer and not goes_on,
            total=(answer.get("query_summary") or {}).get("total_reviews"),
            problems=problems,
        )


def _rows(answer: Any) -> list[Any]:
    """Return the reviews, also of answers that were kept by number; SourceChanged without."""
    if isinstance(answer, dict) and answer.get("success", 1) != 1:
        raise SourceChanged("the store knows no such game, or is out of order", subject="steam")
    if isinstance(answer, dict) and isinstance(answer.get("reviews"), dict):
        return list(answer["reviews"].values())
    return listed(answer, "reviews", kind="steam")


def _read(row: Any, app: str) -> Iterator[RawItem]:
    """Yield a review and the developer's answer to it."""
    key, author = str(row["recommendationid"]), row["author"]
    address = f"https://steamcommunity.com/profiles/{author['steamid']}/recommended/{app}/"
    if not isinstance(row["voted_up"], bool):
        raise ValueError(f"voted_up={row['voted_up']!r} is neither true nor false")
    created, updated = row["timestamp_created"], row.get("timestamp_updated")
    likes = row.get("votes_up")
    yield RawItem(
        key=key,
        url=address if app else None,
        text=row["review"],
        markup=Markup.BBCODE,
        author=author.get("personaname") or str(author["steamid"]),
        posted=created,
        edited=updated if updated != created else None,
        stars=int(row["voted_up"]),
        scale=THUMBS,
        feedback_kind=FeedbackKind.REVIEW,
        likes=likes if likes is not None and likes < MOST_VOTES else None,
        language=LANGUAGES.get(row.get("language", "")),
    )
    if row.get("developer_response"):
        yield RawItem(
            key=f"{key}/reply",
            url=address if app else None,
            text=row["developer_response"],
            markup=Markup.BBCODE,
            posted=row.get("timestamp_dev_responded"),
            feedback_kind=FeedbackKind.COMMENT,
            speaker=Speaker.STAFF,
            parent=key,
        )


SOURCE = Steam()
