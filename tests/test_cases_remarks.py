"""Which good-star reviews are flagged, text to flag: faults told, denied, gone or of others."""

from __future__ import annotations

import pytest

from cases.flag import decide
from ingest.brand import Brand
from ingest.mention import Mention
from scoring.judge import Judge

JUDGE = Judge()
BRAND = Brand(name="Lúa Mây")


def rule(text: str, *, stars: float | None = 5.0) -> str | None:
    mention = Mention(source="shop", key="1", text=text, stars=stars)
    flag = decide(mention, JUDGE(mention), BRAND)
    return flag.rule if flag else None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("denied", "Dùng hai tháng chưa thấy lỗi gì"),
        ("denied", "chua thay loi gi, may chay em"),
        ("denied", "Hộp nguyên vẹn, không có dấu hiệu bị móp hay trầy xước"),
        ("denied", "Không hề gây mùi nhựa, không móp, không trầy"),
        ("denied", "ko bi mop, ko tray xuoc, dong goi can than"),
        ("denied", "Nắp khít, không bị rò nước hay hở chỗ nào cả"),
        ("denied", "Xài nửa năm không gặp bất kỳ vấn đề hỏng hóc nào"),
        ("denied", "Cả nhà đều ưng, không có gì phải phàn nàn"),
        ("denied", "Not a single scratch, arrived in one piece"),
        ("denied", "Great blender, no noise at all, never leaks"),
        ("denied", "Haven't had any problems with it so far"),
        ("absent", "Máy chạy êm, ít tiếng ồn, cả nhà ngủ ngon"),
        ("absent", "Quạt mát mà giảm hẳn tiếng ồn"),
        ("absent", "Hút mùi tốt, khử mùi hôi trong bếp rất nhanh"),
        ("absent", "Nồi có lớp chống bám dính nên rửa nhanh"),
        ("absent", "may it on, xay sinh to rat min"),
        ("not feared", "Mua online mà không lo bị hỏng vì bọc kỹ"),
        ("feared before", "Lúc đầu sợ khó vệ sinh, ai ngờ tháo rửa rất nhanh"),
        ("feared before", "I was worried it would break but it is solid"),
        ("of the old one", "Trước đây máy cũ hay hỏng vặt, giờ đổi sang Lúa Mây thì yên tâm hẳn"),
        ("of the old one", "Trước mình dùng máy xay rẻ, bột vón tùm lum. Cái này mới đáng tiền"),
        ("of the old one", "My old one broke after a month, this one is solid"),
        ("of another shop", "Mua shop khác toàn hàng lỗi, bên này thì chuẩn"),
        ("said by others", "Nhiều bạn chê nắp lỏng nhưng mình thấy rất chắc"),
        ("said by others", "Mọi người bảo máy ồn mà mình nghe êm ru"),
        ("more than hoped", "Đẹp hơn mình nghĩ, êm hơn mình tưởng"),
        ("more than hoped", "Hướng dẫn quá chi tiết, quá kỹ luôn"),
        ("a noun alone", "Nút chỉnh độ ồn nằm bên trái, pin dùng rất lâu"),
        ("a wish", "Mong hãng ra thêm màu xanh nha"),
        ("a wish", "Would love it in green"),
        ("my own fault", "Mình đặt nhầm size thôi chứ nồi đẹp lắm"),
        ("an address", "Nồi đẹp, xem hình ở https://luamay.example nha"),
    ],
)
def test_good_stars_without_a_fault_of_ours_are_not_flagged(kind: str, text: str) -> None:
    assert rule(text) is None, kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nồi đẹp nhưng nắp hơi lỏng", {"mixed", "negative", "fault"}),
        ("Máy tốt, mỗi tội dây điện ngắn quá", {"negative", "mixed"}),
        ("Ưng cái nồi, chỉ tiếc giao thiếu muỗng", {"demand"}),
        ("Xay nhanh nhưng kêu to quá", {"negative", "defect"}),
        ("Không móp nhưng giao chậm tận hai tuần", {"negative", "mixed"}),
        ("Chưa thấy cái nồi nào tệ như cái này", {"negative", "strong"}),
        ("noi dep nhung nap bi nut", {"mixed", "defect", "fault", "negative"}),
        ("Trước đây dùng tốt, giờ toàn bị lỗi", {"fault", "negative", "strong"}),
        ("Great blender but the lid leaks", {"defect", "mixed"}),
        ("Love it, although it stopped working twice", {"defect", "fault", "mixed", "negative"}),
        ("Cho 5 sao cho dễ thấy, shop lừa đảo", {"harm"}),
        ("Máy này có bị nóng không shop?", {"question"}),
        ("Combo nồi và chảo có ưu đãi gì không để mình tính luôn", {"question"}),
        ("noi nay co phien ban khac mau khong nhi", {"question"}),
    ],
)
def test_good_stars_with_a_fault_are_flagged(text: str, expected: set[str]) -> None:
    assert rule(text) in expected


@pytest.mark.parametrize(
    "text",
    [
        "Chất lượng rất kém. Đóng gói rất kém. Giao hàng rất kém. Rất kém",
        "Very bad. Very bad. Very bad.",
    ],
)
def test_blame_said_again_and_again_is_still_a_complaint(text: str) -> None:
    assert rule(text, stars=None) is not None


def test_the_reasons_leave_out_manners_of_speaking() -> None:
    mention = Mention(source="shop", key="1", text="Nếu mua thì nên biết nắp bị nứt", stars=3.0)
    flag = decide(mention, JUDGE(mention), BRAND)
    assert flag is not None
    assert [each.words for each in flag.reasons if each.words] == ["bị nứt"]
