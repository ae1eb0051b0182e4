"""Saved answers and pages are read by their source's own reader; told columns are remembered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.dropped import read_file, visit_dropped
from crawlers.remembered import recall, remember
from crawlers.saved import read_saved
from ingest.errors import ConfigError, SourceError
from ingest.mention import FeedbackKind
from ingest.page import Fetched, Page
from ingest.visit import Order, Outcome, VisitFacts

SEEN = datetime(2026, 11, 20, tzinfo=UTC)
PLAY = [
    {"reviewId": "p-1", "userName": "Mai", "content": "App hay văng", "score": 1,
     "thumbsUpCount": 2, "at": 1783628018, "replyContent": "Dạ bên em đang sửa", "repliedAt": None},
    {"reviewId": "p-2", "userName": "Ann", "content": "Good", "score": 5, "thumbsUpCount": 0,
     "at": 1783628019, "replyContent": None, "repliedAt": None},
]  # fmt: skip
TIKTOK = [{"cid": "71", "text": "Nồi này bao nhiêu ạ", "create_time": 1776080038, "digg_count": 3}]


def read(body: object, name: str = "x.json", **options: str):  # type: ignore[no-untyped-def]
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_file(sent, name, options, now=SEEN)


def test_a_saved_answer_keeps_the_keys_it_has_when_crawled() -> None:
    play, tiktok = read(PLAY), read({"comments": TIKTOK})
    assert play.source == "googleplay"
    assert [each.key for each in play.items] == ["p-1", "p-1/reply", "p-2"]
    assert (tiktok.source, [each.key for each in tiktok.items]) == ("tiktok", ["71"])


def test_a_saved_page_is_known_by_the_address_it_states() -> None:
    state = {
        "filters": {"pagination": {"currentPage": 1, "totalPages": 1, "totalCount": 1}},
        "businessUnit": {"displayName": "Lúa Mây", "numberOfReviews": 1},
        "reviews": [
            {"id": "65" * 12, "rating": 2, "title": "Chậm", "text": "Giao chậm", "language": "vi",
             "dates": {"publishedDate": "2026-06-01T00:00:00Z"}, "likes": 0, "reply": None,
             "consumer": {"displayName": "Lan"}}
        ],
    }  # fmt: skip
    told = json.dumps({"props": {"pageProps": state}})
    page = (
        '<!DOCTYPE html><html><head><link rel="canonical" '
        'href="https://www.trustpilot.com/review/luamay.example?a=1&amp;b=2"></head>'
        f'<script id="__NEXT_DATA__" type="application/json">{told}</script></html>'
    )
    table = read(page.encode(), "trang.html")
    assert (table.source, [each.text for each in table.items]) == ("trustpilot", ["Giao chậm"])
    told_otherwise = read(page.encode(), "trang.html", source="file:tp", kind="comment")
    assert told_otherwise.page().source == "file:tp"
    assert told_otherwise.items[0].feedback_kind is FeedbackKind.COMMENT


@pytest.mark.parametrize(
    "body",
    [
        b"id,comment\n1,ok\n",
        b'[{"id": 1, "comment": "ok"}]',
        b'{"broken": ',
        b"<html><p>Xin ch\xc3\xa0o</p></html>",
        b'<html><link rel="canonical" href="javascript:1"></html>',
        b'<html><link rel="canonical" href="https://www.trustpilot.com/review/x.example"></html>',
        b'[{"reviewId": "p-1", "score": 1, "thumbsUpCount": 2}]',
    ],
)
def test_what_no_source_knows_is_left_to_the_table_reader(body: bytes) -> None:
    assert read_saved(body, now=SEEN) is None


def test_an_answer_is_read_by_whose_it_is_said_to_be() -> None:
    posts = [{"id": "91", "created_at": "2026-06-01T00:00:00Z", "content": "<p>Nồi tốt</p>",
              "uri": "https://may.example/91", "url": "https://may.example/@lan/91",
              "account": {"acct": "lan"}, "reblog": None, "spoiler_text": "",
              "replies_count": 0, "reblogs_count": 0, "language": "vi",
              "favourites_count": 2, "edited_at": None, "in_reply_to_id": None}]  # fmt: skip
    untold = read(posts, "bai viet.json")
    assert untold.source == "file:bai-viet"
    for reader, space in (("mastodon", "file:bai-viet"), ("https://may.example/tags/noi", "")):
        told = read(posts, "bai viet.json", reader=reader)
        assert told.source == (space or "may.example")
        assert [each.text for each in told.items] == ["<p>Nồi tốt</p>"]
    with pytest.raises(SourceError):
        read([{"a": 1}], reader="mastodon")
    with pytest.raises(ConfigError, match="no such kind"):
        read(posts, reader="https://")


def test_a_table_told_to_be_a_sources_has_its_space() -> None:
    table = read(
        b"Review ID,Comment\nr1,H\xc3\xa0ng t\xe1\xbb\x91t\nr2,Good\n", "a.csv", reader="yelp"
    )
    assert (table.source, [each.key for each in table.items]) == ("yelp", ["r1", "r2"])


@pytest.mark.parametrize(
    ("link", "space"),
    [
        ("", "file:tin"),
        ('<atom:link rel="self" href="https://bep.example/rss"/>', "https://bep.example/rss"),
        ('<atom:link href="https://www.youtube.com/x" rel="self"/>', "https://www.youtube.com/x"),
    ],
)
def test_a_saved_feed_is_a_feed(link: str, space: str) -> None:
    feed = (
        '\ufeff\n<?xml version="1.0"?><rss version="2.0"><channel><title>Bếp</title>'
        f"{link}<item><title>Nồi Lúa Mây</title><guid>7</guid></item></channel></rss>"
    )
    table = read(feed.encode(), "tin.xml")
    assert (table.source, [each.key for each in table.items]) == (space, ["7"])


def test_a_saved_json_feed_and_a_file_of_lines_are_known() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "feed_url": "https://bep.example/f.json",
            "items": [{"id": "1", "content_text": "Nồi tốt"}]}  # fmt: skip
    assert read(feed).source == "https://bep.example/f.json"
    answers = [{"type": "text", "text": "Tốt", "field": {"id": "f"}}]
    row = {"response_id": "r1", "submitted_at": "2026-06-01T00:00:00Z", "answers": answers}
    lines = "\n".join(json.dumps({**row, "response_id": key}) for key in ("r1", "r2"))
    assert [each.key for each in read(lines.encode(), "a.jsonl").items] == ["r1", "r2"]
    assert read(lines.encode(), "a.jsonl").source == "typeform"


def test_a_piece_of_a_page_is_known_by_its_marks() -> None:
    piece = """<div class='jdgm-rev' data-review-id='j-1'><span class='jdgm-rev__rating'
      data-score='2'></span><span class='jdgm-rev__timestamp'
      data-content='2026-06-01 00:00:00 UTC'></span><span class='jdgm-rev__author'>Lan</span>
      <b class='jdgm-rev__title'>Chậm</b><div class='jdgm-rev__body'><p>Giao chậm</p></div></div>"""
    table = read(piece.encode(), "mieng.html")
    assert (table.source, [each.key for each in table.items]) == ("judgeme", ["j-1"])


LETTER = (
    "Received: by mx.luamay.example\r\nFrom: Chi Sau <sau@khach.example>\r\n"
    "To: gopy@luamay.example\r\nSubject: Noi hong\r\nMessage-ID: <a1@khach.example>\r\n"
    "Date: Mon, 2 Nov 2026 08:00:00 +0700\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Nồi không nóng nữa.\r\n"
)


def test_letters_that_were_saved_are_letters() -> None:
    one = read(LETTER.encode(), "thu.eml")
    assert [(each.text, each.author) for each in one.items] == [("Nồi không nóng nữa.", "Chi Sau")]
    many = "".join(
        f"From sau@khach.example Mon Nov  2 08:00:00 2026\n{LETTER.replace('a1', key)}\n"
        for key in ("b1", "b2")
    ).replace("\r\n", "\n")
    assert len(read(many.encode(), "hop thu.mbox").items) == 2
    assert len(read(many.encode(), "hop thu.txt", reader="mail").items) == 2
    assert read_saved(b"From: a\nnothing else\n", now=SEEN) is None


@pytest.mark.parametrize(
    "told",
    [
        {"error": {"code": 403, "message": "Quota exceeded", "errors": [{"reason": "quota"}]}},
        {"errors": [{"code": 88, "message": "Rate limit exceeded"}]},
        {"error": "error_auth", "error_msg": "sign is wrong", "data": None},
    ],
)
def test_a_sites_error_answer_is_nobodys_words(told: object) -> None:
    table = read(told)
    assert table.items == ()
    assert table.problems[0].is_fatal
    assert "error answer" in table.problems[0].words


class Heard:
    """Remembers what a visit hands over."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.facts: list[VisitFacts] = []

    def page(self, order: Order, fetched: Fetched, page: Page) -> None:
        self.pages.append(page)

    def end(self, order: Order, facts: VisitFacts) -> None:
        self.facts.append(facts)


