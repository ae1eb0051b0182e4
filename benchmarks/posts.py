"""Posts about an invented brand, joined from hand-written parts; the same for the same number.

Half are Vietnamese (every sixth of those typed without marks), half English. All
name the brand, so that everything is matched, scored and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from ingest.text import fold

BRAND = "Lúa Mây"
THINGS_EN = ("rice cooker", "blender", "air fryer", "kettle", "toaster", "steamer", "app", "lid")
THINGS_VI = ("nồi cơm", "máy xay", "nồi chiên", "ấm đun", "lò nướng", "nồi hấp", "ứng dụng", "nắp")
OPENERS_EN = (
    "Bought the {brand} {thing} for my mother {days} days ago.",
    "Second {thing} from {brand} in our kitchen now.",
    "Has anybody else tried the new {brand} {thing}?",
    "I was not sure about the {thing} from {brand} at first.",
    "Our office got a {brand} {thing} as a present.",
    "After {days} days with the {brand} {thing} here is what I think.",
    "The {brand} stand at the market sold me a {thing}.",
    "My old {thing} gave up, so I went for {brand}.",
)
MIDDLES_EN = (
    "It heats evenly and the rice comes out great every single time.",
    "The handle broke on day two and nobody answers my mails.",
    "Cleaning it is easy, which I really love.",
    "The display went black and the shop refuses a refund.",
    "It is louder than I hoped, but it does the job.",
    "Delivery took forever and the box was badly damaged.",
    "The seller was polite and explained every button to us.",
    "It smells of burnt plastic, which is honestly scary.",
    "Nothing special, it works as described on the box.",
    "The timer is useless because it forgets its setting.",
    "Support sent a new seal for free, that was very kind.",
    "It leaks a little when it is full.",
)
CLOSERS_EN = (
    "Would buy again!",
    "I want my money back.",
    "How do I register the warranty?",
    "Please add a timer for two meals.",
    "Not worth the price.",
    "Happy with it so far :)",
    "Four stars from me.",
    "Never again, what a disappointment!!",
)
OPENERS_VI = (
    "Mình mua {thing} {brand} cho mẹ được {days} ngày rồi.",
    "Đây là cái {thing} {brand} thứ hai của nhà mình.",
    "Có ai dùng {thing} mới của {brand} chưa ạ?",
    "Lúc đầu mình cũng ngại {thing} của {brand}.",
    "Công ty tặng mình một cái {thing} {brand}.",
    "Dùng {thing} {brand} {days} ngày, mình xin nhận xét thật.",
    "Thấy {brand} giảm giá nên rước luôn em {thing} về.",
    "{thing} cũ hỏng nên mình đổi sang {brand}.",
)
MIDDLES_VI = (
    "Cơm chín đều, dẻo và thơm, cả nhà ai cũng khen.",
    "Mới hai hôm đã gãy tay cầm, nhắn shop không ai trả lời.",
    "Rửa rất nhanh, mình thích nhất điểm này.",
    "Màn hình tối thui mà cửa hàng không chịu đổi trả.",
    "Máy chạy hơi ồn nhưng vẫn dùng được.",
    "Giao hàng quá chậm, hộp móp méo hết cả.",
    "Nhân viên tư vấn nhiệt tình, chỉ từng nút một.",
    "Có mùi khét như nhựa cháy, nghĩ mà sợ.",
    "Hàng đúng như mô tả, không có gì đặc biệt.",
    "Hẹn giờ vô dụng vì cứ tắt là quên hết.",
    "Bên bảo hành gửi ron mới miễn phí, quá tử tế.",
    "Đổ đầy nước là rò ra ngoài một chút.",
)
CLOSERS_VI = (
    "Sẽ ủng hộ tiếp!",
    "Yêu cầu hoàn tiền cho mình.",
    "Cho hỏi kích hoạt bảo hành ở đâu vậy shop?",
    "Mong hãng thêm chế độ nấu cháo.",
    "Không đáng tiền chút nào.",
    "Tạm thời thấy ưng :)",
    "Cho bốn sao nha.",
    "Thất vọng, không bao giờ mua nữa!!",
)


@dataclass(frozen=True, slots=True)
class Post:
    """One post: a title, one to three sentences in between, and who wrote it."""

    title: str
    text: str
    author: str


def post(number: int) -> Post:
    """Return the post with that number; even numbers are English."""
    dice = int.from_bytes(blake2b(b"%d" % number, digest_size=12).digest(), "big")
    banks = (
        (THINGS_EN, OPENERS_EN, MIDDLES_EN, CLOSERS_EN)
        if number % 2 == 0
        else (THINGS_VI, OPENERS_VI, MIDDLES_VI, CLOSERS_VI)
    )
    things, openers, middles, closers = banks
    thing = things[dice % len(things)]
    opener = openers[dice // 8 % len(openers)].format(
        brand=BRAND, thing=thing, days=2 + dice // 64 % 40
    )
    start, count = dice // 4096 % len(middles), 2 + dice // 65536 % 3
    said = [middles[(start + 5 * nth) % len(middles)] for nth in range(count)]
    text = " ".join([opener, *said, closers[dice // 2**24 % len(closers)], f"#{number}"])
    if number % 12 == 1:
        text = fold(text)
    return Post(f"{thing.capitalize()} {BRAND} #{number}", text, f"user{dice // 2**32 % 9973}")
