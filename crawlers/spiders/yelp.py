"""Reviews of one business on Yelp: excerpts by the API with the own key, or saved answers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json, refused
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://api.yelp.com/v3/businesses"
ZONE = "America/Los_Angeles"  # the API names no zone; its times are Yelp's own


class Yelp(Source):
    """The newest reviews that the API shows of a business; the target is its id or alias.

    Lists of the site's own review objects (`encid`, `text.full`), as scrapers
    save them, are read too; their ids are the API's ids.
    """

    kind = "yelp"
    name_en = "Yelp"
    name_vi = "Yelp"
    access = Access.KEY
    covers = "the first 160 letters of the three to seven reviews that the API shows"
    does_not_cover = "whole texts, older reviews, replies; Yelp wants what it shows not kept long"
    evidence = (
        "the site's objects read on a real result of 2025-08; "
        "the API, and the zone of its times, from documentation"
    )
    expect = Expect(min_items=0, filled=("text", "stars", "posted"))
    default_every_min = 360
    matches_by_construction = True
    marks = frozenset({"encid", "createdAt"})
    keys = ("api_key",)
    keys_en = "On yelp.com/developers make an app; its page shows the API key"
    keys_vi = "Ở yelp.com/developers, tạo một ứng dụng; trang của nó có API key"

    def recognise(self, url: str) -> str | None:
        """Return the alias of a business's page."""
        host, path = host_of(url), urlsplit(url).path if host_of(url) else ""
        is_site = re.fullmatch(r"(?:www\.|m\.)?yelp\.(?:com?\.)?[a-z]{2,3}", host)
        named = re.match(r"/biz/([^/]+)", path)
        return unquote(named[1]) if is_site and named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` can be the id or alias of a business."""
        if not target or re.search(r"[\s/?#]", target):
            raise ConfigError(
                "is not a business on Yelp",
                subject=f"yelp:{target}",
                next_step="give the business's page, such as https://www.yelp.com/biz/NAME",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews."""
        place = f"{API}/{quote(order.target, safe='')}/reviews"
        return Ask(url=f"{place}?limit=50&sort_by=newest")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the API key."""
        bearer = f"Bearer {secret(order, 'api_key')}"
        return replace(ask, headers=(*ask.headers, ("Authorization", bearer)))

    def read(self, fetched: Fetched) -> Page:
        """Return the reviews of an API answer or of a saved list."""
        answer = read_json(fetched, kind=self.kind)
        is_saved = isinstance(answer, list)
        rows = answer if is_saved else listed(answer, "reviews", kind=self.kind)
        read_one = _read_saved if is_saved else _read_excerpt
        items, problems = read_each(rows, read_one, kind=self.kind)
        total = None if is_saved else answer.get("total")
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


def _read_excerpt(row: Any) -> RawItem:
    return RawItem(
        key=row["id"],
        url=row.get("url"),
        text=row["text"],
        author=row["user"]["name"],
        posted=row["time_created"],
        zone=ZONE,
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
    )


def _read_saved(row: Any) -> RawItem:
    business, counts = row.get("business") or {}, row.get("feedback") or {}
    alias = business.get("alias")
    return RawItem(
        key=row["encid"],
        url=f"https://www.yelp.com/biz/{alias}?hrid={row['encid']}" if alias else None,
        text=row["text"]["full"],
        author=(row.get("author") or {}).get("displayName"),
        posted=row["createdAt"],
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=business.get("name"),
        likes=counts.get("usefulCount"),
        language=row["text"].get("language"),
    )


SOURCE = Yelp()
