"""Nine weeks of everyday life: reviews joined from hand-written sentences, and a daily rhythm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice, product

from earful.demo.catalogue import FIRST_DAY, LAST_EVERYDAY

_WEEKDAY_WEIGHTS = (9, 8, 9, 8, 9, 13, 12)  # Monday first: people write on weekends
_HOURS = (7, 8, 11, 12, 12, 13, 17, 19, 20, 20, 21, 21)
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
_GIVEN = (
    "Thu Hà", "Minh Tâm", "Bảo Châu", "Quốc Thịnh", "Ánh Tuyết", "Hoài An", "Văn Lộc", "Thanh Trà",
    "Hải Yến", "Đức Anh", "Kim Liên", "Tuấn Kiệt", "Mộng Thu", "Trung Hiếu", "Diệu Hiền",
)  # fmt: skip
_TITLES = ("Tốt", "Ưng ý", "Rất tiện", "Đáng tải", "Thích", "Năm sao")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many reviews to join from one pool of sentences, and where they stand."""

    place: str
    pool: str
    count: int
    product: str = ""
    is_bad: bool = False


PLANS = (
    Plan("tiki", "noi18", 40, "noi18"),
    Plan("tiki", "noi18-bad", 18, "noi18", is_bad=True),
    Plan("tiki", "xay", 30, "xay"),
    Plan("appstore", "app-vn", 24, "app-vn"),
    Plan("page", "page", 16),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One review joined from whole hand-written sentences."""

    text: str
    author: str
    title: str
    stars: int
    product: str
    is_bad: bool


def compose(place: str, parts: Sequence[Mapping[str, str]]) -> Iterator[Made]:
    """Yield the joined reviews of `place`; every text is different.

    `parts` are rows with pool, slot (opener, aspect or closer) and text.
    """
    for plan in PLANS:
        if plan.place == place:
            for text in islice(_joined(plan.pool, parts), plan.count):
                yield _made(plan, text)


def _joined(pool: str, parts: Sequence[Mapping[str, str]]) -> Iterator[str]:
    slots = {
        slot: [row["text"] for row in parts if (row["pool"], row["slot"]) == (pool, slot)]
        for slot in ("opener", "aspect", "closer")
    }
    whole = product(slots["opener"], slots["aspect"], slots["closer"])
    for opener, aspect, closer in sorted(whole, key=lambda three: shuffled(pool + "".join(three))):
        yield f"{opener} {aspect} {closer}"


def _made(plan: Plan, text: str) -> Made:
    dice = shuffled(text)
    family = _FAMILY[dice % len(_FAMILY)]
    given = _GIVEN[dice // 100 % len(_GIVEN)]
    stars = (1 + dice % 2) if plan.is_bad else 5 - (dice % 6 == 0)
    return Made(
        text=text,
        author=f"{family} {given}",
        title=_TITLES[dice // 7 % len(_TITLES)] if plan.place == "appstore" else "",
        stars=stars,
        product=plan.product,
        is_bad=plan.is_bad,
    )


def shuffled(text: str) -> int:
    """Return a number that looks thrown by dice but is always the same for `text`."""
    return int.from_bytes(sha256(text.encode()).digest()[:6])


def moments(count: int) -> list[datetime]:
    """Return `count` rising moments (aware UTC) from the first day to the last everyday one.

    Weekends get more, each week is a little different, and people sleep at night.
    """
    days = []
    day = FIRST_DAY
    while day.date() <= LAST_EVERYDAY.date():
        days.append(day)
        day += timedelta(days=1)
    weights = [_WEEKDAY_WEIGHTS[each.weekday()] + shuffled(f"{each:%F}") % 4 for each in days]
    chosen: list[datetime] = []
    for number, each in enumerate(days, start=1):
        due = round(count * sum(weights[:number]) / sum(weights))
        chosen += [_moment(each, nth) for nth in range(due - len(chosen))]
    return sorted(chosen)


def _moment(day: datetime, nth: int) -> datetime:
    dice = shuffled(f"{day:%F} {nth}")
    hour = _HOURS[dice % len(_HOURS)]
    clock = day.replace(hour=hour, minute=dice // 64 % 60, second=dice // 4096 % 60)
    return clock.astimezone(UTC)
