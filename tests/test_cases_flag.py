"""Which posts are flagged, how urgent, and with which words; verdicts are set by hand."""

from __future__ import annotations

import pytest

from cases.flag import Flag, Severity, decide
from cases.harm import HARM, hear
from ingest.brand import Brand
from ingest.mention import Answer, FeedbackKind, Mention, Scale, Speaker
from scoring.verdict import Aspect, Kind, Label, Polarity, Reason, Verdict

BRAND = Brand(
    name="Lúa Mây",
    queries=('"nồi Lúa Mây"',),
    own_authors=("Lúa Mây Official",),
    own_hosts=("luamay.example",),
)
NEG, POS, NEU, MIX = Label.NEGATIVE, Label.POSITIVE, Label.NEUTRAL, Label.MIXED
P_OF = {NEG: 0.75, POS: 0.05, NEU: 0.3, MIX: 0.5, Label.UNCLEAR: None}


def post(text: str, **facts: object) -> Mention:
    return Mention(**{"source": "shop", "key": "1", "text": text, **facts})  # type: ignore[arg-type]


def judged(label: Label = NEU, kind: Kind = Kind.OTHER, **more: object) -> Verdict:
    values = {"language": "vi", "score": 0.0, "p_negative": P_OF[label], "label": label}
    return Verdict(**{**values, "kind": kind, **more})  # type: ignore[arg-type]


def flag(text: str, verdict: Verdict | None = None, **facts: object) -> Flag | None:
    return decide(post(text, **facts), verdict or judged(), BRAND)


def told(flagged: Flag | None) -> tuple[str, str] | None:
    return (flagged.severity.value, flagged.rule) if flagged else None


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Shop lừa đảo, mọi người tránh xa", "fraud", "lừa đảo"),
        ("shop lua dao nha moi nguoi", "fraud", "lua dao"),
        ("Lừa đảooooo", "fraud", "Lừa đảooooo"),
        ("Total SCAM, stay away", "fraud", "SCAM"),
        ("Giao cho mình hàng giả", "fake", "hàng giả"),
        ("toàn hàng giã thôi", "fake", "hàng giã"),
        ("ban hang nhai ma gia cao", "fake", "hang nhai"),
        ("Not what I ordered, it is obviously fake", "fake", "obviously fake"),
        ("Đây không phải hàng chính hãng", "fake", "không phải hàng chính hãng"),
        ("Đang nấu thì nồi phát nổ, con mình bị bỏng", "safety", "phát nổ"),
        ("may bi ro dien, dien giat te tay", "safety", "dien giat"),
        ("Bôi xong mặt nổi mẩn đỏ, chắc dị ứng", "safety", "nổi mẩn"),
        ("The kettle caught fire and burned my hand", "safety", "caught fire"),
        ("Got an electric shock from the plug", "safety", "electric shock"),
        ("Cả nhà ăn xong ngộ độc", "poison", "ngộ độc"),
        ("an xong dau bung ca dem", "poison", "dau bung"),
        ("Gave us food poisoning", "poison", "food poisoning"),
        ("Tôi sẽ kiện shop này", "legal", "sẽ kiện"),
        ("Mình sẽ báo quản lý thị trường", "legal", "quản lý thị trường"),
        ("My lawyer will contact you", "legal", "lawyer"),
        ("Không giải quyết là mình nhờ VTV đó", "press", "nhờ VTV"),
        ("se dua len mang cho moi nguoi biet", "press", "dua len mang"),
        ("I am going to the press with this", "press", "going to the press"),
        ("Tẩy chay hãng này đi", "boycott", "Tẩy chay"),
        ("Boycott this brand", "boycott", "Boycott"),
        ("Mua xong bị lộ thông tin, lừa gọi suốt", "leak", "lộ thông tin"),
        ("They leaked my address", "leak", "leaked my"),
        ("App tự trừ tiền trong ví", "money", "trừ tiền"),
        ("They charged me twice and stole my money", "money", "charged me twice"),
    ],
)
def test_words_of_harm_are_urgent_in_the_texts_own_words(text: str, code: str, words: str) -> None:
    flagged = flag(text)
    assert told(flagged) == ("urgent", "harm")
    assert (code, words) in {(r.code, r.words) for r in flagged.reasons}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "Đây không phải hàng giả đâu mọi người",
        "Chính hãng không fake nha",
        "chinh hang ko fake",
        "Shop uy tín, không lừa đảo",
        "Not a scam, it really came",
        "This isn't a scam at all",
        "I was never scammed here",
        "Cháy hàng liên tục luôn",
        "Ra mắt một tuần đã nổ đơn",
        "Máy đẹp chết mê",
        "dep chet me luon",
        "That was just fake news",
        "Hàng gia dụng Việt Nam tốt",
        "hang gia re ma ben",
        "hang gia dung viet nam",
        "Phụ kiện đầy đủ, sự kiện vui",
        "Sẽ mua thêm nếu đủ điều kiện",
        "Cam kết không bán hàng giả, hàng nhái",
        "Đền gấp mười nếu phát hiện hàng giả",
        "Money back if it is fake",
        "Có chế độ chống cháy nổ và chống điện giật",
        "Nồi nấu cơm cháy ngon",
        "Cơm bị cháy chút xíu ở đáy",
        "Da dị ứng dùng vẫn ổn",
        "Sợ hàng giả nên mua ở gian chính thức",
        "I was worried it was a scam but it came in two days",
        "Cười đau bụng với clip này",
        "Her hair was on point, the sale is on fire",
        "It's a steal, stole my heart",
        "Không bị điện giật, không cháy nổ gì cả",
        "Cảm giác nóng bỏng, mua bỏng ngô xem phim",
    ],
)
def test_harmless_turns_of_phrase_are_no_harm(text: str) -> None:
    assert hear(text).of(*HARM) == ()
    assert flag(text, judged(POS, Kind.PRAISE)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Shop không cho đổi, hàng giả rõ ràng",
        "Không ngờ lại bán hàng giả",
        "Shop không chỉ chậm mà còn lừa đảo",
        "No reply. It is a scam.",
        "Không hề có một chút gì là của hãng, lừa đảo",
        "Không bán được hàng mua phải dùng có hàng giả",
    ],
)
def test_a_not_that_belongs_to_other_words_hides_nothing(text: str) -> None:
    assert told(flag(text)) == ("urgent", "harm")


