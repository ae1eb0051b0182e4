"""Invented star reviews of Lúa Mây, as many as a test needs, in both languages."""

from __future__ import annotations

from scoring.contest import Review

BAD = {
    "vi": (
        ("Nồi", "Máy xay", "Ấm đun", "Bếp từ", "Quạt"),
        ("bị móp ngay góc", "chập chờn suốt", "kêu rè rè cả đêm", "rỉ nước dưới đáy"),
        ("nhắn shop không ai trả lời", "đòi trả hàng mà không được", "mua phí tiền"),
    ),
    "en": (
        ("The rice cooker", "The blender", "The kettle", "The hob", "The fan"),
        ("arrived dented", "flickers all day", "rattles at night", "leaks underneath"),
        ("nobody answers my mails", "they refuse to take it back", "money down the drain"),
    ),
}
GOOD = {
    "vi": (
        ("Nồi", "Máy xay", "Ấm đun", "Bếp từ", "Quạt"),
        ("chạy êm ru", "nấu cơm dẻo", "gọn gàng dễ lau", "đóng gói kỹ càng"),
        ("cả nhà đều ưng", "sẽ ghé shop dài dài", "mẹ mình khen mãi"),
    ),
    "en": (
        ("The rice cooker", "The blender", "The kettle", "The hob", "The fan"),
        ("runs quietly", "cooks fluffy rice", "is easy to wipe", "came well packed"),
        ("the whole family likes it", "we will buy again", "my mother praises it"),
    ),
}


def _texts(parts: tuple[tuple[str, ...], ...], count: int) -> list[str]:
    things, faults, ends = parts
    return [
        f"{things[n % 5]} {faults[(n // 5) % 4]}, {ends[(n // 20) % 3]} ({n})" for n in range(count)
    ]


def star_reviews(language: str, *, bad: int, good: int, source: str = "tiki") -> list[Review]:
    """Return `bad` reviews with 1-3 stars and `good` ones with 4-5, well mixed."""
    rows = [
        Review(language, text, 1.0 + n % 3, source=source)
        for n, text in enumerate(_texts(BAD[language], bad))
    ]
    rows += [
        Review(language, text, 4.0 + n % 2, source=source)
        for n, text in enumerate(_texts(GOOD[language], good))
    ]
    return sorted(rows, key=lambda each: hash_of(each.text))


def hash_of(text: str) -> int:
    """Return a number that is the same on every run."""
    return sum(ord(letter) * (place + 1) ** 2 for place, letter in enumerate(text)) % 9973
