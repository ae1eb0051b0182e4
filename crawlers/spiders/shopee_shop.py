"""Reviews of an own Shopee shop, by the Open Platform; saved rating answers are read as well."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawlers.answers import listed, read_json, read_many, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.grants import (
    Consent,
    Grant,
    Granted,
    Known,
    Steps,
    Token,
    Typed,
    answer_of,
    ends,
    text_of,
)
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceError
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.rows import without_attributes
from ingest.visit import Order

PLATFORM = "https://partner.shopeemobile.com"
API = f"{PLATFORM}/api/v2/product/get_comment"
REFRESH_LASTS = timedelta(days=30)  # the platform's word; its answer does not say
PER_PAGE = 100
_REFUSED = re.compile(r"auth|token|sign|permission|denied|limit|banned|90309999", re.IGNORECASE)


class ShopeeLogin(Grant):
    """A shop's consent: a token of 4 hours, and one of 30 days that gives both anew, once.

    The signature of these requests is over partner_id + path + timestamp. The platform
    sends no state back, so it stands in the redirect's path.
    """

    typed = (Typed("partner_id", is_hidden=False), Typed("partner_key"))
    renews_with = ("partner_id", "partner_key", "refresh_token", "account")
    asks_person = True
    has_state_in_path = True
    lasts = (
        "the shop's consent in the browser; it renews itself every 4 hours, and ends when Earful "
        "rests for 30 days"
    )

    def address(self, known: Known, consent: Consent, *, now: datetime) -> str:
        """Return the signed page where the shop consents."""
        place = "/api/v2/shop/auth_partner"
        return with_query(_signed(place, known, now), redirect=consent.redirect)

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the step that gives the code for the tokens of the shop."""
        shop = landed.get("shop_id", "")
        if not shop.isdecimal():
            raise SourceBlocked("a main account was chosen; choose the shop itself")
        return (yield from _tokens("token/get", known, shop, now, code=landed["code"]))

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the step that gives the refresh token for both anew."""
        shop, token = known["account"], known["refresh_token"]
        return (yield from _tokens("access_token/get", known, shop, now, refresh_token=token))


def _tokens(place: str, known: Known, shop: str, now: datetime, **proof: str) -> Steps:
    body = {**proof, "shop_id": int(shop), "partner_id": int(known["partner_id"])}
    url = _signed(f"/api/v2/auth/{place}", known, now)
    headers = (("Content-Type", "application/json"),)
    ask = Ask(url=url, method="POST", body=json.dumps(body).encode(), headers=headers)
    told = answer_of((yield ask))
    refresh = text_of(told, "refresh_token")
    return Granted(
        tokens={
            "token": Token(text_of(told, "access_token"), ends(told.get("expire_in"), now)),
            "refresh_token": Token(refresh, now + REFRESH_LASTS),
        },
        account=shop,
    )


def _signed(place: str, known: Known, now: datetime) -> str:
    partner, timestamp = known["partner_id"], int(now.timestamp())
    said = f"{partner}{place}{timestamp}".encode()
    sign = hmac.new(known["partner_key"].encode(), said, "sha256").hexdigest()
    return with_query(f"{PLATFORM}{place}", partner_id=partner, timestamp=timestamp, sign=sign)


class ShopeeShop(Source):
    """The reviews of one own shop; the target is the shop's number.

    An answer is `{error, message, response: {item_comment_list, more, next_cursor}}`;
    a saved web answer is `{error, error_msg, data: {ratings}}`. The web pages
    are not asked: they are walled. The form's lines ("Chất lượng sản phẩm:Tốt")
    are taken off the customer's words.
    """

    kind = "shopee_shop"
    name_en = "Shopee (own shop)"
    name_vi = "Shopee (gian hàng của mình)"
    access = Access.OWN_SHOP
    covers = "the newest 1,000 reviews of the own shop, stars without a text too, and the replies"
    does_not_cover = "other shops, chats, older reviews (the seller centre exports them)"
    evidence = (
        "the API from documentation; saved web answers by the fields of real crawlers, "
        "no whole answer was seen"
    )
    expect = Expect(min_items=0, filled=("stars", "posted"))
    default_every_min = 60
    matches_by_construction = True
    marks = frozenset({"cmtid", "rating_star"})
    keys = ("partner_id", "partner_key", "token")
    keys_en = (
        "On open.shopee.com in your app (type Seller In House): the partner id and partner key"
    )
    keys_vi = "Ở open.shopee.com, trong ứng dụng (loại Seller In House): partner id và partner key"
    grant = ShopeeLogin()

    def recognise(self, url: str) -> str | None:
        """Return the shop's number of a shop's or a product's page."""
        if not re.fullmatch(r"(?:www\.)?shopee\.(?:com?\.)?[a-z]{2,3}", host_of(url)):
            return None
        path = urlsplit(url).path
        named = re.search(r"-i\.(\d+)\.\d+$|^/(?:shop|product)/(\d+)(?:/|$)", path)
        return (named[1] or named[2]) if named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a shop's number."""
        if not re.fullmatch(r"[0-9]+", target):
            raise ConfigError(
                "is not the number of a shop",
                subject=f"shopee_shop:{target}",
                next_step="give the page of one of your products, or the shop_id of the console; "
                "for another shop, import a file",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the first reviews."""
        return Ask(url=with_query(API, shop_id=order.target, page_size=PER_PAGE, cursor=""))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the shop's token and the partner's signature of this second.

        Signed is partner_id + path + timestamp + access_token + shop_id.
        """
        partner, token = secret(order, "partner_id"), secret(order, "token")
        timestamp = str(int(now.timestamp()))
        said = f"{partner}{urlsplit(ask.url).path}{timestamp}{token}{order.target}"
        signature = hmac.new(secret(order, "partner_key").encode(), said.encode(), "sha256")
        url = with_query(
            ask.url,
            partner_id=partner,
            timestamp=timestamp,
            access_token=token,
            sign=signature.hexdigest(),
        )
        return replace(ask, url=url)

    def read(self, fetched: Fetched) -> Page:
        """Return one page of reviews, each followed by the shop's reply."""
        answer = read_json(fetched, kind=self.kind)
        _refuse(answer)
        if isinstance(answer, dict) and "data" in answer:
            return _read_saved(answer["data"], host_of(fetched.url))
        told: Any = answer.get("response") if isinstance(answer, dict) else None
        rows = listed(told, "item_comment_list", kind=self.kind)
        items, problems = read_many(rows, _read, kind=self.kind)
        more = told.get("more") is not False
        cursor = told.get("next_cursor") if more else ""
        goes_on = bool(cursor) and cursor != asked_for(fetched.url, "cursor")
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, cursor=cursor)) if goes_on else None,
            is_end=not more,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the platform's error answer says."""
        return refused(fetched, kind=self.kind)


