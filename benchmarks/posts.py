"""Posts about an invented brand, joined from hand-written parts; the same for the same number.

Half are Vietnamese (every sixth of those typed without marks), half English. All
name the brand, so that everything is matched, scored and kept; the parts are
short and many, so that no post passes for a copy of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from ingest.text import fold

BRAND = "Lúa Mây"
Parts = dict[str, tuple[str, ...]]

EN: Parts = {
    "form": (
        "{who} {finds} the {part} {like} {when}.",
        "{when} the {part} was {like}, {who} {tells} me.",
        "The {part} is {like}; {who} {finds} the {part2} {like2}.",
        "{who} {tells} us that the {part} got {like} {when}!",
        "Is the {part} {like} {when} for anybody else?",
        "{act} because the {part} is {like} {when}.",
    ),
    "who": (
        "My mother", "Our cook", "A neighbour", "My flatmate", "Dad", "My sister", "A colleague",
        "Grandma", "My husband", "Everyone here", "The kids", "Auntie Ha", "My boss", "Nobody",
    ),
    "finds": ("finds", "calls", "found", "considers", "still finds", "would call", "thinks"),
    "tells": ("says", "swears", "told", "writes", "complained to", "keeps telling"),
    "part": (
        "lid", "timer", "handle", "cord", "display", "bowl", "filter", "seal", "blade", "knob",
        "steam vent", "inner pot", "rack", "motor", "manual", "app", "delivery box", "warranty",
    ),
    "like": (
        "surprisingly solid", "awful to clean", "too loose", "a real joy", "broken", "very loud",
        "well made", "not worth it", "easy to use", "cracked", "a bit flimsy", "simply great",
        "burnt", "missing", "better than expected", "useless", "quite pretty", "dangerous",
        "slow", "my favourite", "disappointing", "fine", "dirty", "amazing",
    ),
    "when": (
        "since Tuesday", "after {days} days", "at breakfast", "with guests around", "on low heat",
        "every morning", "in our tiny kitchen", "during Tet", "after the repair", "with brown rice",
        "out of the box", "at full load", "by now", "for {days} euros", "at 220 volts",
    ),
    "act": (
        "I want a refund", "We bought two more", "I wrote to support", "Five stars from me",
        "I sent it back", "I love it", "Please help", "We are angry", "I would recommend it",
    ),
    "opener": (
        "{thing} from {brand}, day {days}.", "Got a {brand} {thing} in {place}.",
        "{brand} {thing}, second try.", "So, this {thing} by {brand}:",
        "{place}: anybody with the {brand} {thing}?", "{days} days of {brand} {thing} now.",
    ),
    "thing": ("rice cooker", "blender", "air fryer", "kettle", "toaster", "steamer", "grill"),
    "place": ("Hanoi", "Hue", "Vinh", "Da Lat", "Can Tho", "Saigon", "Haiphong", "Hoi An"),
}  # fmt: skip
VI: Parts = {
    "form": (
        "{who} {finds} {part} {like} {when}.",
        "{when} thì {part} {like}, {who} {tells} vậy.",
        "{part} {like}, còn {part2} thì {who} {finds} {like2}.",
        "{who} {tells} là {part} {like} {when}!",
        "Có ai bị {part} {like} {when} không ạ?",
        "{act} vì {part} {like} {when}.",
    ),
    "who": (
        "mẹ mình", "bà ngoại", "chị hàng xóm", "ông xã", "em gái", "đồng nghiệp", "cả nhà",
        "ba tôi", "con bạn thân", "mấy đứa nhỏ", "dì Hà", "sếp mình", "cô giúp việc", "không ai",
    ),
    "finds": ("thấy", "khen", "chê", "bảo", "cứ kêu", "nhận xét", "nghĩ"),
    "tells": ("nói", "kể", "nhắn", "than", "viết", "phàn nàn"),
    "part": (
        "nắp nồi", "nút hẹn giờ", "tay cầm", "dây điện", "màn hình", "lòng nồi", "lưới lọc", "ron",
        "lưỡi dao", "núm vặn", "van hơi", "vỉ hấp", "động cơ", "hướng dẫn", "ứng dụng",
        "hộp hàng", "bảo hành", "khay nước",
    ),
    "like": (
        "chắc chắn", "khó rửa kinh khủng", "lỏng lẻo", "rất ưng", "hỏng rồi", "ồn quá", "tốt lắm",
        "không đáng tiền", "dễ dùng", "nứt toác", "hơi mỏng manh", "tuyệt vời", "cháy xém",
        "bị thiếu", "hơn mong đợi", "vô dụng", "đẹp", "nguy hiểm", "chậm", "thích nhất",
        "thất vọng", "bình thường", "bẩn", "xịn sò",
    ),
    "when": (
        "từ thứ ba", "sau {days} ngày", "lúc nấu sáng", "khi có khách", "ở lửa nhỏ", "mỗi ngày",
        "trong bếp nhỏ", "dịp Tết", "sau khi sửa", "với gạo lứt", "vừa mở hộp", "khi đầy nước",
        "đến giờ", "với giá {days} trăm", "ở điện 220",
    ),
    "act": (
        "Mình muốn hoàn tiền", "Nhà mình mua thêm hai cái", "Mình đã nhắn shop", "Cho năm sao",
        "Mình trả hàng", "Mê luôn", "Nhờ shop hỗ trợ", "Bực quá", "Nên mua nha",
    ),
    "opener": (
        "{thing} {brand}, ngày thứ {days}.", "Mới rước {thing} {brand} ở {place}.",
        "{brand} {thing}, lần hai.", "Nói về {thing} của {brand}:",
        "{place} có ai dùng {thing} {brand} chưa?", "{days} ngày với {thing} {brand}.",
    ),
    "thing": ("nồi cơm", "máy xay", "nồi chiên", "ấm đun", "lò nướng", "nồi hấp", "bếp nướng"),
    "place": ("Hà Nội", "Huế", "Vinh", "Đà Lạt", "Cần Thơ", "Sài Gòn", "Hải Phòng", "Hội An"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """One post: a title, an opening and two to four sentences, and who wrote it."""

    title: str
    text: str
    author: str


def post(number: int) -> Post:
    """Return the post with that number; even numbers are English."""
    parts, thrown = (VI if number % 2 else EN), dice(number)
    chosen = {name: _one(parts[name], thrown) for name in ("thing", "place")}
    said = [sentence(parts, "opener", thrown, chosen)]
    said += [sentence(parts, "form", thrown, chosen) for _ in range(2 + next(thrown) % 3)]
    text = " ".join([*said, f"#{number}"])
    if number % 12 == 1:
        text = fold(text)
    title = f"{chosen['thing'].capitalize()} {BRAND} #{number}"
    return Post(title, text, f"user{next(thrown) * 251 % 9973}")


def sentence(parts: Parts, form: str, dice: Iterator[int], chosen: dict[str, str]) -> str:
    """Return one sentence: a form with each of its places filled."""
    named = ("who", "finds", "tells", "part", "like", "when", "act")
    words = {name: _one(parts[name], dice) for name in named}
    words |= {"part2": _one(parts["part"], dice), "like2": _one(parts["like"], dice)}
    days = 2 + next(dice) % 40
    words["when"] = words["when"].format(days=days)
    said = _one(parts[form], dice).format(**words, **chosen, brand=BRAND, days=days)
    return said[:1].upper() + said[1:]


def _one(ways: tuple[str, ...], dice: Iterator[int]) -> str:
    return ways[next(dice) % len(ways)]


def dice(number: int) -> Iterator[int]:
    """Yield numbers below 65,536 that look thrown, always the same for `number`."""
    throw = 0
    while True:
        thrown = blake2b(b"%d/%d" % (number, throw), digest_size=64).digest()
        yield from (int.from_bytes(thrown[at : at + 2], "big") for at in range(0, 64, 2))
        throw += 1