def test_a_folder_of_one_sites_files_is_read_as_that_sites(tmp_path: Path) -> None:
    rows = "Review ID,Star Rating,Review Content\nr1,1,Nồi không vào điện\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(b"\0")
    order = Order(watch_id=1, kind="tiktok_shop", target=str(tmp_path))
    heard = Heard()
    facts = visit_dropped(order, heard, now=SEEN)  # type: ignore[arg-type]
    assert [(page.source, [each.key for each in page.items]) for page in heard.pages] == [
        ("tiktok_shop", ["r1"])
    ]
    assert (facts.outcome, heard.facts) == (Outcome.OK, [facts])
    (tmp_path / "c.json").write_text('{"error": "denied"}', encoding="utf-8")
    refused = visit_dropped(order, heard, now=SEEN)  # type: ignore[arg-type]
    assert refused.outcome is Outcome.CHANGED
    assert "c.json" in refused.reason


EXPORT = "STT ngoài,Lời khách,Mức\nx1,Nồi bị nứt nắp,9\nx2,Tốt lắm nha,2\n"


def test_what_was_told_of_columns_holds_for_the_next_file(tmp_path: Path) -> None:
    file = tmp_path / "earful.columns.toml"
    told = {"map": "STT ngoài=key;Mức=stars", "scale": "1-10", "source": "file:shop", "zone": "x"}
    first = read(EXPORT.encode(), "thang-6.csv", **told)
    remember(file, first.head, told)
    again = read(EXPORT.replace("x", "y").encode(), "thang-7.csv", columns=str(file))
    assert [(each.key, each.stars) for each in again.items] == [("y1", 9.0), ("y2", 2.0)]
    assert again.source == "file:shop"
    moved = "Mức,STT ngoài,Lời khách\n9,x1,Nồi bị nứt nắp\n"
    assert read(moved.encode(), "m.csv", columns=str(file)).items[0].key == "x1"
    overruled = read(EXPORT.encode(), "x.csv", columns=str(file), scale="0-10")
    assert overruled.items[0].scale.high == 10
    assert "zone" not in file.read_text(encoding="utf-8")