def _refuse(answer: Any) -> None:
    """Raise what an answer's `error` says: the platform tells errors with 200."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not error:
        return
    said = f"{error}: {answer.get('message') or answer.get('error_msg') or 'without a reason'}"
    is_refused = _REFUSED.search(said)
    raise (SourceBlocked if is_refused else SourceChanged)(
        f"Shopee answers with an error: {said[:200]}",
        subject="shopee_shop",
        next_step="earful connect shopee_shop" if is_refused else "",
    )


def _read(row: Any) -> Iterator[RawItem]:
    """Yield a review and the shop's reply to it."""
    key = str(row["comment_id"])
    yield RawItem(
        key=key,
        text=without_attributes(row["comment"] or ""),
        author=row.get("buyer_username"),
        posted=row["create_time"],
        stars=row["rating_star"],
        feedback_kind=FeedbackKind.REVIEW,
        product=str(row["item_id"]),
        variation=", ".join(str(each) for each in row.get("model_id_list") or ()) or None,
    )
    reply = row.get("comment_reply")
    if reply and reply.get("reply"):
        yield _reply(key, reply["reply"], reply.get("create_time"))


def _read_saved(told: Any, host: str) -> Page:
    """Return the ratings of a web answer that was saved; its lists may be null."""
    name = "items" if isinstance(told, dict) and "items" in told else "ratings"
    rows = listed(told or {name: None}, name, kind="shopee_shop")
    items, problems = read_many(rows, lambda row: _read_rating(row, host), kind="shopee_shop")
    summary = (told or {}).get("item_rating_summary") or {}
    return Page(
        source="shopee_shop",
        items=items,
        total=summary.get("rating_total"),
        stars=dict(enumerate(summary.get("rating_count") or (), start=1)),
        problems=problems,
    )


def _read_rating(row: Any, host: str) -> Iterator[RawItem]:
    key, bought = str(row["cmtid"]), (row.get("product_items") or [{}])[0]
    is_shop = host.startswith("shopee.") and "shopid" in row and "itemid" in row
    yield RawItem(
        key=key,
        url=f"https://{host}/product/{row['shopid']}/{row['itemid']}" if is_shop else None,
        text=without_attributes(row.get("comment") or ""),
        author=row.get("author_username"),
        posted=row["ctime"],
        stars=row["rating_star"],
        feedback_kind=FeedbackKind.REVIEW,
        product=bought.get("name"),
        variation=bought.get("model_name"),
        likes=row.get("like_count"),
    )
    reply = row.get("ItemRatingReply") or {}
    if reply.get("comment"):
        yield _reply(key, reply["comment"], reply.get("ctime"))


def _reply(key: str, text: str, posted: int | None) -> RawItem:
    return RawItem(
        key=f"{key}/reply",
        text=text,
        posted=posted,
        feedback_kind=FeedbackKind.COMMENT,
        speaker=Speaker.STAFF,
        parent=key,
    )


SOURCE = ShopeeShop()
