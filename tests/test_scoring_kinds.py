"""Kinds: posts written and labelled by hand; the words of each kind; aspects and causes."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import pytest

from ingest.text import fold
from scoring.aspects import aspects_in
from scoring.judge import Judge
from scoring.measure import average_precision, counts, f1, macro_f1
from scoring.scored import Side
from scoring.verdict import Kind, Polarity, Reason
from scoring.words import Words

JUDGE = Judge()

ENGLISH = {
    Kind.PRAISE: [
        "Best rice cooker I have ever had, thank you Lua May",
        "Delivery was fast and the box was neat, love it",
        "My mother uses it every day and is very happy",
        "Great value for the price, highly recommend",
        "The support team solved my problem in ten minutes, amazing",
        "Works like a charm",
        "Quiet, easy to clean, worth every penny",
    ],
    Kind.COMPLAINT: [
        "The lid broke after two weeks and nobody answers my mails",
        "Still waiting for my refund after 20 days",
        "Rude driver, he threw the parcel over the gate",
        "The pan smells of plastic, very disappointed",
        "They charged my card twice and refuse to pay it back",
        "Cheap motor, overpriced, never again",
        "You sent the wrong colour and the box was damaged",
        "Fake product, total scam",
    ],
    Kind.SUGGESTION: [
        "Please add a dark mode to the app",
        "It would be nice if the lid came in red too",
        "You should offer a bigger size for families",
        "I wish there was a timer on the fryer",
        "Would love to see a recipe book in the box",
        "An option to pick the delivery hour would be great",
        "Why not add a handle on both sides?",
    ],
    Kind.QUESTION: [
        "How do I change the delivery address?",
        "Is the BX500 dishwasher safe?",
        "When will the red one be back in stock?",
        "Can I use it on an induction stove?",
        "Does it come with a two year warranty?",
        "Where can I buy a spare lid in Da Nang?",
        "Could you please help me with my order number?",
    ],
    Kind.BUG: [
        "The app crashes every time I open the cart",
        "Can't log in since the last update",
        "Checkout page shows an error and stays blank",
        "The app freezes on the payment screen",
        "Notifications stopped working, it won't sync",
        "Login keeps failing with error 502",
        "After the update the app won't load at all",
    ],
    Kind.OTHER: [
        "Lua May opens a second shop in Hue on Monday",
        "I bought the BX500 in May",
        "The parcel is with my neighbour",
        "Two litres, white, with a glass lid",
    ],
}
VIETNAMESE = {
    Kind.PRAISE: [
        "Nồi nấu cơm ngon, giao hàng nhanh, mình rất thích",
        "Shop tư vấn nhiệt tình, đóng gói cẩn thận lắm",
        "Hàng đẹp, đúng mô tả, sẽ ủng hộ tiếp",
        "Mẹ mình khen suốt, đáng đồng tiền",
        "Máy chạy êm, dễ vệ sinh, quá tuyệt vời",
        "chất lượng tuyệt vời, không chê vào đâu được",
        "hang dep giao nhanh, rat hai long",
    ],
    Kind.COMPLAINT: [
        "Giao trễ cả tuần mà nhắn tin không ai trả lời",
        "Nắp nồi bị nứt, thất vọng quá",
        "Nhân viên thô lỗ, quát khách ngay tại cửa hàng",
        "Hàng giả, lừa đảo, mọi người đừng mua",
        "Bị trừ tiền hai lần, đòi mãi không hoàn",
        "Dùng được ba hôm là hỏng, phí tiền",
        "Đặt màu đỏ giao màu đen, làm ăn quá tệ",
        "hang kem chat luong, nhan vien thai do te",
    ],
    Kind.SUGGESTION: [
        "Giá mà có thêm màu đỏ thì tốt",
        "Shop nên có thêm bản hướng dẫn tiếng Việt",
        "Mong shop ra thêm size lớn cho gia đình đông người",
        "Góp ý: nên đóng gói bằng hộp dày hơn",
        "Ước gì nồi có hẹn giờ",
        "App cần bổ sung tính năng theo dõi đơn hàng",
        "Đề nghị cho chọn giờ giao hàng",
    ],
    Kind.QUESTION: [
        "Cho mình hỏi bao giờ có hàng lại vậy shop?",
        "Nồi này dùng được bếp từ không ạ?",
        "Làm sao để đổi địa chỉ nhận hàng vậy shop?",
        "Máy xay còn màu trắng không shop?",
        "Bảo hành ở đâu vậy ạ?",
        "Nhờ shop kiểm tra giúp mình đơn hàng với ạ",
        "cho em hoi gia bao nhieu vay shop",
    ],
    Kind.BUG: [
        "App cứ mở giỏ hàng là bị văng ra ngoài",
        "Không đăng nhập được từ hôm cập nhật",
        "Trang thanh toán báo lỗi hoài",
        "Ứng dụng bị đơ ở màn hình thanh toán",
        "Cập nhật xong không nhận được mã OTP",
        "Web lỗi suốt, không load được hình",
        "app bi loi khong dang nhap duoc",
    ],
    Kind.OTHER: [
        "Lúa Mây mở cửa hàng thứ hai ở Huế vào thứ hai",
        "Mình mua nồi BX500 hồi tháng năm",
        "Nồi hai lít, màu trắng, nắp kính",
        "Chiều nay em qua lấy nồi cho chị",
    ],
}


@pytest.mark.parametrize("posts", [ENGLISH, VIETNAMESE], ids=["en", "vi"])
def test_kinds_of_hand_written_posts_are_told(posts: dict[Kind, list[str]]) -> None:
    rows = [(text, kind) for kind, texts in posts.items() for text in texts]
    assert len(rows) >= 40
    told = [JUDGE.text(text).kind for text, _ in rows]
    wrong = [(text, kind, got) for (text, kind), got in zip(rows, told, strict=True) if got != kind]
    assert macro_f1([kind for _, kind in rows], told) >= 0.75, wrong


def _posts() -> list[list[str]]:
    """Return text, kind and cause of the posts beside this file."""
    lines = (Path(__file__).parent / "vietnamese_posts.tsv").read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_kinds_of_three_hundred_vietnamese_posts_are_told() -> None:
    posts = _posts()
    assert len({text for text, _, _ in posts}) == len(posts) >= 300
    told = [JUDGE.text(text).kind for text, _, _ in posts]
    kinds = [kind for _, kind, _ in posts]
    assert set(kinds) == set(Kind)
    assert macro_f1(kinds, told) >= 0.75


def test_causes_in_three_hundred_vietnamese_posts_are_named() -> None:
    posts = _posts()
    told = [JUDGE.text(text).causes for text, _, _ in posts]
    causes = sorted({cause for _, _, cause in posts} - {""})
    assert len(causes) == 6
    quality = [
        f1(counts([cause == true for _, _, true in posts], [cause in each for each in told]))
        for cause in causes
    ]
    assert sum(quality) / len(quality) >= 0.75


@pytest.mark.parametrize(
    ("name", "gold", "kind", "at_least"),
    [
        ("en_suggestion", "suggestion", Kind.SUGGESTION, 0.6),
        ("en_maalej", "problem", Kind.BUG, 0.5),
    ],
)
def test_kinds_of_real_posts_are_told(
    shared: Path, name: str, gold: str, kind: Kind, at_least: float
) -> None:
    with (shared / "labelled" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = [JUDGE.text(row["text"], language="en").kind is kind for row in rows]
    assert f1(counts([row["label"] == gold for row in rows], told)) >= at_least


def test_real_reviews_that_blame_a_side_come_before_those_that_blame_none(shared: Path) -> None:
    with (shared / "labelled" / "vi_visfd.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:2_500]
    truth = [":neg" in row["extra"] for row in rows]
    ranks = [-JUDGE.text(row["text"], language="vi").score for row in rows]
    assert average_precision(truth, ranks) >= 0.85


@pytest.mark.parametrize(
    ("text", "aspect", "polarity"),
    [
        ("Giao hàng quá chậm, nhưng nồi rất đẹp", "delivery", Polarity.NEGATIVE),
        ("Đóng gói cẩn thận, nhân viên thô lỗ", "packaging", Polarity.POSITIVE),
        ("Đóng gói cẩn thận, nhân viên thô lỗ", "service", Polarity.NEGATIVE),
        ("giao hang nhanh", "delivery", Polarity.POSITIVE),
        ("Hàng giả rồi mọi người ơi", "genuineness", Polarity.NEGATIVE),
        ("Size này mình mặc hôm qua", "size", Polarity.NEUTRAL),
        ("Great price, but the delivery was late", "price", Polarity.POSITIVE),
        ("Great price, but the delivery was late", "delivery", Polarity.NEGATIVE),
        ("The app is useless", "app", Polarity.NEGATIVE),
        ("I was charged twice", "payment", Polarity.NEGATIVE),
        ("Warranty until May", "warranty", Polarity.NEUTRAL),
        ("They refused my refund", "returns", Polarity.NEGATIVE),
    ],
)
def test_aspects_take_the_polarity_of_their_clause(
    text: str, aspect: str, polarity: Polarity
) -> None:
    found = [each for each in JUDGE.text(text).aspects if each.name == aspect]
    assert [each.polarity for each in found] == [polarity]
    assert text[found[0].start : found[0].end] == found[0].words


def test_an_aspect_far_into_a_text_takes_the_reason_beside_it() -> None:
    text = "Nồi rất đẹp. " * 60 + "Giao hàng quá chậm. " + "Nồi rất đẹp. " * 60
    found = [each for each in JUDGE.text(text).aspects if each.name == "delivery"]
    assert [each.polarity for each in found] == [Polarity.NEGATIVE]


def test_the_order_in_which_reasons_are_found_says_nothing_of_aspects() -> None:
    words = Words("Nồi rất đẹp và giao hàng quá chậm mà shop vẫn tử tế")
    at = words.text.index("giao hàng")
    sides = [Side("delivery", at, at + len("giao hàng"))]
    late, fine, kind = (
        Reason(told, weight, words.text.index(told), words.text.index(told) + len(told))
        for told, weight in (("quá chậm", -1.0), ("rất đẹp", 2.0), ("tử tế", 2.0))
    )
    for reasons in permutations((late, fine, kind)):
        (aspect,) = aspects_in(words, sides, reasons)
        assert aspect.polarity is Polarity.NEGATIVE


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("Đợi hai tiếng mới được phục vụ, quá tệ", ("long wait",)),
        ("Hỏi một đằng trả lời một nẻo, không hiểu khách nói gì", ("not understood",)),
        ("Máy lỗi mà vẫn chưa được giải quyết, bực mình", ("unsolved",)),
        ("Toàn tin nhắn tự động, chán", ("too automated",)),
        ("Trả lời rập khuôn, chán quá", ("not personal",)),
        ("Nhân viên thô lỗ", ("rude",)),
        ("Waited 3 hours, terrible", ("long wait",)),
        ("They didn't read my question, useless", ("not understood",)),
        ("Nobody answers, still broken", ("unsolved",)),
        ("Only a chatbot, let me speak to a human, awful", ("too automated",)),
        ("Canned replies all day, pathetic", ("not personal",)),
        ("The agent was rude and hung up on me", ("rude",)),
        ("Fast delivery, friendly staff", ()),
        ("Giao nhanh, nhân viên dễ thương", ()),
    ],
)
def test_causes_of_a_bad_experience_are_named(text: str, causes: tuple[str, ...]) -> None:
    assert JUDGE.text(text).causes == causes


@pytest.mark.parametrize("kind", [Kind.SUGGESTION, Kind.QUESTION, Kind.BUG])
def test_vietnamese_kinds_hold_without_marks(kind: Kind) -> None:
    texts = VIETNAMESE[kind]
    told = [JUDGE.text(fold(text), language="vi").kind for text in texts]
    assert told.count(kind) >= len(texts) - 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Shop còn hàng không", Kind.QUESTION),
        ("Shop còn hàng không, mình lấy hai cái", Kind.QUESTION),
        ("Shop không còn hàng màu đỏ", Kind.OTHER),
        ("Mình mua ở chợ, sáng", Kind.OTHER),
        ("Include a lid", Kind.SUGGESTION),
        ("They include a lid", Kind.OTHER),
    ],
)
def test_some_cues_count_only_where_a_text_begins_or_ends(text: str, kind: Kind) -> None:
    assert JUDGE.text(text).kind is kind


def test_an_angry_question_is_a_complaint() -> None:
    assert JUDGE.text("Why was I charged twice? Disgusting!").kind is Kind.COMPLAINT
    assert JUDGE.text("Sao giao hàng chậm quá vậy? Quá tệ!").kind is Kind.COMPLAINT
