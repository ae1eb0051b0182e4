"""Reviews of an own product on Lazada, by the Open Platform; saved web answers are read as well."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawlers.answers import listed, read_json, read_many, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.grants import Consent, Grant, Granted, Known, Steps, Typed, answer_of, oauth_tokens
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceError
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

METHOD = "/review/seller/list"
AUTHORITY = "https://auth.lazada.com"
HOSTS = {
    "vn": "api.lazada.vn", "sg": "api.lazada.sg", "my": "api.lazada.com.my",
    "ph": "api.lazada.com.ph", "id": "api.lazada.co.id", "th": "api.lazada.co.th",
}  # fmt: skip
PER_PAGE = 50
_REFUSED = re.compile(r"token|sign|app_?key|permission|limit|TRAFFIC|seller", re.IGNORECASE)


class LazadaLogin(Grant):
    """A seller's consent: a token of 30 days and one that renews it for 180 days (7 and 14
    while the app is in its test); they are for the shop's country.
    """

    typed = (Typed("app_key", is_hidden=False), Typed("app_secret"))
    renews_with = ("app_key", "app_secret", "refresh_token")
    asks_person = True
    lasts = (
        "the seller's consent in the browser; it renews itself for 180 days (14 while the app is "
        "in its test), then consent again"
    )

    def address(self, known: Known, consent: Consent, *, now: datetime) -> str:
        """Return the page where the seller consents."""
        asked = {
            "response_type": "code",
            "force_auth": "true",
            "client_id": known["app_key"],
            "redirect_uri": consent.redirect,
            "state": consent.state,
        }
        return f"{AUTHORITY}/oauth/authorize?{urlencode(asked)}"

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the step that gives the code for tokens."""
        return (yield from _tokens("/auth/token/create", known, now, code=landed["code"]))

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the step that gives the refresh token for a new token."""
        token = known["refresh_token"]
        return (yield from _tokens("/auth/token/refresh", known, now, refresh_token=token))


def _tokens(method: str, known: Known, now: datetime, **proof: str) -> Steps:
    place = with_query(f"{AUTHORITY}/rest{method}", app_key=known["app_key"], **proof)
    url = _signed(place, method, known["app_secret"], now)
    told = answer_of((yield Ask(url=url, method="POST")))
    country = str(told.get("country") or "")
    return Granted(
        tokens=oauth_tokens(told, now),
        account=country if country in HOSTS else "",
        called=str(told.get("account") or ""),
    )


def _signed(url: str, method: str, secret: str, now: datetime) -> str:
    """Return `url` signed: over the method's path and every parameter with its value, by name."""
    url = with_query(url, timestamp=int(now.timestamp() * 1000), sign_method="sha256")
    said = method + "".join(f"{name}{value}" for name, value in sorted(_parameters(url)))
    signature = hmac.new(secret.encode(), said.encode(), "sha256").hexdigest()
    return with_query(url, sign=signature.upper())


