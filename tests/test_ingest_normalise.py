"""RawItem to Mention: what is kept, mapped, dropped, repaired or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.errors import UnreadableItem
from ingest.mention import (
    FIVE_STARS,
    Answer,
    FeedbackKind,
    Markup,
    Mention,
    Precision,
    RawItem,
    Scale,
    Speaker,
)
from ingest.normalise import TEXT_CAP, normalise, normalise_page
from ingest.page import Page

FETCHED = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
RAW = RawItem(key="r1", text="Nồi cơm nấu ngon", stars=5)


def mention_of(**said: Any) -> Mention:
    return normalise(replace(RAW, **said), source="shop", fetched_at=FETCHED)


def test_every_field_arrives_in_the_mention() -> None:
    raw = RawItem(
        key="r1",
        url=" https://shop.example/r/1 ",
        title="Giao chậm",
        text="<p>Nồi &amp; chảo <b>tốt</b></p>",
        markup=Markup.HTML,
        author="Bình &amp; Co",
        posted="2026-11-20 08:15",
        edited=1763690000,
        zone="Asia/Ho_Chi_Minh",
        stars="8",
        scale=Scale(0, 10),
        feedback_kind=FeedbackKind.SURVEY,
        speaker=Speaker.STAFF,
        product="Nồi cơm 1,8 L",
        variation="Màu: đỏ",
        reach=120,
        likes=3,
        parent="r0",
        language="vi_VN",
        answers=(Answer("nps", 8, Scale(0, 10), "Bạn có  giới thiệu?"),),
    )
    assert normalise(raw, source="shop", fetched_at=FETCHED) == Mention(
        source="shop",
        key="r1",
        url="https://shop.example/r/1",
        title="Giao chậm",
        text="Nồi & chảo tốt",
        author="Bình & Co",
        posted_at=datetime(2026, 11, 20, 1, 15, tzinfo=UTC),
        posted_precision=Precision.MINUTE,
        edited_at=datetime(2025, 11, 21, 1, 53, 20, tzinfo=UTC),
        stars=4.2,
        stars_native=8.0,
        scale=Scale(0, 10),
        feedback_kind=FeedbackKind.SURVEY,
        speaker=Speaker.STAFF,
        product="Nồi cơm 1,8 L",
        variation="Màu: đỏ",
        reach=120,
        likes=3,
        parent="r0",
        language="vi",
        answers=(Answer("nps", 8, Scale(0, 10), "Bạn có giới thiệu?"),),
    )


@pytest.mark.parametrize(
    ("stars", "scale", "on_five"),
    [
        (5, None, 5.0),
        (1, None, 1.0),
        ("4.5", None, 4.5),
        (" 4,5 ", FIVE_STARS, 4.5),
        (0, None, None),
        ("0", FIVE_STARS, None),
        ("", None, None),
        (None, None, None),
        (0, Scale(0, 10), 1.0),
        (10, Scale(0, 10), 5.0),
        (80, Scale(0, 100), 4.2),
        (7, Scale(1, 10), 3.6667),
        (True, Scale(0, 1), 5.0),
        (-100, Scale(-100, 100), 1.0),
    ],
)
def test_stars_are_mapped_in_a_line_and_the_native_value_is_kept(
    stars: str | float | None, scale: Scale | None, on_five: float | None
) -> None:
    mention = mention_of(stars=stars, scale=scale)
    assert mention.stars == on_five
    assert (mention.stars_native is None) == (on_five is None)
    assert mention.scale == (None if on_five is None else scale or FIVE_STARS)


@pytest.mark.parametrize(
    ("stars", "scale"),
    [
        (6, None),
        (-1, None),
        ("nan", None),
        ("five", None),
        (11, Scale(0, 10)),
        (3, Scale(5, 5)),
    ],
)
def test_stars_off_their_scale_are_refused_with_source_and_key(
    stars: str | float, scale: Scale | None
) -> None:
    with pytest.raises(UnreadableItem, match="shop/r1: ValueError"):
        mention_of(stars=stars, scale=scale)


def test_an_answer_off_its_scale_is_refused() -> None:
    with pytest.raises(UnreadableItem, match="csat=7 is not on the scale 1-5"):
        mention_of(answers=(Answer("csat", 7, FIVE_STARS),))


@pytest.mark.parametrize(
    ("title", "text", "kept"),
    [
        ("Nồi cơm nấu…", "Nồi cơm nấu ngon, giá rẻ", ""),
        ("Great pot ...", "Great pot for small kitchens", ""),
        ("Nồi cơm", "Nồi cơm", ""),
        ("Nồi cơm nấu", "Nồi cơm\nnấu ngon", ""),
        ("Giao chậm", "Nồi cơm nấu ngon", "Giao chậm"),
        ("Giao  chậm\nquá", "", "Giao chậm quá"),
        ("<b>Lúa Mây</b>", "Nồi", "Lúa Mây"),
        (None, "Nồi", ""),
    ],
)
def test_a_title_that_repeats_the_text_is_dropped(title: str | None, text: str, kept: str) -> None:
    assert mention_of(title=title, text=text, markup=Markup.HTML).title == kept


@pytest.mark.parametrize(
    ("author", "kept"),
    [
        ("Trần Bình", "Trần Bình"),
        ("p*****8", "p*****8"),
        ("[deleted]", ""),
        ("[Removed]", ""),
        ("null", ""),
        (None, ""),
    ],
)
def test_nobody_is_no_author(author: str | None, kept: str) -> None:
    assert mention_of(author=author).author == kept


@pytest.mark.parametrize(
    ("said", "field", "kept"),
    [
        ({"key": 12345678901234567890}, "key", "12345678901234567890"),
        ({"key": " a\x00b "}, "key", "ab"),
        ({"url": "javascript:alert(1)"}, "url", ""),
        ({"url": "at://did/post/1"}, "url", ""),
        ({"language": "en-US"}, "language", "en"),
        ({"language": "Tiếng Việt"}, "language", ""),
        ({"likes": -1}, "likes", None),
        ({"likes": ""}, "likes", None),
        ({"reach": "17"}, "reach", 17),
        ({"text": "Tốt\x00 quá"}, "text", "Tốt quá"),
        ({"text": "N?i c?m n?u r?t ngon"}, "damage", "lossy"),
        ({"title": "N�i t�t"}, "damage", "lossy"),
        ({"text": ""}, "feedback_kind", FeedbackKind.STARS),
        ({"text": "", "feedback_kind": FeedbackKind.IN_APP}, "feedback_kind", FeedbackKind.IN_APP),
    ],
)
def test_a_field_is_cleaned_or_left_empty(said: dict[str, Any], field: str, kept: object) -> None:
    assert getattr(mention_of(**said), field) == kept


@pytest.mark.parametrize(
    "raw",
    [
        RawItem(key="1"),
        RawItem(key="1", text=" \u200b ", title="<br>", markup=Markup.HTML),
        RawItem(key="1", stars=0),
    ],
)
def test_an_item_that_says_nothing_is_refused(raw: RawItem) -> None:
    with pytest.raises(UnreadableItem, match="neither text nor stars"):
        normalise(raw, source="shop", fetched_at=FETCHED)


def page_of(*items: RawItem) -> Page:
    return Page(source="shop", items=items)


def test_a_field_of_another_kind_costs_one_item() -> None:
    with pytest.raises(UnreadableItem, match="shop/r1: AttributeError"):
        mention_of(scale=5)


def test_one_bad_item_of_a_thousand_costs_only_itself() -> None:
    items = [RawItem(key=str(n), text="Tốt", stars=5) for n in range(999)]
    broken = RawItem(key="bad", text={"vi": "x"})  # type: ignore[arg-type]
    mentions, problems = normalise_page(
        page_of(*items[:500], broken, *items[500:]), fetched_at=FETCHED
    )
    assert len(mentions) == 999
    assert [(each.code, each.key) for each in problems] == [("bad-item", "bad")]
    assert problems[0].words.startswith("shop/bad: ")


def test_an_unreadable_or_future_time_does_not_lose_the_item() -> None:
    mentions, problems = normalise_page(
        page_of(
            replace(RAW, key="1", posted="soon"),
            replace(RAW, key="2", posted=(FETCHED + timedelta(days=2)).isoformat()),
            replace(RAW, key="3", posted=(FETCHED + timedelta(hours=20)).isoformat()),
            replace(RAW, key="4", posted="", edited="hôm nào"),
        ),
        fetched_at=FETCHED,
    )
    assert [each.posted_at is None for each in mentions] == [True, True, False, True]
    assert [(each.code, each.key) for each in problems] == [
        ("bad-time", "1"),
        ("future-time", "2"),
        ("bad-time", "4"),
    ]
    assert problems[0].words == "shop/1: posted='soon': not a time (no form that is known)"
    assert "future time" in problems[1].words


def test_a_text_too_long_is_cut_and_told() -> None:
    (mention,), (problem,) = normalise_page(
        page_of(replace(RAW, text="a" * (TEXT_CAP + 5))), fetched_at=FETCHED
    )
    assert len(mention.text) == TEXT_CAP
    assert problem.code == "truncated"


def test_damaged_text_is_taken_in_and_told() -> None:
    (mention,), (problem,) = normalise_page(
        page_of(replace(RAW, text="Nåi c¬m nÊu rÊt ngon ®bx ®zq ®wk chËq")), fetched_at=FETCHED
    )
    assert mention.damage == "legacy"
    assert (problem.code, problem.key) == ("damaged-text", "r1")


def test_equal_items_without_a_key_stay_apart_and_keep_their_keys() -> None:
    page = page_of(RawItem(text="Tốt"), RawItem(key=" ", text="Tốt"), RawItem(text="Good"))
    first, _ = normalise_page(page, fetched_at=FETCHED)
    again, _ = normalise_page(page, fetched_at=FETCHED + timedelta(days=3))
    assert len({each.key for each in first}) == 3
    assert all(each.is_keyless and each.key.startswith("h:") for each in first)
    assert [each.key for each in first] == [each.key for each in again]


def test_a_distance_in_time_is_no_part_of_a_derived_key() -> None:
    today = RawItem(text="Tốt", posted="2 weeks ago")
    assert (
        normalise(today, source="shop", fetched_at=FETCHED).key
        == normalise(replace(today, posted="3 tuần trước"), source="shop", fetched_at=FETCHED).key
        != normalise(replace(today, posted="2026-11-01"), source="shop", fetched_at=FETCHED).key
    )


def test_a_feed_entry_without_words_is_an_entry_all_the_same() -> None:
    raw = RawItem(key="tag:blog.example,2026:1", feedback_kind=FeedbackKind.ARTICLE)
    mention = normalise(raw, source="blog.example", fetched_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert (mention.key, mention.text, mention.title) == ("tag:blog.example,2026:1", "", "")
