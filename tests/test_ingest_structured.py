"""schema.org reviews: JSON-LD and microdata as shops write them, walls, and bounds."""

from __future__ import annotations

import json
import time

import pytest

from ingest.errors import SourceBlocked
from ingest.mention import FeedbackKind, Markup, Scale
from ingest.page import Ask, Page
from ingest.structured import looks_blocked, read_reviews

URL = "https://shop.luamay.example/noi-com-lm18?page=1"

LAN = {
    "@type": "Review",
    "@id": "#r-1",
    "author": {"@type": "Person", "name": "Lan Phạm"},
    "datePublished": "2026-06-01",
    "reviewBody": "Nồi nấu nhão, tôi thất vọng",
    "reviewRating": {"@type": "Rating", "ratingValue": "2", "bestRating": "5"},
}
SAM = {
    "@type": "Review",
    "@id": "#r-2",
    "author": "Sam",
    "datePublished": "2026-06-02T10:00:00+07:00",
    "name": "Great rice",
    "reviewBody": "Cooks well",
    "reviewRating": {"ratingValue": 9, "bestRating": 10, "worstRating": 0},
}
PRODUCT = {"@context": "https://schema.org", "@type": "Product", "name": "Nồi cơm LM-18"}


def page(*blocks: object, body: str = "", head: str = "") -> str:
    told = (each if isinstance(each, str) else json.dumps(each) for each in blocks)
    scripts = "".join(f'<script type="application/ld+json">{each}</script>' for each in told)
    return f"<!DOCTYPE html><html><head>{head}{scripts}</head><body>{body}</body></html>"


def read(html: str, url: str = URL) -> Page:
    return read_reviews(html.encode(), content_type="text/html; charset=utf-8", url=url)


def test_reviews_of_a_product_keep_the_words_of_the_shop() -> None:
    rated = {"aggregateRating": {"ratingValue": "4.1", "reviewCount": "1.204"}}
    got = read(page({**PRODUCT, **rated, "review": [LAN, SAM]}))
    lan, sam = got.items
    assert got.source == "shop.luamay.example"
    assert (got.total, got.is_end, got.problems) == (1204, False, ())
    assert (lan.key, lan.url) == ("/noi-com-lm18#r-1", f"{URL}#r-1")
    assert (lan.author, lan.posted, lan.product) == ("Lan Phạm", "2026-06-01", "Nồi cơm LM-18")
    assert (lan.text, lan.markup) == ("Nồi nấu nhão, tôi thất vọng", Markup.PLAIN)
    assert (lan.stars, lan.scale) == ("2", Scale(1, 5))
    assert (sam.author, sam.title, sam.stars, sam.scale) == ("Sam", "Great rice", "9", Scale(0, 10))


@pytest.mark.parametrize(
    "block",
    [
        {**PRODUCT, "review": LAN},
        {**PRODUCT, "reviews": [LAN]},
        [{"@type": "Organization"}, {**PRODUCT, "review": [LAN]}],
        {"@graph": [{"@type": "WebSite"}, {**PRODUCT, "review": [LAN]}]},
        {"@graph": [{**PRODUCT, "@id": "#p"}, {**LAN, "itemReviewed": {"@id": "#p"}}]},
        {"@graph": [{**PRODUCT, "review": [{"@id": "#r-1"}], "@id": "#p"},
                    {**LAN, "itemReviewed": [{"@id": "#p"}]}]},
        {**LAN, "itemReviewed": {"@type": "Product", "name": "Nồi cơm LM-18"}},
        {**PRODUCT, "@type": ["Product", "Thing"], "review": {**LAN, "@type": "schema:Review"}},
        {**PRODUCT, "@type": "LocalBusiness",
         "review": {k: v for k, v in LAN.items() if k != "@type"}},
    ],
)  # fmt: skip
def test_a_review_is_found_wherever_the_page_puts_it(block: object) -> None:
    (lan,) = read(page(block)).items
    assert (lan.text, lan.product, lan.stars) == (LAN["reviewBody"], "Nồi cơm LM-18", "2")


@pytest.mark.parametrize(
    "block",
    [
        f"<!-- {json.dumps(LAN)} -->",
        f"//<![CDATA[\n{json.dumps(LAN)}\n//]]>",
        f"/* <![CDATA[ */ {json.dumps(LAN)} /* ]]> */",
        json.dumps(LAN)[:-1] + ",}",
        "{ // đánh giá\n" + json.dumps(LAN)[1:],
        "{ /* it's */" + json.dumps(LAN)[1:],
        json.dumps(LAN) + ";",
        json.dumps(LAN).replace('"', "&quot;"),
        json.dumps(LAN, ensure_ascii=False).replace(", tôi", ",\ntôi"),
    ],
)
def test_a_block_that_is_broken_in_a_usual_way_is_mended(block: str) -> None:
    got = read(page(block))
    assert [" ".join((each.text or "").split()) for each in got.items] == [LAN["reviewBody"]]
    assert got.problems == ()