@pytest.mark.parametrize(
    ("text", "verdict", "facts", "expected"),
    [
        ("Tệ, dùng ba ngày hỏng", judged(NEG, Kind.COMPLAINT), {"stars": 1.0}, "high"),
        ("Broke on day five", judged(NEG, Kind.COMPLAINT), {"stars": 2.0}, "high"),
        ("Bảo hành báo chờ ba tuần", judged(NEG), {}, "high"),
        ("bao hanh cho ba tuan", judged(MIX), {}, "high"),
        ("I want a refund", judged(NEG, Kind.COMPLAINT), {}, "high"),
        ("Nhắn shop hai hôm không ai trả lời", judged(), {}, "high"),
        ("nhan shop k rep", judged(), {}, "high"),
        ("Nobody answers my mails", judged(), {}, "high"),
        ("Chưa nhận được hàng", judged(), {}, "high"),
        ("Quá tệ hại", judged(NEG, Kind.COMPLAINT, p_negative=0.95), {}, "high"),
        ("Hơi chậm một chút", judged(NEG), {}, "normal"),
        ("Good but slow", judged(MIX), {}, "normal"),
        ("Hàng ổn", judged(NEU), {"stars": 1.0}, "normal"),
        ("Hàng đẹp nhưng nắp bị nứt", judged(POS, Kind.PRAISE), {"stars": 5.0}, "normal"),
        (
            "Lovely colour, arrived scratched",
            judged(POS, p_negative=0.15),
            {"stars": 5.0},
            "normal",
        ),
        ("Nồi ổn trong tầm giá", judged(NEU), {"stars": 3.0}, "normal"),
        ("App đứng khi mở giỏ hàng", judged(NEU, Kind.BUG), {}, "normal"),
        ("The app closes itself", judged(NEU, Kind.BUG), {}, "normal"),
        ("Cảm ơn đã cho mình bài học", judged(NEG, Kind.COMPLAINT), {}, "normal"),
        ("Great, another crash", judged(NEG, Kind.COMPLAINT), {}, "normal"),
        ("5 sao cho dễ thấy: bán hàng giả", judged(POS), {"stars": 5.0}, "urgent"),
    ],
)
def test_complaints_and_remarks_have_their_severity(
    text: str, verdict: Verdict, facts: dict[str, object], expected: str
) -> None:
    flagged = flag(text, verdict, **facts)
    assert flagged is not None
    assert flagged.severity.value == expected


