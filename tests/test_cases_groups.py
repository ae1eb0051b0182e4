"""What complaints are about: found in both languages, and not invented on everyday days."""

from __future__ import annotations

import random
import time

import pytest

from cases.copies import first_copies
from cases.groups import Group, Post, find_groups
from cases.usual import Usual
from cases.wordings import Wordings, spelling

NAMES = Wordings(
    brand=["Lúa Mây", "Mây Mini"], products=["Nồi cơm điện 1.8L", "Blender Mini", "Rice cooker"]
)

VI_SIDES = (
    "Giao hàng chậm cả tuần, gọi shipper không nghe máy",
    "Hộp móp một góc, thân nồi trầy xước",
    "Nhân viên tư vấn nói chuyện khó nghe",
    "Lòng nồi tróc chống dính sau hai tuần",
    "Cơm lớp trên sượng, lớp dưới nhão",
    "Máy kêu to như máy cày",
    "Nút giữ ấm tự nhảy liên tục",
    "Thiếu cốc đong và vá trong hộp",
    "Ứng dụng bắt đăng nhập lại hoài",
    "Giá ở siêu thị rẻ hơn nhiều",
)
EN_SIDES = (
    "Delivery took two weeks and the courier never called",
    "The box came dented and scratched",
    "Customer support reads from a script",
    "The coating peels off after a fortnight",
    "Rice stays raw on top and burns below",
    "It is as loud as a tractor",
    "Keep warm button jumps all the time",
    "The measuring cup was missing",
    "The app logs me out every morning",
    "The supermarket sells it cheaper",
)
TAILS = {
    VI_SIDES: (
        "thất vọng",
        "lần sau không mua nữa",
        "mong shop xem lại",
        "chán thật",
        "cho một sao",
        "buồn ghê",
        "nản",
    ),
    EN_SIDES: (
        "so disappointing",
        "not buying again",
        "please look into it",
        "one star",
        "a shame",
        "really",
        "sad",
    ),
}


def complaints(sides: tuple[str, ...], count: int, seed: int) -> list[str]:
    """Return everyday complaints, each side about as often as the others."""
    dice = random.Random(seed)
    return [f"{dice.choice(sides)}. {dice.choice(TAILS[sides])}" for _ in range(count)]


def weeks_before(sides: tuple[str, ...], *, a_week: int = 20) -> list[list[str]]:
    return [complaints(sides, a_week, 100 + week) for week in range(8)]


def week_of(texts: list[str], today: list[str]) -> tuple[list[Post], frozenset[int]]:
    """Return the posts of a week, those of the day last, each by its own author."""
    posts = [Post(n, text, f"author {n}") for n, text in enumerate([*texts, *today])]
    return posts, frozenset(range(len(texts), len(posts)))


def groups(sides: tuple[str, ...], today: list[str]) -> tuple[Group, ...]:
    week, of_day = week_of(complaints(sides, 18, 7), today)
    return find_groups(week, weeks_before(sides), today=of_day, wordings=NAMES)


HINGE_VI = [
    "Bản lề nắp gãy sau chín ngày",
    "Nồi Lúa Mây 1.8L gãy bản lề nắp rồi, thất vọng",
    "Mới mua mà bản lề nắp đã nứt",
    "ban le nap gay roi shop oi",
    "Bản lề hỏng, nắp rơi vào tay",
    "Mở nắp cái là bản lề rời luôn",
]
HINGE_EN = [
    "The lid hinge broke after nine days",
    "Lid hinge snapped, so sad",
    "Another broken lid hinge on my Lúa Mây",
    "THE LID HINGE cracked",
    "Hinge of the lid is gone",
]


def test_a_new_trouble_is_named_in_the_posts_own_words() -> None:
    (vi,) = groups(VI_SIDES, [*HINGE_VI, *complaints(VI_SIDES, 3, 1)])
    assert vi.phrase == "bản lề nắp"
    assert (vi.day, vi.week, vi.usual_week) == (6, 6, Usual(0, 0, 8, 0))
    assert vi.posts == vi.today == tuple(range(18, 24))
    (en,) = groups(EN_SIDES, [*HINGE_EN, *complaints(EN_SIDES, 3, 1)])
    assert en.phrase == "lid hinge"
    assert (en.day, en.week) == (5, 5)


