"""All Google reviews of an own place, by the Business Profile API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.answers import listed, read_json, read_many, refused
from crawlers.asking import with_query
from crawlers.base import Access, Expect, Source, secret
from crawlers.google import Google
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://mybusiness.googleapis.com/v4"
PER_PAGE = 50
STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_TARGET = re.compile(r"accounts/\d+/locations/\d+")
_ORIGINAL = re.compile(r"\(Original\)\s*(.*)", re.DOTALL)
_TRANSLATED = re.compile(r"(.*?)\s*\(Translated by Google\).*", re.DOTALL)


class GoogleBusiness(Source):
    """The reviews of one own place, last changed first; the target is `accounts/N/locations/N`.

    An answer is `{reviews, totalReviewCount, nextPageToken}`, `{}` when there is
    none. Where Google adds a translation, the customer's own words are taken.
    """

    kind = "google_business"
    name_en = "Google Business Profile"
    name_vi = "Google Trang doanh nghiệp"
    access = Access.KEY
    covers = "all reviews of the own place, stars without a text too, and the owner's replies"
    does_not_cover = "questions and answers, places of others"
    evidence = "from documentation; no response was seen"
    expect = Expect(min_items=0, filled=("stars", "posted"))
    default_every_min = 60
    matches_by_construction = True
    keys = ("token",)
    keys_en = (
        "On console.cloud.google.com switch on the Business Profile API, then make an OAuth "
        "client of type Desktop app under Credentials"
    )
    keys_vi = (
        "Ở console.cloud.google.com, bật Business Profile API, rồi tạo một OAuth client loại "
        "Desktop app trong mục Credentials"
    )
    grant = Google("business.manage")
    marks = frozenset({"reviewId", "starRating"})

    def recognise(self, url: str) -> str | None:
        """Return `accounts/N/locations/N` of an API address."""
        named = re.match(rf"{re.escape(API)}/({_TARGET.pattern})(?:/|$)", url)
        return named[1] if named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is `accounts/N/locations/N`."""
        if not _TARGET.fullmatch(target):
            raise ConfigError(
                "is not a place of an account",
                subject=f"google_business:{target}",
                next_step="give accounts/NUMBER/locations/NUMBER, as the API lists your places",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the reviews last written or changed."""
        place = f"{API}/{order.target}/reviews"
        return Ask(url=with_query(place, pageSize=PER_PAGE, orderBy="updateTime desc"))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the owner's access token."""
        bearer = f"Bearer {secret(order, 'token')}"
        return replace(ask, headers=(*ask.headers, ("Authorization", bearer)))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the owner's reply."""
        answer = read_json(fetched, kind=self.kind)
        rows = [] if answer == {} else listed(answer, "reviews", kind=self.kind)
        items, problems = read_many(rows, _read, kind=self.kind)
        token = answer.get("nextPageToken")
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, pageToken=token)) if token else None,
            is_end=not token,
            total=answer.get("totalReviewCount"),
            problems=problems,
        )

    def account(self, target: str) -> str:
        """Return the account that the place belongs to."""
        return target.partition("/locations")[0]

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the API's error answer says."""
        return refused(fetched, kind=self.kind)


def _read(row: Any) -> Iterator[RawItem]:
    """Yield a review and the owner's reply."""
    key, created, updated = row["reviewId"], row["createTime"], row.get("updateTime")
    reviewer = row.get("reviewer") or {}
    yield RawItem(
        key=key,
        text=_own_words(row.get("comment") or ""),
        author=None if reviewer.get("isAnonymous") else reviewer.get("displayName"),
        posted=created,
        edited=updated if updated != created else None,
        stars=STARS[row["starRating"]],
        feedback_kind=FeedbackKind.REVIEW,
    )
    reply = row.get("reviewReply")
    if reply:
        yield RawItem(
            key=f"{key}/reply",
            text=_own_words(reply["comment"]),
            posted=reply.get("updateTime"),
            feedback_kind=FeedbackKind.COMMENT,
            speaker=Speaker.STAFF,
            parent=key,
        )


def _own_words(text: str) -> str:
    """Return a text without the translation that Google adds before or behind it."""
    original = _ORIGINAL.search(text)
    if original:
        return original[1]
    translated = _TRANSLATED.fullmatch(text)
    return translated[1] if translated and translated[1] else text


SOURCE = GoogleBusiness()
