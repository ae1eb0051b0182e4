"""The demo's sample web answers as real sites do, shows no future, and keeps a log."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from crawlers.policy import allowed
from crawlers.spiders import appstore, feed, hackernews, mastodon, page, tiki
from earful.demo import catalogue, story
from earful.demo.catalogue import NOW, PRODUCTS, ZONE
from earful.demo.history import PLANS
from earful.demo.posts import Post, Truth, all_posts, at_place, named
from earful.demo.story import FORBIDDEN, HISTORY_NOW
from earful.demo.web import SampleWeb
from ingest.mention import Mention, Speaker
from ingest.normalise import normalise_page
from ingest.page import Ask, Fetched
from ingest.visit import Order

READERS = {
    each.SOURCE.kind: each.SOURCE for each in (appstore, feed, hackernews, mastodon, page, tiki)
}
SHOP_API = "/api/v2/reviews?product_id={}&limit=20&sort=id%7Cdesc&page={}"
XML_PATHS = [
    (catalogue.FORUM, "/rss"),
    (catalogue.NEWS, "/rss"),
    (catalogue.BREAKING, "/rss"),
    (catalogue.BLOG, "/atom.xml"),
    (catalogue.APP_STORE, f"/vn/rss/customerreviews/page=1/id={catalogue.APP_ID}/xml"),
]
BEFORE_THE_BREAK = catalogue.BREAKS_AT - timedelta(minutes=1)


@pytest.fixture
def web() -> Iterator[SampleWeb]:
    with SampleWeb() as running:
        yield running


def get(web: SampleWeb, host: str, path: str, **headers: str) -> tuple[HTTPResponse, str]:
    wire = HTTPConnection(web.address, timeout=5)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    wire.request("GET", path, headers={"Host": host, **sent})
    response = wire.getresponse()
    body = response.read().decode()
    wire.close()
    return response, body


def get_json(web: SampleWeb, host: str, path: str) -> Any:
    return json.loads(get(web, host, path)[1])


def shop_pages(web: SampleWeb, code: str) -> list[Any]:
    pages = [get_json(web, catalogue.SHOP, SHOP_API.format(PRODUCTS[code].shop_id, 1))]
    while pages[-1]["paging"]["current_page"] < pages[-1]["paging"]["last_page"]:
        path = SHOP_API.format(PRODUCTS[code].shop_id, len(pages) + 1)
        pages.append(get_json(web, catalogue.SHOP, path))
    return pages


# the posts


def test_every_text_is_different_and_is_whole_nfc_vietnamese_or_english() -> None:
    texts = Counter(f"{post.title} {post.text}".strip() for post in all_posts())
    assert [text for text, times in texts.items() if times > 1] == []
    for text in texts:
        assert unicodedata.is_normalized("NFC", text)
        assert "\ufffd" not in text
        assert "  " not in text


def test_the_history_has_nine_weeks_without_an_empty_day_and_ends_in_a_spike() -> None:
    ours = [post for post in all_posts() if post.truth != Truth.ELSEWHERE]
    days = Counter(post.at.astimezone(ZONE).date() for post in ours)
    first = catalogue.FIRST_DAY.date()
    calm = [days[first + timedelta(days=n)] for n in range(61)]
    assert min(calm) >= 1
    assert max(calm) <= 8
    weeks = [sum(calm[n : n + 7]) for n in range(0, 56, 7)]
    assert min(weeks) >= 20, weeks
    assert days[catalogue.LAST_EVERYDAY.date()] >= 3 * max(calm), "no spike on Friday"
    assert 300 <= len(ours) <= 450


def test_at_least_180_texts_are_written_by_hand() -> None:
    joined = sum(plan.count for plan in PLANS)
    assert len(all_posts()) - joined >= 180


def test_native_ids_are_unique_in_their_place_and_rise_with_time() -> None:
    for place in {post.place for post in all_posts()}:
        here = [post for post in all_posts() if post.place == place]
        numbers = [int(post.key) for post in here]
        assert numbers == sorted(set(numbers))


def test_nobody_posts_after_the_present() -> None:
    assert max(post.at for post in all_posts()) < NOW


def test_the_false_friends_and_the_broken_text_are_what_they_are_called() -> None:
    assert "lúa mây trắng" in named("clouds").text
    assert named("lua-language").text.startswith("Lua may be")
    damaged = named("mojibake")
    assert damaged.sent.encode("cp1252").decode() == damaged.text


# the wire


def test_the_shop_pages_end_and_hold_every_review_once_newest_first(web: SampleWeb) -> None:
    for code in PRODUCTS:
        pages = shop_pages(web, code)
        assert len(pages) >= 2
        rows = [row for page in pages for row in page["data"]]
        posts = at_place("tiki", now=NOW, product=code)
        assert [str(row["id"]) for row in rows] == [post.key for post in posts]
        assert [row["content"] for row in rows] == [post.text for post in posts]
        assert pages[0]["paging"]["total"] == len(rows)
        beyond = get_json(web, catalogue.SHOP, SHOP_API.format(PRODUCTS[code].shop_id, 99))
        assert beyond["data"] == []


def test_a_shop_review_tells_its_time_twice_and_means_the_same(web: SampleWeb) -> None:
    for row in shop_pages(web, "xay")[0]["data"]:
        naive = datetime.fromisoformat(row["timeline"]["review_created_date"])
        assert naive.replace(tzinfo=ZONE).timestamp() == row["created_at"]


def test_the_shop_sorts_by_usefulness_unless_asked_for_the_newest(web: SampleWeb) -> None:
    product = PRODUCTS["noi18"].shop_id
    path = f"/api/v2/reviews?product_id={product}&page=1&limit=20"
    ids = [row["id"] for row in get_json(web, catalogue.SHOP, path)["data"]]
    assert ids != sorted(ids, reverse=True)


@pytest.mark.parametrize(("host", "path"), XML_PATHS)
def test_xml_is_well_formed_and_declared_with_its_charset(
    web: SampleWeb, host: str, path: str
) -> None:
    web.set_now(BEFORE_THE_BREAK)
    response, body = get(web, host, path)
    assert response.status == 200
    assert "xml; charset=utf-8" in (response.headers["Content-Type"] or "")
    root = etree.fromstring(body.encode())
    assert len(root.xpath("//*[local-name()='item' or local-name()='entry']")) >= 9


def test_the_app_store_answers_in_json_and_stops_at_page_ten(web: SampleWeb) -> None:
    path = f"/us/rss/customerreviews/page={{}}/id={catalogue.APP_ID}/sortBy=mostRecent/json"
    entries = get_json(web, catalogue.APP_STORE, path.format(1))["feed"]["entry"]
    posts = at_place("appstore", now=NOW, product="app-us")
    assert [entry["id"]["label"] for entry in entries] == [post.key for post in posts]
    assert "entry" not in get_json(web, catalogue.APP_STORE, path.format(2))["feed"]
    response, words = get(web, catalogue.APP_STORE, path.format(11))
    assert response.headers.get_content_type() == "text/plain"
    assert words.startswith("CustomerReviews RSS page depth is limited")


def test_the_brand_page_nests_its_reviews_under_a_product_in_a_graph(web: SampleWeb) -> None:
    _, page = get(web, catalogue.BRAND_SITE, "/noi-com-1-8l")
    script = etree.HTML(page).xpath("//script[@type='application/ld+json']")[0].text
    product = json.loads(script)["@graph"][1]
    assert product["aggregateRating"]["reviewCount"] == len(product["review"]) >= 25


def test_the_hacker_news_search_finds_the_brand_and_the_language(web: SampleWeb) -> None:
    path = "/api/v1/search_by_date?query=lua+may&tags=(story%2Ccomment)&hitsPerPage=4&page={}"
    first = get_json(web, catalogue.HACKER_NEWS, path.format(0))
    second = get_json(web, catalogue.HACKER_NEWS, path.format(1))
    found = [hit["objectID"] for page in (first, second) for hit in page["hits"]]
    assert found == [post.key for post in at_place("hackernews", now=NOW)]
    assert named("lua-language").key in found
    none = get_json(web, catalogue.HACKER_NEWS, "/api/v1/search_by_date?query=kettle+of+gold")
    assert none["hits"] == []


def test_the_mastodon_timeline_pages_by_max_id_and_ends(web: SampleWeb) -> None:
    found: list[str] = []
    path = "/api/v1/timelines/tag/luamay?limit=7"
    while rows := get_json(web, catalogue.SOCIAL, path + (f"&max_id={found[-1]}" if found else "")):
        found += [row["id"] for row in rows]
    assert found == [post.key for post in at_place("mastodon", now=NOW)]


def test_sites_show_only_what_was_posted_before_now(web: SampleWeb) -> None:
    for now in (*HISTORY_NOW, datetime(2026, 9, 20, tzinfo=UTC)):
        web.set_now(now)
        for code in PRODUCTS:
            for each in shop_pages(web, code):
                assert all(row["created_at"] < now.timestamp() for row in each["data"])
        _, forum = get(web, catalogue.FORUM, "/rss")
        burn: Post = named("burn")
        assert (burn.title in forum) is (burn.at < now)
    web.set_now(NOW)
    assert named("burn").title in get(web, catalogue.FORUM, "/rss")[1]


def test_a_feed_answers_304_until_something_new_is_posted(web: SampleWeb) -> None:
    web.set_now(HISTORY_NOW[0])
    first, _ = get(web, catalogue.FORUM, "/rss")
    etag = first.headers["ETag"] or ""
    again, body = get(web, catalogue.FORUM, "/rss", If_None_Match=etag)
    assert (again.status, body) == (304, "")
    web.set_now(NOW)
    later, _ = get(web, catalogue.FORUM, "/rss", If_None_Match=etag)
    assert later.status == 200


@pytest.mark.parametrize(
    ("host", "path"),
    [
        (catalogue.PODCAST, "/feed.json"),
        (catalogue.BRAND_SITE, "/noi-com-1-8l"),
        (catalogue.APP_STORE, f"/us/rss/customerreviews/page=1/id={catalogue.APP_ID}/xml"),
    ],
)
def test_a_site_where_nothing_happened_overnight_is_unchanged(
    web: SampleWeb, host: str, path: str
) -> None:
    quiet = named("app-sync-friday").at - timedelta(hours=2)
    web.set_now(quiet)
    etag = get(web, host, path)[0].headers["ETag"] or ""
    web.set_now(quiet + timedelta(minutes=20))
    assert get(web, host, path, If_None_Match=etag)[0].status == 304


def test_every_site_has_its_robots_txt_and_the_forum_closes_one_path(web: SampleWeb) -> None:
    hosts = {host for host, _ in XML_PATHS}
    hosts |= {catalogue.SHOP, catalogue.BRAND_SITE, catalogue.HACKER_NEWS, catalogue.SOCIAL}
    for host in hosts:
        response, words = get(web, host, "/robots.txt")
        assert response.status == 200
        assert words.startswith("User-agent: *")
    assert "Disallow: /riengtu/" in get(web, catalogue.FORUM, "/robots.txt")[1]
    assert f"https://{catalogue.FORUM}/riengtu/rss" == FORBIDDEN


def test_one_news_site_breaks_with_a_challenge_page_and_status_200(web: SampleWeb) -> None:
    web.set_now(BEFORE_THE_BREAK)
    assert "<rss" in get(web, catalogue.BREAKING, "/rss")[1]
    web.set_now(NOW)
    response, page = get(web, catalogue.BREAKING, "/rss")
    assert response.status == 200
    assert response.headers.get_content_type() == "text/html"
    assert "Đang kiểm tra trình duyệt" in page


def test_unknown_hosts_paths_and_products_are_not_found_and_all_is_logged(web: SampleWeb) -> None:
    assert get(web, "khong-co.example", "/")[0].status == 404
    assert get(web, catalogue.NEWS, "/khong-co", User_Agent="nghe/1")[0].status == 404
    assert get(web, catalogue.SHOP, SHOP_API.format(1, 1))[0].status == 404
    assert [seen.status for seen in web.requests] == [404, 404, 404]
    assert (web.requests[1].host, web.requests[1].path) == (catalogue.NEWS, "/khong-co")
    assert web.requests[1].agent == "nghe/1"


# what the sources' own readers make of it


def read_all(web: SampleWeb, kind: str, target: str) -> list[Mention]:
    """Walk a source page by page over the wire, as a visit does, and return its mentions."""
    source = READERS[kind]
    source.check_target(target)
    found: list[Mention] = []
    ask: Ask | None = source.first(Order(watch_id=1, kind=kind, target=target))
    while ask is not None:
        parts = urlsplit(ask.url)
        response, body = get(web, parts.netloc, f"{parts.path}?{parts.query}")
        fetched = Fetched(
            url=ask.url,
            status=response.status,
            headers={"content-type": response.headers["Content-Type"] or ""},
            body=body.encode(),
            fetched_at=web.now,
        )
        read = source.read(fetched)
        mentions, problems = normalise_page(read, fetched_at=web.now)
        assert (read.problems, problems) == ((), [])
        found += mentions
        ask = read.next
    return found


WALKS = [
    ("tiki", str(PRODUCTS["noi18"].shop_id), "tiki", "noi18"),
    ("tiki", str(PRODUCTS["xay"].shop_id), "tiki", "xay"),
    ("appstore", f"vn/{catalogue.APP_ID}", "appstore", "app-vn"),
    ("appstore", f"us/{catalogue.APP_ID}", "appstore", "app-us"),
    ("page", catalogue.BRAND_PAGE, "page", ""),
    ("page", catalogue.FORUM_CORNER, "corner", ""),
    ("feed", catalogue.FORUM_RSS, "forum", ""),
    ("feed", catalogue.NEWS_RSS, "news", ""),
    ("feed", catalogue.BLOG_ATOM, "blog", ""),
    ("feed", catalogue.PODCAST_FEED, "podcast", ""),
    ("hackernews", "lua may", "hackernews", ""),
    ("mastodon", f"{catalogue.SOCIAL}/luamay", "mastodon", ""),
]


@pytest.mark.parametrize(("kind", "target", "place", "product"), WALKS)
def test_the_real_readers_find_every_post_as_it_was_written(
    web: SampleWeb, kind: str, target: str, place: str, product: str
) -> None:
    mentions = read_all(web, kind, target)
    customers = [each for each in mentions if each.speaker is Speaker.CUSTOMER]
    posts = at_place(place, now=NOW, product=product)
    assert [each.key for each in customers] == [post.mention_key for post in posts]
    assert [each.text for each in customers] == [post.text for post in posts]
    assert [each.author for each in customers] == [post.author for post in posts]
    assert [each.posted_at for each in customers] == [post.at for post in posts]
    assert [each.stars for each in customers] == [post.stars for post in posts]
    assert {each.damage for each in customers} == {""}


def test_the_shops_own_answer_is_read_as_staff(web: SampleWeb) -> None:
    mentions = read_all(web, "tiki", str(PRODUCTS["noi18"].shop_id))
    staff = [each for each in mentions if each.speaker is Speaker.STAFF]
    assert [each.parent for each in staff] == [named("five-star-defect").key]
    assert len(staff) == len(story.EXPECTED_STAFF)


def test_every_watch_of_the_story_is_walked_here_or_is_shut() -> None:
    walked = {(kind, target) for kind, target, _, _ in WALKS}
    shut = {("feed", FORBIDDEN), ("feed", catalogue.BREAKING_RSS)}
    assert {(watch.kind, watch.target) for watch in story.WATCHES} == walked | shut


def test_robots_txt_lets_every_watch_in_but_the_forbidden_one(web: SampleWeb) -> None:
    for watch in story.WATCHES:
        order = Order(watch_id=1, kind=watch.kind, target=watch.target)
        url = READERS[watch.kind].first(order).url
        _, robots = get(web, urlsplit(url).netloc, "/robots.txt")
        assert allowed(robots, "earful/0.1", url) is (watch.target != FORBIDDEN)