@pytest.mark.parametrize("sides", [VI_SIDES, EN_SIDES])
def test_everyday_days_have_no_theme(sides: tuple[str, ...]) -> None:
    alarms = []
    for seed in range(40):
        week, today = week_of(complaints(sides, 18, 1000 + seed), complaints(sides, 3, seed))
        alarms += find_groups(week, weeks_before(sides), today=today, wordings=NAMES)
    assert alarms == []


@pytest.mark.parametrize("sides", [VI_SIDES, EN_SIDES])
def test_three_times_as_much_of_the_same_is_no_theme(sides: tuple[str, ...]) -> None:
    assert groups(sides, complaints(sides, 9, 5)) == ()


@pytest.mark.parametrize(
    ("today", "why"),
    [
        (["Thất vọng quá", "Quá thất vọng luôn", "Thật sự thất vọng"], "only a feeling"),
        (["So disappointed", "I am disappointed", "disappointed!!"], "only a feeling"),
        (["Nồi cơm điện Lúa Mây", "nồi cơm Lúa Mây đó", "Lúa Mây nồi cơm điện"], "only names"),
        (["Rice cooker Lua May", "my rice cooker #LuaMay", "rice cooker"], "only names"),
        (["Tôi mua hôm qua", "tôi mua hôm kia", "Tôi mua hôm nay"], "only grammar"),
        (["This is the one that I got"] * 3, "only grammar"),
        (["Dây nguồn chập", "dây nguồn lỏng"], "two posts are no theme"),
        (["10 ngày 1.8L 2026"] * 4, "only numbers"),
    ],
)
def test_what_is_no_theme_by_itself(today: list[str], why: str) -> None:
    sides = VI_SIDES if not today[0].isascii() else EN_SIDES
    assert groups(sides, today) == (), why


def test_one_person_is_no_theme_however_often_they_write() -> None:
    texts = ["Dây nguồn chập cháy", "Dây nguồn lỏng lẻo", "Dây nguồn ngắn ngủn"]
    before = weeks_before(VI_SIDES)
    same = [Post(n, text, "Hà") for n, text in enumerate(texts)]
    assert find_groups(same, before, today=frozenset(range(3)), wordings=NAMES) == ()
    different = [Post(n, text, f"người {n}") for n, text in enumerate(texts)]
    (found,) = find_groups(different, before, today=frozenset(range(3)), wordings=NAMES)
    assert found.phrase == "dây nguồn"


def test_a_text_that_is_copied_everywhere_is_one_voice() -> None:
    news = "Cục quản lý thị trường kiểm tra kho hàng Lúa Mây ở Bình Dương, tạm giữ nhiều nồi"
    copies = [news, f"{news}.", f"Tin nóng: {news}", f"{news}!"]
    assert groups(VI_SIDES, copies) == ()


def test_one_word_names_a_theme_when_enough_people_say_it() -> None:
    today = ["Lắp pin vào không chạy", "Thay pin mới vẫn vậy", "Khoang pin hoen gỉ"]
    assert groups(VI_SIDES, today) == ()
    (found,) = groups(VI_SIDES, [*today, "Hộp pin lỏng", "Pin tụt nhanh"])
    assert (found.phrase, found.day) == ("pin", 5)


def test_with_too_few_weeks_nothing_is_unusual() -> None:
    week, today = week_of([], HINGE_VI)
    three = weeks_before(VI_SIDES)[:3]
    assert find_groups(week, three, today=today, wordings=NAMES) == ()
    assert find_groups(week, [*three, []], today=today, wordings=NAMES) != ()
    assert find_groups(week[:2], weeks_before(VI_SIDES), today=today, wordings=NAMES) == ()


def test_two_troubles_are_two_groups_and_the_bigger_comes_first() -> None:
    form = ["Mẫu bảo hành trắng màn hình", "Gửi mẫu bảo hành báo lỗi", "Mẫu bảo hành treo"]
    found = groups(VI_SIDES, [*form, *HINGE_VI])
    assert [(group.phrase, group.day) for group in found] == [
        ("bản lề nắp", 6),
        ("mẫu bảo hành", 3),
    ]
    assert not set(found[0].posts) & set(found[1].posts)


