"""Spam and seeding signs, stars against text, and the brands' own aspects."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from scoring.judge import Judge
from scoring.measure import counts, f1
from scoring.mismatch import mismatch
from scoring.verdict import NOT_A_REVIEW, Label, Polarity

JUDGE = Judge()


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Hàng đẹp hjkdfgh sdkfjhgsk dfjkghsdf", "gibberish"),
        ("Good pan hjkdfgh sdkfjhgskdf xcvbnmpqw", "gibberish"),
        ("MUA NGAY liên hệ zalo 0901234567, giá 99.000, ship toàn quốc ✅🔥", "advert"),
        ("DM us on whatsapp https://luamay.example/x, promo code inside, 50k 60k ✅", "advert"),
        ("tốt tốt tốt tốt tốt tốt tốt tốt tốt tốt", "repeated"),
        ("good good good good good good good good good", "repeated"),
        (
            "Con thuyền trôi giữa mây chiều và nỗi nhớ, ai còn đứng bên kia bờ gọi tên nhau,"
            " sông dài lặng lẽ trăng tàn đêm vắng",
            "off topic",
        ),
        ("12345", "no content"),
        ("Hôm qua", "no content"),
        ("Hình ảnh chỉ mang tính chất nhận xu, nồi nấu cơm ngon", "coins"),
        ("Nice pan, I only write this for coins", "coins"),
        ("Giao hàng nhanh, gói kỹ, chưa dùng nên chưa biết", "brand only"),
        ("Haven't used it but the delivery was quick", "brand only"),
        ("จัดส่งช้า มาก จริงๆ", "foreign"),
    ],
)
def test_the_strongest_sign_of_spam_is_named(text: str, sign: str) -> None:
    verdict = JUDGE.text(text)
    assert (verdict.spam_sign, verdict.spam > 0) == (sign, True)


@pytest.mark.parametrize(
    "text",
    [
        "Nồi nấu cơm ngon, giao hàng nhanh, đóng gói cẩn thận",
        "Máy hỏng sau hai ngày, gọi bảo hành không ai nghe máy, quá thất vọng",
        "The lid broke after a week and nobody at @luamay answers #angry https://t.example/1",
        "Switch thumbs prompt: worthwhile, a disappointment at first but strengths later",
        "Nồi tốt nhưng app không đăng nhập được, mình thử năm lần từ hôm qua tới giờ rồi",
    ],
)
def test_what_customers_write_is_no_spam(text: str) -> None:
    assert JUDGE.text(text).spam < NOT_A_REVIEW


def test_an_honest_review_has_no_sign_at_all() -> None:
    verdict = JUDGE.text("Nồi nấu cơm ngon, giao hàng nhanh")
    assert (verdict.spam, verdict.spam_sign) == (0.0, "")


def test_real_texts_that_are_no_reviews_are_told(shared: Path) -> None:
    with (shared / "labelled" / "vi_vispam.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = [row["label"] == "spam-3-not-a-review" for row in rows]
    told = [JUDGE.text(row["text"], language="vi").spam >= NOT_A_REVIEW for row in rows]
    assert f1(counts(truth, told)) >= 0.55


@pytest.mark.parametrize("name", ["vi_aivivn", "vi_viocd", "en_gplay", "en_airline"])
def test_real_reviews_are_seldom_called_spam(shared: Path, name: str) -> None:
    with (shared / "labelled" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:2_000]
    told = [JUDGE.text(row["text"], language=row["lang"]).spam >= NOT_A_REVIEW for row in rows]
    assert sum(told) <= 0.03 * len(rows)


@pytest.mark.parametrize(
    ("text", "stars", "told"),
    [
        ("Quá tệ, dùng hai hôm là hỏng, lừa đảo", 5, "stars 5, text negative"),
        ("Terrible, it broke at once, a scam", 4.5, "stars 4.5, text negative"),
        ("Tuyệt vời, quá đẹp, rất hài lòng", 1, "stars 1, text positive"),
        ("Love it, works perfectly", 2, "stars 2, text positive"),
        ("Quá tệ, dùng hai hôm là hỏng", 1, ""),
        ("Love it, works perfectly", 5, ""),
        ("Quá tệ, dùng hai hôm là hỏng", 3, ""),
        ("Nồi hai lít, màu trắng", 5, ""),
        ("Quá tệ, dùng hai hôm là hỏng", None, ""),
    ],
)
def test_stars_and_text_that_disagree_are_told(text: str, stars: float | None, told: str) -> None:
    verdict = JUDGE.text(text, stars=stars)
    assert verdict.mismatch == told
    assert JUDGE.text(text, stars=stars, damage="lossy").mismatch == ""


def test_only_a_clear_text_disagrees_with_its_stars() -> None:
    assert mismatch(5, Label.NEGATIVE, 0.6) == ""
    assert mismatch(1, Label.POSITIVE, 0.4) == ""


def test_brands_name_their_own_aspects() -> None:
    judge = Judge(aspects=[("steam", "hơi nước", "steam"), ("recipe", "công thức nấu")])
    for text, name, polarity in [
        ("Hơi nước thoát ra quá tệ", "steam", Polarity.NEGATIVE),
        ("The steam is great", "steam", Polarity.POSITIVE),
        ("cong thuc nau rat hay", "recipe", Polarity.POSITIVE),
    ]:
        found = {each.name: each for each in judge.text(text).aspects}
        assert found[name].polarity is polarity
        assert text[found[name].start : found[name].end] == found[name].words
        assert name not in {each.name for each in JUDGE.text(text).aspects}
