"""Our own survey questions: what the ready sheets ask, and what their answers then mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.grid import Cell
from ingest.mention import FIVE_STARS, Scale
from ingest.text import fold, tokens

OFTEN = {
    "en": ("Never", "Rarely", "Sometimes", "Often", "Very often"),
    "vi": ("Không bao giờ", "Hiếm khi", "Thỉnh thoảng", "Thường xuyên", "Rất thường xuyên"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question in both languages; `metric` names what a rated answer measures.

    `ends` says what the lowest and the highest value mean; `choices` are words
    instead of numbers, the lowest first. Without a scale the answer is text.
    """

    en: str
    vi: str
    metric: str = ""
    scale: Scale | None = None
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """Return the question in "en" or "vi"."""
        return {"en": self.en, "vi": self.vi}[language]

    def value(self, cell: Cell) -> Cell:
        """Return the number that a chosen word stands for; any other cell as it is."""
        spelled = _spelled(str(cell))
        for words in self.choices.values():
            for n, each in enumerate(words):
                if spelled == _spelled(each):
                    return n + (self.scale or FIVE_STARS).low
        return cell


def _often(metric: str, *, en: str, vi: str) -> Question:
    return Question(en=en, vi=vi, metric=metric, scale=FIVE_STARS, choices=OFTEN)


def _open(*, en: str, vi: str) -> Question:
    return Question(en=en, vi=vi)


def _csat(high: int) -> Question:
    return Question(
        en=f"How satisfied are you with us, from 1 to {high}?",
        vi=f"Từ 1 đến {high}, anh/chị hài lòng với chúng tôi đến mức nào?",
        metric="csat",
        scale=Scale(1, high),
        ends={
            "en": ("Very dissatisfied", "Very satisfied"),
            "vi": ("Rất không hài lòng", "Rất hài lòng"),
        },
    )


