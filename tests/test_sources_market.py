"""Shops and review sites: what their samples do not show."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawlers.asking import asked_for, with_query
from crawlers.registry import source_of
from ingest.errors import SourceChanged
from ingest.mention import Speaker
from ingest.normalise import normalise
from ingest.page import Fetched, Page
from ingest.visit import Order

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
TARGETS = {
    "steam": "480000", "woocommerce": "https://luamay.example", "trustpilot": "luamay.example",
    "google_places": "ChIJluamay0000000003", "judgeme": "luamay.myshopify.com/9880",
    "googleplay": "vn.luamay.app", "shopee_shop": "4400123", "lazada_shop": "vn/98800117",
    "yelp": "lua-may-san-jose", "google_business": "accounts/100/locations/200",
}  # fmt: skip


def order(kind: str) -> Order:
    return Order(watch_id=1, kind=kind, target=TARGETS[kind])


def read(kind: str, body: object, url: str = "") -> Page:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = url or source_of(kind).first(order(kind)).url
    return source_of(kind).read(Fetched(url=address, body=content, fetched_at=SEEN))


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


TIKI = "https://tiki.vn/api/v2/reviews?product_id=7"


@pytest.mark.parametrize(
    "change",
    [
        {"stars": {"5": 7}},
        {"stars": {"5": {"count": "many"}}},
        {"stars": {"x": {"count": 1}}},
        {"stars": None},
    ],
)
def test_a_broken_count_of_stars_costs_no_review(change: dict[str, object]) -> None:
    paging = {"total": "a few", "current_page": 1, "last_page": 1}
    page = read("tiki", {"data": [], "paging": paging} | change, TIKI)
    assert (page.stars, page.total, page.is_end) == ({}, None, True)
    with pytest.raises(SourceChanged):
        read("tiki", {"data": [], "paging": "gone"}, TIKI)
