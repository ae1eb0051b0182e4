"""The closed words of Vietnamese that the rules look at: what may stand between, before, after."""

from __future__ import annotations

from typing import Final

from scoring.syllables import bare, key_of

__all__ = [
    "ANY",
    "ASKING_ENDS",
    "BRIDGE",
    "JOINERS",
    "MANY",
    "OTHERS",
    "OTHER_MATTERS",
    "PEOPLE",
    "WORST",
]


def _keys(words: str) -> frozenset[str]:
    """Return the normal forms of `words`, with marks and without."""
    keys = {key_of(word) for word in words.split()}
    return frozenset(keys | {bare(key) for key in keys})


BRIDGE: Final = _keys(
    "có bị thấy gặp phải hề còn bất kỳ kì một 1 chút tí xíu vết dấu hiệu hiện tượng tình trạng cảm"
    " giác vấn đề sự cố gây làm tiếng mùi lo sợ dính phát sinh xuất xảy ra để lại nhiều mấy quá"
    " hơi cho tạo độ gì nào điều để đáng cái chỗ lần"
    " mình bạn tôi em ai khách hẳn được bớt kể rõ rệt"
)
"""What may stand between a denial and its fault: "không có dấu hiệu bị móp"."""

JOINERS: Final = _keys("hay hoặc và lẫn với cũng như / ,") | {"+", "&"}
"""What may stand between faults that are denied together: "không móp méo hay trầy xước"."""

_OTHER_MATTERS = """
giao ship gửi đóng gói shop nhân thái dịch phục hàng sản máy app giá phí tiền đắt mắc pin màn chất
vải màu chậm lâu trễ sai nhầm thiếu không chưa chẳng hơi quá rất tư trả gọi nhắn
"""
OTHER_MATTERS: Final = frozenset(_OTHER_MATTERS.split())
"""First words of what a denied list does not go on with after a comma: "không móp, giao chậm"."""

ANY: Final = _keys("gì nào")
WORST: Final = _keys("như thế vậy đến bằng hơn")
"""What makes a denial the worst of all: "chưa thấy cái nào tệ như cái này"."""

MANY: Final = _keys("mọi nhiều mấy các vài có số những lắm đầy bao")
PEOPLE: Final = _keys("người bạn ông bà bác má anh chị thánh cháu")
OTHERS: Final = _keys("mn mng ai ae ngta nghe")
"""Who says what the writer only repeats: "nhiều bạn chê pin yếu"; `OTHERS` in one word."""

ASKING_ENDS: Final = _keys(
    "ạ vậy nhỉ hả ta nè thế shop ad admin sốp mọi người mn mng bạn các anh chị em ơi dạ z nhể ha à"
    " nhở"
)
"""What may stand after the "không" of a question: "đẹp không ạ", "bền không mọi người"."""