def test_a_block_beyond_repair_is_told_and_the_others_are_read() -> None:
    got = read(page('{"@type": "Review", ', "", "[" * 5000, LAN))
    assert len(got.items) == 1
    assert [problem.code for problem in got.problems] == ["malformed", "malformed"]
    assert "block 1" in got.problems[0].words


@pytest.mark.parametrize(
    ("rating", "stars", "scale"),
    [
        ("4,5", "4.5", Scale(1, 5)),
        ("4/5", "4", Scale(1, 5)),
        ("8 out of 10", "8", Scale(1, 10)),
        ("90%", "90", Scale(0, 100)),
        (3, "3", Scale(1, 5)),
        ([{"ratingValue": 4.0}], "4", Scale(1, 5)),
        ({"ratingValue": None}, None, None),
        ("rất tốt", None, None),
        ([], None, None),
    ],
)
def test_a_rating_is_read_with_its_scale(
    rating: object, stars: str | None, scale: Scale | None
) -> None:
    (lan,) = read(page({**LAN, "reviewRating": rating})).items
    assert (lan.stars, lan.scale) == (stars, scale)


def test_a_rating_outside_its_scale_is_left_out_and_told() -> None:
    got = read(page({**LAN, "reviewRating": {"ratingValue": "9"}}))
    assert got.items[0].stars is None
    assert [problem.code for problem in got.problems] == ["bad-item"]


def test_stars_without_words_are_a_star_rating() -> None:
    bare = {k: v for k, v in LAN.items() if k != "reviewBody"}
    assert read(page(bare)).items[0].feedback_kind is FeedbackKind.STARS


def test_html_in_a_body_is_called_html_and_unknown_fields_are_named() -> None:
    (lan,) = read(page({**LAN, "reviewBody": "Nồi<br>ổn", "mood": "x"})).items
    assert (lan.markup, lan.unknown) == (Markup.HTML, ("mood",))


def test_a_name_that_repeats_the_product_is_no_title() -> None:
    (lan,) = read(page({**PRODUCT, "review": {**LAN, "name": PRODUCT["name"]}})).items
    assert lan.title is None


def test_a_key_that_several_reviews_share_tells_nothing() -> None:
    link = {"url": "https://shop.luamay.example/noi-com-lm18"}
    one, two = ({k: v for k, v in each.items() if k != "@id"} for each in (LAN, SAM))
    assert [each.key for each in read(page([one | link, two | link])).items] == [None, None]
    told = {"identifier": {"@type": "PropertyValue", "value": 12345678901234567890}}
    assert read(page(one | told | link)).items[0].key == "12345678901234567890"


MICRODATA = """<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Nồi cơm
LM-18</h1><div itemprop="aggregateRating" itemscope itemtype="http://schema.org/AggregateRating">
<meta itemprop="reviewCount" content="2"></div>
<article itemprop="review" itemscope itemtype="http://schema.org/Review" itemid="#r-1">
<b itemprop="author" itemscope itemtype="http://schema.org/Person">
<i itemprop="name">Lan Phạm</i></b>
<time itemprop="datePublished" datetime="2026-06-01">1/6</time>
<span itemprop="reviewRating" itemscope><data itemprop="ratingValue" value="2">hai</data></span>
<div itemprop="reviewBody">Nồi nấu <b>nhão</b>,<br>tôi thất vọng<script>x()</script></div>
<a itemprop="url" href="/dg/1">xem</a></article>
<article itemprop="review" itemscope itemtype="http://schema.org/Review">
<i itemprop="author">Sam</i><p itemprop="reviewBody">Cooks well</p></article></div>"""


def test_microdata_gives_the_same_facts() -> None:
    got = read(page(body=MICRODATA))
    lan, sam = got.items
    assert (got.total, got.is_end) == (2, True)
    assert (lan.key, lan.url) == ("/noi-com-lm18#r-1", "https://shop.luamay.example/dg/1")
    assert (lan.text, lan.author, lan.stars) == ("Nồi nấu nhão,\ntôi thất vọng", "Lan Phạm", "2")
    assert (lan.posted, lan.product) == ("2026-06-01", "Nồi cơm LM-18")
    assert (sam.text, sam.author, sam.stars, sam.key) == ("Cooks well", "Sam", None, None)