WHY = _open(
    en="What made you choose that number?",
    vi="Điều gì khiến anh/chị chọn số đó?",
)
NPS = Question(
    en="From 0 to 10, how likely would you be to recommend us to somebody you know?",
    vi="Từ 0 đến 10, khả năng anh/chị giới thiệu chúng tôi cho người quen là bao nhiêu?",
    metric="nps",
    scale=Scale(0, 10),
    ends={"en": ("Not at all", "Certainly"), "vi": ("Chắc chắn không", "Chắc chắn có")},
)
CES = Question(
    en="From 1 to 7, how easy did we make it to get what you needed?",
    vi="Từ 1 đến 7, chúng tôi giúp anh/chị xong việc dễ dàng đến mức nào?",
    metric="ces",
    scale=Scale(1, 7),
    ends={"en": ("Very hard", "Very easy"), "vi": ("Rất khó khăn", "Rất dễ dàng")},
)
POLLS = (
    Question(
        en="From 1 to 5, how well does shopping with us work on your phone?",
        vi="Từ 1 đến 5, mua hàng của chúng tôi trên điện thoại thuận tiện đến mức nào?",
        metric="phone shopping",
        scale=FIVE_STARS,
        ends={"en": ("Badly", "Very well"), "vi": ("Rất bất tiện", "Rất thuận tiện")},
    ),
    _open(
        en="What do you like about what you bought, and what do you not like?",
        vi="Anh/chị thích và không thích điểm nào ở món hàng đã mua?",
    ),
    Question(
        en="From 1 to 5, how was the last time you spoke to our support?",
        vi="Từ 1 đến 5, lần gần nhất nói chuyện với bộ phận hỗ trợ của chúng tôi thế nào?",
        metric="support",
        scale=FIVE_STARS,
        ends={"en": ("Very bad", "Very good"), "vi": ("Rất tệ", "Rất tốt")},
    ),
    Question(
        en="From 0 to 10, how sure is it that you will buy from us again?",
        vi="Từ 0 đến 10, anh/chị chắc chắn sẽ mua lại của chúng tôi đến mức nào?",
        metric="buy again",
        scale=Scale(0, 10),
        ends={"en": ("Never again", "Certainly"), "vi": ("Không mua nữa", "Chắc chắn mua")},
    ),
    _open(
        en="What did you miss while you were buying from us?",
        vi="Khi mua hàng của chúng tôi, anh/chị thấy còn thiếu điều gì?",
    ),
    _open(
        en="Which one thing should we make better first?",
        vi="Điều đầu tiên chúng tôi nên làm tốt hơn là gì?",
    ),
)
EXPERIENCE = (
    _often(
        "finding things",
        en="How often do you find what you came for at our shop?",
        vi="Anh/chị có thường tìm được món mình cần ở cửa hàng chúng tôi không?",
    ),
    _often(
        "delivery on time",
        en="How often does an order reach you on the promised day?",
        vi="Đơn hàng có thường đến tay anh/chị đúng ngày đã hẹn không?",
    ),
    _often(
        "being understood",
        en="How often do our people understand at once what you need?",
        vi="Nhân viên của chúng tôi có thường hiểu ngay điều anh/chị cần không?",
    ),
    _open(
        en="Tell us about one time that went very well or very badly with us.",
        vi="Hãy kể một lần anh/chị rất ưng ý hoặc rất bực mình với chúng tôi.",
    ),
)
PRODUCT = (
    _often(
        "use",
        en="How often do you use what you bought from us?",
        vi="Anh/chị có thường dùng món đã mua của chúng tôi không?",
    ),
    Question(
        en="From 1 to 5, how well does it do what you bought it for?",
        vi="Từ 1 đến 5, món hàng làm tốt việc anh/chị cần đến mức nào?",
        metric="fitness",
        scale=FIVE_STARS,
        ends={"en": ("Badly", "Very well"), "vi": ("Rất kém", "Rất tốt")},
    ),
    Question(
        en="From 1 to 5, how fair is the price for what you get?",
        vi="Từ 1 đến 5, giá tiền xứng đáng với món hàng đến mức nào?",
        metric="price",
        scale=FIVE_STARS,
        ends={"en": ("Not fair", "Very fair"), "vi": ("Không xứng", "Rất xứng đáng")},
    ),
    _open(
        en="If the product were yours to change, what would you change?",
        vi="Nếu được sửa món hàng này, anh/chị sẽ sửa điều gì?",
    ),
)
LOYALTY = (
    _often(
        "coming back",
        en="How often do you look at our shop first when you need something new?",
        vi="Khi cần mua món mới, anh/chị có thường xem cửa hàng chúng tôi trước không?",
    ),
    _often(
        "speaking well",
        en="How often do you say something good about us to family or friends?",
        vi="Anh/chị có thường kể điều tốt về chúng tôi với người nhà, bạn bè không?",
    ),
    _open(
        en="What would make you buy somewhere else?",
        vi="Điều gì sẽ khiến anh/chị mua ở nơi khác?",
    ),
)
SHEETS: Mapping[str, tuple[Question, ...]] = {
    "csat": (_csat(5), WHY),
    "csat10": (_csat(10), WHY),
    "nps": (NPS, WHY),
    "ces": (CES, WHY),
    "polls": POLLS,
    "experience": EXPERIENCE,
    "product": PRODUCT,
    "loyalty": LOYALTY,
    "bank": (*EXPERIENCE, *PRODUCT, *LOYALTY),
}


def question_of(head: str) -> Question | None:
    """Return our question that a column is headed by, with or without a number before it."""
    return _BY_WORDS.get(_spelled(re.sub(r"^\s*(?:Q|C|Câu)?\s*\d{1,2}\s*[.):]\s*", "", head)))


def _spelled(words: str) -> str:
    return " ".join(tokens(fold(words)))


_BY_WORDS = {
    _spelled(question.words(language)): question
    for questions in SHEETS.values()
    for question in questions
    for language in ("en", "vi")
}