class LazadaShop(Source):
    """The reviews of one own product; the target is `country/product number`.

    An answer is `{code, data: {data: [order], current, page_size, total}}`: an
    order has its ratings, one review and perhaps a later one. Numbers come as
    texts. A saved web answer is `{success, model: {items, paging}}`.
    """

    kind = "lazada_shop"
    name_en = "Lazada (own shop)"
    name_vi = "Lazada (gian hàng của mình)"
    access = Access.OWN_SHOP
    covers = "all reviews of a product of the own shop, later ones too, and the replies"
    does_not_cover = "other shops, the customers' names, when the shop replied"
    evidence = (
        "from documentation; saved web answers by the fields of crawlers, none was seen whole"
    )
    expect = Expect(min_items=0, filled=("posted",))
    default_every_min = 360
    matches_by_construction = True
    keys = ("app_key", "app_secret", "token")
    keys_en = (
        "On open.lazada.com in your app (type Seller In-house): the app key and app secret; "
        "its callback address must be the one named below"
    )
    keys_vi = (
        "Ở open.lazada.com, trong ứng dụng (loại Seller In-house): app key và app secret; "
        "địa chỉ callback của nó phải đúng là địa chỉ nêu dưới đây"
    )
    grant = LazadaLogin()
    marks = frozenset({"reviewRateId", "reviewContent"})

    def recognise(self, url: str) -> str | None:
        """Return `country/product number` of a product's page."""
        host = host_of(url)
        country = host.rpartition(".")[2] if ".lazada." in f".{host}" else ""
        named = re.search(r"-i(\d+)(?:-s\d+)?\.html$", urlsplit(url).path) if country else None
        return f"{country}/{named[1]}" if named and country in HOSTS else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is `country/product number`."""
        country, _, item = target.partition("/")
        if country not in HOSTS or not re.fullmatch(r"[0-9]+", item):
            raise ConfigError(
                "is not a product in a country",
                subject=f"lazada_shop:{target}",
                next_step="give the page of one of your products, or country/number such as "
                "vn/98800117; for another shop, import a file",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the first reviews."""
        country, _, item = order.target.partition("/")
        place = f"https://{HOSTS[country]}/rest{METHOD}"
        return Ask(url=with_query(place, item_id=item, page_size=PER_PAGE, current=1))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the shop's token and the app's signature."""
        named = {"app_key": secret(order, "app_key"), "access_token": secret(order, "token")}
        url = with_query(ask.url, **named)
        return replace(ask, url=_signed(url, METHOD, secret(order, "app_secret"), now))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the shop's reply."""
        answer = read_json(fetched, kind=self.kind)
        if isinstance(answer, dict) and "model" in answer:
            return _read_saved(answer["model"])
        _refuse(answer)
        told = answer.get("data") if isinstance(answer, dict) else None
        rows = listed(told, "data", kind=self.kind)
        items, problems = read_many(rows, _read_order, kind=self.kind)
        total, current, size = _paging(told)
        goes_on = bool(rows) and current * size < total
        is_asked = bool(asked_for(fetched.url, "item_id"))
        following = with_query(fetched.url, current=current + 1)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=following) if goes_on and is_asked else None,
            is_end=not goes_on,
            total=total,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the platform's error answer says."""
        return refused(fetched, kind=self.kind)


def _paging(told: Any) -> tuple[int, int, int]:
    """Return how many reviews there are, the page's number and its size."""
    try:
        return int(told["total"]), int(told["current"]), int(told["page_size"])
    except (KeyError, TypeError, ValueError) as fault:
        raise SourceChanged("the answer does not say its page", subject="lazada_shop") from fault


def _parameters(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _refuse(answer: Any) -> None:
    """Raise what an error answer says: the platform tells errors with 200."""
    if not isinstance(answer, dict) or str(answer.get("code", "0")) == "0":
        return
    said = f"{answer['code']}: {answer.get('message') or 'without a reason'}"
    is_refused = _REFUSED.search(said)
    raise (SourceBlocked if is_refused else SourceChanged)(
        f"Lazada answers with an error: {said[:200]}",
        subject="lazada_shop",
        next_step="earful connect lazada_shop" if is_refused else "",
    )


def _read_order(order: Any) -> Iterator[RawItem]:
    """Yield the reviews of one order; the stars are those of the first, not of a later one."""
    stars, first = order["ratings"]["product_rating"], None
    for review in order["reviews"]:
        key = str(review["id"])
        is_later = review["review_type"] == "FOLLOW_UP_REVIEW"
        yield RawItem(
            key=key,
            text=review["review_content"],
            posted=review["create_time"],
            stars=None if is_later else stars,
            feedback_kind=FeedbackKind.REVIEW,
            product=str(order["item_id"]),
            parent=first if is_later else None,
        )
        first = first or key
        if review.get("seller_reply"):
            yield _reply(key, review["seller_reply"])


def _read_saved(told: Any) -> Page:
    """Return the reviews of a web answer that was saved; its list may be null."""
    rows = listed(told, "items", kind="lazada_shop")
    items, problems = read_many(rows, _read_review, kind="lazada_shop")
    paging = (told or {}).get("paging") or {}
    return Page(
        source="lazada_shop", items=items, total=paging.get("totalItems"), problems=problems
    )


def _read_review(row: Any) -> Iterator[RawItem]:
    key = str(row["reviewRateId"])
    yield RawItem(
        key=key,
        title=row.get("reviewTitle"),
        text=row["reviewContent"],
        author=row.get("buyerName"),
        posted=row.get("zonedReviewTime") or row.get("reviewTime"),
        stars=row["rating"],
        feedback_kind=FeedbackKind.REVIEW,
        product=row.get("itemTitle"),
        variation=row.get("skuInfo"),
        likes=row.get("upVotes"),
    )


def _reply(key: str, text: str) -> RawItem:
    return RawItem(
        key=f"{key}/reply",
        text=text,
        feedback_kind=FeedbackKind.COMMENT,
        speaker=Speaker.STAFF,
        parent=key,
    )


SOURCE = LazadaShop()
