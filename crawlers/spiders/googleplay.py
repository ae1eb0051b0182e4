"""Reviews of an own app on Google Play, by the publisher API; saved lists are read as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from crawlers.answers import listed, read_json, read_many, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.google import Google
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications"
PER_PAGE = 100
STORE = "https://play.google.com/store/apps/details"
_PACKAGE = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+")


class GooglePlay(Source):
    """The reviews of one own app in its last week; the target is the package's name.

    An answer is `{reviews: [{reviewId, comments}], tokenPagination}`, `{}` when
    there is none. Lists of `{reviewId, content, score, at}`, as scrapers save
    them, are read too. A review that is changed comes with its new time only.
    """

    kind = "googleplay"
    name_en = "Google Play"
    name_vi = "Google Play"
    access = Access.KEY
    covers = "reviews with a text of the own app, written or changed within a week, with answers"
    does_not_cover = "stars without a text, older reviews (Play Console exports them as CSV)"
    evidence = (
        "a scraper's list read on a real result of 2026-07; the publisher API from documentation"
    )
    expect = Expect(min_items=0, filled=("text", "stars", "posted"))
    default_every_min = 360
    matches_by_construction = True
    marks = frozenset({"reviewId", "score", "thumbsUpCount"})
    keys = ("token",)
    keys_en = (
        "On console.cloud.google.com switch on the Google Play Android Developer API, then "
        "make an OAuth client of type Desktop app under Credentials; or take a key file of a "
        "service account"
    )
    keys_vi = (
        "Ở console.cloud.google.com, bật Google Play Android Developer API, rồi tạo một OAuth "
        "client loại Desktop app trong mục Credentials; hoặc lấy tệp khoá của một service "
        "account"
    )
    grant = Google("androidpublisher")

    def recognise(self, url: str) -> str | None:
        """Return the package's name of an app's page in the store or console API."""
        if host_of(url) == "play.google.com":
            return asked_for(url, "id") or None if "/store/apps/details" in url else None
        named = re.match(rf"{re.escape(API)}/([\w.]+)/reviews", url)
        return named[1] if named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is the name of a package."""
        if not _PACKAGE.fullmatch(target):
            raise ConfigError(
                "is not the name of an app's package",
                subject=f"googleplay:{target}",
                next_step="give the app's page on Google Play, or its id such as vn.luamay.app",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews."""
        return Ask(url=f"{API}/{quote(order.target)}/reviews?maxResults={PER_PAGE}")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the publisher's access token."""
        bearer = f"Bearer {secret(order, 'token')}"
        return replace(ask, headers=(*ask.headers, ("Authorization", bearer)))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the developer's answer."""
        answer = read_json(fetched, kind=self.kind)
        if isinstance(answer, list):
            items, problems = read_many(answer, _read_saved, kind=self.kind)
            return Page(source=self.kind, items=items, problems=problems)
        rows = [] if answer == {} else listed(answer, "reviews", kind=self.kind)
        app = self.recognise(fetched.url) or ""
        items, problems = read_many(rows, lambda row: _read(row, app), kind=self.kind)
        token = ((answer or {}).get("tokenPagination") or {}).get("nextPageToken")
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, token=token)) if token else None,
            is_end=not token,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the API's error answer says."""
        return refused(fetched, kind=self.kind)


def _read(row: Any, app: str) -> Iterator[RawItem]:
    """Yield a review and the developer's answer; title and text stand apart by a tab."""
    key = row["reviewId"]
    address = with_query(STORE, id=app, reviewId=key) if app else None
    told = {name: said for each in row["comments"] for name, said in each.items()}
    said = told["userComment"]
    title, tab, text = (said.get("originalText") or said["text"]).partition("\t")
    yield RawItem(
        key=key,
        url=address,
        title=title.strip() if tab else None,
        text=text.strip() if tab else title,
        author=row.get("authorName"),
        posted=said["lastModified"]["seconds"],
        stars=said["starRating"],
        feedback_kind=FeedbackKind.REVIEW,
        variation=said.get("appVersionName"),
        likes=said.get("thumbsUpCount"),
        language=said.get("reviewerLanguage"),
    )
    reply = told.get("developerComment")
    if reply:
        yield _reply(key, reply["text"], reply["lastModified"]["seconds"])


def _read_saved(row: Any) -> Iterator[RawItem]:
    """Yield a review of a saved list and the developer's answer."""
    yield RawItem(
        key=row["reviewId"],
        title=row.get("title"),
        text=row["content"],
        author=row.get("userName"),
        posted=row["at"],
        stars=row["score"],
        feedback_kind=FeedbackKind.REVIEW,
        variation=row.get("reviewCreatedVersion") or row.get("appVersion"),
        likes=row.get("thumbsUpCount"),
    )
    if row.get("replyContent"):
        yield _reply(row["reviewId"], row["replyContent"], row.get("repliedAt"))


def _reply(key: str, text: str, posted: str | int | None) -> RawItem:
    return RawItem(
        key=f"{key}/reply",
        text=text,
        posted=posted,
        feedback_kind=FeedbackKind.COMMENT,
        speaker=Speaker.STAFF,
        parent=key,
    )


SOURCE = GooglePlay()