def test_a_longer_wording_that_few_use_does_not_name_the_group() -> None:
    left = [f"Bản lề trái {how}" for how in ("gãy", "nứt", "lỏng")]
    rest = [f"Bản lề {how}" for how in ("rơi", "kẹt cứng", "rời luôn", "bung", "long hẳn")]
    (found,) = groups(VI_SIDES, [*left, *rest])
    assert (found.phrase, found.day) == ("bản lề", 8)


def test_two_wordings_of_one_trouble_are_one_group() -> None:
    bent = ["Nắp nồi cong vênh", "Nắp nồi không khít nữa", "Nắp nồi đọng nước", "Nắp nồi móp"]
    (found,) = groups(VI_SIDES, [*HINGE_VI, *bent])
    assert (found.phrase, found.day) == ("bản lề nắp", 10)


def test_a_trouble_of_the_week_is_found_on_a_day_without_it() -> None:
    week, today = week_of([*complaints(VI_SIDES, 10, 3), *HINGE_VI], complaints(VI_SIDES, 2, 4))
    (found,) = find_groups(week, weeks_before(VI_SIDES), today=today, wordings=NAMES)
    assert (found.day, found.week) == (0, 6)


@pytest.mark.parametrize(
    ("phrase", "texts", "shown"),
    [
        (("ban", "le"), ["ban le", "ban le nap", "Bản lề", "bản lề gãy"], "bản lề"),
        (("ma", "otp"), ["không nhận mã OTP", "Mã OTP đâu", "ma otp"], "mã OTP"),
        (("lid", "hinge"), ["Lid hinge broke", "THE LID HINGE", "lid hinge"], "lid hinge"),
        (("pin",), ["Pin yếu", "thay pin"], "pin"),
    ],
)
def test_a_phrase_is_shown_as_most_people_spell_it(
    phrase: tuple[str, ...], texts: list[str], shown: str
) -> None:
    assert spelling(phrase, texts) == shown


@pytest.mark.parametrize(
    ("text", "has", "has_not"),
    [
        (
            "Nồi Lúa Mây gãy bản lề, chờ bảo hành",
            {("ban", "le"), ("gay", "ban", "le"), ("bao", "hanh"), ("bản",)},
            {("noi", "lua", "may"), ("may", "gay"), ("le", "cho"), ("lúa",)},
        ),
        (
            "nobody answers my messages. Hinge broke",
            {("nobody", "answers"), ("answers",), ("hinge", "broke")},
            {("nobody",), ("messages", "hinge"), ("answers", "my")},
        ),
        ("Không ai trả lời", {("khong", "ai", "tra", "loi")}, {("ai", "tra"), ("không",)}),
    ],
)
def test_phrases_stay_in_their_clause_and_off_the_brand(
    text: str, has: set[tuple[str, ...]], has_not: set[tuple[str, ...]]
) -> None:
    found = NAMES.candidates(text)
    assert has <= found
    assert not has_not & found


def test_a_thousand_posts_are_grouped_well_within_a_second() -> None:
    week, today = week_of(complaints(VI_SIDES, 150, 1), [*complaints(VI_SIDES, 20, 2), *HINGE_VI])
    before = [complaints(VI_SIDES, 103, 50 + n) for n in range(8)]
    started = time.process_time()
    assert find_groups(week, before, today=today, wordings=NAMES)
    assert time.process_time() - started < 1.5  # 0.1 s, and the watching of a coverage run


@pytest.mark.parametrize(
    ("texts", "firsts"),
    [
        (["Bản lề nắp nồi gãy sau mười ngày, shop hẹn ba tuần mới có linh kiện"] * 2, [0, 0]),
        (
            [
                "The lid hinge broke after ten days and the shop wants three weeks for a part.",
                "RT: The lid hinge broke after ten days and the shop wants three weeks for a part",
                "The blender is quiet and the jar washes in a minute, we use it every morning",
            ],
            [0, 0, 2],
        ),
        (["Hàng tốt"] * 3, [0, 1, 2]),
        ([], []),
    ],
)
def test_near_copies_point_at_the_first_of_them(texts: list[str], firsts: list[int]) -> None:
    assert first_copies(texts) == firsts
