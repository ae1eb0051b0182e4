"""Content hash, derived keys and near copies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.fingerprint import NEAR_COPY, content_hash, derived_key, likeness, sketch
from ingest.mention import FIVE_STARS, Answer, Mention, Scale

REVIEW = Mention(source="shop", key="1", title="Nồi", text="Nồi cơm tốt", stars=4.0, likes=1)
LONG = (
    "Mình mua nồi Lúa Mây được hai tuần, nấu cơm ngon nhưng nắp kêu to và giao hàng trễ ba ngày. "
    "The pot is good, the lid is loud, and delivery was three days late."
)


@pytest.mark.parametrize(
    "moved",
    [
        {"likes": 99},
        {"reach": 5},
        {"url": "https://shop.example/1?session=2"},
        {"author": "An"},
        {"posted_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"key": "2"},
    ],
)
def test_what_moves_by_itself_does_not_change_the_content(moved: dict[str, object]) -> None:
    assert content_hash(replace(REVIEW, **moved)) == content_hash(REVIEW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edited",
    [
        {"text": "Nồi cơm tệ"},
        {"title": ""},
        {"stars": 1.0},
        {"stars": None},
        {"answers": (Answer("nps", 3, Scale(0, 10)),)},
        {"title": "", "text": "Nồi Nồi cơm tốt"},
    ],
)
def test_what_the_author_said_changes_the_content(edited: dict[str, object]) -> None:
    assert content_hash(replace(REVIEW, **edited)) != content_hash(REVIEW)  # type: ignore[arg-type]


def test_a_content_hash_has_32_hex_digits() -> None:
    answered = replace(REVIEW, answers=(Answer("csat", 5, FIVE_STARS, "Bạn hài lòng không?"),))
    assert len(content_hash(answered)) == 32
    assert int(content_hash(answered), 16) >= 0


def test_equal_words_of_two_customers_get_two_keys() -> None:
    first = derived_key(author="", posted="2026-11-20", text="Tốt", copy=0)
    second = derived_key(author="", posted="2026-11-20", text="Tốt", copy=1)
    assert first != second
    assert first.startswith("h:")
    assert first == derived_key(author="", posted="2026-11-20", text="Tốt", copy=0)
    assert first != derived_key(author="2026-11-20", posted="", text="Tốt", copy=0)


def test_a_near_copy_is_recognised_and_another_text_is_not() -> None:
    copied = LONG.upper().replace(".", "!") + " #ad"
    other = "Máy xay của hãng khác chạy rất êm, mình dùng cả năm nay chưa hỏng lần nào, đáng tiền."
    assert len(sketch(LONG)) == 8
    assert likeness(sketch(LONG), sketch(copied)) >= NEAR_COPY
    assert likeness(sketch(LONG), sketch(other)) == 0


def test_short_praise_of_many_people_is_no_copy() -> None:
    assert sketch("Tốt, sẽ mua lại") == ()
    assert likeness(sketch("Good"), sketch("Good")) == 0


def test_a_long_text_of_one_word_has_a_sketch_and_emoji_have_none() -> None:
    assert len(sketch("a" * 50)) == 1
    assert sketch("😍" * 50) == ()
