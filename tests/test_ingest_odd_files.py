"""Files as people really have them: damaged, padded, summed up, rated in words."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from ingest.files import Table, read_table
from ingest.mention import Scale, Speaker
from ingest.normalise import normalise_page
from ingest.timecells import time_reading
from ingest.worded import told_scale, worded_rating

ROWS = "Mã,Nội dung,Số sao\n1,Nồi bị nứt nắp,1\n2,Rất tốt,5\n"
BOTH = [("Nồi bị nứt nắp", 1.0), ("Rất tốt", 5.0)]


def book(*rows: list[object], change: Callable[[Any], object] = lambda _: None) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    change(made)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def read(body: bytes | str, name: str = "tep.csv", **told: Any) -> Table:
    sent = body if isinstance(body, bytes) else body.encode()
    return read_table(sent, name=name, **told)


def said(table: Table) -> list[tuple[str | None, object]]:
    return [(each.text, each.stars) for each in table.items]


def _second(made: Any) -> None:
    sheet = made.create_sheet("Tháng 11")
    for row in (["Nội dung", "Sao"], ["Rất tốt", 5]):
        sheet.append(row)


@pytest.mark.parametrize(
    "body",
    [
        ("\ufeff" + ROWS).encode(),
        ROWS.encode("utf-16"),
        ROWS.encode("utf-16-be"),
        ROWS.replace(",", ";").encode(),
        ("sep=;\n" + ROWS.replace(",", ";")).encode(),
        ROWS.replace(",", "\t").encode(),
        ROWS.replace(",", "|").encode(),
        ROWS.replace("\n", "\r").encode(),
        ROWS.replace("\n", "\r\n\r\n").encode(),
        ROWS.replace("Rất", "R\0ất").encode(),
        ROWS.replace("\n", ",,\n").encode(),
        ROWS.replace("5\n", "5\nTổng cộng,,6\n").encode(),
        ROWS.replace("5\n", "5\n,Trung bình,3\n").encode(),
        ROWS.replace(",1\n", ",1/5\n").replace(",5\n", ",5/5\n").encode(),
        ROWS.replace(",1\n", ",★☆☆☆☆\n").replace(",5\n", ",⭐⭐⭐⭐⭐\n").encode(),
        ROWS.replace(",1\n", ",1 sao\n").replace(",5\n", ",Năm sao\n").encode(),
        ROWS.replace(",1\n", ",Rất tệ\n").replace(",5\n", ",Tuyệt vời\n").encode(),
        ROWS.replace(",1\n", ",1.0 out of 5 stars\n").replace(",5\n", ",Rated 5\n").encode(),
        book(["BÁO CÁO THÁNG 11"], [], ["Mã", "Nội dung", "Số sao"], [1, BOTH[0][0], 1.0],
             [2, "Rất tốt", "5,0"], ["Tổng", None, 6]),
        book(["Khách", None, "Đánh giá"], ["Tên", "Nội dung", "Số sao"], ["Lan", BOTH[0][0], 1],
             ["Mai", "Rất tốt", 5], change=lambda made: made.active.merge_cells("A1:B1")),
        book(["Nội dung", "Sao"], [BOTH[0][0], 1], change=_second),
        b"<html><table><tr><td>x</td></tr></table><table><tr><th>N\xe1\xbb\x99i dung</th>"
        b"<th>Sao</th></tr><tr><td>N\xe1\xbb\x93i b\xe1\xbb\x8b n\xe1\xbb\xa9t n\xe1\xba\xafp</td>"
        b"<td>1</td></tr><tr><td>R\xe1\xba\xa5t t\xe1\xbb\x91t</td><td>5</td></tr></table></html>",
    ],
)  # fmt: skip
def test_two_reviews_are_two_reviews_in_whatever_form(body: bytes) -> None:
    table = read(body)
    assert said(table) == BOTH
    assert not any(each.is_fatal for each in table.problems)


def test_a_sheet_that_is_not_read_is_told() -> None:
    table = read(book(["Ghi chú"], ["Báo cáo của Lan"], change=_second), "bao-cao.xlsx")
    assert said(table) == [("Rất tốt", 5.0)]
    assert [each.words for each in table.problems] == [
        "sheet 'Sheet' has 2 rows that are left out: save it as a file of its own"
    ]


def test_a_workbook_is_as_wide_as_it_is_filled() -> None:
    table = read(book(["Nội dung", "Sao", None], ["Tốt", 5, None]), "a.xlsx")
    assert (table.head, table.columns.unknown) == (("Nội dung", "Sao"), ())


@pytest.mark.parametrize(
    ("rows", "scale", "stars"),
    [
        ("Good,9/10\nBad,2/10", Scale(1, 10), [9.0, 2.0]),
        ("Tốt,90/100\nTệ,0/100", Scale(0, 100), [90.0, 0.0]),
        ("Tốt,4 trên 5\nTệ,1 trên 5", Scale(1, 5), [4.0, 1.0]),
    ],
)
def test_ratings_that_tell_their_whole_need_no_scale(
    rows: str, scale: Scale, stars: list[float]
) -> None:
    items = read(f"Nhận xét,Điểm\n{rows}\n").items
    assert [(each.stars, each.scale) for each in items] == [(each, scale) for each in stars]


def test_a_scale_that_nothing_tells_is_asked_for() -> None:
    table = read("Review,Rating\nGood,9\nBad,2\n")
    assert [each.code for each in table.problems if each.is_fatal] == ["no-scale"]
    assert told_scale(["9/10", "x", "y"]) is None
    assert told_scale(["1/2", "2/2"]) is None


def test_satisfaction_in_words_is_measured_on_its_five_steps() -> None:
    rows = "Rất không hài lòng\nHài lòng\nBình thường\nkhông nhớ"
    table = read("Nội dung,Mức độ hài lòng\n" + "".join(f"ừ,{row}\n" for row in rows.split("\n")))
    assert [[a.value for a in each.answers] for each in table.items] == [[1.0], [4.0], [3.0], []]
    assert worded_rating("x" * 61) is None
    assert worded_rating(4) is None


@pytest.mark.parametrize(
    "row",
    ["[removed],,[deleted]", "null,NULL,None", "NaN,,x", ",,"],
)
def test_what_was_taken_away_is_nobodys_words(row: str) -> None:
    table = read(f"comment,rating,user\nTốt,5,[deleted]\n{row}\n")
    assert said(table) == [("Tốt", 5.0)]
    assert table.items[0].author is None


def test_names_and_counts_are_no_stars() -> None:
    rows = [{"id": n, "subject": "Nồi hỏng", "priority": n % 4 + 1, "status": 2, "score": 3,
             "votes": 1, "level": 5} for n in range(9)]  # fmt: skip
    assert {each.stars for each in read(json.dumps([*rows, {"id": 9, "subject": "x"}])).items} <= {
        None, 3
    }  # fmt: skip
    table = read("1,Nồi cơm tốt lắm nha,5\n2,Giao hàng chậm quá,1\n")
    assert said(table) == [("Nồi cơm tốt lắm nha", 5.0), ("Giao hàng chậm quá", 1.0)]


def test_a_spreadsheets_days_are_days() -> None:
    rows = "Ngày,Nội dung\n46328,Tốt lắm\n46329.5,Kém quá\n"
    assert [each.posted for each in read(rows).items] == ["2026-11-02", "2026-11-03 12:00:00"]
    mixed = time_reading(["46328", "2026-11-03"])
    assert mixed("46328") == "46328"
    assert time_reading([46328.25, None])(46328.25) == "2026-11-02 06:00:00"
    assert time_reading([46328, ""])("") == ""


def test_one_nested_reply_is_the_shops_and_many_are_nobodys() -> None:
    row = {"id": "a", "text": "Nồi kêu to", "stars": 2, "reply": {"text": "Dạ shop xin lỗi",
           "at": "2026-11-02T00:00:00Z", "by": "x"}, "replies": [{"text": "me too"}]}  # fmt: skip
    item, reply = read(json.dumps([row])).items
    assert (item.key, item.text) == ("a", "Nồi kêu to")
    assert (reply.key, reply.text, reply.speaker) == ("a/reply", "Dạ shop xin lỗi", Speaker.STAFF)
    assert reply.posted == "2026-11-02T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ('[{"id": 1, "text": "a b", "stars": 5}, {"id": 2, "te', 1),
        ('[{"id": 1, "text": "a b", "stars": 5}, {"id": 2, "text": "c", "stars": 1}', 2),
    ],
)
def test_a_list_that_ends_too_early_keeps_its_whole_rows(body: str, count: int) -> None:
    table = read(body, "a.json")
    assert len(table.items) == count
    assert [each.code for each in table.problems] == ["truncated"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[1, 2, {", "malformed"),
        ("[", "malformed"),
        ('{"a": [', "malformed"),
        (b"PK\x03\x04 broken", "malformed"),
        (b"\xd0\xcf\x11\xe0 old", "not-a-table"),
        ("just one line", "not-a-table"),
        ("<html><table><tr><td>a</td></tr></table></html>", "empty"),
        ("<p></p>", "empty"),
        (book([None]), "empty"),
    ],
)
def test_what_cannot_be_read_says_one_thing(body: bytes | str, code: str) -> None:
    table = read(body)
    assert table.items == ()
    assert [each.code for each in table.problems] == [code]


def test_a_file_of_nothing_but_sums_is_no_feedback() -> None:
    assert read("Nội dung,Sao\nTổng cộng,12\nTotal,9\n").items
    assert said(read("Nội dung,Sao\nTốt,5\n,\nx,4\n")) == [("Tốt", 5.0), ("x", 4.0)]


def test_a_chat_in_rows_is_no_transcript_and_names_beside_staff_are_customers() -> None:
    rows = "c1,Lan,Nồi hỏng rồi,2026-11-02 09:00\nc1,CSKH,Dạ em nghe,2026-11-02 09:01\n"
    table = read(f"conversation_id,sender,message,time\n{rows}", "chat.csv")
    assert [(each.key, each.text, each.speaker) for each in table.items] == [
        ("c1/1", "Nồi hỏng rồi", Speaker.CUSTOMER),
        ("c1/2", "Dạ em nghe", Speaker.STAFF),
    ]
    unknown = read("conversation_id,sender,message\nc1,Lan,Nồi hỏng\nc1,Duy,Dạ\n", "chat.csv")
    assert unknown.items == ()
    assert "neither customer nor staff" in unknown.problems[0].words


def test_a_column_may_name_its_zone() -> None:
    head = "Review Content,Review Created (UTC),Company Reply,Company Reply Date (UTC)"
    item, reply = read(
        f"{head}\nChậm,2026-11-02 01:00,Xin lỗi,2026-11-03 01:00\n", zone="Asia/Ho_Chi_Minh"
    ).items
    assert (item.zone, reply.zone) == ("UTC", "UTC")
    local = read("Nội dung,Ngày (GMT+7)\nChậm quá,2026-11-02 01:00\n", zone="Asia/Ho_Chi_Minh")
    assert local.items[0].zone == "Asia/Ho_Chi_Minh"


def test_a_reply_to_a_row_without_an_id_hangs_on_its_words() -> None:
    rows = "Nội dung đánh giá,Tên người mua,Phản hồi của Người bán\nNứt nắp,l***n,Shop xin lỗi ạ\n"
    table = read(rows)
    mention, reply = normalise_page(table.page(), fetched_at=datetime(2026, 11, 20, tzinfo=UTC))[0]
    assert mention.is_keyless
    assert (reply.parent, reply.key) == (mention.key, f"{mention.key}/reply")
    assert reply.speaker is Speaker.STAFF


def test_the_second_head_of_a_survey_is_no_answer() -> None:
    rows = (
        "Respondent ID,Start Date,How likely is it that you would recommend us?,Which product?,,"
        "Why this score?\n,,,Pot,Pan,Open-Ended Response\n"
        "118,11/20/2026 10:00:00,3,Pot,,Giao chậm\n"
        "119,11/21/2026 10:00:00,10 - Extremely likely,,,\n"
    )
    table = read(rows, "export.csv")
    assert table.head[3:5] == ("Which product?", "Which product? Pan")
    assert [(each.text, [a.value for a in each.answers]) for each in table.items] == [
        ("Giao chậm", [3.0]),
        (None, [10.0]),
    ]


@pytest.mark.parametrize(
    ("name", "metric", "high"), [("nps-q4.csv", "nps", 10), ("csat thang 11.csv", "csat", 5)]
)
def test_a_file_that_is_called_by_its_measure_holds_answers(
    name: str, metric: str, high: int
) -> None:
    (item, _) = read("Score,Comment\n4,Tốt\n5,Kém\n", name).items
    assert [(each.metric, each.scale.high) for each in item.answers] == [(metric, high)]
    assert item.stars is None
    told = read("Score,Comment\n4,Tốt\n", name, mapping={"Score": "stars"})
    assert told.items[0].stars == 4.0


def test_a_takeout_of_an_own_place_has_the_ids_that_reviews_have_when_crawled() -> None:
    row = {
        "reviewer": {"displayName": "Lan"},
        "starRating": "TWO",
        "comment": "Chậm",
        "createTime": "2026-11-02T01:00:00Z",
        "updateTime": "2026-11-02T01:00:00Z",
        "name": "accounts/1/locations/2/reviews/AbF",
        "reviewReply": {"comment": "Dạ xin lỗi", "updateTime": "2026-11-03T00:00:00Z"},
    }
    table = read(json.dumps({"reviews": [row]}), "reviews.json")
    item, reply = table.items
    assert (table.source, item.key, item.stars, item.author) == ("google_business", "AbF", 2, "Lan")
    assert (reply.key, reply.text, reply.speaker) == ("AbF/reply", "Dạ xin lỗi", Speaker.STAFF)


@pytest.mark.parametrize(
    "root",
    [
        [["Nội dung", "Số sao"], ["Nồi bị nứt nắp", 1], ["Rất tốt", 5]],
        {"columns": ["text", "stars"], "data": [["Nồi bị nứt nắp", 1], ["Rất tốt", 5]]},
        {"r1": {"text": "Nồi bị nứt nắp", "stars": 1}, "r2": {"text": "Rất tốt", "stars": 5}},
        [{"p": 1, "rows": [{"text": "Nồi bị nứt nắp", "stars": 1}]},
         {"p": 2, "rows": [{"text": "Rất tốt", "stars": "5.0"}]}],
    ],
)  # fmt: skip
def test_json_is_read_however_its_rows_are_laid_out(root: object) -> None:
    assert [(text, float(str(stars))) for text, stars in said(read(json.dumps(root)))] == BOTH


def test_rows_under_their_keys_have_those_as_ids() -> None:
    rows = {"r1": {"text": "Tốt", "stars": 5}, "r2": {"text": "Kém", "stars": 1, "x": 2}}
    assert [each.key for each in read(json.dumps(rows)).items] == ["r1", "r2"]
    assert [each.text for each in read('["Tốt lắm nha", "Kém quá đi"]').items] == [
        "Tốt lắm nha",
        "Kém quá đi",
    ]
    assert read('{"columns": ["a"]}').items == ()
    assert read('{"a": {"x": 1}, "b": {"y": 2}}').items == ()
    assert read("[[1, 2], {}]").items == ()


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (["02/11/26", "03/11/26"], "2026-11-02"),
        (["11/02/26", "11/21/26"], "2026-11-02"),
        (["02/11/2026"], "02/11/2026"),
        (["Mon Nov 02 14:05:00 ICT 2026"], "Mon Nov 02 14:05:00 +0700 2026"),
    ],
)
def test_a_columns_habit_tells_day_and_year(cells: list[str], read_as: str) -> None:
    assert time_reading(cells)(cells[0]) == read_as


def test_half_a_star_is_one_and_shares_are_of_a_hundred() -> None:
    halves = read("comment,rating\nTệ,0.5\nTốt,4.5\n").items
    assert [each.stars for each in halves] == [1.0, 4.5]
    shares = read("comment,rating\nTốt,90%\nTệ,20%\n").items
    assert [(each.stars, each.scale) for each in shares] == [
        (90.0, Scale(0, 100)),
        (20.0, Scale(0, 100)),
    ]


@pytest.mark.parametrize(
    ("name", "is_text"),
    [("Góp ý thêm", True), ("Why", True), ("Other comments", True), ("Comment count", False),
     ("Ngày nhận xét", False), ("Feedback type", False), ("Người góp ý", False)],
)  # fmt: skip
def test_a_column_for_words_is_kept_however_few_they_are(name: str, is_text: bool) -> None:
    table = read(f"Timestamp,CSAT,{name}\n2026-11-02 09:00,2,hỏng\n", "khao sat.csv")
    assert (table.items[0].text == "hỏng") is is_text


def test_the_old_code_page_is_called_by_its_name() -> None:
    old = "Nội dung,Sao\nRất tệ, nứt nắp,1\n".replace("tệ, ", "tệ ")
    body = b"".join(_in_1258(letter) for letter in old)
    table = read(body)
    assert said(table) == [("Rất tệ nứt nắp", 1.0)]
    assert "windows-1258" in table.problems[0].words


def _in_1258(letter: str) -> bytes:
    """Return a letter as that code page writes it: its mark may stand behind it."""
    split = unicodedata.normalize("NFD", letter)
    for mark in ("", *split[1:]):
        base = unicodedata.normalize("NFC", split.replace(mark, "") if mark else letter)
        try:
            return (base + mark).encode("cp1258")
        except UnicodeEncodeError:
            continue
    raise AssertionError(letter)
