"""docs/complaints.md: every complaint has its tests, every test named there exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawlers.registry import recognise, source_of
from ingest.feeds import read_feed
from ingest.visit import Order
from scoring.judge import Judge

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "complaints.md"
ROWS = re.findall(
    r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE
)


def test_every_complaint_is_answered() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 25))


@pytest.mark.parametrize(("number", "tests"), [(row[0], row[3]) for row in ROWS])
def test_what_shows_it_exists(number: str, tests: str) -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", tests)
    assert named, number
    for file, name in named:
        body = (HERE / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", body, re.MULTILINE), f"{file}::{name}"


@pytest.mark.parametrize("guid", ["<guid>bv-7</guid>", ""])
def test_an_edited_title_is_the_same_entry(guid: str) -> None:
    def keys(title: str) -> list[str | None]:
        feed = (
            f"<rss version='2.0'><channel><title>Bếp</title><item><title>{title}</title>"
            f"<link>https://bep.example/bv-7</link>{guid}</item></channel></rss>"
        )
        page = read_feed(feed.encode(), content_type=None, url="https://bep.example/rss")
        return [item.key for item in page.items]

    assert keys("Nồi Lúa Mây bị lỗi") == keys("Nồi Lúa Mây bị lỗi (đã sửa)") != [None]


@pytest.mark.parametrize(
    "address",
    [
        "https://apps.apple.com/vn/app/lua-may/id6400123",
        "https://apps.apple.com/VN/app/L%C3%BAa-M%C3%A2y/id6400123?l=vi&platform=iphone",
        "https://apps.apple.com/vn/app/id6400123#see-all/reviews",
        "https://itunes.apple.com/vn/app/lua-may/id6400123?mt=8",
        "https://itunes.apple.com/vn/rss/customerreviews/id=6400123/sortby=mostrecent/json",
    ],
)
def test_an_app_is_asked_for_in_one_way_however_it_is_spelled(address: str) -> None:
    found = recognise(address)
    assert found == ("appstore", "vn/6400123")
    asked = source_of("appstore").first(Order(watch_id=1, kind="appstore", target=found[1])).url
    assert asked == (
        "https://itunes.apple.com/vn/rss/customerreviews/page=1/id=6400123/sortBy=mostRecent/xml"
    )


@pytest.mark.parametrize(
    ("kind", "target"),
    [("steam", "439700"), ("gdelt", "lúa mây"), ("hackernews", "lúa mây"), ("tiki", "7")],
)
def test_no_source_is_asked_for_one_language_only(kind: str, target: str) -> None:
    asked = source_of(kind).first(Order(watch_id=1, kind=kind, target=target)).url
    told = re.findall(r"[?&](?:language|lang|sourcelang|hl)=(\w*)", asked)
    assert set(told) <= {"all"}
    assert kind != "steam" or told == ["all"]


def test_a_long_letter_is_not_more_certain_than_its_words() -> None:
    judge = Judge()
    complaint = "The lid broke after two days and nobody answers."
    filler = " I bought it in March at the shop near the market and carried it home by bus."
    short, long = judge.text(complaint), judge.text(complaint + 12 * filler)
    assert short.label == long.label == "negative"
    assert abs(long.score) <= abs(short.score) + 0.05
