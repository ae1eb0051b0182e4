"""What the digest says of a day, in English and Vietnamese, and what it never invents."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from alerts_facts import DAY, LUA_MAY, NOW, OPEN, QUIET, in_vietnamese

from alerts.digest import DayFacts, Digest, SourceHealth, Theme, Tone, compose
from alerts.facts import Answered, DayCount, OpenCase
from cases.flag import FlagReason
from cases.groups import Group
from cases.usual import Usual
from ingest.mention import FeedbackKind
from ingest.visit import Outcome
from scoring.verdict import Polarity

EN, VI = compose(LUA_MAY), compose(in_vietnamese(LUA_MAY))


def test_the_subject_is_the_news_and_the_preheader_says_something_else() -> None:
    assert EN.subject == (
        "4 to answer, negative three times the usual (quality) · Lúa Mây, Fri 20 Nov"
    )
    assert VI.subject == (
        "4 lượt cần trả lời, tiêu cực gấp ba thường lệ (chất lượng) · Lúa Mây, thứ Sáu 20/11"
    )
    assert EN.preheader == "2 are past their target. Not heard: Lazada reviews."
    assert VI.preheader == "2 lượt quá hạn. Chưa lấy được: Lazada reviews."


def test_the_headline_says_what_to_do_and_how_much_is_usual() -> None:
    assert EN.headline == (
        "4 mentions need an answer. "
        "Negative posts are three times the usual, nearly all about quality."
    )
    assert VI.headline == (
        "4 lượt nhắc cần trả lời. Bài tiêu cực gấp ba thường lệ, gần như đều về chất lượng."
    )


def test_every_figure_stands_beside_its_usual_range() -> None:
    told = [(k.label, k.value, k.arrow, k.word, k.usual, k.tone.value) for k in EN.kpis]
    assert told == [
        ("Mentions", "75", "▲", "", "usually 45–64", ""),
        ("Negative", "31", "▲", "high", "usually 7–15", "neg"),
        ("Answered in time", "84%", "=", "", "usually 80–88%", ""),
        ("Mean stars, 7 days", "4.12", "▼", "low", "usually 4.40–4.50", "neg"),
    ]
    assert [(k.value, k.word, k.usual) for k in VI.kpis] == [
        ("75", "", "thường 45–64"),
        ("31", "cao", "thường 7–15"),
        ("84%", "", "thường 80–88%"),
        ("4,12", "thấp", "thường 4,40–4,50"),
    ]


def test_a_figure_without_a_base_is_left_out_or_says_so() -> None:
    bare = compose(
        replace(LUA_MAY, mentions_usual=None, negatives_usual=None, answered=None, stars_mean=None)
    )
    assert [(k.label, k.arrow, k.usual) for k in bare.kpis] == [
        ("Mentions", "", "too few to compare"),
        ("Negative", "", "too few to compare"),
    ]
    assert bare.headline.endswith("31 posts of the day are negative. 1 source is not heard.")
    nobody_due = replace(LUA_MAY, answered=Answered(due=0, in_time=0))
    assert "Answered in time" not in {k.label for k in compose(nobody_due).kpis}


def test_good_news_in_a_figure_is_not_drawn_as_bad() -> None:
    calm = compose(replace(LUA_MAY, negatives=2, stars_mean=4.9))
    tones = {k.label: (k.arrow, k.tone) for k in calm.kpis}
    assert tones["Negative"] == ("▼", Tone.POS)
    assert tones["Mean stars, 7 days"] == ("▲", Tone.POS)


@pytest.mark.parametrize(
    ("negatives", "how"),
    [
        (16, "above the usual"),
        (21, "twice the usual"),
        (30, "three times the usual"),
        (40, "four times the usual"),
        (55, "far above the usual"),
        (550, "far above the usual"),
    ],
)
def test_more_than_usual_is_said_in_plain_words(negatives: int, how: str) -> None:
    told = compose(replace(LUA_MAY, negatives=negatives, themes=()))
    assert f"Negative posts are {how}." in told.headline


@pytest.mark.parametrize(
    ("usual", "en", "vi", "subject"),
    [
        (
            Usual(0, 3, 8, 0.5),
            "29 negative posts, where 0–3 are usual.",
            "29 bài tiêu cực, trong khi thường là 0–3.",
            "4 to answer, 29 negative, usually 0–3",
        ),
        (
            Usual(0, 0, 8, 0),
            "29 negative posts, where none are usual.",
            "29 bài tiêu cực, trong khi thường là 0.",
            "4 to answer, 29 negative, usually none",
        ),
        (
            Usual(0, 3, 8, 1),
            "Negative posts are far above the usual.",
            "Bài tiêu cực nhiều hơn hẳn thường lệ.",
            "4 to answer, negative far above the usual",
        ),
    ],
)
def test_no_times_of_nearly_nothing_are_counted(
    usual: Usual, en: str, vi: str, subject: str
) -> None:
    day = replace(LUA_MAY, negatives=29, negatives_usual=usual, themes=())
    assert en in compose(day).headline
    assert vi in compose(in_vietnamese(day)).headline
    assert compose(day).subject.startswith(subject)


def test_a_theme_is_named_only_when_it_is_most_of_the_day() -> None:
    def headline(count: int) -> str:
        theme = Theme(name="delivery", polarity=Polarity.NEGATIVE, day=count, week=40)
        return compose(replace(LUA_MAY, themes=(theme,))).headline

    assert ", nearly all about delivery." in headline(24)
    assert ", mostly about delivery." in headline(16)
    assert ", many about delivery." in headline(11)
    assert "about" not in headline(10)


HINGE = Group("bản lề nắp", tuple(range(4801, 4860)), tuple(range(4820, 4845)), Usual(0, 0, 8))


def test_what_changed_is_said_in_peoples_own_words() -> None:
    same = Theme(
        name="quality",
        polarity=Polarity.NEGATIVE,
        day=25,
        week=60,
        usual_week=Usual(1, 3, 8),
        posts=frozenset(range(4801, 4861)),
    )
    other = replace(LUA_MAY.themes[1], posts=frozenset(range(1, 13)))
    day = replace(LUA_MAY, groups=(HINGE,), themes=(same, other))
    en, vi = compose(day), compose(in_vietnamese(day))
    assert [(c.head, c.sentence) for c in en.changes] == [
        (
            "Spike: bản lề nắp.",
            "25 of the day's 31 negative mentions, usually 0 a week.",
        ),
        ("New theme: service.", "12 negative mentions in 7 days, none in the weeks before."),
    ]
    assert en.changes[0].posts == HINGE.today
    assert vi.changes[0].head == "Tăng đột biến: bản lề nắp."
    assert "three times the usual, nearly all about “bản lề nắp”." in en.headline
    assert "gấp ba thường lệ, gần như đều về “bản lề nắp”." in vi.headline
    assert "(bản lề nắp)" in en.subject


def test_a_card_says_that_it_is_part_of_the_spike_unless_people_are_in_danger() -> None:
    cards = {c.case_id: c.why for c in compose(replace(LUA_MAY, groups=(HINGE,))).cards}
    assert cards[12].endswith("“gãy”; part of the spike “bản lề nắp”")
    assert "spike" not in cards[13]
    rare = replace(HINGE, today=HINGE.today[:2])
    assert not any("spike" in c.why for c in compose(replace(LUA_MAY, groups=(rare,))).cards)


@pytest.mark.parametrize(
    ("today", "week", "usual", "head"),
    [
        (5, 9, Usual(0, 4, 8), "Spike: bản lề nắp."),
        (4, 9, Usual(0, 4, 8), "Up: bản lề nắp."),  # 4 of 31 are no spike
        (1, 9, Usual(0, 0, 8), "New theme: bản lề nắp."),
        (1, 4, Usual(0, 2, 8), None),
    ],
)
def test_a_phrase_is_a_spike_new_or_up(
    today: int, week: int, usual: Usual, head: str | None
) -> None:
    group = Group("bản lề nắp", tuple(range(week)), tuple(range(today)), usual)
    changes = compose(replace(LUA_MAY, groups=(group,), themes=())).changes
    assert [change.head for change in changes] == ([head] if head else [])


def test_cards_come_urgent_first_and_at_most_five() -> None:
    assert [card.case_id for card in EN.cards] == [13, 12, 14, 15]
    many = tuple(replace(OPEN[0], case_id=100 + n) for n in range(9))
    crowded = compose(replace(LUA_MAY, open_cases=many, more_open=41, more_late=40))
    assert (len(crowded.cards), crowded.waiting) == (5, 50)
    assert crowded.needs.startswith("The 5 most urgent of 50. Target: first answer within 4 h.")
    assert crowded.preheader.startswith("49 are past their target.")


def test_danger_comes_first_then_what_is_grave_then_reach() -> None:
    def case(number: int, code: str, late_min: int) -> OpenCase:
        reasons = (FlagReason(code, "41300"),)
        target = NOW - timedelta(minutes=late_min)
        return replace(
            OPEN[1], case_id=number, mention_id=number, reasons=reasons, target_at=target
        )

    cases = (
        case(1, "negative-words", 900),
        case(2, "reach", 800),
        case(3, "fraud", 5),
        case(4, "news", 90),
        case(5, "poison", 1),
        case(6, "safety", 2),
        replace(OPEN[0], case_id=7, reasons=(FlagReason("safety", "x"),)),  # high, not urgent
    )
    digest = compose(replace(LUA_MAY, open_cases=cases))
    assert [card.case_id for card in digest.cards] == [6, 5, 4, 3, 2]


def test_copies_in_other_sources_stand_on_the_same_card() -> None:
    case = replace(OPEN[0], also=("mastodon.example", "Facebook", "a.example", "b.example"))
    day = replace(LUA_MAY, open_cases=(case,))
    (en,), (vi,) = compose(day).cards, compose(in_vietnamese(day)).cards
    assert en.source == "Shopee, 1 of 5 stars"
    assert en.also == "also on mastodon.example, Facebook, a.example"
    assert vi.also == "cũng có trên mastodon.example, Facebook, a.example"


def test_a_card_says_how_soon_where_when_and_why() -> None:
    urgent, late, soon, later = EN.cards
    assert (urgent.target, urgent.is_late, urgent.tone) == ("35 min late", True, Tone.NEG)
    assert urgent.source == "Instagram"
    assert urgent.why == "speaks of danger to people: “chập điện”, “tóe lửa”; reach 41,300"
    assert (late.source, late.posted) == ("Shopee, 1 of 5 stars", "posted Sat 00:50")
    assert late.why == "says “không ai trả lời”, “hoàn tiền”, “gãy”"
    assert (soon.target, soon.tone, soon.source) == (
        "1 h 20 min left",
        Tone.WARN,
        "Facebook, comment",
    )
    assert soon.why == "says “Bảo hành”; a question for you"
    assert (later.posted, later.tone) == ("posted 12 Nov", Tone.PLAIN)
    assert later.text.startswith("Blender great, support not. I wrote twice")


def test_a_card_says_it_in_vietnamese() -> None:
    urgent, late, _, later = VI.cards
    assert urgent.target == "quá hạn 35 phút"
    assert urgent.why == (
        "nói đến nguy cơ mất an toàn: “chập điện”, “tóe lửa”; lượng tiếp cận 41.300"
    )
    assert (late.source, late.posted) == ("Shopee, 1/5 sao", "đăng thứ Bảy 00:50")
    assert late.target == "quá hạn 2 giờ 10 phút"
    assert later.target == "còn 2 giờ 05 phút"


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"posted_at": None}, "posted", "no date"),
        ({"posted_at": NOW + timedelta(days=1)}, "posted", "posted 22 Nov"),
        ({"text": "", "title": ""}, "text", "No text, only stars."),
        ({"text": "", "title": "Only a title"}, "text", "Only a title"),
        ({"text": "a\u202eb\n\nc\x00"}, "text", "a b c"),
        ({"text": "x" * 500}, "text", "x" * 280 + "…"),
        ({"url": "javascript:alert(1)"}, "url", ""),
        ({"url": "https://a.example/x y"}, "url", ""),
        ({"url": "http://[broken"}, "url", ""),
        ({"url": "https://a.example/ok?x=1"}, "url", "https://a.example/ok?x=1"),
        ({"language": "other"}, "language", ""),
        ({"stars": 3.5}, "source", "Shopee, 3.5 of 5 stars"),
        ({"reach": 12_000}, "source", "Shopee, 1 of 5 stars, reach 12,000"),
        ({"reasons": (FlagReason("low-stars"),)}, "why", "few stars"),
        ({"reasons": ()}, "why", "negative"),
        (
            {"reasons": (FlagReason("low-stars"), FlagReason("damaged"))},
            "why",
            "the text arrived damaged",
        ),
        ({"stars": None, "feedback_kind": FeedbackKind.TICKET}, "source", "Shopee, ticket"),
    ],
)
def test_what_comes_from_outside_is_shown_with_care(
    changed: dict[str, object], field: str, expected: str
) -> None:
    case = replace(OPEN[0], **changed)  # type: ignore[arg-type]
    (card,) = compose(replace(LUA_MAY, open_cases=(case,))).cards
    assert getattr(card, field) == expected


def test_long_text_is_cut_at_a_word() -> None:
    case = replace(OPEN[0], title="", text="rất tệ, " * 100)
    (card,) = compose(replace(LUA_MAY, open_cases=(case,))).cards
    assert card.text.endswith("tệ…")
    assert len(card.text) <= 281


def test_what_changed_is_at_most_three_spikes_first() -> None:
    assert [(c.head, c.tone.value) for c in EN.changes] == [
        ("Spike: quality.", "neg"),
        ("New theme: service.", "warn"),
        ("Up: price.", "pos"),
    ]
    assert EN.changes[0].sentence == "25 of the day's 31 negative mentions, usually 1–3 a week."
    assert VI.changes[0].sentence == (
        "25 trong 31 lượt tiêu cực của ngày, thường 1–3 lượt mỗi tuần."
    )
    assert VI.changes[1].head == "Chủ đề mới: phục vụ."


@pytest.mark.parametrize(
    ("polarity", "day", "week", "usual", "head"),
    [
        (Polarity.NEGATIVE, 1, 20, Usual(6, 12, 8), "Up: returns."),
        (Polarity.NEGATIVE, 0, 2, Usual(6, 12, 8), "Down: returns."),
        (Polarity.POSITIVE, 0, 2, Usual(6, 12, 8), None),
        (Polarity.NEGATIVE, 1, 8, Usual(6, 12, 8), None),
        (Polarity.NEGATIVE, 2, 2, Usual(0, 0, 8), None),
        (Polarity.NEGATIVE, 9, 30, None, None),
    ],
)
def test_a_theme_is_news_only_against_its_usual_weeks(
    polarity: Polarity, day: int, week: int, usual: Usual | None, head: str | None
) -> None:
    theme = Theme(name="returns", polarity=polarity, day=day, week=week, usual_week=usual)
    changes = compose(replace(LUA_MAY, themes=(theme,))).changes
    assert [change.head for change in changes] == ([head] if head else [])


def test_an_unknown_theme_keeps_its_own_name() -> None:
    theme = Theme(
        name="hinge", polarity=Polarity.NEGATIVE, day=25, week=60, usual_week=Usual(1, 3, 8)
    )
    vi = compose(in_vietnamese(replace(LUA_MAY, themes=(theme,))))
    assert vi.changes[0].head == "Tăng đột biến: hinge."


def test_the_chart_says_what_it_shows_and_what_is_missing() -> None:
    assert EN.chart == (
        "Negative mentions per day, 7–20 Nov. Usual range 7–15. Highest: 41 on 18 Nov."
    )
    assert [bar.is_high for bar in EN.bars] == [False] * 10 + [True] * 4
    days = (DayCount(date(2026, 11, 19), None), DayCount(DAY, 2))
    gap = compose(replace(LUA_MAY, negative_days=days, negatives_usual=None))
    assert gap.chart == (
        "Negative mentions per day, 19–20 Nov. Highest: 2 on 20 Nov. 1 day is not covered."
    )
    empty = compose(replace(LUA_MAY, negative_days=tuple(DayCount(DAY, 0) for _ in range(3))))
    assert (empty.bars, empty.chart) == ((), "")


def test_posted_earlier_and_answers_are_told() -> None:
    assert EN.earlier == (
        "Posted earlier: 14 older posts became known on this day, 3 of them negative."
    )
    assert VI.earlier == "Đăng từ trước: hôm đó mới ghi nhận 14 bài cũ, trong đó 3 bài tiêu cực."
    assert EN.answers == (
        "Your answers: 9 sent on this day, half of them within 1 h 52 min. "
        "2 customers raised their rating afterwards (1 to 4 stars, 2 to 5 stars)."
    )
    one = replace(LUA_MAY, answered=Answered(due=1, in_time=1, sent=1, median_min=30.0))
    assert compose(one).answers == "Your answers: 1 sent on this day, within 30 min."


def test_a_win_is_quoted_with_its_place() -> None:
    (win,) = EN.wins
    assert win.quote.startswith("“Máy xay chạy êm thiệt")
    assert win.line == "5 of 5 stars on Tiki, máy xay Mây Mini."
    plain = replace(LUA_MAY.wins[0], stars=None, product="", url="data:text/html,x")
    (win,) = compose(replace(LUA_MAY, wins=(plain,))).wins
    assert (win.line, win.url) == ("Tiki.", "")


def test_a_broken_source_makes_its_count_too_low_in_words() -> None:
    assert EN.sources_head == "Sources: 9 of 11 healthy."
    assert EN.sources_tone is Tone.NEG
    assert EN.sources == (
        "Lazada reviews: empty since 20 Nov 14:05, so this count is too low.",
        "TikTok Shop: heard to 15 Nov; file due since the 16th, so this count is too low.",
        "YouTube could not be heard for a time; it has caught up.",
    )
    assert VI.sources[:2] == (
        "Lazada reviews: không có dữ liệu từ 20/11 14:05, nên số này bị thiếu.",
        "TikTok Shop: đã có đến 15/11; chờ tệp từ ngày 16, nên số này bị thiếu.",
    )


SINCE = datetime(2026, 11, 20, 23, 5, tzinfo=UTC)  # 06:05 in Vietnam, on the day of writing


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {"outcome": Outcome.BLOCKED, "failing_since": SINCE},
            "X: refusing us since 06:05, so this count is too low.",
        ),
        (
            {"outcome": Outcome.CHANGED, "last_success_at": SINCE},
            "X: in another shape since 06:05, so this count is too low.",
        ),
        (
            {"outcome": Outcome.DOWN},
            "X: out of reach since the beginning, so this count is too low.",
        ),
        ({"outcome": Outcome.DUE}, "X: no file yet, so this count is too low."),
        (
            {"outcome": Outcome.DUE, "heard_to": date(2026, 11, 15)},
            "X: heard to 15 Nov; a new file is due, so this count is too low.",
        ),
        (
            {
                "outcome": Outcome.DUE,
                "heard_to": date(2026, 10, 31),
                "due_since": date(2026, 11, 1),
            },
            "X: heard to 31 Oct; file due since 1 Nov, so this count is too low.",
        ),
        ({"outcome": None}, "X has not been visited yet."),
        ({"is_paused": True}, "X is paused, so this count leaves it out."),
        ({"gap": (None, SINCE)}, "X may miss posts before 06:05."),
        ({"gap": (NOW - timedelta(days=2), SINCE)}, "X may miss posts from 19 Nov 07:00 to 06:05."),
    ],
)
def test_every_trouble_of_a_source_has_its_sentence(source: dict[str, object], said: str) -> None:
    health = SourceHealth(name="X", **source)  # type: ignore[arg-type]
    told = compose(replace(LUA_MAY, sources=(health,)))
    assert told.sources == (said,)
    assert told.sources_head == "Sources: 0 of 1 healthy."


def test_an_address_that_robots_txt_forbids_is_no_failure() -> None:
    forbidden = SourceHealth(name="a.example/x", outcome=Outcome.BLOCKED, is_forbidden=True)
    told = compose(replace(LUA_MAY, sources=(SourceHealth(name="Tiki"), forbidden)))
    assert told.sources_head == "The one source was reached."
    assert told.sources_tone is Tone.PLAIN
    assert told.sources == ("a.example/x: robots.txt forbids this address, so we leave it alone.",)
    assert "Not heard" not in told.preheader
    quiet = compose(replace(QUIET, sources=(*QUIET.sources, forbidden)))
    assert quiet.is_quiet
    assert quiet.sources_head == "All 11 sources were reached, so quiet means quiet."
    vi = compose(in_vietnamese(replace(LUA_MAY, sources=(forbidden,))))
    assert vi.sources == ("a.example/x: robots.txt không cho phép đọc địa chỉ này, nên không đọc.",)


def test_many_troubles_are_cut_and_none_is_hidden() -> None:
    sources = tuple(SourceHealth(name=f"S{n}", outcome=Outcome.DOWN) for n in range(20))
    told = compose(replace(LUA_MAY, sources=sources))
    assert len(told.sources) == 6
    assert told.sources[-1] == "And 15 more."
    assert compose(replace(LUA_MAY, sources=())).sources_head == "No source is listened to yet."


def test_a_quiet_day_is_three_lines_and_says_that_quiet_means_quiet() -> None:
    en, vi = compose(QUIET), compose(in_vietnamese(QUIET))
    assert en.is_quiet
    assert en.headline == "A quiet day. 4 mentions, usually 2–6, none negative."
    assert en.sources_head == "All 11 sources were reached, so quiet means quiet."
    assert vi.headline == "Một ngày yên ắng. 4 lượt nhắc, thường 2–6, không lượt nào tiêu cực."
    assert vi.sources_head == "Cả 11 nguồn đều truy cập được, nên yên là yên thật."
    assert (en.kpis, en.cards, en.bars, en.changes, en.wins) == ((), (), (), (), ())
    assert en.subject == "Nothing to answer, a quiet day · Lúa Mây, Fri 20 Nov"
    one = replace(QUIET, mentions=1, mentions_usual=None, sources=QUIET.sources[:1])
    assert compose(one).headline == "A quiet day. 1 mention, none negative."


@pytest.mark.parametrize(
    "changed",
    [
        {"sources": (SourceHealth(name="X", outcome=Outcome.EMPTY),)},
        {"sources": ()},
        {"earlier": 3},
        {"negatives": 1},
        {"more_open": 1},
    ],
)
def test_a_day_with_a_silent_source_is_never_called_quiet(changed: dict[str, object]) -> None:
    told = compose(replace(QUIET, **changed))  # type: ignore[arg-type]
    assert not told.is_quiet
    assert "quiet" not in told.headline + told.sources_head


def test_the_window_and_zone_are_printed() -> None:
    assert EN.covers == (
        "Covers 00:00–24:00 on 20 Nov, Vietnam time (UTC+7); written Sat 21 Nov 07:00."
    )
    new_york: DayFacts = replace(LUA_MAY, zone="America/New_York")
    assert "Eastern time (UTC−5); written Fri 20 Nov 19:00." in compose(new_york).covers


@pytest.mark.parametrize("facts", [LUA_MAY, in_vietnamese(LUA_MAY), QUIET])
def test_a_stored_digest_comes_back_the_same(facts: DayFacts) -> None:
    digest = compose(facts)
    stored = json.loads(json.dumps(digest.as_json()))
    assert Digest.from_json(stored) == digest
