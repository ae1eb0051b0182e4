"""A company's reviews on Trustpilot: by its API with the own key, or from saved pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from lxml import etree

from crawlers.answers import listed, read_json, read_many, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError, SourceChanged, SourceError
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page, Problem
from ingest.structured import read_reviews
from ingest.visit import Order
from ingest.webpage import parse_page

API = "https://api.trustpilot.com/v1/business-units"
PER_PAGE = 100
_UNIT = re.compile(r"[0-9a-f]{24}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class Trustpilot(Source):
    """The reviews of one company; the target is its domain, or the number of its business unit.

    A domain is looked up first. The site's own pages are not fetched, but read
    when saved: `props.pageProps` of their `__NEXT_DATA__`.
    """

    kind = "trustpilot"
    name_en = "Trustpilot"
    name_vi = "Trustpilot"
    access = Access.KEY
    covers = "all public reviews of a company with the own API key, with the company's replies"
    does_not_cover = "the web pages (they are walled; save them by hand), reviews held back"
    evidence = "pages read on real responses of 2023 and 2025-07; the API from documentation"
    expect = Expect(min_items=0, filled=("text", "stars", "posted"))
    default_every_min = 360
    matches_by_construction = True
    marks = frozenset({"consumer", "experiencedDate", "publishedDate"})
    keys = ("api_key",)
    keys_en = (
        "In Trustpilot Business under Integrations, Developers, APIs make an application; take "
        "its API key"
    )
    keys_vi = (
        "Trong Trustpilot Business, mục Integrations, Developers, APIs, tạo một ứng dụng; lấy "
        "API key của nó"
    )

    def recognise(self, url: str) -> str | None:
        """Return the company's domain of its page, or its number in the API."""
        host = host_of(url)
        if host == "api.trustpilot.com":
            unit = re.search(r"/business-units/([0-9a-f]{24})(?:/|$)", url)
            return unit[1] if unit else None
        named = re.search(r"/review/([^/?#]+)", url)
        is_site = host == "trustpilot.com" or host.endswith(".trustpilot.com")
        return named[1].lower() if is_site and named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a domain or a business unit."""
        if not (_UNIT.fullmatch(target) or _DOMAIN.fullmatch(target)):
            raise ConfigError(
                "is neither a company's domain nor its number",
                subject=f"trustpilot:{target}",
                next_step="give the company's page, or its domain such as luamay.example",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews, or for the company's number."""
        if _UNIT.fullmatch(order.target):
            return _ask(order.target)
        return Ask(url=with_query(f"{API}/find", name=order.target))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the API key."""
        return replace(ask, headers=(*ask.headers, ("apikey", secret(order, "api_key"))))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the company's reply."""
        if fetched.body.lstrip()[:1] == b"<":
            return _read_saved_page(fetched)
        answer = read_json(fetched, kind=self.kind)
        if "/business-units/find" in fetched.url:
            return _read_found(answer)
        companies = answer if isinstance(answer, list) else [answer]
        rows = [row for each in companies for row in listed(each, "reviews", kind=self.kind)]
        items, problems = read_many(rows, _read, kind=self.kind)
        page = asked_for(fetched.url, "page")
        goes_on = page.isdecimal() and len(rows) >= PER_PAGE
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, page=int(page) + 1)) if goes_on else None,
            is_end=page.isdecimal() and not goes_on,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the API's error answer says."""
        return refused(fetched, kind=self.kind)


def _ask(unit: str) -> Ask:
    url = with_query(f"{API}/{unit}/reviews", perPage=PER_PAGE, orderBy="createdat.desc", page=1)
    return Ask(url=url)


def _read_found(answer: Any) -> Page:
    """Return a page that leads to the reviews of the company that was looked up."""
    if not (isinstance(answer, dict) and _UNIT.fullmatch(str(answer.get("id")))):
        if not (isinstance(answer, dict) and "id" in answer):
            listed(answer, "id", kind="trustpilot")  # says what an error answer says
        raise SourceChanged("the company's number is not in the answer", subject="trustpilot")
    return Page(source="trustpilot", next=_ask(answer["id"]))


def _read_saved_page(fetched: Fetched) -> Page:
    """Return the reviews of a web page as a browser saved it."""
    root = parse_page(fetched.body, content_type=fetched.content_type).root
    found = root.find(".//script[@id='__NEXT_DATA__']") if root is not None else None
    if found is None:
        page = read_reviews(fetched.body, content_type=fetched.content_type, url=fetched.url)
        return replace(page, source="trustpilot", next=None, is_end=False)
    try:
        told = json.loads(_script(found))["props"]["pageProps"]
        pages, company = told["filters"]["pagination"], told["businessUnit"]
    except (KeyError, TypeError, ValueError) as fault:
        raise SourceChanged(
            f"the page's own state is not in the known shape ({fault})", subject="trustpilot"
        ) from fault
    rows = listed(told, "reviews", kind="trustpilot")
    name = company.get("displayName")
    items, problems = read_many(rows, lambda row: _read(row, name), kind="trustpilot")
    return Page(
        source="trustpilot",
        items=items,
        is_end=pages["currentPage"] >= pages["totalPages"],
        total=pages["totalCount"],
        problems=(*problems, *_left_out(told["filters"], company)),
    )


def _script(node: etree._Element) -> str:
    return "".join(str(each) for each in node.itertext())


def _left_out(filters: Any, company: Any) -> list[Problem]:
    """Return a problem when the page shows reviews in one language, or of some stars, only."""
    shown, there_are = filters["pagination"]["totalCount"], company.get("numberOfReviews") or 0
    if shown >= there_are:
        return []
    language = (filters.get("selected") or {}).get("languages") or "all"
    words = f"the page is filtered (language: {language}): {shown} of {there_are} reviews"
    return [Problem(code="truncated", words=words)]


def _read(row: Any, company: str | None = None) -> Iterator[RawItem]:
    """Yield a review of either form, and the company's reply to it."""
    is_page = "dates" in row
    dates, key = row["dates"] if is_page else row, row["id"]
    address = f"https://www.trustpilot.com/reviews/{key}"
    business = row.get("businessUnit") or {}
    yield RawItem(
        key=key,
        url=address,
        title=row["title"],
        text=row["text"],
        author=row["consumer"]["displayName"],
        posted=dates["publishedDate" if is_page else "createdAt"],
        edited=dates.get("updatedDate" if is_page else "updatedAt"),
        stars=row["rating" if is_page else "stars"],
        feedback_kind=FeedbackKind.REVIEW,
        product=company or business.get("displayName"),
        likes=row.get("likes" if is_page else "numberOfLikes"),
        language=row["language"],
    )
    reply = row.get("reply" if is_page else "companyReply")
    if reply:
        yield RawItem(
            key=f"{key}/reply",
            url=address,
            text=reply["message" if is_page else "text"],
            posted=reply["publishedDate" if is_page else "createdAt"],
            edited=reply.get("updatedDate" if is_page else "updatedAt"),
            feedback_kind=FeedbackKind.COMMENT,
            speaker=Speaker.STAFF,
            parent=key,
        )


SOURCE = Trustpilot()
