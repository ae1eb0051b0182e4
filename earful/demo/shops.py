"""The sample shop's review API and the sample app store's review feed, in the real shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.builder import ElementMaker

from earful.demo.catalogue import APP_ID, APP_NAME, PRODUCTS, ZONE, Product
from earful.demo.posts import Post, at_place
from earful.demo.reply import ATOM, NOT_FOUND, TEXT, Reply, json_reply

_CANNED_TITLES = {
    1: "Rất không hài lòng",
    2: "Không hài lòng",
    3: "Bình thường",
    4: "Hài lòng",
    5: "Cực kì hài lòng",
}
_SELLER = {"id": 41877, "name": "Lúa Mây Chính Hãng", "logo": ""}
_SHOP_ANSWERS = {
    "five-star-defect": "Dạ Lúa Mây rất xin lỗi chị vì bản lề bị lệch, bên em gửi nắp mới ngay ạ.",
}
_APP_PAGE_SIZE = 50
_APP_LAST_PAGE = 10
_CUPERTINO = ZoneInfo("America/Los_Angeles")


def shop_reviews(query: Mapping[str, str], *, now: datetime) -> Reply:
    """Answer `/api/v2/reviews?product_id=&page=&limit=&sort=` of the shop."""
    code = next((c for c, p in PRODUCTS.items() if str(p.shop_id) == query.get("product_id")), "")
    if not code:
        return NOT_FOUND
    everything = at_place("tiki", now=now, product=code)
    shown = _sorted(everything, query.get("sort", ""))
    limit = max(1, min(20, int(query.get("limit", "5"))))
    page = max(1, int(query.get("page", "1")))
    last_page = max(1, -(-len(shown) // limit))
    start = (page - 1) * limit
    part = shown[start : start + limit]
    return json_reply(
        {
            **_stars(everything),
            "reviews_count": len(everything),
            "review_photo": {"total": 0, "total_photo": 0},
            "data": [_review(post, PRODUCTS[code], now=now) for post in part],
            "paging": {
                "total": len(everything),
                "per_page": limit,
                "current_page": page,
                "last_page": last_page,
                "from": start + 1 if part else None,
                "to": start + len(part) if part else None,
            },
            "sort_options": [],
            "exclude_image": False,
            "attribute_vote_summary": [],
        }
    )


def _sorted(posts: Sequence[Post], sort: str) -> list[Post]:
    """Newest first for `id|desc` (also as one of several words), else most helpful first."""
    if "id|desc" in sort:
        return sorted(posts, key=lambda post: int(post.key), reverse=True)
    return sorted(posts, key=lambda post: (len(post.text), post.key), reverse=True)


def _stars(posts: Sequence[Post]) -> dict[str, object]:
    counts = {star: sum(post.stars == star for post in posts) for star in range(1, 6)}
    total = max(1, len(posts))
    return {
        "stars": {
            str(star): {"count": count, "percent": round(100 * count / total)}
            for star, count in counts.items()
        },
        "rating_average": round(sum(star * n for star, n in counts.items()) / total, 1),
    }


def _review(post: Post, product: Product, *, now: datetime) -> dict[str, object]:
    customer = 20000000 + int(post.key) % 9_000_000
    replies = _replies(post)
    return {
        "id": int(post.key),
        "title": _CANNED_TITLES[post.stars or 5],
        "content": post.sent,
        "status": "approved",
        "thank_count": 0,
        "score": 0.5,
        "new_score": 0.1,
        "customer_id": customer,
        "comment_count": len(replies),
        "comments": replies,
        "rating": post.stars,
        "images": [],
        "thanked": False,
        "created_at": int(post.at.timestamp()),
        "created_by": _customer(post, customer),
        "suggestions": [],
        "attributes": [],
        "product_attributes": [],
        "spid": product.shop_id + 1,
        "is_photo": False,
        "seller": _SELLER,
        "product_id": product.shop_id,
        "timeline": _timeline(post, now=now),
        "vote_attributes": {"agree": [], "disagree": []},
        "delivery_rating": [],
    }


def _replies(post: Post) -> list[dict[str, object]]:
    if post.name not in _SHOP_ANSWERS:
        return []
    return [
        {
            "id": int(post.key) + 5_000_000,
            "review_id": int(post.key),
            "content": _SHOP_ANSWERS[post.name],
            "fullname": _SELLER["name"],
            "commentator": "seller",
            "create_at": int((post.at + timedelta(minutes=50)).timestamp()),
        }
    ]


def _customer(post: Post, customer: int) -> dict[str, object]:
    return {
        "id": customer,
        "name": post.author,
        "full_name": post.author,
        "region": None,
        "avatar_url": "//tiki.vn/avatar.png",
        "created_time": "2021-03-08 10:15:00",
        "group_id": 8,
        "purchased": True,
        "purchased_at": int((post.at - timedelta(days=12)).timestamp()),
        "contribute_info": {
            "id": customer,
            "name": post.author,
            "avatar": "//tiki.vn/avatar.png",
            "summary": {
                "joined_time": "Đã tham gia 5 năm",
                "total_review": 3,
                "total_thank": 1,
            },
        },
    }


def _timeline(post: Post, *, now: datetime) -> dict[str, str]:
    return {
        "review_created_date": _naive(post.at),
        "delivery_date": _naive(post.at - timedelta(days=9)),
        "current_date": _naive(now),
        "content": "Đã dùng 9 ngày",
        "explain": "Khi viết đánh giá, khách hàng đã dùng sản phẩm 9 ngày",
    }


def _naive(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


_APP_PATH = re.compile(
    r"/(?P<country>[a-z]{2})/rss/customerreviews/(?:page=(?P<page>\d+)/)?id=(?P<app>\d+)"
    r"(?:/sort[Bb]y=most[Rr]ecent)?/(?P<format>json|xml)"
)


def app_reviews(path: str, *, now: datetime) -> Reply:
    """Answer the app store's review feed of one country, page by page, JSON or XML."""
    asked = _APP_PATH.fullmatch(path)
    if asked is None:
        return NOT_FOUND
    page = int(asked["page"] or 1)
    if page > _APP_LAST_PAGE:
        return Reply("CustomerReviews RSS page depth is limited to 10", TEXT, status=400)
    start = (page - 1) * _APP_PAGE_SIZE
    posts = at_place("appstore", now=now, product=f"app-{asked['country']}")
    if asked["app"] != str(APP_ID):
        posts = []
    shown = posts[start : start + _APP_PAGE_SIZE]
    make = _app_json if asked["format"] == "json" else _app_xml
    return make(shown, asked["country"], at=posts[0].at if posts else now)


