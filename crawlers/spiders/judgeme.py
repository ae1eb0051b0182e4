"""Reviews in a shop's Judge.me widget, as the widget itself asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawlers.answers import read_json, read_many
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceChanged
from ingest.mention import FeedbackKind, Markup, RawItem, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order
from ingest.webpage import parse_page

API = "https://judge.me/reviews/reviews_for_widget"
PER_PAGE = 20
_TARGET = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+/\d+")


class JudgeMe(Source):
    """The reviews of one product; the target is `shop/product number`.

    The answer is JSON with the widget's `html`; the bare HTML is read as well.
    Shops bring in reviews from marketplaces, so the same review may come twice.
    """

    kind = "judgeme"
    name_en = "Judge.me"
    name_vi = "Judge.me"
    access = Access.OPT_IN
    covers = "the reviews of one product that a shop's widget shows, with the shop's replies"
    does_not_cover = "reviews the shop does not publish, questions and answers"
    evidence = (
        "read on a part of a real response of 2024-11; "
        "the JSON around it and replies from documentation"
    )
    expect = Expect(min_items=1, filled=("stars", "posted"))
    default_every_min = 360
    matches_by_construction = True
    page_mark = b"jdgm-rev__"

    def recognise(self, url: str) -> str | None:
        """Return `shop/product number` of a widget's request."""
        if host_of(url) not in ("judge.me", "api.judge.me"):
            return None
        if "reviews_for_widget" not in url:  # a shop's page: it is told what to give instead
            _, is_shop, shop = urlsplit(url).path.partition("/reviews/")
            return shop or None if is_shop else None
        shop = asked_for(url, "shop_domain") or asked_for(url, "url")
        target = f"{shop}/{asked_for(url, 'product_id')}"
        return target if _TARGET.fullmatch(target) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is `shop/product number`."""
        if not _TARGET.fullmatch(target):
            raise ConfigError(
                "is not a product of a shop",
                subject=f"judgeme:{target}",
                next_step="give shop/product number such as luamay.myshopify.com/98800117",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest reviews."""
        shop, _, product = order.target.partition("/")
        url = with_query(
            API,
            url=shop,
            shop_domain=shop,
            platform="shopify",
            product_id=product,
            per_page=PER_PAGE,
            sort_by="created_at",
            sort_dir="desc",
            page=1,
        )
        return Ask(url=url, headers=(("Accept", "application/json"),))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the shop's reply."""
        root, total = _widget(fetched)
        rows = _with_class(root, "jdgm-rev") if root is not None else []
        shop = asked_for(fetched.url, "shop_domain")
        items, problems = read_many(rows, lambda row: _read(row, shop), kind=self.kind)
        further = _with_class(root, "jdgm-paginate__next-page") if root is not None else []
        page = str(further[0].get("data-page")) if further else ""
        is_asked = bool(asked_for(fetched.url, "product_id"))
        goes_on = page.isdecimal() and is_asked and bool(rows)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, page=page)) if goes_on else None,
            is_end=not page,
            total=total,
            problems=problems,
        )


def _widget(fetched: Fetched) -> tuple[etree._Element | None, int | None]:
    """Return the widget's tree (None for an empty one) and the count the answer states."""
    html, total = fetched.body, None
    if not fetched.body.lstrip().startswith(b"<"):
        answer = read_json(fetched, kind="judgeme")
        if not (isinstance(answer, dict) and isinstance(answer.get("html"), str)):
            raise SourceChanged("the answer has no 'html'", subject="judgeme")
        html, total = answer["html"].encode(), answer.get("total_count")
    if html.strip() and b"jdgm-" not in html:
        raise SourceChanged("the answer is not a Judge.me widget", subject="judgeme")
    return parse_page(html, content_type="text/html; charset=utf-8").root, total


def _with_class(node: etree._Element, name: str) -> list[Any]:
    found: Any = node.xpath(
        ".//*[contains(concat(' ', normalize-space(@class), ' '), $name)]", name=f" {name} "
    )
    return list(found)


def _one(node: etree._Element, name: str) -> Any:
    found = _with_class(node, name)
    if not found:
        raise KeyError(name)
    return found[0]


def _words(node: etree._Element) -> str:
    """Return the node with its mark-up."""
    return str(etree.tostring(node, encoding="unicode", method="html", with_tail=False))


def _read(node: Any, shop: str) -> Iterator[RawItem]:
    """Yield a review and the shop's reply to it."""
    key, votes = node.attrib["data-review-id"], node.get("data-thumb-up-count")
    place = node.get("data-product-url")
    address = f"https://{shop}{place}" if shop and place else None
    yield RawItem(
        key=key,
        url=address,
        title=_words(_one(node, "jdgm-rev__title")),
        text=_words(_one(node, "jdgm-rev__body")),
        markup=Markup.HTML,
        author="".join(_one(node, "jdgm-rev__author").itertext()),
        posted=_one(node, "jdgm-rev__timestamp").attrib["data-content"],
        zone="UTC",
        stars=_one(node, "jdgm-rev__rating").attrib["data-score"],
        feedback_kind=FeedbackKind.REVIEW,
        product=node.get("data-product-title"),
        likes=int(votes) if votes else None,
    )
    for reply in _with_class(node, "jdgm-rev__reply-content")[:1]:
        yield RawItem(
            key=f"{key}/reply",
            url=address,
            text=_words(reply),
            markup=Markup.HTML,
            feedback_kind=FeedbackKind.COMMENT,
            speaker=Speaker.STAFF,
            parent=key,
        )


SOURCE = JudgeMe()
