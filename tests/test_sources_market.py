"""Shops and review sites, and what all keyed sources share: what their samples do not show."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawlers.answers import emptied, read_many, refused
from crawlers.base import asked_for, secret, with_query
from crawlers.registry import recognise, source_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged
from ingest.mention import RawItem, Speaker
from ingest.normalise import normalise
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
PLACE = "ChIJluamay0000000003"
FETCHED = [
    "steam", "woocommerce", "trustpilot", "google_places", "judgeme", "googleplay",
    "shopee_shop", "lazada_shop", "yelp", "zendesk", "freshdesk", "chatwoot", "typeform",
    "surveymonkey", "google_business",
]  # fmt: skip
ALL = [*FETCHED, "tokopedia"]
TARGETS = {
    "steam": "480000", "woocommerce": "https://luamay.example/shop",
    "trustpilot": "luamay.example", "google_places": PLACE,
    "judgeme": "luamay.myshopify.com/9880", "googleplay": "vn.luamay.app",
    "shopee_shop": "4400123", "lazada_shop": "vn/98800117", "yelp": "lua-may-san-jose",
    "zendesk": "luamay.zendesk.com", "freshdesk": "luamay.freshdesk.com",
    "chatwoot": "chat.luamay.example/3", "typeform": "AbCd12", "surveymonkey": "30000001",
    "google_business": "accounts/100/locations/200",
}  # fmt: skip
SECRETS = {
    "token": "s-tok", "api_key": "s-api", "email": "an@luamay.example", "consumer_key": "s-ck",
    "consumer_secret": "s-cs", "partner_id": "2001", "partner_key": "s-pk", "app_key": "s-ak",
    "app_secret": "s-as",
}  # fmt: skip


def order(kind: str, **options: str) -> Order:
    return Order(watch_id=1, kind=kind, target=TARGETS[kind], options=options)


def answered(kind: str, body: object, url: str = "", status: int = 200) -> Fetched:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = url or (source_of(kind).first(order(kind)).url if kind in TARGETS else "")
    return Fetched(url=address, status=status, body=content, fetched_at=SEEN)


def read(kind: str, body: object, url: str = "") -> Page:
    return source_of(kind).read(answered(kind, body, url))


@pytest.mark.parametrize(
    ("url", "kind", "target"),
    [
        ("https://store.steampowered.com/app/480000/Bep_Lua_May/", "steam", "480000"),
        ("https://steamcommunity.com/app/480000/reviews/", "steam", "480000"),
        (
            "https://luamay.example/shop/wp-json/wc/v3/products/reviews?page=2",
            "woocommerce",
            "https://luamay.example/shop",
        ),
        (
            "https://luamay.example/wp-admin/edit.php?post_type=product&page=product-reviews",
            "woocommerce",
            "https://luamay.example",
        ),
        ("https://fr.trustpilot.com/review/LuaMay.example?page=2", "trustpilot", "luamay.example"),
        (
            "https://search.google.com/local/reviews?placeid=ChIJluamay0000000003",
            "google_places",
            PLACE,
        ),
        (f"https://places.googleapis.com/v1/places/{PLACE}", "google_places", PLACE),
        (
            "https://judge.me/reviews/reviews_for_widget?shop_domain=luamay.myshopify.com"
            "&product_id=9880",
            "judgeme",
            "luamay.myshopify.com/9880",
        ),
        (
            "https://play.google.com/store/apps/details?id=vn.luamay.app&hl=vi",
            "googleplay",
            "vn.luamay.app",
        ),
        ("https://shopee.vn/N%E1%BB%93i-c%C6%A1m-i.4400123.98800117", "shopee_shop", "4400123"),
        ("https://shopee.co.th/shop/4400123/", "shopee_shop", "4400123"),
        (
            "https://www.lazada.vn/products/noi-com-i98800117-s71.html",
            "lazada_shop",
            "vn/98800117",
        ),
        ("https://www.yelp.com/biz/lua-may-san-jose?osq=rice", "yelp", "lua-may-san-jose"),
        ("https://luamay.zendesk.com/agent/tickets/3302", "zendesk", "luamay.zendesk.com"),
        ("https://luamay.freshdesk.com/a/tickets/812", "freshdesk", "luamay.freshdesk.com"),
        (
            "https://chat.luamay.example/app/accounts/3/dashboard",
            "chatwoot",
            "chat.luamay.example/3",
        ),
        ("https://luamay.typeform.com/to/AbCd12", "typeform", "AbCd12"),
        ("https://api.surveymonkey.com/v3/surveys/30000001/details", "surveymonkey", "30000001"),
        (
            "https://mybusiness.googleapis.com/v4/accounts/100/locations/200/reviews",
            "google_business",
            "accounts/100/locations/200",
        ),
    ],
)
def test_a_shops_address_is_recognised(url: str, kind: str, target: str) -> None:
    assert recognise(url) == (kind, target)
    source_of(kind).check_target(target)


@pytest.mark.parametrize(
    "url",
    [
        "https://store.steampowered.com/search/?term=bep", "https://www.trustpilot.com/categories",
        "https://shopee.vn/flash_sale", "https://www.lazada.vn/catalog/?q=noi",
        "https://play.google.com/store/apps/dev?id=1", "https://www.yelp.com/search?find_desc=x",
        "https://judge.me/pricing", "https://www.google.com/maps/place/Lua+May/",
    ],
)  # fmt: skip
def test_other_pages_of_a_shop_are_left_to_the_page_reader(url: str) -> None:
    assert recognise(url) == ("page", url)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("steam", "bếp"), ("woocommerce", "http://luamay.example"), ("trustpilot", "Lúa Mây"),
        ("google_places", "Quận 3"), ("judgeme", "luamay.myshopify.com"), ("googleplay", "luamay"),
        ("shopee_shop", "luamay"), ("lazada_shop", "98800117"), ("lazada_shop", "us/98800117"),
        ("yelp", ""), ("zendesk", "luamay"), ("freshdesk", "luamay.example"), ("chatwoot", "3"),
        ("typeform", "khảo sát"), ("surveymonkey", "abc"), ("google_business", "accounts/1"),
        ("tokopedia", "https://www.tokopedia.com/luamay/blender"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_read_is_refused_with_the_next_step(kind: str, target: str) -> None:
    with pytest.raises(ConfigError) as refused_:
        source_of(kind).check_target(target)
    assert refused_.value.next_step


@pytest.mark.parametrize("kind", [each for each in FETCHED if source_of(each).keys])
def test_a_visit_without_its_key_is_told_how_to_connect(kind: str) -> None:
    source = source_of(kind)
    with pytest.raises(ConfigError, match=f"earful connect {kind}"):
        source.sign(source.first(order(kind)), order(kind), now=SEEN)


@pytest.mark.parametrize("kind", FETCHED)
def test_secrets_enter_by_the_signature_alone(kind: str) -> None:
    source = source_of(kind)
    named = {name: SECRETS[name] for name in source.keys}
    first = source.first(order(kind, **named))
    signed = source.sign(first, order(kind, **named), now=SEEN)
    hidden = [value for name, value in named.items() if name not in ("email", "partner_id")]
    assert not any(value in repr(first) for value in hidden)
    assert (signed != first) == bool(named)
    assert urlsplit(signed.url).scheme == "https"


def test_shopee_is_signed_with_path_time_token_and_shop() -> None:
    source, named = source_of("shopee_shop"), {k: SECRETS[k] for k in source_of("shopee_shop").keys}
    mine = order("shopee_shop", **named)
    signed = source.sign(source.first(mine), mine, now=SEEN)
    sent = dict(parse_qsl(urlsplit(signed.url).query, keep_blank_values=True))
    base = f"2001/api/v2/product/get_comment{int(SEEN.timestamp())}s-tok4400123"
    assert sent["sign"] == hmac.new(b"s-pk", base.encode(), hashlib.sha256).hexdigest()
    assert (sent["timestamp"], sent["cursor"]) == (str(int(SEEN.timestamp())), "")
    assert "s-pk" not in signed.url


def test_lazada_is_signed_over_all_parameters_by_name() -> None:
    source, named = source_of("lazada_shop"), {k: SECRETS[k] for k in source_of("lazada_shop").keys}
    mine = order("lazada_shop", **named)
    signed = source.sign(source.first(mine), mine, now=SEEN)
    sent = dict(parse_qsl(urlsplit(signed.url).query))
    base = (
        "/review/seller/listaccess_tokens-tokapp_keys-akcurrent1item_id98800117page_size50"
        f"sign_methodsha256timestamp{int(SEEN.timestamp())}000"
    )
    assert sent["sign"] == hmac.new(b"s-as", base.encode(), hashlib.sha256).hexdigest().upper()
    assert "s-as" not in signed.url


def test_a_pair_of_keys_goes_as_basic_authorization() -> None:
    source, named = source_of("woocommerce"), {k: SECRETS[k] for k in source_of("woocommerce").keys}
    signed = source.sign(
        Ask(url="https://luamay.example/"), order("woocommerce", **named), now=SEEN
    )
    scheme, _, pair = dict(signed.headers)["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair)) == ("Basic", b"s-ck:s-cs")


def test_tokopedia_is_never_asked() -> None:
    source = source_of("tokopedia")
    assert not source.is_fetched
    assert recognise("https://www.tokopedia.com/luamay/blender") is not None
    with pytest.raises(ConfigError, match="earful parse tokopedia"):
        source.first(Order(watch_id=1, kind="tokopedia", target="1"))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"xin ch\xc3\xa0o", b"null", b"7", b'{"x": 1}', b'"Shop"']
)
def test_an_answer_in_another_shape_is_changed(kind: str, body: bytes) -> None:
    with pytest.raises(SourceChanged):
        read(kind, body, "https://luamay.example/a.json")


@pytest.mark.parametrize("kind", ALL)
def test_a_challenge_page_is_blocked(kind: str) -> None:
    wall = b"<!doctype html><title>Just a moment...</title><p>Verify you are human: captcha</p>"
    with pytest.raises((SourceBlocked, SourceChanged)) as met:
        read(kind, wall, "https://luamay.example/a.json")
    assert isinstance(met.value, SourceBlocked) or kind == "judgeme"


@pytest.mark.parametrize(
    ("kind", "body", "error", "words"),
    [
        (
            "shopee_shop",
            {"error": "invalid_access_token", "message": "Invalid access_token"},
            SourceBlocked,
            "Invalid access_token.*earful connect shopee_shop",
        ),
        ("shopee_shop", {"error": "error_param", "message": "no shop"}, SourceChanged, "no shop"),
        ("shopee_shop", {"error": 90309999, "data": None}, SourceBlocked, "90309999"),
        (
            "lazada_shop",
            {"code": "IllegalAccessToken", "type": "ISV", "message": "expired"},
            SourceBlocked,
            "expired.*earful connect lazada_shop",
        ),
        ("lazada_shop", {"code": "E1", "message": "NULL_ITEMID"}, SourceChanged, "NULL_ITEMID"),
        (
            "google_places",
            {"status": "REQUEST_DENIED", "error_message": "key sai"},
            SourceBlocked,
            "key sai",
        ),
        ("google_places", {"status": "NOT_FOUND"}, SourceChanged, "NOT_FOUND"),
        ("steam", {"success": 2}, SourceChanged, "no such game"),
        ("tokopedia", {"errors": [{"message": "Too many requests"}]}, SourceBlocked, "Too many"),
        ("zendesk", {"error": "Couldn't authenticate you"}, SourceBlocked, "authenticate"),
        ("trustpilot", {"message": "Invalid business unit"}, SourceChanged, "Invalid business"),
    ],
)  # fmt: skip
def test_an_error_answer_with_200_is_told_in_its_own_words(
    kind: str, body: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        read(kind, body)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (
            401,
            {"code": "woocommerce_rest_cannot_view", "message": "Rất tiếc"},
            SourceBlocked,
            "Rất",
        ),
        (403, {"error": {"code": 403, "message": "No access"}}, SourceBlocked, "No access"),
        (400, {"errors": [{"detail": "bad page"}]}, SourceChanged, "bad page"),
        (400, {"message": "token expired"}, SourceBlocked, "token expired"),
        (429, {"message": "slow down"}, None, ""),
        (503, {"message": "maintenance"}, None, ""),
        (404, b"<h1>404</h1>", None, ""),
        (404, {}, None, ""),
    ],
)
def test_an_error_status_is_told_in_its_own_words(
    status: int, body: object, error: type[Exception] | None, words: str
) -> None:
    said = refused(answered("yelp", body, status=status), kind="yelp")
    assert (type(said) if said else None) is error
    assert words in str(said)


@pytest.mark.parametrize("kind", [each for each in FETCHED if each not in ("steam", "judgeme")])
def test_a_keyed_source_hears_what_refuses_it(kind: str) -> None:
    said = source_of(kind).refusal(answered(kind, {"message": "Forbidden"}, status=403))
    assert isinstance(said, SourceBlocked)


def test_what_a_row_gave_before_it_failed_is_kept() -> None:
    def two(row: int) -> Iterator[RawItem]:
        return (RawItem(key={0: "a", 1: "b"}[number]) for number in range(row))

    items, problems = read_many([1, 1, 1, 1, 1, 3], two, kind="tiki")
    assert [item.key for item in items] == ["a"] * 6 + ["b"]
    assert [problem.code for problem in problems] == ["bad-item"]


def test_parameters_are_set_and_the_others_stay() -> None:
    url = with_query("https://a.example/x?q=l%C3%BAa&cursor=&page=1#p", page=2, q="mây")
    assert url == "https://a.example/x?q=m%C3%A2y&cursor=&page=2#p"
    assert (asked_for(url, "q"), asked_for(url, "none")) == ("mây", "")
    assert secret(order("yelp", api_key="k"), "api_key") == "k"


def test_personal_fields_are_emptied_whatever_they_hold() -> None:
    body = b'{"email": "a\\"b@x.example", "note": "email", "phone":null, "phone" : "09"}'
    kept = emptied(answered("zendesk", body), "email", "phone").body
    assert json.loads(kept) == {"email": "", "note": "email", "phone": ""}


# Steam


def steam(**changed: object) -> dict[str, object]:
    return {
        "recommendationid": "1", "author": {"steamid": "7"}, "review": "Hay", "voted_up": True,
        "timestamp_created": 1762743600, **changed,
    }  # fmt: skip


@pytest.mark.parametrize(("thumb", "stars"), [(True, 5.0), (False, 1.0)])
def test_a_thumb_is_five_stars_or_one(thumb: bool, stars: float) -> None:
    (item,) = read("steam", {"success": 1, "reviews": [steam(voted_up=thumb)]}).items
    assert normalise(item, source="steam", fetched_at=SEEN).stars == stars


def test_a_thumb_that_is_none_is_a_changed_site() -> None:
    with pytest.raises(SourceChanged, match="voted_up"):
        read("steam", {"success": 1, "reviews": [steam(voted_up=None)]})


@pytest.mark.parametrize(
    ("asked", "cursor", "rows", "following"),
    [
        ("*", "AoJ+/=", [steam()], "AoJ+/="),
        ("AoJ+/=", "AoJ+/=", [steam()], None),
        ("AoJ+/=", "AoJx", [], None),
    ],
)
def test_reviews_end_when_the_cursor_repeats(
    asked: str, cursor: str, rows: list[object], following: str | None
) -> None:
    url = with_query(source_of("steam").first(order("steam")).url, cursor=asked)
    page = read("steam", {"success": 1, "reviews": rows, "cursor": cursor}, url)
    assert (asked_for(page.next.url, "cursor") if page.next else None) == following
    assert page.is_end == (following is None)


# WooCommerce


def woo(number: int, **changed: object) -> dict[str, object]:
    return {
        "id": number, "product_id": 7, "status": "approved", "reviewer": "Na", "rating": 4,
        "review": "<p>Ổn</p>", "date_created_gmt": "2025-11-10T03:00:00", **changed,
    }  # fmt: skip


@pytest.mark.parametrize("status", ["hold", "spam"])
def test_a_review_the_shop_does_not_show_is_left_out_and_said(status: str) -> None:
    page = read("woocommerce", {"data": [woo(1), woo(2, status=status)]})
    assert [item.key for item in page.items] == ["1"]
    assert [(each.code, each.key) for each in page.problems] == [("bad-item", "2")]
    assert status in page.problems[0].words


def test_a_full_page_of_reviews_leads_to_the_next() -> None:
    page = read("woocommerce", [woo(n) for n in range(100)])
    assert page.next
    assert asked_for(page.next.url, "page") == "2"
    assert (page.source, page.is_end) == ("luamay.example", False)
    assert read("woocommerce", []).is_end


# Trustpilot


def test_a_domain_is_looked_up_before_its_reviews() -> None:
    unit = "61a2b3c4d5e6f70812345678"
    first = source_of("trustpilot").first(order("trustpilot"))
    assert first.url.endswith("/business-units/find?name=luamay.example")
    page = read("trustpilot", {"id": unit, "displayName": "Lúa Mây"}, first.url)
    assert page.next
    assert f"/business-units/{unit}/reviews?perPage=100" in page.next.url
    with pytest.raises(SourceChanged, match="number"):
        read("trustpilot", {"id": "x"}, first.url)


def test_an_api_review_is_read_with_its_reply() -> None:
    row = {
        "id": "r1", "title": "Tệ", "text": "Máy rò nước", "stars": 1, "language": "vi",
        "createdAt": "2025-11-10T03:00:00Z", "updatedAt": "2025-11-10T04:00:00Z",
        "consumer": {"displayName": "Mộc"}, "numberOfLikes": 2,
        "companyReply": {"text": "Xin lỗi bạn", "createdAt": "2025-11-11T03:00:00Z"},
    }  # fmt: skip
    url = "https://api.trustpilot.com/v1/business-units/61a2b3c4d5e6f70812345678/reviews?page=1"
    page = read("trustpilot", {"reviews": [row], "links": []}, url)
    review, reply = page.items
    assert (review.stars, review.edited, review.likes) == (1, "2025-11-10T04:00:00Z", 2)
    assert (reply.key, reply.parent, reply.speaker) == ("r1/reply", "r1", Speaker.STAFF)
    assert page.is_end


def saved(shown: int, there_are: int) -> bytes:
    told = {
        "businessUnit": {"displayName": "Lúa Mây", "numberOfReviews": there_are},
        "reviews": [],
        "filters": {
            "pagination": {"currentPage": 1, "totalPages": 1, "totalCount": shown},
            "selected": {"languages": "vi"},
        },
    }
    state = json.dumps({"props": {"pageProps": told}})
    return f'<html><script id="__NEXT_DATA__">{state}</script></html>'.encode()


def test_a_page_filtered_by_language_says_so() -> None:
    (problem,) = read("trustpilot", saved(12, 40)).problems
    assert (problem.code, "vi): 12 of 40" in problem.words) == ("truncated", True)
    assert read("trustpilot", saved(40, 40)).problems == ()


def test_a_page_whose_state_moved_is_changed() -> None:
    with pytest.raises(SourceChanged, match="state"):
        read("trustpilot", b'<html><script id="__NEXT_DATA__">{"props": {}}</script></html>')


# Google


def test_the_older_answer_keys_a_review_by_who_and_when() -> None:
    row = {
        "author_name": "Tú", "author_url": "https://maps.example/1", "rating": 2, "text": "Lâu",
        "time": 1762743600, "language": "vi",
    }  # fmt: skip
    result = {"name": "Lúa Mây", "reviews": [row], "user_ratings_total": 1}
    page = read("google_places", {"status": "OK", "result": result})
    assert [item.key for item in page.items] == ["https://maps.example/1#1762743600"]
    assert (page.total, page.is_end) == (1, True)


@pytest.mark.parametrize("body", [{"displayName": {"text": "Lúa Mây"}}, {"name": "x", "id": "y"}])
def test_a_place_without_reviews_is_empty_not_broken(body: object) -> None:
    assert read("google_places", body).items == ()


def test_an_own_place_without_reviews_is_at_its_end() -> None:
    page = read("google_business", {})
    assert (page.items, page.is_end) == ((), True)
    assert read("googleplay", {}).is_end


@pytest.mark.parametrize(
    ("sent", "own"),
    [
        ("(Translated by Google) Bad\n\n(Original)\nTệ quá", "Tệ quá"),
        ("Tệ quá\n\n(Translated by Google)\nVery bad", "Tệ quá"),
        ("Good (original taste)", "Good (original taste)"),
    ],
)
def test_the_customers_own_words_are_taken(sent: str, own: str) -> None:
    row = {
        "reviewId": "1", "starRating": "TWO", "comment": sent, "createTime": "2025-11-10T03:00:00Z"
    }  # fmt: skip
    (item,) = read("google_business", {"reviews": [row]}).items
    assert item.text == own


def test_an_unknown_star_word_fails_loudly() -> None:
    row = {"reviewId": "1", "starRating": "STAR_RATING_UNSPECIFIED", "createTime": "2025-11-10"}
    with pytest.raises(SourceChanged, match="STAR_RATING"):
        read("google_business", {"reviews": [row]})


def test_a_scrapers_list_of_app_reviews_is_read() -> None:
    row = {
        "reviewId": "u-1", "userName": "Na", "content": "Lag", "score": 2, "thumbsUpCount": 1,
        "at": 1762743600, "replyContent": "Xin lỗi", "repliedAt": 1762830000, "appVersion": None,
    }  # fmt: skip
    review, reply = read("googleplay", [row]).items
    assert (review.stars, review.posted, review.variation) == (2, 1762743600, None)
    assert (reply.parent, reply.posted, reply.speaker) == ("u-1", 1762830000, Speaker.STAFF)


# Judge.me, Shopee, Lazada, Yelp


def test_a_widget_without_a_further_page_is_at_its_end() -> None:
    page = read("judgeme", {"html": "<div class='jdgm-rev-widg__reviews'></div>", "total_count": 0})
    assert (page.items, page.next, page.is_end, page.total) == ((), None, True, 0)


def test_saved_shop_ratings_are_read_and_their_lists_may_be_null() -> None:
    row = {
        "cmtid": 9, "rating_star": 1, "ctime": 1762743600, "itemid": 8, "shopid": 4,
        "comment": "Màu sắc:Đỏ\n\nVỡ nắp", "author_username": "p*****8", "like_count": None,
        "product_items": [{"name": "Nồi", "model_name": "1,8 lít"}],
        "ItemRatingReply": {"comment": "Shop đổi ạ", "ctime": 1762830000},
    }  # fmt: skip
    url = "https://shopee.vn/api/v2/item/get_ratings?itemid=8&shopid=4"
    told = {"ratings": [row], "item_rating_summary": {"rating_total": 31}}
    page = read("shopee_shop", {"error": 0, "error_msg": None, "data": told}, url)
    review, reply = page.items
    assert (review.key, review.text, review.variation) == ("9", "Vỡ nắp", "1,8 lít")
    assert review.url == "https://shopee.vn/product/4/8"
    assert (reply.speaker, page.total) == (Speaker.STAFF, 31)
    for empty in (None, {"ratings": None}, {"items": []}):
        assert read("shopee_shop", {"error": 0, "data": empty}, url).items == ()


@pytest.mark.parametrize(
    ("told", "following", "is_end"),
    [
        ({"more": True, "next_cursor": "c2"}, "c2", False),
        ({"more": False, "next_cursor": ""}, None, True),
        ({}, None, False),
    ],
)
def test_a_shop_ends_where_it_says_so(
    told: dict[str, object], following: str | None, is_end: bool
) -> None:
    page = read("shopee_shop", {"error": "", "response": {"item_comment_list": [], **told}})
    assert (asked_for(page.next.url, "cursor") if page.next else None) == following
    assert page.is_end is is_end


def test_a_later_review_of_an_order_has_no_stars_of_its_own() -> None:
    reviews = [
        {"id": 1, "review_type": "PRODUCT_REVIEW", "review_content": "Tốt", "create_time": 1},
        {"id": 2, "review_type": "FOLLOW_UP_REVIEW", "review_content": "Hỏng", "create_time": 2},
    ]
    told = {"item_id": 3, "ratings": {"product_rating": 5}, "reviews": reviews}
    listing = {"total": 1, "current": 1, "page_size": 50, "data": [told]}
    page = read("lazada_shop", {"code": "0", "data": listing})
    assert [(item.stars, item.parent) for item in page.items] == [(5, None), (None, "1")]
    assert (page.is_end, page.total) == (True, 1)
    with pytest.raises(SourceChanged, match="page"):
        read("lazada_shop", {"code": "0", "data": {"data": []}})


def test_a_saved_lazada_answer_takes_the_time_that_is_one() -> None:
    row = {
        "reviewRateId": 12345678901234, "rating": 4, "reviewContent": "Ok", "buyerName": None,
        "reviewTime": "2 weeks ago", "zonedReviewTime": 1762743600000, "upVotes": -1,
        "skuInfo": "Xanh",
    }  # fmt: skip
    model = {"items": [row], "paging": {"totalItems": 7}}
    page = read("lazada_shop", {"success": True, "model": model})
    assert page.total == 7
    mention = normalise(page.items[0], source="lazada_shop", fetched_at=SEEN)
    assert (mention.key, mention.likes) == ("12345678901234", None)
    assert mention.posted_at == datetime(2025, 11, 10, 3, 0, tzinfo=UTC)
    assert read("lazada_shop", {"success": True, "model": {"items": None}}).items == ()


def test_a_saved_list_of_yelp_is_read_by_the_sites_own_ids() -> None:
    row = {
        "encid": "e1", "rating": 5, "createdAt": "2025-11-10T03:00:00Z",
        "text": {"full": "Tuyệt vời", "language": "vi"}, "author": {"displayName": "Mộc L."},
        "business": {"alias": "lua-may", "name": "Lúa Mây"}, "feedback": {"usefulCount": 3},
    }  # fmt: skip
    (item,) = read("yelp", [row]).items
    assert (item.key, item.likes, item.language) == ("e1", 3, "vi")
    assert item.url == "https://www.yelp.com/biz/lua-may?hrid=e1"
