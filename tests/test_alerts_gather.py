"""A day counted in the store: known by seen_at, trends by posted_at, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from store_pages import BRAND, flag, item, match, page

from alerts.digest import compose
from alerts.facts import DayFacts
from alerts.gather import day_facts
from alerts.heard import covered_days, source_healths
from alerts.naming import WatchName, source_name
from alerts.owed import day_bounds
from cases.flag import Flag, FlagReason, Severity
from ingest.brand import Brand
from ingest.mention import Mention, RawItem, Speaker
from ingest.visit import Outcome, VisitFacts
from scoring.verdict import Aspect, Kind, Label, Polarity, Reason, Verdict
from store import brands, cases, watches
from store.engine import Store
from store.health import Health
from store.intake import take_in
from store.ledger import Coverage, Gap, begin_visit, end_visit
from store.watches import Watch

DAY = date(2026, 11, 20)  # a Friday in Vietnam
MORNING = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 07:00 on Saturday
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # 12:00 on the day
SHOP = Brand(name=BRAND, recipients=("ha@luamay.example",))
PRAISE = "Nồi Lúa Mây nấu cơm dẻo, cả nhà ai cũng thích, giao nhanh nữa"


def judge(mention: Mention) -> Verdict:
    """Call what breaks negative, about quality; the rest praise, about delivery."""
    bad = "hỏng" in mention.text or "broken" in mention.text
    label, polarity = (
        (Label.NEGATIVE, Polarity.NEGATIVE) if bad else (Label.POSITIVE, Polarity.POSITIVE)
    )
    return Verdict(
        language="vi",
        score=-0.8 if bad else 0.9,
        p_negative=0.9 if bad else 0.05,
        label=label,
        kind=Kind.COMPLAINT if bad else Kind.PRAISE,
        aspects=(Aspect("quality" if bad else "delivery", polarity, "x", 0, 1),),
        model="test-1",
    )


def posted(number: int, text: str, at: datetime, **more: object) -> RawItem:
    return item(f"{number}", text, posted=at.isoformat(), **more)


def take(store: Store, items: Sequence[RawItem], *, now: datetime, watch_id: int | None) -> None:
    visit = begin_visit(store, watch_id, now=now) if watch_id else None
    rules = {"match": match, "judge": judge, "flag": flag}
    pages = [page(*items, fetched_at=now)]
    take_in(store, pages, **rules, now=now, watch_id=watch_id, visit_id=visit)  # type: ignore[arg-type]
    if visit is not None:
        facts = VisitFacts(outcome=Outcome.OK, is_complete=True, pages=1)
        end_visit(store, visit, facts, now=now)


@pytest.fixture
def shop(store: Store) -> tuple[Store, int]:
    """Return a store that has heard the shop for nine weeks of Fridays and this Friday."""
    brands.save(store, SHOP)
    begun = NOON - timedelta(weeks=9)
    watch = watches.add(store, "tiki", "91", now=begun, brand=BRAND, is_own=True, name="Tiki shop")
    before = [posted(1, PRAISE, begun - timedelta(days=6))]
    take(store, before, now=begun, watch_id=watch)
    for week in range(8, 0, -1):
        at = NOON - timedelta(weeks=week)
        these = [
            posted(week * 100 + n, "Nắp hỏng" if n == 0 else PRAISE, at, stars=1 if n == 0 else 5)
            for n in range(4)
        ]
        take(store, these + before, now=at + timedelta(hours=1), watch_id=watch)
        before = these
    for each in cases.listing(store, now=MORNING):
        cases.resolve(store, each.id, who="Hà", now=each.opened_at + timedelta(hours=2))
    return store, watch


def hear_friday(store: Store, watch: int) -> None:
    """Take in the day itself: nine broken and three good posts, and one from last week."""
    bad = [posted(9000 + n, "Nồi hỏng, không ai trả lời", NOON, stars=1) for n in range(9)]
    good = [posted(9100 + n, PRAISE, NOON, stars=5, product="Nồi 1.8L") for n in range(3)]
    old = [posted(9200, "Máy hỏng từ tuần trước", NOON - timedelta(days=7), stars=2)]
    staff = [posted(9300, "Shop xin lỗi bạn", NOON, speaker=Speaker.STAFF)]
    known = [posted(101, PRAISE, NOON - timedelta(weeks=1), stars=5)]
    for now in (NOON + timedelta(hours=1), MORNING - timedelta(hours=1)):
        take(store, bad + good + old + staff + known, now=now, watch_id=watch)


def facts(store: Store, brand: Brand = SHOP, *, now: datetime = MORNING) -> DayFacts:
    return day_facts(store, brand, DAY, now=now)


def test_a_bad_review_reaches_the_digest_of_its_day(shop: tuple[Store, int]) -> None:
    hear_friday(*shop)
    told = facts(shop[0])
    assert (told.mentions, told.negatives) == (12, 9)
    assert (told.earlier, told.earlier_negatives) == (1, 1)
    assert told.stars_mean == pytest.approx((9 * 1 + 3 * 5) / 12)
    assert told.mentions_usual is not None
    assert (told.mentions_usual.low, told.mentions_usual.high, told.mentions_usual.n) == (4, 4.3, 8)
    assert told.negatives_usual is not None
    assert told.negatives_usual.low == 1
    digest = compose(told)
    assert digest.subject.startswith(
        "10 to answer, negative far above the usual (không ai trả lời)"
    )
    assert "Tiki shop, 1 of 5 stars" in {card.source for card in digest.cards}
    assert digest.sources_head == "The one source was reached."


def test_the_same_day_reads_in_vietnamese(shop: tuple[Store, int]) -> None:
    hear_friday(*shop)
    digest = compose(facts(shop[0], replace(SHOP, language="vi")))
    assert digest.headline.startswith(
        "10 lượt nhắc cần trả lời. Bài tiêu cực nhiều hơn hẳn thường lệ"
    )
    assert [(change.head, change.sentence) for change in digest.changes] == [
        (
            "Tăng đột biến: không ai trả lời.",
            "9 trong 9 lượt tiêu cực của ngày, thường 0 lượt mỗi tuần.",
        )
    ]  # and no second line about quality: it is about the same posts


def test_what_becomes_known_later_never_changes_the_counts_of_a_day(
    shop: tuple[Store, int],
) -> None:
    store, watch = shop
    hear_friday(store, watch)
    before = facts(store)
    late = [posted(9500 + n, "hỏng nữa rồi", NOON, stars=1) for n in range(5)]
    take(store, late, now=MORNING + timedelta(hours=5), watch_id=watch)
    after = facts(store)
    assert (after.mentions, after.negatives, after.earlier) == (12, 9, 1)
    assert after.themes == before.themes
    next_day = day_facts(store, SHOP, DAY + timedelta(days=1), now=MORNING + timedelta(days=1))
    assert (next_day.mentions, next_day.earlier, next_day.earlier_negatives) == (0, 5, 5)


def test_an_answered_case_is_not_asked_for_again(shop: tuple[Store, int]) -> None:
    store, watch = shop
    hear_friday(store, watch)
    before = facts(store)
    assert before.waiting == 10
    first = before.open_cases[0].case_id
    answered_at = NOON + timedelta(hours=3)
    cases.answer(store, first, who="Hà", now=answered_at)
    after = facts(store)
    assert after.waiting == 9
    assert first not in {case.case_id for case in after.open_cases}
    assert after.answered is not None
    assert (after.answered.sent, after.answered.median_min) == (1, 120.0)
    assert (after.answered.due, after.answered.in_time) == (10, 1)
    assert after.more_late == 4


def test_a_post_that_was_not_us_is_left_out_and_a_wrong_flag_is_not_negative(
    shop: tuple[Store, int],
) -> None:
    store, watch = shop
    hear_friday(store, watch)
    first, second = [each for each in facts(store).open_cases if each.stars == 1][:2]
    cases.correct(store, first.mention_id, "not-us", who="Hà", now=MORNING)
    cases.correct(store, second.mention_id, "not-negative", who="Hà", now=MORNING)
    told = facts(store)
    assert (told.mentions, told.negatives, told.waiting) == (11, 7, 8)


def test_a_customer_who_raised_the_rating_after_an_answer_is_told(
    shop: tuple[Store, int],
) -> None:
    store, watch = shop
    hear_friday(store, watch)
    case_id = next(
        case.case_id for case in facts(store).open_cases if case.text.startswith("Nồi hỏng")
    )
    shown, _ = cases.show(store, case_id, now=MORNING)
    cases.answer(store, case_id, who="Hà", now=NOON + timedelta(hours=2))
    key = next(n for n in range(9000, 9009) if _mention_of(store, n) == shown.mention_id)
    better = [posted(key, "Shop đổi mới rồi, cảm ơn", NOON, stars=4)]
    take(store, better, now=NOON + timedelta(hours=4), watch_id=watch)
    told = facts(store)
    assert told.answered is not None
    assert told.answered.raised == ((1, 4),)


def _mention_of(store: Store, key: int) -> int | None:
    from sqlalchemy import select

    from store.tables import Mentions

    with store.read() as connection:
        return connection.scalar(select(Mentions.id).where(Mentions.key == str(key)))


COPY = "Nồi của mình hỏng bản lề sau mười ngày, trung tâm hẹn ba tuần mới có linh kiện thay"


def test_a_text_in_two_sources_is_one_card_that_names_both(shop: tuple[Store, int]) -> None:
    store, _ = shop
    forum = watches.add(
        store, "feed", "https://bep.example/rss", now=NOON, brand=BRAND, is_own=True
    )
    social = watches.add(store, "mastodon", "m.example/luamay", now=NOON, brand=BRAND, is_own=True)
    rules = {"match": match, "judge": judge, "flag": flag}
    texts = (
        ("bep.example", forum, COPY),
        ("m.example", social, f"#LuaMay {COPY}!"),
        ("bep.example", forum, COPY),  # somebody else in the same forum: a case of their own
    )
    for n, (source, watch, text) in enumerate(texts):
        visit = begin_visit(store, watch, now=NOON)
        pages = [page(posted(7000 + n, text, NOON, author=f"người {n}"), source=source)]
        take_in(store, pages, **rules, now=NOON, watch_id=watch, visit_id=visit)  # type: ignore[arg-type]
    told = facts(store)
    assert (told.waiting, told.mentions) == (2, 2)
    assert [(each.source, each.also) for each in told.open_cases] == [
        ("bep.example", ("Mastodon",)),
        ("bep.example", ()),
    ]


def test_danger_is_chosen_before_older_cases(shop: tuple[Store, int]) -> None:
    store, watch = shop
    hear_friday(store, watch)

    def urgent(mention: Mention, verdict: Verdict, brand: str) -> Flag | None:
        code = "safety" if "rò điện" in mention.text else "legal"
        return Flag(severity=Severity.URGENT, rule="harm", reasons=(FlagReason(code, "x"),))

    late = [posted(8000 + n, f"hỏng, sẽ kiện lần {n}", NOON) for n in range(7)]
    rules = {"match": match, "judge": judge, "flag": urgent}
    for items, hour in ((late, 2), ([posted(8100, "Nồi hỏng, rò điện", NOON)], 9)):
        at = NOON + timedelta(hours=hour)
        take_in(store, [page(*items, fetched_at=at)], **rules, now=at)  # type: ignore[arg-type]
    cases_shown = facts(store).open_cases
    assert cases_shown[0].text == "Nồi hỏng, rò điện"
    assert len(cases_shown) == 5
    assert all("sẽ kiện" in each.text for each in cases_shown[1:])


def test_the_stars_of_a_week_stand_against_those_of_the_weeks_before(
    shop: tuple[Store, int],
) -> None:
    hear_friday(*shop)
    told = facts(shop[0])
    assert told.stars_mean == pytest.approx(2.0)  # 24 stars in 12 ratings of seven days
    assert told.stars_usual is None  # a week of four ratings is too few to have a mean


def test_praise_worth_sharing_is_found(shop: tuple[Store, int]) -> None:
    hear_friday(*shop)
    (win,) = facts(shop[0]).wins
    assert (win.text, win.source, win.product) == (PRAISE, "Tiki shop", "Nồi 1.8L")


def praise(mention: Mention) -> Verdict:
    """Judge by marks in the text: + for something good, - for something bad."""
    good = [Reason(f"+{n}", 1.5, 0, 1) for n in range(mention.text.count("+"))]
    bad = [Reason("-", -1.5, 0, 1) for _ in range(mention.text.count("-"))]
    side = Aspect("quality", Polarity.NEGATIVE, "x", 0, 1)
    return Verdict(
        language="vi",
        score=0.5 if "hơi" in mention.text else 0.9,
        p_negative=0.05,
        label=Label.POSITIVE,
        kind=Kind.OTHER if "?" in mention.text else Kind.PRAISE,
        aspects=(side,) if "nắp" in mention.text else (),
        reasons=(*good, *bad),
    )


@pytest.mark.parametrize(
    ("text", "stars", "is_win"),
    [
        ("+ Nồi nấu cơm dẻo, cả nhà ai cũng thích ăn cơm nhà", 5, True),
        ("+ Nồi nấu cơm dẻo, cả nhà ai cũng thích ăn cơm nhà", None, True),
        ("+ Nồi nấu cơm dẻo, cả nhà ai cũng thích ăn cơm nhà", 3, False),
        ("+ Nồi nấu cơm hơi dẻo, cả nhà cũng tạm thích ăn cơm", None, False),
        ("+ Nồi nấu cơm dẻo - nhưng chờ bảo hành cả tháng trời", 5, False),
        ("+ Nồi nấu cơm dẻo, cả nhà thích, chỉ có nắp lung lay", 5, False),
        ("+ Nồi nấu cơm dẻo vậy mà mua ở đâu được các bác ơi?", 5, False),
        ("+ Tốt, ngon", 5, False),
        ("+ Nồi nấu cơm dẻo, cả nhà thích. " * 8, 5, False),  # it would have to be cut
    ],
)
def test_only_whole_and_real_praise_is_a_win(
    store: Store, text: str, stars: float | None, is_win: bool
) -> None:
    brands.save(store, SHOP)
    rules = {"match": match, "judge": praise, "flag": lambda *_: None}
    pages = [page(posted(1, text, NOON, stars=stars), fetched_at=NOON)]
    take_in(store, pages, **rules, now=NOON)  # type: ignore[arg-type]
    assert [win.text for win in facts(store).wins] == ([text.strip()] if is_win else [])


def test_wins_are_of_different_products_and_the_fullest_comes_first(store: Store) -> None:
    brands.save(store, SHOP)
    rules = {"match": match, "judge": praise, "flag": lambda *_: None}
    said = (
        ("+ Nồi nấu cơm dẻo, cả nhà ai cũng thích ăn cơm", "Nồi"),
        ("+ Nồi + nấu nhanh + không trào, rửa dễ, mẹ mình khen", "Nồi"),
        ("+ Nồi + nấu cháo cũng mịn, giữ ấm tới chiều, quá được", "Nồi"),
        ("+ Máy xay êm + dễ rửa, con ngủ bên cạnh không dậy nữa", "Máy xay"),
    )
    items = [
        posted(n, text, NOON, stars=5, product=product) for n, (text, product) in enumerate(said)
    ]
    take_in(store, [page(*items, fetched_at=NOON)], **rules, now=NOON)  # type: ignore[arg-type]
    assert [win.text for win in facts(store).wins] == [said[1][0], said[3][0]]


def test_days_that_nobody_heard_are_no_zeros(shop: tuple[Store, int]) -> None:
    store, watch = shop
    hear_friday(store, watch)
    heard = [each.count for each in facts(store).negative_days]
    assert heard[-1] == 9
    assert heard[-8] == 1 + 1  # last Friday's own, and the old one that came today
    assert None not in heard
    lonely = day_facts(store, replace(SHOP, name="Another"), DAY, now=MORNING)
    assert [each.count for each in lonely.negative_days] == [None] * 13 + [0]
    assert (lonely.mentions, lonely.mentions_usual, lonely.sources) == (0, None, ())


def test_a_source_that_breaks_makes_the_count_too_low(shop: tuple[Store, int]) -> None:
    store, watch = shop
    hear_friday(store, watch)
    broken = watches.add(store, "appstore", "77", now=NOON, brand=BRAND)
    visit = begin_visit(store, broken, now=NOON)
    empty = VisitFacts(outcome=Outcome.EMPTY, reason="no review found")
    end_visit(store, visit, empty, now=NOON)
    paused = watches.add(store, "feed", "https://news.example/rss", now=NOON, brand=BRAND)
    watches.pause(store, paused, now=NOON)
    told = {each.name: each for each in facts(store).sources}
    assert told["App Store"].outcome is Outcome.EMPTY
    assert told["App Store"].failing_since == NOON
    assert told["news.example"].is_paused
    assert told["Tiki shop"].is_healthy
    lines = compose(facts(store)).sources
    assert "App Store: empty since 20 Nov 12:00, so this count is too low." in lines


def test_an_address_that_robots_txt_forbids_is_named_by_its_path(
    shop: tuple[Store, int],
) -> None:
    store, watch = shop
    hear_friday(store, watch)
    for path in ("rss", "rieng/rss"):
        address = f"https://forum.example/{path}"
        each = watches.add(store, "feed", address, now=NOON, brand=BRAND, name="forum.example")
        visit = begin_visit(store, each, now=NOON)
        reason = "robots.txt forbids this address, so it was not asked"
        outcome = (
            VisitFacts(outcome=Outcome.OK, is_complete=True)
            if path == "rss"
            else VisitFacts(outcome=Outcome.BLOCKED, reason=reason)
        )
        end_visit(store, visit, outcome, now=NOON)
    told = {each.name: each for each in facts(store).sources}
    assert set(told) == {"Tiki shop", "forum.example/rss", "forum.example/rieng/rss"}
    assert told["forum.example/rieng/rss"].is_forbidden
    digest = compose(facts(store))
    assert digest.sources_head == "All 2 sources were reached."
    assert "Not heard" not in digest.preheader


def test_a_source_that_came_back_has_caught_up(shop: tuple[Store, int]) -> None:
    store, watch = shop
    visit = begin_visit(store, watch, now=NOON - timedelta(hours=2))
    down = VisitFacts(outcome=Outcome.DOWN, reason="timed out")
    end_visit(store, visit, down, now=NOON - timedelta(hours=2))
    hear_friday(store, watch)
    (source,) = facts(store).sources
    assert source.has_caught_up
    assert source.is_healthy


def heard(since: datetime | None, until: datetime | None, *gaps: Gap, **more: object) -> Watch:
    """Return a watch as the store would list it."""
    values = {
        "id": 1, "kind": "file", "target": "tiktok.csv", "name": "TikTok Shop", "brand": BRAND,
        "is_own": True, "options": {}, "every_min": 10_080, "page_cap": 1,
        "health": Health.HEALTHY, "outcome": "ok", "reason": "", "failures": 0,
        "added_at": NOON, "last_visit_at": NOON, "last_success_at": NOON, "last_new_at": NOON,
        "next_due_at": NOON, "moved_to": "", "usual_a_day": None, "is_silent": False,
        "coverage": Coverage(since, until, gaps),
    }  # fmt: skip
    return Watch(**{**values, **more})  # type: ignore[arg-type]


def test_a_day_is_covered_when_half_of_the_sources_heard_it_whole() -> None:
    week = [DAY - timedelta(days=n) for n in range(3)]  # Friday, Thursday, Wednesday
    whole = heard(NOON - timedelta(days=30), MORNING)
    until_thursday = heard(NOON - timedelta(days=30), NOON - timedelta(days=1))
    gap = Gap(NOON - timedelta(days=1), NOON, "cap", is_final=True)
    zone = SHOP.zone
    assert covered_days([whole], week, zone) == set(week)
    assert covered_days([until_thursday], week, zone) == {week[2]}
    assert covered_days([heard(whole.coverage.since, MORNING, gap)], week, zone) == {week[2]}
    assert covered_days([whole, until_thursday], week, zone) == set(week)
    assert covered_days([until_thursday, until_thursday, whole], week, zone) == {week[2]}
    assert covered_days([heard(None, None)], week, zone) == set()


def test_a_file_that_is_due_says_how_far_it_was_heard(store: Store) -> None:
    start, end = day_bounds(DAY, SHOP.zone)
    sunday = datetime(2026, 11, 15, 9, 0, tzinfo=UTC)
    due = heard(sunday, sunday, health=Health.DUE, outcome="due")
    gap = Gap(None, NOON, "unfinished", is_final=False)
    old = Gap(None, NOON - timedelta(days=9), "cap", is_final=True)
    with store.read() as connection:
        file, hole, fine = source_healths(
            connection,
            [due, heard(sunday, NOON, gap), heard(sunday, NOON, old)],
            start,
            end,
            zone=SHOP.zone,
        )
    assert (file.heard_to, file.due_since) == (date(2026, 11, 15), date(2026, 11, 16))
    assert hole.gap == (None, NOON)
    assert fine.is_healthy


def test_a_due_file_without_a_closed_window_was_heard_to_its_newest_post(
    shop: tuple[Store, int],
) -> None:
    store, watch = shop
    hear_friday(store, watch)
    start, end = day_bounds(DAY, SHOP.zone)
    due = heard(None, None, id=watch, health=Health.DUE, outcome="due")
    with store.read() as connection:
        (file,) = source_healths(connection, [due], start, end, zone=SHOP.zone)
    assert file.heard_to == DAY


BAO, BEP = "https://www.bao.example/rss", "https://bep.example/noi-1-8l"


@pytest.mark.parametrize(
    ("kind", "name", "target", "source", "expected"),
    [
        ("tiki", "", "", "tiki", "Tiki"),
        ("tiki", "Gian hàng Tiki", "91", "tiki", "Gian hàng Tiki"),
        ("tiki", "91", "91", "tiki", "Tiki"),
        ("feed", "", "", BAO, "bao.example"),
        ("feed", BAO, BAO, BAO, "bao.example"),
        ("feed", "bao.example", BAO, "bao.example", "bao.example"),
        ("feed", "Báo Bếp", BAO, "bao.example", "Báo Bếp"),
        ("feed", "", "", "", "feed"),
        ("feed", "http://[broken", "http://[broken", "", "http://[broken"),
        ("page", "bep.example noi-1-8l", BEP, BEP, "bep.example"),
        ("mastodon", "Mastodon a.example/luamay", "a.example/luamay", "a.example", "Mastodon"),
        ("hackernews", "Hacker News lua may", "lua may", "hackernews", "Hacker News"),
        ("file", "Facebook groups", "/srv/social.csv", "file:social", "Facebook groups"),
        ("file", "", "", "file:shopee-reviews", "Shopee reviews"),
        ("file", "social.csv", "/srv/social.csv", "file:social", "Social"),
        ("file", "/srv/drop/survey.xlsx", "/srv/drop/survey.xlsx", "survey", "Survey"),
        ("file", "/srv/drop", "/srv/drop", "file:drop", "Drop"),
    ],
)  # fmt: skip
def test_sources_are_called_what_people_call_them(
    kind: str, name: str, target: str, source: str, expected: str
) -> None:
    assert source_name(kind, WatchName(name, target), source) == expected
