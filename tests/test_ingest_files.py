"""Files people have: reviews, surveys, chats, interviews and figures, however they are written."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest

from ingest.columns import guess_columns, named_field
from ingest.errors import ConfigError
from ingest.files import Table, read_table
from ingest.mention import Answer, FeedbackKind, Figure, Markup, Mention, Scale, Speaker
from ingest.rows import figure_number, parse_scale, rating, without_attributes


def table(text: str, name: str = "danh-gia.csv", **told: object) -> Table:
    return read_table(text.encode(), name=name, **told)  # type: ignore[arg-type]


def words(read: Table) -> list[str]:
    return [problem.words for problem in read.problems]


SHOP = """Mã đánh giá,Người mua,Số sao,Nội dung đánh giá,Ngày tạo,Phân loại hàng,Tên sản phẩm
12345678901234567890,lan_pham,2,"Nồi nấu nhão, tôi thất vọng",2026-06-01 10:02,Trắng,Nồi LM-18
r2,minh,5,,2026-06-02 11:00,Đen,Nồi LM-18
r3,hoa,,,2026-06-02 12:00,Đen,Nồi LM-18
"""


def test_a_vietnamese_shop_export_is_understood_by_its_names() -> None:
    read = table(SHOP)
    page = read.page()
    lan, minh = page.items
    assert page.source == "file:danh-gia"
    assert (read.rows_in, page.is_end, read.columns.unknown) == (3, True, ())
    assert (lan.key, lan.author, lan.stars) == ("12345678901234567890", "lan_pham", 2.0)
    assert lan.text == "Nồi nấu nhão, tôi thất vọng"
    assert (lan.posted, lan.variation, lan.product) == ("2026-06-01 10:02", "Trắng", "Nồi LM-18")
    assert (minh.text, minh.feedback_kind) == (None, FeedbackKind.STARS)
    assert words(read) == ["line 4: neither text nor stars nor answers: the row is left out"]


def test_an_english_export_is_understood_by_its_names() -> None:
    head = "review_id;rating;comment;created_at;likes;is_bot\n"
    read = table(f"{head}r1;1;Broke after a week;2026-06-01;3;no\n")
    (broke,) = read.items
    assert (broke.key, broke.stars, broke.text) == ("r1", 1.0, "Broke after a week")
    assert (broke.posted, broke.likes) == ("2026-06-01", 3)
    assert (read.columns.unknown, broke.unknown) == (("is_bot",), ("is_bot",))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Nội dung đánh giá", "text"),
        ("reviewContent", "text"),
        ("comment", "text"),
        ("Số sao", "stars"),
        ("rating_star", "stars"),
        ("Ngày tạo", "posted"),
        ("ctime", "posted"),
        ("Người mua", "author"),
        ("author_username", "author"),
        ("Mã đánh giá", "key"),
        ("cmtid", "key"),
        ("Phân loại hàng", "variation"),
        ("product_items.name", "product"),
        ("user.name", "author"),
        ("location.name", None),
        ("ItemRatingReply.comment", "reply"),
        ("Anh/chị có sẵn sàng giới thiệu Lúa Mây cho bạn bè không? (0-10)", "nps"),
        ("How likely are you to recommend us?", "nps"),
        ("Mức độ hài lòng của anh chị với dịch vụ", "csat"),
        ("How easy was it to get help?", "ces"),
        ("Vì sao anh/chị cho điểm như vậy?", "text"),
        ("What should we improve?", "text"),
        ("CSAT (1-5)", "csat"),
        ("Vai trò", "speaker"),
        ("Lượt truy cập", "figure"),
        ("xyz", None),
    ],
)
def test_a_column_name_tells_its_field(name: str, field: str | None) -> None:
    found = named_field(name)
    assert (found[0] if found else None) == field


def test_a_file_without_column_names_is_told_by_its_cells() -> None:
    read = table("5,Nồi nấu rất ngon và nhanh\n1,Giao hàng quá chậm so với hẹn\n", "x.csv")
    assert [(each.stars, each.text) for each in read.items] == [
        (5.0, "Nồi nấu rất ngon và nhanh"),
        (1.0, "Giao hàng quá chậm so với hẹn"),
    ]
    assert set(read.columns.guessed) == {"column 1", "column 2"}


def test_unnamed_times_and_words_are_told_by_their_cells() -> None:
    read = guess_columns(
        ["a", "b", "c", "d"],
        [
            ["x1", "2026-06-01 10:00", "Cooks rice very well", 4],
            ["x2", "2026-06-02", "Too slow", 2],
        ],
    )
    assert read.fields == {"b": "posted", "c": "text", "d": "stars"}
    assert read.unknown == ("a",)


def test_the_column_names_may_stand_below_a_heading() -> None:
    read = table("Báo cáo đánh giá,,\nTháng 6,,\n\nSố sao,Nội dung,Ngày\n4,Nồi ổn,2026-06-01\n")
    assert [each.text for each in read.items] == ["Nồi ổn"]


def test_a_mapping_overrules_every_guess() -> None:
    text = "comment,note\nA1,Nồi bị nứt nắp\n"
    read = table(text, mapping={"comment": "key", "NOTE": "text"})
    assert [(each.key, each.text) for each in read.items] == [("A1", "Nồi bị nứt nắp")]
    with pytest.raises(ConfigError, match="one of: comment, note"):
        table(text, mapping={"ghi chú": "text"})
    with pytest.raises(ConfigError, match="no such field"):
        table(text, mapping={"note": "words"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_any_delimiter_and_encoding_is_read(delimiter: str, charset: str) -> None:
    text = 'Số sao|Nội dung|Ngày\r\n2|"Nồi rất ""tệ"",\nhỏng"|2026-06-01\r\n5|Tốt|2026-06-02\r\n'
    read = read_table(text.replace("|", delimiter).encode(charset), name="x.csv")
    assert [each.text for each in read.items] == ['Nồi rất "tệ",\nhỏng', "Tốt"]
    assert read.problems == ()


def test_old_code_pages_are_read_and_told() -> None:
    west = read_table("rating,comment\n4,café très bon, \n".encode("cp1252"), name="x.csv")
    assert words(west)[0] == "not UTF-8: read as cp1252"
    viet = "rating,comment\n2,Nô\u0300i râ\u0301t tê\u0323, châ\u0323m\n".replace(", ", "; ")
    read = read_table(viet.encode("cp1258"), name="x.csv")
    assert [each.text for each in read.items] == ["Nồi rất tệ; chậm"]


def test_a_row_with_too_many_cells_is_left_out_with_its_line() -> None:
    read = table("rating,comment\n5,ngon\n1,dở, chậm\n4,ổn\n")
    assert [each.text for each in read.items] == ["ngon", "ổn"]
    assert words(read) == ["line 3: 3 cells under 2 columns: the row is left out"]


def test_a_short_row_is_read() -> None:
    assert [each.text for each in table("comment,rating,date\nngon lắm\nổn,4\n").items] == [
        "ngon lắm",
        "ổn",
    ]


def test_an_open_quote_costs_one_row() -> None:
    rows = "".join(f'r{n},"câu {n}"\n' for n in range(500))
    read = table(f'id,comment\nr-a,tốt\nr-b,"chưa đóng\n{rows}')
    assert len(read.items) == 501
    assert words(read) == ["line 3: a quote is not closed: the row is left out"]
    end = table('id,comment\nr-a,tốt\nr-b,"chưa đóng\nr-c,ổn\n')
    assert [each.key for each in end.items] == ["r-a", "r-c"]


def test_a_cell_beyond_reading_costs_one_row() -> None:
    read = table(f"id,comment\nr-a,{'x' * 200_000}\nr-b,ổn\n")
    assert [each.key for each in read.items] == ["r-b"]
    assert "line 2" in words(read)[0]


def test_a_rounded_id_is_no_key() -> None:
    assert table("id,comment\n1.23457E+19,tốt lắm\n").items[0].key is None


def test_rows_that_share_an_id_are_both_kept() -> None:
    read = table("id,comment\n1,tốt\n1,tệ\n")
    one, other = (each.key for each in read.items)
    assert one == "1"
    assert other != "1"
    assert [problem.code for problem in read.problems] == ["duplicate-key"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5", 5.0),
        ("4,5", 4.5),
        ("4 sao", 4.0),
        ("★★★☆☆", 3.0),
        ("4.0 out of 5 stars", 4.0),
        (4, 4.0),
        (4.5, 4.5),
        (True, None),
        (None, None),
        ("", None),
        ("tốt", None),
        (float("nan"), None),
    ],
)
def test_a_rating_cell_tells_its_number(cell: object, value: float | None) -> None:
    assert rating(cell) == value  # type: ignore[arg-type]


def test_ratings_over_five_ask_for_their_scale() -> None:
    text = "điểm,nhận xét\n9,rất ngon\n3,tệ\n"
    asked = table(text)
    assert [each.stars for each in asked.items] == [None, None]
    assert "say its scale, for example --scale 1-10" in words(asked)[0]
    assert asked.problems[0].is_fatal
    told = table(text, scale=parse_scale("1-10"))
    assert [(each.stars, each.scale) for each in told.items] == [
        (9.0, Scale(1, 10)),
        (3.0, Scale(1, 10)),
    ]
    assert table(text.replace("điểm", "điểm (1-10)")).items[0].scale == Scale(1, 10)


def test_a_rating_off_its_scale_is_left_out_and_a_zero_is_none() -> None:
    read = table("rating (1-5),comment\n9,x y z\n0,chưa chấm\n4,ổn\n")
    assert [(each.stars, each.text) for each in read.items] == [
        (None, "x y z"),
        (None, "chưa chấm"),
        (4.0, "ổn"),
    ]
    assert words(read) == [
        "line 2: rating (1-5): 9 is not on the scale 1-5: the rating is left out"
    ]
    bare = table("rating (1-5),comment\n9,\n4,ổn\n")
    assert [each.stars for each in bare.items] == [4.0]
    assert "the row is left out" in words(bare)[0]


@pytest.mark.parametrize("written", ["10-1", "mười", "5", "1-1"])
def test_a_scale_that_is_none_is_a_wrong_setting(written: str) -> None:
    with pytest.raises(ConfigError, match="write it like 1-10"):
        parse_scale(written)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Chất lượng sản phẩm:Tốt\nTính năng nổi bật:êm\n\nNồi hơi nhỏ", "Nồi hơi nhỏ"),
        ("Chất lượng sản phẩm: Tốt\nNồi hơi nhỏ", "Nồi hơi nhỏ"),
        ("Chất liệu:gốm\nĐúng với mô tả:đúng", "Chất liệu:gốm\nĐúng với mô tả:đúng"),
        ("Ưu điểm: nhanh\n\nNhược: ồn", "Ưu điểm: nhanh\n\nNhược: ồn"),
        ("Product quality: bad\n\nBroke: twice", "Broke: twice"),
        ("Nồi ổn", "Nồi ổn"),
    ],
)
def test_attribute_lines_are_split_off_before_the_words(text: str, rest: str) -> None:
    assert without_attributes(text) == rest


SURVEY = """Dấu thời gian,Bạn có sẵn sàng giới thiệu Lúa Mây cho bạn bè?,Mức độ hài lòng (1-5),\
Việc liên hệ với chúng tôi dễ dàng thế nào? (1-7),Vì sao bạn chấm điểm như vậy?
2026-06-01 09:00,9,5,6,Nồi bền
2026-06-01 10:00,2,1,,"Bảo hành chậm, gọi không nghe"
2026-06-01 11:00,11,4,4,x
"""


def test_survey_answers_keep_their_question_and_scale() -> None:
    read = table(SURVEY, "khao-sat.csv")
    first, second, third = read.items
    assert [(each.metric, each.value, each.scale) for each in first.answers] == [
        ("csat", 5.0, Scale(1, 5)),
        ("nps", 9.0, Scale(0, 10)),
        ("ces", 6.0, Scale(1, 7)),
    ]
    assert first.answers[1].question == "Bạn có sẵn sàng giới thiệu Lúa Mây cho bạn bè?"
    assert [each.metric for each in second.answers] == ["csat", "nps"]
    assert second.text == "Bảo hành chậm, gọi không nghe"
    assert second.feedback_kind is FeedbackKind.SURVEY
    assert "nps" not in [each.metric for each in third.answers]
    assert "line 4" in words(read)[0]


def test_an_english_survey_without_words_is_kept() -> None:
    read = table("id,NPS,CSAT score\nq1,0,3\nq2,10,\n", "survey.csv")
    assert read.items[0].answers == (
        Answer("csat", 3.0, Scale(1, 5), "CSAT score"),
        Answer("nps", 0.0, Scale(0, 10), "NPS"),
    )


def test_a_satisfaction_over_five_asks_for_its_scale() -> None:
    assert "--scale" in words(table("id,CSAT\na,8\nb,3\n"))[0]
    read = table("id,CSAT,NPS\na,8,10\nb,3,0\n", scale=Scale(1, 10))
    assert [each.scale for each in read.items[0].answers] == [Scale(1, 10), Scale(0, 10)]


def test_a_chat_in_rows_tells_staff_from_customers() -> None:
    read = table(
        "conversation_id,role,message,time\n"
        "c1,Khách,Nồi của tôi không vào điện,2026-06-01 10:00\n"
        "c1,Nhân viên,Dạ em xin lỗi chị,2026-06-01 10:01\n"
        "c2,customer,Where is my refund?,2026-06-01 11:00\n"
        "c2,người lạ,hả,2026-06-01 11:00\n"
    )
    assert [(each.speaker, each.parent, each.key) for each in read.items] == [
        (Speaker.CUSTOMER, "c1", "c1/1"),
        (Speaker.STAFF, "c1", "c1/2"),
        (Speaker.CUSTOMER, "c2", "c2/1"),
    ]
    assert {each.feedback_kind for each in read.items} == {FeedbackKind.CONVERSATION}
    assert "line 5: speaker 'người lạ'" in words(read)[0]


CHAT = """Ngày 01/06/2026
[10:02] Chị Hoa: Nồi của chị không lên đèn
có sửa được không: chị gấp lắm
[10:03] Lan (CSKH): Dạ em kiểm tra ngay ạ
xem https://luamay.example/bao-hanh
---
Khách: Giao thiếu dây điện
Nhân viên: Em gửi bù ạ
"""


def test_a_written_chat_is_read_turn_by_turn() -> None:
    read = table(CHAT, "hoi-thoai.txt", zone="Asia/Ho_Chi_Minh")
    hoa, lan, guest, staff = read.items
    assert hoa.text == "Nồi của chị không lên đèn\ncó sửa được không: chị gấp lắm"
    assert (hoa.author, hoa.speaker, hoa.posted) == (
        "Chị Hoa",
        Speaker.CUSTOMER,
        "01/06/2026 10:02",
    )
    assert (lan.author, lan.speaker, lan.zone) == ("Lan", Speaker.STAFF, "Asia/Ho_Chi_Minh")
    assert (lan.key, lan.parent) == ("hoi-thoai/1/2", "hoi-thoai/1")
    assert (guest.parent, staff.speaker) == ("hoi-thoai/2", Speaker.STAFF)
    assert {each.feedback_kind for each in read.items} == {FeedbackKind.CONVERSATION}


@pytest.mark.parametrize(
    "text",
    [
        "Hỏi: Chị thấy nồi thế nào?\nĐáp: Hơi ồn, nhưng nấu nhanh.",
        "Q: How is the cooker?\nA: Noisy, but fast.",
        "Interviewer: How is the cooker?\nMai: Noisy.",
        "PV: Chị thấy nồi thế nào?\nChị Mai: Hơi ồn.",
    ],
)
def test_an_interview_scores_the_answers_only(text: str) -> None:
    asked, told = table(text, "phong-van.txt").items
    assert (asked.speaker, told.speaker) == (Speaker.STAFF, Speaker.CUSTOMER)
    assert told.feedback_kind is FeedbackKind.INTERVIEW


def test_a_line_before_the_first_speaker_is_told() -> None:
    read = table("cuộc gọi ghi âm\nCustomer: Hi\nAgent: Hello\n", "call.txt")
    assert words(read) == ["line 1: no speaker: left out"]


def test_behaviour_figures_are_no_mentions() -> None:
    long = table("date,metric,value\n2026-06-01,visits,1.204\n2026-06-02,visits,980\n,visits,1\n")
    assert long.page().figures == (
        Figure("2026-06-01", "visits", 1204.0),
        Figure("2026-06-02", "visits", 980.0),
    )
    assert words(long) == ["line 4: no date: the row is left out"]
    wide = table('Ngày,Lượt truy cập,Tỷ lệ thoát,khác\n2026-06-01,1204,"35,5%",7\n')
    assert wide.page().figures == (
        Figure("2026-06-01", "Lượt truy cập", 1204.0),
        Figure("2026-06-01", "Tỷ lệ thoát", 35.5),
        Figure("2026-06-01", "khác", 7.0),
    )
    assert (long.items, wide.items) == ((), ())


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.204", 1204.0), ("1,204.5", 1204.5), ("1.204,5", 1204.5), ("0.125", 0.125), ("12%", 12.0),
     ("-3", -3.0), (7, 7.0), ("n/a", None), (None, None), (False, None)],
)  # fmt: skip
def test_a_figure_is_read_as_it_is_written(cell: object, value: float | None) -> None:
    assert figure_number(cell) == value  # type: ignore[arg-type]


def test_a_day_without_a_number_is_told() -> None:
    read = table("date,metric,value\n2026-06-01,visits,many\n2026-06-02,visits,3\n")
    assert words(read) == ["line 2: no number: the row is left out"]


def test_a_file_of_dates_and_stars_is_not_behaviour() -> None:
    read = table("date,stars,views\n2026-06-01,5,10\n")
    assert (read.items[0].stars, read.figures) == (5.0, ())


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("Trống", 0)
    for row in rows:
        book["Sheet"].append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_workbook_is_read_with_its_dates() -> None:
    body = workbook(
        ("Ngày tạo", "Số sao", "Nội dung", "Mã"),
        (datetime.fromisoformat("2026-06-01 10:02"), 2, "Nồi hỏng", 123456789012345),
        (date(2026, 6, 2), 4.5, "=1+1", 7),
        (None, None, None, None),
    )
    first, second = read_table(body, name="x.xlsx").items
    assert (first.posted, first.stars, first.key) == ("2026-06-01 10:02:00", 2.0, "123456789012345")
    assert (second.posted, second.stars) == ("2026-06-02", 4.5)


def test_a_workbook_that_is_none_or_a_bomb_is_told() -> None:
    broken = read_table(b"PK\x03\x04 not a workbook", name="x.xlsx")
    assert [problem.code for problem in broken.problems][:1] == ["malformed"]
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 201_000_000)
    bomb = read_table(kept.getvalue(), name="x.xlsx")
    assert bomb.problems[0].code == "too-large"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("a.txt", "x")
    assert read_table(kept.getvalue(), name="x.xlsx").problems[0].code == "malformed"
    assert read_table(workbook(), name="x.xlsx").problems[0].code == "empty"


@pytest.mark.parametrize(
    "root",
    [
        [{"cmtid": 1, "rating_star": 2, "comment": "Nồi hỏng"}],
        {"data": {"ratings": [{"cmtid": 1, "rating_star": 2, "comment": "Nồi hỏng"}]}},
        {"paging": [{"page": 1}, {"page": 2}], "reviews":
            [{"cmtid": 1, "rating_star": 2, "comment": "Nồi hỏng"}]},
        {"items": [{"cmtid": 1, "rating": {"star": 2}, "comment": "Nồi hỏng", "images": []}]},
    ],
)  # fmt: skip
def test_reviews_are_found_in_any_json(root: object) -> None:
    (item,) = table(json.dumps(root), "x.json").items
    assert (item.key, item.stars, item.text) == ("1", 2.0, "Nồi hỏng")


def test_reviews_under_products_keep_the_product() -> None:
    review = {"user": "lan", "rating": 5, "time": "2026-06-01 11:42 | Phân loại hàng: Trắng"}
    sent = [{"name": "Nồi LM-18", "reviews": [review]}]
    (item,) = table(json.dumps(sent), "x.json").items
    assert (item.product, item.posted, item.variation) == ("Nồi LM-18", "2026-06-01 11:42", "Trắng")


def test_lines_of_json_are_read_and_broken_ones_told() -> None:
    read = table(
        '{"id": "a", "text": "<p>Tốt</p>"}\nhỏng\n[1]\n{"id": "b", "text": "ổn"}\n', "x.jsonl"
    )
    assert [each.key for each in read.items] == ["a", "b"]
    assert read.items[0].markup is Markup.HTML
    assert [text[:6] for text in words(read)] == ["line 2", "line 3"]


def test_what_was_parsed_here_reads_back_as_it_was() -> None:
    mention = Mention(
        source="tiki", key="91", text="Nồi hỏng", author="Lan", stars=2.0, stars_native=3.0,
        scale=Scale(1, 10), posted_at=datetime(2026, 6, 1, tzinfo=UTC), likes=4,
        speaker=Speaker.STAFF, feedback_kind=FeedbackKind.COMMENT,
        answers=(Answer("nps", 3.0, Scale(0, 10), "Giới thiệu?"),),
    )  # fmt: skip
    other = Mention(source="file:x", key="h:1", title="Tốt", feedback_kind=FeedbackKind.REVIEW)
    lines = [json.dumps(each.as_json(), ensure_ascii=False) for each in (mention, other)]
    read = table(
        "\n".join([*lines, '{"source": "x", "key": "1", "feedback_kind": "?"}']), "o.jsonl"
    )
    first, second = read.pages()
    (item,) = first.items
    assert (first.source, second.source) == ("tiki", "file:x")
    assert (item.key, item.text, item.author, item.likes) == ("91", "Nồi hỏng", "Lan", 4)
    assert (item.stars, item.scale, item.speaker) == (3.0, Scale(1, 10), Speaker.STAFF)
    assert item.answers == mention.answers
    assert (item.posted, item.feedback_kind) == ("2026-06-01T00:00:00Z", FeedbackKind.COMMENT)
    assert words(read)[0].startswith("line 3")
    assert table(lines[0], "o.jsonl").page().source == "tiki"


def test_a_saved_product_page_is_read() -> None:
    review = {"@type": "Review", "@id": "#1", "reviewBody": "Nồi hỏng"}
    page = f'<!doctype html><script type="application/ld+json">{json.dumps(review)}</script>'
    read = table(page, "noi.html")
    assert [each.text for each in read.items] == ["Nồi hỏng"]
    assert read.page().source == "file:noi"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 20, "not-a-table"),
        (b"%PDF-1.7", "not-a-table"),
        (b"id,comment\n", "empty"),
        (b"a,b\nx1,y1\n", "not-a-table"),
        (b'{"a": 1}', "not-a-table"),
        (b'{"a": ', "malformed"),
        (b"[" * 50_000, "malformed"),
    ],
)
def test_what_is_no_table_is_told(body: bytes, code: str) -> None:
    read = read_table(body, name="x")
    assert read.items == ()
    assert code in [problem.code for problem in read.problems]
    assert any(problem.is_fatal for problem in read.problems)


def test_the_kind_is_as_told_or_as_the_name_says() -> None:
    text = "id,comment\n1,App bị văng\n"
    assert table(text, kind=FeedbackKind.IN_APP).items[0].feedback_kind is FeedbackKind.IN_APP
    assert table(text, "in-app feedback.csv").items[0].feedback_kind is FeedbackKind.IN_APP
    assert table(text, "tickets.csv").items[0].feedback_kind is FeedbackKind.TICKET
    assert table(text, source="tiktok").page().source == "tiktok"


@pytest.mark.parametrize(
    ("file", "rows", "kinds"),
    [
        ("shopee/vn_micro_comments_rows0-500.csv", 500, {"review": 388, "star rating": 112}),
        ("shopee/vn_dom_reviews_a.json", 345, {"star rating": 345}),
        ("lazada/vn_item_461842133.csv", 50, {"review": 50}),
        ("vn-shop-reviews/procaffe_woocommerce_reviews_1-400.json", 400, {"review": 400}),
    ],
)
def test_real_exports_are_read_whole(
    shared: object, file: str, rows: int, kinds: dict[str, int]
) -> None:
    body = (shared / "captures" / file).read_bytes()  # type: ignore[operator]
    read = read_table(body, name=file)
    counted = [each.feedback_kind.value for each in read.items]
    assert (read.rows_in, read.problems) == (rows, ())
    assert {kind: counted.count(kind) for kind in set(counted)} == kinds
    assert not any((each.text or "").startswith("Chất lượng sản phẩm:T") and "\n\n" in each.text
                   for each in read.items if each.text)  # fmt: skip


def test_stray_quotes_in_a_line_cost_nothing() -> None:
    read = table('id,comment\na,"nồi "LM-18" tốt"\nb,màn 5" đẹp\n')
    assert [each.text for each in read.items] == ['nồi LM-18" tốt"', 'màn 5" đẹp']
