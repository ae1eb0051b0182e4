"""What all shops, surveys and help desks share: addresses, targets, signatures, refusals."""

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
from crawlers.asking import asked_for, with_query
from crawlers.base import secret
from crawlers.registry import recognise, source_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged
from ingest.mention import RawItem
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
    with pytest.raises(ConfigError, match="earful import FILE"):
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
