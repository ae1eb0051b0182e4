"""Sources: found by kind or address, asking the right thing, failing loudly on the wrong answer."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from crawlers.answers import read_each
from crawlers.base import Expect, Source, shortfall
from crawlers.registry import all_sources, recognise, source_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, UnreadableItem
from ingest.mention import RawItem
from ingest.page import Fetched, Page
from ingest.visit import Order

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
ALERT = "https://www.google.com/alerts/feeds/0123/4567"
CAPTCHA = b"<!doctype html><title>Just a moment...</title><p>Verify you are human: captcha</p>"


def fetched(body: object, url: str = "https://tiki.vn/api/v2/reviews?product_id=1") -> Fetched:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Fetched(url=url, body=content, fetched_at=SEEN)


@pytest.mark.parametrize(
    ("url", "kind", "target"),
    [
        ("https://tiki.vn/may-xay-sinh-to-p98800117.html?spid=98800118", "tiki", "98800117"),
        ("https://tiki.vn/api/v2/reviews?product_id=7&page=1", "tiki", "7"),
        ("https://apps.apple.com/vn/app/lua-may/id6400123", "appstore", "vn/6400123"),
        ("https://apps.apple.com/app/id6400123?l=vi", "appstore", "us/6400123"),
        (
            "https://itunes.apple.com/vn/rss/customerreviews/page=1/id=64/sortBy=mostRecent/xml",
            "appstore",
            "vn/64",
        ),
        ("https://hn.algolia.com/?q=l%C3%BAa+m%C3%A2y", "hackernews", "lúa mây"),
        ("https://mastodon.social/tags/luamay", "mastodon", "mastodon.social/luamay"),
        (
            "https://phonui.example/api/v1/timelines/tag/L%C3%BAaM%C3%A2y",
            "mastodon",
            "phonui.example/LúaMây",
        ),
        (
            "https://news.google.com/search?q=luamay&hl=vi",
            "google_news",
            "https://news.google.com/rss/search?q=luamay&hl=vi",
        ),
        (ALERT, "google_alerts", ALERT),
        (
            "https://bepnha.example/rss/tin-moi.rss",
            "feed",
            "https://bepnha.example/rss/tin-moi.rss",
        ),
        ("https://bepnha.example/f/17/index.rss", "feed", "https://bepnha.example/f/17/index.rss"),
        ("https://blog.example/feed/", "feed", "https://blog.example/feed/"),
        ("https://luamay.example/noi-com", "page", "https://luamay.example/noi-com"),
        ("https://blog.example/tags/bep", "page", "https://blog.example/tags/bep"),
    ],
)
def test_an_address_is_recognised_as_the_narrowest_source(url: str, kind: str, target: str) -> None:
    assert recognise(url) == (kind, target)
    source_of(kind).check_target(target)


@pytest.mark.parametrize("url", ["luamay", "/home/lan/tai ve", "ftp://x.example/", "http://[", ""])
def test_what_is_no_address_is_not_recognised(url: str) -> None:
    assert recognise(url) is None


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("tiki", "máy-xay"), ("tiki", "１２"), ("appstore", "6400123"), ("appstore", "VN/6400123"),
        ("mastodon", "luamay"), ("mastodon", "mastodon.social/#luamay"), ("hackernews", " "),
        ("google_news", ""), ("google_news", "https://bepnha.example/"), ("google_alerts", "x"),
        ("feed", "bepnha.example"), ("page", "http://"), ("file", "https://luamay.example/a.csv"),
    ],
)  # fmt: skip
def test_a_wrong_target_is_refused_with_the_next_step(kind: str, target: str) -> None:
    with pytest.raises(ConfigError) as refused:
        source_of(kind).check_target(target)
    assert refused.value.next_step


def test_an_unknown_kind_is_answered_with_the_kinds_there_are() -> None:
    with pytest.raises(ConfigError, match=r"shopee: no such kind.*appstore, .*tiki"):
        source_of("shopee")


@pytest.mark.parametrize(
    ("kind", "target", "options", "asked"),
    [
        ("tiki", "7", {}, "https://tiki.vn/api/v2/reviews?product_id=7&page=1&"),
        ("appstore", "vn/7", {}, "https://itunes.apple.com/vn/rss/customerreviews/page=1/id=7/"),
        ("hackernews", "lúa mây", {}, "search_by_date?query=l%C3%BAa+m%C3%A2y&tags=%28story%2Cc"),
        ("mastodon", "a.example/mây", {}, "https://a.example/api/v1/timelines/tag/m%C3%A2y?limit="),
        ("mastodon", "a.example/search:lúa mây", {}, "https://a.example/api/v2/search?q=l%C3%BAa"),
        ("google_news", "Lúa Mây", {}, "search?q=L%C3%BAa+M%C3%A2y&hl=vi&gl=VN&ceid=VN:vi"),
        ("google_news", "luamay", {"lang": "en"}, "search?q=luamay&hl=en-US&gl=US&ceid=US:en"),
        ("google_alerts", ALERT, {}, ALERT),
        ("feed", "https://bepnha.example/rss", {}, "https://bepnha.example/rss"),
        ("page", "https://luamay.example/noi", {}, "https://luamay.example/noi"),
    ],
)
def test_a_visit_begins_with_the_newest(
    kind: str, target: str, options: dict[str, str], asked: str
) -> None:
    order = Order(watch_id=1, kind=kind, target=target, options=options)
    assert asked in source_of(kind).first(order).url


def test_files_are_never_fetched() -> None:
    source = source_of("file")
    assert not source.is_fetched
    assert source.recognise("https://luamay.example/a.csv") is None
    with pytest.raises(ConfigError):
        source.first(Order(watch_id=1, kind="file", target="/tai-ve"))


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.kind)
def test_a_source_says_what_it_is_in_both_languages(source: Source) -> None:
    for words in (source.name_en, source.name_vi, source.covers, source.does_not_cover):
        assert words.strip()
    assert "read on" in source.evidence or "from documentation" in source.evidence
    assert source.default_every_min > 0


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.kind)
def test_a_source_is_found_by_its_kind(source: Source) -> None:
    assert source_of(source.kind) is source


def test_one_source_is_found_without_the_others() -> None:
    code = (
        "import sys, crawlers.registry as r; assert r.source_of('feed').kind == 'feed'; "
        "assert 'crawlers.spiders.tiki' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_reading_needs_no_scrapy() -> None:
    code = (
        "import sys, crawlers.registry as r; r.all_sources(); import crawlers.spiders.tiki, "
        "crawlers.policy, crawlers.walk, crawlers.batches; "
        "sys.exit(any(n.partition('.')[0] in ('scrapy', 'twisted') for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["tiki", "hackernews", "mastodon", "appstore"])
def test_a_challenge_page_in_place_of_json_is_blocked(kind: str) -> None:
    with pytest.raises(SourceBlocked):
        source_of(kind).read(fetched(CAPTCHA))


@pytest.mark.parametrize("kind", ["tiki", "hackernews", "mastodon", "appstore"])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"xin chao", b"[[[", b"{}", b"null", b'"Tiki"', b"7", b"[1]"]
)
def test_an_answer_in_another_shape_is_changed(kind: str, body: bytes) -> None:
    with pytest.raises(SourceChanged):
        source_of(kind).read(fetched(body))


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ({"error": {"message": "Sản phẩm không tồn tại"}}, SourceChanged, "Sản phẩm không tồn tại"),
        ({"code": 500, "errors": ["boom"]}, SourceChanged, "boom"),
        ({"error": "Too many requests"}, SourceBlocked, "Too many requests"),
        ({"error": "This method requires an authenticated user"}, SourceBlocked, "authenticated"),
    ],
)
@pytest.mark.parametrize("kind", ["tiki", "hackernews", "mastodon"])
def test_an_error_answer_is_told_in_its_own_words(
    kind: str, body: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        source_of(kind).read(fetched(body))


def test_a_null_list_is_an_empty_page() -> None:
    paging = {"total": 0, "current_page": 1, "last_page": 1}
    page = source_of("tiki").read(fetched({"data": None, "paging": paging}))
    assert (page.items, page.is_end, page.total) == ((), True, 0)


def test_the_last_page_of_reviews_ends_the_walk() -> None:
    review = {
        "id": 5, "content": "Tốt", "rating": 5, "created_at": 1762657200,
        "created_by": None, "product_id": 1,
    }  # fmt: skip
    paging = {"total": 41, "current_page": 3, "last_page": 3}
    page = source_of("tiki").read(fetched({"data": [review], "paging": paging}))
    assert (page.next, page.is_end) == (None, True)


def app_review(key: str, **changed: object) -> dict[str, object]:
    return {
        "id": {"label": key}, "title": {"label": "Hay"}, "content": {"label": "Dễ dùng"},
        "author": {"name": {"label": "Na"}}, "im:rating": {"label": "5"}, **changed,
    }  # fmt: skip


APP = "https://itunes.apple.com/vn/rss/customerreviews/page={}/id=7/sortBy=mostRecent/json"


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        ([app_review("1"), app_review("2")], ["1", "2"]),
        (app_review("1"), ["1"]),
        ([{"im:name": {"label": "Lúa Mây"}, "id": {"label": "x"}}, app_review("2")], ["2"]),
    ],
)
def test_the_json_form_of_app_reviews_is_read(entry: object, keys: list[str]) -> None:
    page = source_of("appstore").read(fetched({"feed": {"entry": entry}}, APP.format(1)))
    assert [item.key for item in page.items] == keys
    assert page.next
    assert page.next.url == APP.format(2)


def test_a_review_without_a_version_or_a_link_is_still_read() -> None:
    link = {"attributes": {"href": "https://itunes.apple.com/vn/review?id=7"}}
    entry = [app_review("1", link=link), app_review("2", link=[])]
    page = source_of("appstore").read(fetched({"feed": {"entry": entry}}, APP.format(1)))
    assert [item.url for item in page.items] == ["https://itunes.apple.com/vn/review?id=7", None]


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({"feed": {"title": {"label": "iTunes Store"}}}, 3),
        (b"CustomerReviews RSS page depth is limited to 10", 11),
        ({"feed": {"entry": app_review("1")}}, 10),
    ],
)
def test_app_reviews_end_where_the_store_ends_them(body: object, number: int) -> None:
    page = source_of("appstore").read(fetched(body, APP.format(number)))
    assert (page.next, page.is_end) == (None, True)


@pytest.mark.parametrize(
    "body", [b"<html><body>Bao tri</body></html>", b"<feed><entry>", b"<feed/>"]
)
def test_app_reviews_in_another_xml_are_changed(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        source_of("appstore").read(fetched(body, APP.format(1)))


def test_an_app_review_that_lost_its_stars_is_changed() -> None:
    atom = 'xmlns="http://www.w3.org/2005/Atom"'
    body = f"<feed {atom}><entry><id>1</id><title>Tệ</title></entry></feed>".encode()
    with pytest.raises(SourceChanged, match=r"content|im:rating"):
        source_of("appstore").read(fetched(body, APP.format(1)))


def test_a_search_goes_on_while_there_are_pages() -> None:
    hit = {"objectID": "1", "author": "a", "created_at_i": 1, "title": "Lúa Mây"}
    answer = {"hits": [hit], "page": 0, "nbPages": 2, "nbHits": 2, "hitsPerPage": 1}
    url = "https://hn.algolia.com/api/v1/search_by_date?query=l%C3%BAa&tags=story&page=0"
    page = source_of("hackernews").read(fetched(answer, url))
    assert page.next
    assert "query=l%C3%BAa&tags=story&page=1" in page.next.url
    assert not page.is_end
    last = source_of("hackernews").read(fetched({**answer, "page": 1}, url))
    assert (last.next, last.is_end) == (None, True)


def test_a_search_cut_at_a_thousand_hits_is_not_the_end() -> None:
    hit = {"objectID": "1", "author": "a", "created_at_i": 1, "title": "Lúa Mây"}
    answer = {"hits": [hit], "page": 9, "nbPages": 10, "nbHits": 5000, "hitsPerPage": 100}
    page = source_of("hackernews").read(fetched(answer, "https://hn.algolia.com/x?query=y"))
    assert (page.next, page.is_end) == (None, False)


def test_an_empty_timeline_is_its_end() -> None:
    page = source_of("mastodon").read(fetched([], "https://a.example/api/v1/timelines/tag/x"))
    assert (page.items, page.is_end, page.source) == ((), True, "a.example")


def test_notes_without_titles_are_a_good_feed() -> None:
    items = "".join(f"<item><description>Ghi chú {n}</description></item>" for n in range(3))
    rss = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    source = source_of("feed")
    page = source.read(fetched(rss, "https://bepnha.example/rss"))
    assert len(page.items) == 3
    assert shortfall(page, source.expect) is None


def test_a_headline_without_a_publisher_is_kept_whole() -> None:
    rss = (
        "<rss version='2.0'><channel><title>t</title><item><title>Lúa Mây thu hồi nồi</title>"
        "<guid isPermaLink='false'>g1</guid></item></channel></rss>"
    ).encode()
    page = source_of("google_news").read(fetched(rss, "https://news.google.com/rss/search?q=x"))
    assert [(item.title, item.author) for item in page.items] == [("Lúa Mây thu hồi nồi", None)]


def one_row(row: int) -> RawItem:
    if row < 0:
        raise UnreadableItem("âm", subject=str(row))
    return RawItem(key=str({1: "một", 2: "two"}[row]))


def test_one_bad_item_in_ten_is_set_aside_with_its_reason() -> None:
    items, problems = read_each([1] * 9 + [-4], one_row, kind="tiki")
    assert len(items) == 9
    assert [(each.code, each.words) for each in problems] == [("bad-item", "item 10: -4: âm")]


@pytest.mark.parametrize("bad", [-4, 7, None])
def test_more_than_a_fifth_of_bad_items_is_a_changed_source(bad: object) -> None:
    with pytest.raises(SourceChanged, match="2 of 9 items"):
        read_each([1] * 7 + [bad, bad], one_row, kind="tiki")  # type: ignore[list-item]


def test_a_good_page_has_what_the_source_expects() -> None:
    items = tuple(RawItem(key=str(n), text="" if n % 3 else "tốt") for n in range(9))
    page = Page(source="tiki", items=items)
    assert shortfall(page, Expect(filled=("key",))) is None
    assert shortfall(page, Expect(filled=("text",))) == (
        "only 3 of 9 items have 'text', where most should"
    )
