"""Files of known shape: what each site's columns mean is known, and nothing is guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.amazon import told_day
from ingest.files import Table, read_table
from ingest.mention import Mention, RawItem, Scale, Speaker
from ingest.normalise import normalise_page
from ingest.timecells import time_reading

SEEN = datetime(2026, 11, 20, tzinfo=UTC)


def saved(rows: object, name: str = "reviews.json", **told: Any) -> Table:
    return read_table(json.dumps(rows).encode(), name=name, **told)


def mentions(table: Table) -> list[Mention]:
    found, problems = normalise_page(table.page(), fetched_at=SEEN)
    assert problems == []
    return found


ALIEXPRESS = {
    "evaluationId": 50190000000000123,
    "evaluationIdStr": "50190000000000123",
    "buyerEval": 40,
    "buyerFeedback": "Nồi bị móp, hộp rách",
    "buyerTranslationFeedback": "The pot is dented, the box torn",
    "buyerName": "L***a",
    "evalDate": "22 Nov 2025",
    "skuInfo": "Color:White",
    "upVoteCount": 3,
}


def test_aliexpress_stars_are_fifths_of_a_hundred() -> None:
    read = saved({"reviews": [ALIEXPRESS, ALIEXPRESS | {"evaluationIdStr": "2", "buyerEval": 100}]})
    poor, best = mentions(read)
    assert (read.source, poor.key, poor.text) == (
        "aliexpress",
        "50190000000000123",
        "Nồi bị móp, hộp rách",
    )
    assert (poor.stars, poor.stars_native, poor.scale) == (2.0, 40.0, Scale(20, 100))
    assert (best.stars, poor.likes, poor.variation) == (5.0, 3, "Color:White")
    assert poor.posted_at == datetime(2025, 11, 22, tzinfo=UTC)


def test_what_was_added_later_and_the_reply_stand_apart() -> None:
    row = ALIEXPRESS | {
        "sellerReply": "Sorry, we send a new one",
        "buyerAddFbContent": "Sau hai tuần thì hỏng hẳn",
        "buyerAddFbDate": "06 Dec 2025",
    }
    first, later, reply = mentions(saved([row]))
    assert (later.key, later.parent, later.stars) == (f"{first.key}/later", first.key, None)
    assert later.posted_at == datetime(2025, 12, 6, tzinfo=UTC)
    assert (reply.key, reply.parent) == (f"{first.key}/reply", first.key)
    assert (later.speaker, reply.speaker) == (Speaker.CUSTOMER, Speaker.STAFF)


def booking(**said: object) -> dict[str, object]:
    return {
        "reviewUrl": "0a1b2c",
        "reviewScore": 4.0,
        "reviewedDate": 1765748812,
        "guestDetails": {"username": "Mai"},
        "partnerReply": None,
        "textDetails": {"lang": "vi", "title": None, "positiveText": None, "negativeText": None}
        | said,
    }


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            {"positiveText": "Phòng sạch", "negativeText": "Ồn, wifi yếu"},
            "Phòng sạch\nỒn, wifi yếu",
        ),
        ({"positiveText": "Quiet room"}, "Quiet room"),
        ({"negativeText": "No hot water"}, "No hot water"),
    ],
)
def test_booking_keeps_what_was_liked_and_what_was_not(said: dict[str, str], text: str) -> None:
    read = saved([booking(**said), booking(positiveText="a", negativeText="b")])
    first = mentions(read)[0]
    assert (read.source, first.text, first.key) == ("booking", text, "0a1b2c")
    assert (first.stars_native, first.scale) == (4.0, Scale(1, 10))
    assert first.posted_at == datetime(2025, 12, 14, 21, 46, 52, tzinfo=UTC)


def test_bookings_own_code_for_english_is_english() -> None:
    row = booking(lang="xu", positiveText="Fine") | {"partnerReply": {"reply": "Thank you"}}
    told, reply = mentions(saved([row]))
    assert (told.language, reply.speaker, reply.text) == ("en", Speaker.STAFF, "Thank you")


BEST_BUY = {
    "id": "a1", "topicType": "review", "rating": 2, "title": "Lid broke", "text": "After a week",
    "author": "Ann", "submissionTime": "2025-12-22T12:54:09.000-06:00", "brandResponses": [],
    "positiveFeedbackCount": 4, "pros": None, "cons": None,
    "secondaryRatings": [{"attribute": "Performance", "value": 5}],
}  # fmt: skip
CAPTERRA = {
    "title": "Good for shops", "date": "May 25, 2026", "reviewer_name": "Hoa N.",
    "ratings": {"overall": 3.0, "ease_of_use": 5.0, "likelihood_to_recommend": 10},
    "review_body": "We use it daily.", "pros": "Quick", "cons": "Tiếng Việt còn lỗi",
}  # fmt: skip
G2 = {
    "author": {"authorName": "David B.", "authorCompanySize": "Small-Business"},
    "review": {"reviewData": "2025-11-03", "reviewRate": 0.5, "reviewTitle": "Slow",
               "reviewLikes": "The colours", "reviewDislikes": "Hỗ trợ chậm"},
}  # fmt: skip
GLASSDOOR = {
    "reviewId": 97, "summary": "Café ổn", "pros": "Colleagues", "cons": "Pay", "advice": None,
    "ratingOverall": 2, "ratingWorkLifeBalance": 5.0, "ratingCareerOpportunities": 5.0,
    "reviewDateTime": "2025-06-02T16:45:56.643", "languageId": "eng", "countHelpful": 0,
    "employer": {"id": 7, "shortName": "Lúa Mây"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "source", "key", "stars", "text"),
    [
        (BEST_BUY, "bestbuy", "a1", 2.0, "After a week"),
        (CAPTERRA, "capterra", None, 3.0, "We use it daily.\nQuick\nTiếng Việt còn lỗi"),
        (G2, "g2", None, 1.0, "The colours\nHỗ trợ chậm"),
        (GLASSDOOR, "glassdoor", "97", 2.0, "Colleagues\nPay"),
    ],
)
def test_the_whole_rating_is_read_not_one_of_its_parts(
    row: dict[str, object], source: str, key: str | None, stars: float, text: str
) -> None:
    read = saved([row])
    (item,) = read.items
    (told,) = mentions(read)
    assert (read.source, item.key, told.stars, told.text) == (source, key, stars, text)
    assert told.posted_at is not None


def test_a_file_in_an_old_code_page_keeps_its_accents() -> None:
    told = GLASSDOOR | {"summary": "Café très bon, même à Hué"}
    read = read_table(json.dumps([told], ensure_ascii=False).encode("cp1252"), name="x.json")
    assert (read.items[0].title, read.items[0].product) == (told["summary"], "Lúa Mây")
    assert [problem.code for problem in read.problems] == ["bad-encoding"]


@pytest.mark.parametrize(
    "row",
    [
        {"title": "Ồn", "text": "Phòng ồn", "rate": 2.0, "tripDate": "May 2025", "tripType": "x"},
        {"title": "Dull", "text": "Broke", "rating": 2.0, "verified": True,
         "location_and_date": "Reviewed in the United States on December 9, 2025"},
    ],
)  # fmt: skip
def test_rows_that_name_nobody_stay_within_their_file(row: dict[str, object]) -> None:
    read = saved({"reviews": [row, row | {"title": "Khác"}]}, "may.json")
    assert (read.source, read.items[0].stars) == ("file:may", 2.0)
    assert [each.posted for each in read.items] == ["2025-12-09" if "verified" in row else None] * 2


def test_what_is_told_goes_before_what_is_known() -> None:
    told = saved([BEST_BUY], mapping={"title": "text", "text": "ignore"}, source="shop")
    assert (told.items[0].text, told.source) == ("Lid broke", "shop")
    assert saved([BEST_BUY], source="shop").page().source == "shop"


def review(key: str, title: str, *, hook: str = "review-star-rating") -> str:
    return f"""<li id="{key}" data-hook="review"><span class="a-profile-name">Mai</span>
    <a data-hook="review-title" href="/gp/customer-reviews/{key}/ref=cm_x?ASIN=B0">
      <i data-hook="{hook}" class="a-icon a-icon-star a-star-1-5 review-rating">
      <span class="a-icon-alt">1,5 von 5 Sternen</span></i><span>{title}</span></a>
    <span data-hook="review-date">Rezension aus Deutschland vom 3. März 2024</span>
    <a data-hook="format-strip">Farbe: Weiß</a>
    <span data-hook="review-body"><div><span>Der Deckel<br>brach.</span>
      <div class="a-expander-header">Mehr lesen</div><script>var a</script></div></span>
    <span data-hook="helpful-vote-statement">1.204 Personen fanden das hilfreich</span></li>"""


def test_a_saved_amazon_page_gives_each_review_once() -> None:
    box = '<div><i data-hook="review-star-rating-view-point" class="a-star-1"></i><a '
    box += 'data-hook="review-title">Kaputt</a><span data-hook="review-body">Der</span></div>'
    foreign = (
        '<div id="R3" data-hook="review"><i data-hook="cmps-review-star-rating" class="a-star-5">'
        '</i><span data-hook="review-title"><span class="cr-original-review-content">Rất tốt'
        '</span><span class="cr-translated-review-content aok-hidden">Sehr gut</span></span>'
        '<span data-hook="review-date">2024年3月4日に日本でレビュー済み</span>'
        '<span data-hook="helpful-vote-statement">Eine Person fand das hilfreich</span></div>'
        '<div id="R4" data-hook="review"></div>'
    )
    page = f"""<html><head><link rel="canonical"
    href="https://www.amazon.de/x/product-reviews/B0"></head><body>
    <a data-hook="product-link">Nồi Lúa Mây</a>{box * 2}{review("R1", "Kaputt")}
    {review("R2", "Wackelt")}{foreign}</body></html>"""
    read = read_table(page.encode(), name="amazon.html")
    first, second, abroad = read.items
    assert read.source == "amazon"
    assert first == RawItem(
        key="R1",
        url="https://www.amazon.de/gp/customer-reviews/R1",
        title="Kaputt",
        text="Der Deckel\nbrach.",
        author="Mai",
        posted="2024-03-03",
        stars=1.5,
        product="Nồi Lúa Mây",
        variation="Farbe: Weiß",
        likes=1204,
    )
    assert (second.title, abroad.title, abroad.stars) == ("Wackelt", "Rất tốt", 5.0)
    assert (abroad.posted, abroad.likes) == ("2024-03-04", 1)
    assert [problem.words for problem in read.problems] == [
        "review R4: neither text nor stars: left out"
    ]


def test_what_an_amazon_review_lacks_costs_no_review() -> None:
    page = b"""<html><div id="R1" data-hook="review"><i data-hook="review-star-rating" class="x">
    </i><span data-hook="review-title"> </span><span data-hook="review-body">Broke.<br></span>
    </div></html>"""
    (item,) = read_table(page, name="x.html").items
    assert (item.stars, item.title, item.text, item.posted) == (None, None, "Broke.", None)
    assert (item.likes, item.product, item.author) == (None, None, "")


def test_an_amazon_page_without_reviews_is_told() -> None:
    page = b'<html><p data-hook="review">x</p><b class="review-body">x</b></html>'
    assert [problem.code for problem in read_table(page, name="x.html").problems] == ["empty"]


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("Reviewed in the United States on April 13, 2018", "2018-04-13"),
        ("Reviewed in Saudi Arabia on 3 May 2024", "2024-05-03"),
        ("Đã đánh giá ở Hoa Kỳ vào ngày 3 tháng 4, 2024", "2024-04-03"),
        ("Avis laissé en France le 12 août 2023", "2023-08-12"),
        ("Revisado en México el 3 de mayo de 2024", "2024-05-03"),
        ("Recensito in Italia il 13 maggio 2024", "2024-05-13"),
        ("Avaliado no Brasil em 3 de março de 2024", "2024-03-03"),
        ("Zrecenzowano w Polsce dnia 3 września 2024", "2024-09-03"),
        ("2024년 3월 4일에 대한민국에서 검토됨", "2024-03-04"),
        ("Reviewed in the United States", None),
        ("Reviewed on 45 May 2024", None),
    ],
)
def test_a_day_is_told_in_the_language_of_the_page(sentence: str, day: str | None) -> None:
    assert told_day(sentence) == day


def test_a_column_tells_which_number_is_the_month() -> None:
    american = ["11/2/2026 9:05:33", "11/21/2026 10:00", None, 7]
    assert [time_reading(american)(cell) for cell in american] == [
        "2026-11-02 9:05:33",
        "2026-11-21 10:00",
        None,
        7,
    ]
    for viet in (["02/11/2026 9:05", "21/11/2026 9:05"], ["02/11/2026", "03/11/2026"]):
        assert [time_reading(viet)(cell) for cell in viet] == viet
    assert time_reading([])("2026/11/21 9:05:33 CH GMT+7") == "2026/11/21 9:05:33 pm GMT+7"


@pytest.mark.parametrize(
    ("file", "source", "reviews", "more"),
    [
        ("aliexpress/reviews_2025-12-20.json", "aliexpress", 60, 3),
        ("booking/hotel_review_2026-03-14.json", "booking", 30, 24),
        ("bestbuy/reviews_2025-12-23.json", "bestbuy", 60, 0),
        ("capterra/reviews_2026-07-07.json", "capterra", 38, 0),
        ("g2/reviews_2025-12-03.json", "g2", 30, 0),
        ("glassdoor/reviews_2026-01-30.json", "glassdoor", 15, 0),
        ("tripadvisor/hotel_page_2025-10-16.json", "file:hotel-page-2025-10-16", 40, 0),
        ("amazon/scraper_reviews_2025-12-20.json", "file:scraper-reviews-2025-12-20", 5, 0),
        ("amazon/us_one_star_p1.html", "amazon", 10, 0),
        ("amazon/us_product_reviews_all.html", "amazon", 10, 0),
        ("amazon/us_product_reviews_mixed.html", "amazon", 10, 0),
    ],
)
def test_real_files_are_read_whole(
    shared: Path, file: str, source: str, reviews: int, more: int
) -> None:
    read = read_table((shared / "captures" / file).read_bytes(), name=Path(file).name)
    found, _ = normalise_page(read.page(), fetched_at=SEEN)
    rated = [each for each in found if each.stars is not None]
    assert (read.source, len(rated), len(found) - len(rated)) == (source, reviews, more)
    assert all(each.text for each in found)
    assert not any("#" in each.key for each in found)  # repeats say the same, and count once


PLAY_HEAD = (
    "Package Name,App Version Code,App Version Name,Reviewer Language,Device,"
    "Review Submit Date and Time,Review Submit Millis Since Epoch,"
    "Review Last Update Date and Time,Review Last Update Millis Since Epoch,Star Rating,"
    "Review Title,Review Text,Developer Reply Date and Time,Developer Reply Millis Since Epoch,"
    "Developer Reply Text,Review Link\n"
)
PLAY_LINK = (
    "http://play.google.com/console/developers/1/app/2/user-feedback/review-details?reviewId="
)


def test_the_play_consoles_file_has_the_ids_that_reviews_have_when_crawled() -> None:
    rows = (
        "vn.luamay,12,1.2,vi,a54,2026-10-01T02:00:00Z,1790820000000,2026-10-03T02:00:00Z,"
        "1790992800000,1,,Bấm thanh toán thì văng,2026-10-04T02:00:00Z,1791079200000,"
        f"Dạ bên em đã sửa,{PLAY_LINK}a1-b2&corpus=1\n"
        "vn.luamay,12,1.2,en,a54,2026-10-01T02:00:00Z,1790820000000,2026-10-01T02:00:00Z,"
        "1790820000000,5,,,,,,\n"
    )
    read = read_table((PLAY_HEAD + rows).encode("utf-16"), name="reviews_vn.luamay_202610.csv")
    said, reply, rated = mentions(read)
    assert (read.source, said.key, said.stars, said.language) == ("googleplay", "a1-b2", 1.0, "vi")
    assert (said.text, said.variation) == ("Bấm thanh toán thì văng", "1.2")
    assert said.edited_at == datetime(2026, 10, 3, 2, tzinfo=UTC)
    assert (reply.key, reply.speaker) == ("a1-b2/reply", Speaker.STAFF)
    assert (rated.stars, rated.text, rated.is_keyless) == (5.0, "", True)


def test_rows_of_shopee_have_the_platforms_ids() -> None:
    rows = (
        ",orderId,itemId,shopId,cmtId,rating,comment,userId,likes\n"
        '0,1,2,3,9001,1,"Chất lượng sản phẩm:Kém\n\nNồi nứt nắp",7,4.0\n'
        "1,2,2,3,9002,5,,8,\n"
    )
    read = read_table(rows.encode(), name="danh-gia.csv")
    said, rated = mentions(read)
    assert (read.source, said.key, said.text, said.likes) == (
        "shopee_shop",
        "9001",
        "Nồi nứt nắp",
        4,
    )
    assert (rated.key, rated.stars) == ("9002", 5.0)


def test_a_title_alone_is_a_review_and_no_mere_rating() -> None:
    items = read_table("title,rating\nNồi kêu to,2\n,5\n".encode(), name="a.csv").items
    assert [each.feedback_kind for each in items] == ["review", "star rating"]