def test_other_columns_are_not_touched_and_a_broken_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "earful.columns.toml"
    remember(file, (), {"map": "a=text"})
    remember(file, ("a",), {"zone": "UTC"})
    assert not file.exists()
    remember(file, ("a", "b"), {"map": 'a "x"=text'})
    remember(file, ("c",), {"scale": "1-7"})
    assert recall(file, ("B", "A")) == {"map": 'a "x"=text'}
    assert recall(file, ("c",)) == {"scale": "1-7"}
    assert recall(file, ("d",)) == {}
    file.write_text("= broken", encoding="utf-8")
    with pytest.raises(ConfigError, match="mend it or delete it"):
        recall(file, ("a",))
    with pytest.raises(ConfigError, match="run it where it may be"):
        remember(tmp_path / "no" / "folder.toml", ("a",), {"map": "a=text"})


@pytest.mark.parametrize(
    ("file", "source", "count"),
    [
        ("googleplay/reviews_result_2026-07-10.json", "googleplay", 50),
        ("tiktok/web_comments_2026-01-29.json", "tiktok", 20),
        ("trustpilot/it_review_page_2025-07-07.html", "trustpilot", 20),
        ("tokopedia/productrevGetProductReviewList_2026.json", "tokopedia", 4),
        ("tiki/api_v2_reviews_72711795_p1.json", "tiki", 1),
    ],
)
def test_real_saved_answers_are_known(shared: Path, file: str, source: str, count: int) -> None:
    table = read((shared / "captures" / file).read_bytes(), Path(file).name)
    assert (table.source, len(table.items)) == (source, count)