def _app_json(posts: Sequence[Post], country: str, *, at: datetime) -> Reply:
    feed: dict[str, object] = {
        "author": {"name": {"label": "iTunes Store"}, "uri": {"label": "http://www.apple.com/"}},
        "updated": {"label": at.astimezone(_CUPERTINO).isoformat()},
        "rights": {"label": "Copyright 2008 Apple Inc."},
        "title": {"label": "iTunes Store: Customer Reviews"},
        "link": [],
        "id": {"label": f"https://itunes.apple.com/{country}/rss/customerreviews/id={APP_ID}"},
    }
    if posts:  # the real feed leaves the field out when there is nothing
        feed["entry"] = [_app_entry(post) for post in posts]
    return json_reply({"feed": feed}, is_kept=True)


def _app_entry(post: Post) -> dict[str, object]:
    country = post.product.removeprefix("app-")
    return {
        "author": {
            "uri": {"label": f"https://itunes.apple.com/{country}/reviews/id{post.key[-7:]}"},
            "name": {"label": post.author},
            "label": "",
        },
        "im:version": {"label": "3.2.0"},
        "im:rating": {"label": str(post.stars)},
        "id": {"label": post.key},
        "title": {"label": post.title},
        "content": {"label": post.sent, "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": _app_link(country)}},
        "im:voteSum": {"label": "0"},
        "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
        "im:voteCount": {"label": "0"},
    }


def _app_link(country: str) -> str:
    return f"https://itunes.apple.com/{country}/review?id={APP_ID}&type=Purple%20Software"


_IM = "http://itunes.apple.com/rss"
_AT = ElementMaker(
    namespace="http://www.w3.org/2005/Atom", nsmap={None: "http://www.w3.org/2005/Atom", "im": _IM}
)
_RATED = ElementMaker(namespace=_IM, nsmap={"im": _IM})


def _app_xml(posts: Sequence[Post], country: str, *, at: datetime) -> Reply:
    feed = _AT.feed(
        _AT.id(f"https://itunes.apple.com/{country}/rss/customerreviews/id={APP_ID}/xml"),
        _AT.title("iTunes Store: Customer Reviews"),
        _AT.updated(at.astimezone(_CUPERTINO).isoformat()),
        _AT.author(_AT.name("iTunes Store"), _AT.uri("http://www.apple.com/")),
        *(_app_entry_xml(post, country) for post in posts),
    )
    body = etree.tostring(feed, encoding="unicode")
    return Reply(f'<?xml version="1.0" encoding="utf-8"?>\n{body}', ATOM, is_kept=True)


def _app_entry_xml(post: Post, country: str) -> Any:
    return _AT.entry(
        _AT.updated(post.at.astimezone(_CUPERTINO).isoformat()),
        _AT.id(post.key),
        _AT.title(post.title),
        _AT.content(post.sent, type="text"),
        _RATED.contentType(term="Application", label="Application"),
        _RATED.voteSum("0"),
        _RATED.voteCount("0"),
        _RATED.rating(str(post.stars)),
        _RATED.version("3.2.0"),
        _AT.author(
            _AT.name(post.author),
            _AT.uri(f"https://itunes.apple.com/{country}/reviews/id{post.key[-7:]}"),
        ),
        _AT.link(rel="related", href=_app_link(country)),
        _AT.content(f"<b>{APP_NAME}</b>: {post.stars}/5", type="html"),
    )