@pytest.mark.parametrize(
    ("text", "verdict", "facts"),
    [
        ("Không chê vào đâu được", judged(POS, Kind.PRAISE), {"stars": 5.0}),
        ("Insanely good", judged(POS, Kind.PRAISE), {"stars": 5.0}),
        ("Không bị lỗi gì, không móp méo", judged(POS, Kind.PRAISE), {"stars": 5.0}),
        ("Not broken, no scratches", judged(POS, Kind.PRAISE), {"stars": 5.0}),
        ("Mong shop có thêm màu xanh", judged(NEU, Kind.SUGGESTION), {}),
        ("Would love it in green", judged(POS, Kind.SUGGESTION), {}),
        ("Hàng đúng mô tả", judged(NEU), {"stars": 5.0}),
        ("", judged(POS), {"stars": 5.0}),
        ("", judged(NEU), {"stars": 3.0}),
        ("Bảo hành nhanh, đổi trả dễ", judged(POS, Kind.PRAISE), {}),
        ("Ngon nguy hiểm luôn", judged(POS, Kind.PRAISE), {}),
        ("Tuyệt vời, shop tư vấn nhiệt tình", judged(POS, Kind.QUESTION), {"stars": 5.0}),
        ("Great, do you see how good it is", judged(POS, Kind.QUESTION), {"stars": 5.0}),
    ],
)
def test_praise_and_wishes_are_not_flagged(
    text: str, verdict: Verdict, facts: dict[str, object]
) -> None:
    assert flag(text, verdict, **facts) is None


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Nồi này bảo hành mấy năm vậy?", FeedbackKind.REVIEW, ("normal", "question")),
        ("Shop ơi còn màu trắng không", FeedbackKind.SOCIAL, ("normal", "question")),
        ("Do you ship to Da Nang?", FeedbackKind.COMMENT, ("normal", "question")),
        ("Nồi Lúa Mây bảo hành ở đâu?", FeedbackKind.SOCIAL, ("normal", "question")),
        ("Có ai dùng nồi Lúa Mây chưa, cho xin ý kiến", FeedbackKind.SOCIAL, None),
        ("mn oi noi lua may xai on khong", FeedbackKind.COMMENT, None),
        ("Has anyone tried the blender?", FeedbackKind.SOCIAL, None),
        ("Anyone know if it is worth it?", FeedbackKind.REVIEW, None),
        ("Nồi Lúa Mây nấu cơm ngon không?", FeedbackKind.SOCIAL, None),
        ("Đây có phải hàng giả không ạ?", FeedbackKind.SOCIAL, ("normal", "question")),
        ("may nay co bi dien giat khong shop", FeedbackKind.SOCIAL, ("normal", "question")),
        ("Is this a scam?", FeedbackKind.SOCIAL, ("normal", "question")),
        ("Sao lại bán hàng giả vậy?", FeedbackKind.SOCIAL, ("urgent", "harm")),
    ],
)
def test_questions_to_the_shop_are_flagged_and_those_to_others_are_not(
    text: str, kind: FeedbackKind, expected: tuple[str, str] | None
) -> None:
    assert told(flag(text, judged(NEU, Kind.QUESTION), feedback_kind=kind)) == expected


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Nồi Lúa Mây bị thu hồi vì cháy nổ", "", ("urgent", "headline")),
        ("Lua May recalls 2,000 cookers", "Lúa Mây said ...", ("urgent", "headline")),
        ("Bếp cháy lúc nửa đêm", "Chủ nhà nói nồi Lúa Mây chập điện", ("urgent", "headline")),
        ("Lúa Mây và chuyện bảo hành", "Khách dọa sẽ kiện vì chờ lâu", ("high", "headline")),
        ("Lúa Mây mở cửa hàng thứ mười", "Khai trương vui vẻ", None),
        ("Lua May opens a tenth shop", "A happy day", None),
        ("Cháy lớn ở kho giấy", "Không ai bị thương", None),
    ],
)
def test_articles_are_flagged_by_bad_news_about_the_brand_only(
    title: str, text: str, expected: tuple[str, str] | None
) -> None:
    facts = {"title": title, "feedback_kind": FeedbackKind.ARTICLE}
    assert told(flag(text, judged(NEG), **facts)) == expected


@pytest.mark.parametrize(
    "facts",
    [
        {"speaker": Speaker.STAFF},
        {"author": " lúa mây official "},
        {"feedback_kind": FeedbackKind.ARTICLE, "url": "https://blog.luamay.example/a"},
    ],
)
def test_the_brands_own_words_are_never_flagged(facts: dict[str, object]) -> None:
    assert flag("Cảnh báo hàng giả Lúa Mây", judged(NEG), title="Lúa Mây", **facts) is None