def test_a_review_told_in_both_ways_is_one_review() -> None:
    got = read(page({**PRODUCT, "review": [LAN]}, body=MICRODATA))
    assert [each.author for each in got.items] == ["Lan Phạm", "Sam"]
    short = [{**LAN, "reviewBody": "Tốt", "@id": f"#{n}"} for n in (1, 2)]
    assert len(read(page(short)).items) == 2


def test_the_next_page_is_followed_on_the_same_host() -> None:
    got = read(page(LAN, head='<link rel="next" href="?page=2">'))
    assert got.next == Ask(url="https://shop.luamay.example/noi-com-lm18?page=2")
    assert (
        read(page(LAN, body='<a rel="nofollow next" href="https://x.example/">›</a>')).next is None
    )


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (page(body="Nồi cơm LM-18, giá 790.000đ"), "no review in it"),
        (page({**PRODUCT, "aggregateRating": {"ratingCount": 40}}), "counts 40 reviews"),
    ],
)
def test_a_page_without_reviews_is_told_but_not_fatal(html: str, words: str) -> None:
    got = read(html)
    assert [problem.code for problem in got.problems] == ["empty"]
    assert words in got.problems[0].words
    assert not got.problems[0].is_fatal


def test_an_empty_body_is_fatal() -> None:
    assert read("").problems[-1].is_fatal
    assert read(" \n").problems[-1].is_fatal


WALLS = [
    "<title>Just a moment...</title><body>Checking your browser",
    "<title>Attention Required! | Cloudflare</title>",
    "<title>Access Denied</title><h1>Access Denied</h1>",
    "<title>Đăng nhập</title><form action=/login><input name=user></form>",
    "<title>Log in | Shop</title><form><input type=password></form>",
    "<title>Shop</title><form><input type='password'></form>",
    "<title>Xác minh</title><div id=captcha>",
    "<title>Xác minh bạn không phải robot</title><p>Kéo thanh trượt",
    "<title>Shop</title><noscript>Please enable JavaScript to continue</noscript><div id=app>",
    "<title></title><noscript>Vui lòng bật JavaScript</noscript>",
    "<title>luamay</title><script src=https://ct.captcha-delivery.com/c.js></script>",
    "<title>Robot Check</title>",
    '{"url": "https://x.example/punish?x5secdata=1"}',
]


@pytest.mark.parametrize("html", WALLS)
def test_a_wall_is_told_from_a_page(html: str) -> None:
    assert looks_blocked(html.encode(), "text/html; charset=utf-8")
    with pytest.raises(SourceBlocked, match="shop"):
        read(html)


WORDS = "Nồi cơm điện Lúa Mây nấu nhanh và giữ ấm lâu, bảo hành 24 tháng tại cửa hàng. " * 12


@pytest.mark.parametrize(
    "html",
    [
        page(body=WORDS + "<div class='g-recaptcha'></div><form><input type=password></form>"),
        page(body=WORDS, head="<title>Login box for tools</title><script>var captcha=1</script>"),
        page(body=WORDS + "<noscript>Please enable JavaScript</noscript>"),
        page(body="Nồi cơm LM-18", head="<title>Nồi cơm | Lúa Mây</title>"),
        page(body="<form action=/tim><input name=q></form>", head="<title>Lúa Mây</title>"),
        page(body="<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>Nồi"),
        "",
        '{"reviews": []}',
    ],
)
def test_a_shop_page_that_mentions_a_captcha_is_no_wall(html: str) -> None:
    assert looks_blocked(html.encode(), "text/html; charset=utf-8") is None


def test_a_page_with_reviews_is_never_called_a_wall() -> None:
    assert read(page(LAN, head="<title>Please wait</title>")).items


@pytest.mark.parametrize(
    "body",
    [
        "<div itemscope " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
        "<div itemscope " + " ".join(f"a{n}='>'" for n in range(50_000)) + ">",
        "<div itemscope itemprop=a>" * 50_000,
        "<div itemscope>" + "<div itemprop=a>" * 200 + "<p>x</p>" * 50_000,
        "<div itemscope itemref=a></div>" * 2000 + "<p id=a itemprop=x>y",
        "<" * 2_000_000,
        "<script>" * 100_000,
        '<script type="application/ld+json">' + "[" * 1_000_000,
        '<script type="application/ld+json">[' + "[]," * 500_000 + "[]]",
        '<script type="application/ld+json">' + '{"review":' * 900 + "{}" + "}" * 900,
    ],
    ids=range(10),
)
def test_a_hostile_page_costs_little(body: str) -> None:
    begun = time.process_time()
    read("<html><body>" + body)
    assert time.process_time() - begun < 5
