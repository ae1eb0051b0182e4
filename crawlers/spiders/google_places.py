"""The reviews of one place on Google Maps that its Places API shows, with the own key."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.answers import listed, read_each, read_json, refused
from crawlers.asking import asked_for
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://places.googleapis.com/v1/places"
FIELDS = "displayName,googleMapsUri,userRatingCount,reviews"
_NAMES = frozenset({"displayName", "googleMapsUri", "name", "place_id"})
_PLACE = re.compile(r"[A-Za-z0-9_-]{10,300}")
_GOOGLE = re.compile(r"(?:.+\.)?google(?:apis)?\.[a-z.]+")
_REFUSED = frozenset({"REQUEST_DENIED", "OVER_QUERY_LIMIT", "OVER_DAILY_LIMIT"})


class GooglePlaces(Source):
    """At most five reviews of a place, chosen by Google; the target is the place's id.

    The answers of the older details request are read as well: they name no
    review, so who wrote it and when is the key there. Where Google tells both,
    the customer's own words are taken, not their translation.
    """

    kind = "google_places"
    name_en = "Google Maps"
    name_vi = "Google Maps"
    access = Access.KEY
    covers = "at most five reviews of a place, those that Google calls the most relevant"
    does_not_cover = "all other reviews, replies: the owner reads those by google_business"
    evidence = (
        "older details answer read on a real response of 2023-04 (names blacked out); "
        "the newer one from documentation"
    )
    expect = Expect(min_items=0, filled=("stars", "posted"))
    default_every_min = 360
    pages_from_newest = False
    matches_by_construction = True
    keys = ("api_key",)
    keys_en = (
        "On console.cloud.google.com switch on the Places API (New), then make an API key "
        "under Credentials"
    )
    keys_vi = (
        "Ở console.cloud.google.com, bật Places API (New), rồi tạo một API key trong mục "
        "Credentials"
    )
    marks = frozenset({"author_name", "relative_time_description"})

    def recognise(self, url: str) -> str | None:
        """Return the place's id of an address that names it."""
        if not _GOOGLE.fullmatch(host_of(url)):
            return None
        named = re.search(r"/v1/places/([\w-]+)|place_id:([\w-]+)", url)
        if named:
            return named[1] or named[2]
        names = ("placeid", "place_id", "query_place_id")
        return next((found for name in names if (found := asked_for(url, name))), None)

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a place's id."""
        if not _PLACE.fullmatch(target):
            raise ConfigError(
                "is not the id of a place",
                subject=f"google_places:{target}",
                next_step="find the id (it begins with ChIJ) with Google's Place ID Finder",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the place and its reviews."""
        return Ask(url=f"{API}/{order.target}", headers=(("X-Goog-FieldMask", FIELDS),))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the API key."""
        return replace(ask, headers=(*ask.headers, ("X-Goog-Api-Key", secret(order, "api_key"))))

    def read(self, fetched: Fetched) -> Page:
        """Return the reviews of either form of answer."""
        answer = read_json(fetched, kind=self.kind)
        is_older = isinstance(answer, dict) and ("result" in answer or "status" in answer)
        place = _older_place(answer) if is_older else answer
        if isinstance(place, dict) and not _NAMES.isdisjoint(place):
            place = {"reviews": None, **place}  # a place without a review has no such field
        rows = listed(place, "reviews", kind=self.kind)
        read_one = _read_older if is_older else _read_review
        items, problems = read_each(rows, lambda row: read_one(row, place), kind=self.kind)
        total = place.get("user_ratings_total" if is_older else "userRatingCount")
        return Page(
            source=self.kind,
            items=items,
            is_end=total is not None and len(rows) >= total,
            total=total,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the API's error answer says."""
        return refused(fetched, kind=self.kind)


def _older_place(answer: Any) -> Any:
    """Return the place of a details answer; raises what its status says, which comes with 200."""
    status = str(answer.get("status", "OK"))
    if status == "OK":
        return answer.get("result")
    words = f"Google answers {status}: {answer.get('error_message') or 'without a reason'}"
    raise (SourceBlocked if status in _REFUSED else SourceChanged)(words, subject="google_places")


def _read_older(row: Any, place: Any) -> RawItem:
    return RawItem(
        key=f"{row.get('author_url') or row['author_name']}#{row['time']}",
        url=place.get("url"),
        text=row["text"],
        author=row["author_name"],
        posted=row["time"],
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=place.get("name"),
        language=row.get("language"),
    )


def _read_review(row: Any, place: Any) -> RawItem:
    said = row.get("originalText") or row.get("text") or {}
    return RawItem(
        key=row["name"],
        url=row.get("googleMapsUri") or place.get("googleMapsUri"),
        text=said.get("text"),
        author=row["authorAttribution"]["displayName"],
        posted=row["publishTime"],
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=(place.get("displayName") or {}).get("text"),
        language=said.get("languageCode"),
    )


SOURCE = GooglePlaces()