def test_a_big_reach_raises_the_severity_by_one_step() -> None:
    assert told(flag("Hơi chậm", judged(NEG), reach=9_999)) == ("normal", "negative")
    assert told(flag("A bit slow", judged(NEG), reach=10_000)) == ("high", "negative")
    assert told(flag("No reply", judged(NEG), reach=41_300)) == ("urgent", "demand")
    raised = flag("lừa đảo", judged(NEG), reach=41_300)
    assert told(raised) == ("urgent", "harm")
    assert raised.reasons[-1].words == "41300"  # type: ignore[union-attr]
    assert flag("Rất tốt", judged(POS, Kind.PRAISE), reach=41_300) is None


def test_damaged_text_is_flagged_by_its_stars_and_never_by_its_words() -> None:
    unclear = judged(Label.UNCLEAR, damaged=True)
    assert flag("S?n ph?m l?a ??o scam", unclear, damage="lossy") is None
    assert told(flag("S?n ph?m t?", unclear, damage="lossy", stars=1.0)) == ("normal", "damaged")
    assert told(flag("", judged(NEG), stars=2.0)) == ("normal", "stars-only")


def test_a_low_survey_answer_counts_as_low_stars() -> None:
    nps = (Answer("nps", 2, Scale(0, 10)),)
    csat = (Answer("csat", 4, Scale(1, 5)),)
    facts = {"feedback_kind": FeedbackKind.SURVEY}
    assert told(flag("Chờ lâu quá", judged(NEG), answers=nps, **facts)) == ("high", "low-stars")
    assert flag("Thanks", judged(POS, Kind.PRAISE), answers=csat, **facts) is None


def test_a_defect_the_scorer_saw_needs_a_turn_in_the_text() -> None:
    lid = Aspect("lid", Polarity.NEGATIVE, "nắp", 0, 3)
    praise = judged(POS, Kind.PRAISE, aspects=(lid,), p_negative=0.12)
    assert told(flag("Ngon nhưng nắp mỏng", praise)) == ("normal", "defect")
    assert told(flag("Tasty but the lid is thin", praise)) == ("normal", "defect")
    assert flag("Nắp đẹp lắm", praise) is None
    assert flag("Ngon nhưng nắp mỏng", judged(POS, aspects=(lid,))) is None


def test_harm_in_clear_praise_is_looked_at_without_hurry() -> None:
    praise = judged(POS, Kind.PRAISE)
    assert told(flag("Ngon, mà nghe nói nguy hiểm", praise, stars=5.0)) == ("normal", "harm")


def test_a_phrase_does_not_reach_over_the_end_of_a_clause() -> None:
    assert flag("Shop bán hàng. Giả sử mình mua thêm") is None


def test_reasons_are_the_strongest_words_each_once() -> None:
    reasons = tuple(Reason(w, -n, 0, 1) for n, w in enumerate(["tệ", "chậm", "hỏng", "quá tệ"]))
    flagged = flag("bị hỏng, quá tệ, chậm", judged(NEG, reasons=(*reasons, Reason("đẹp", 1, 0, 1))))
    assert [r.words for r in flagged.reasons] == ["bị hỏng", "quá tệ", "chậm"]  # type: ignore[union-attr]


def test_the_title_is_heard_too_and_only_once() -> None:
    assert told(flag("Không mua nữa", judged(NEG), title="Lừa đảo")) == ("urgent", "harm")
    flagged = flag("Lừa đảo thật", judged(NEG), title="Lừa đảo")
    assert [r.words for r in flagged.reasons] == ["Lừa đảo"]  # type: ignore[union-attr]


def test_what_is_no_honest_review_is_flagged_for_harm_and_low_stars_only() -> None:
    advert = judged(NEG, Kind.COMPLAINT, spam=0.7, spam_sign="advert", p_negative=0.97)
    assert flag("Vay vốn nhanh, nợ xấu vẫn duyệt, liên hệ zalo", advert) is None
    assert flag("Bad credit? Call now", advert) is None
    assert told(flag("Bad credit? Call now", advert, stars=1.0)) == ("high", "low-stars")
    assert told(flag("Shop lừa đảo, inbox mình chỉ cho", advert)) == ("urgent", "harm")


def test_severities_are_the_words_of_the_export() -> None:
    assert [each.value for each in Severity] == ["urgent", "high", "normal"]
