"""The week summed up: against usual weeks, beside figures, once for each recipient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from alerts_facts import LUA_MAY
from store_pages import BRAND, NOW, flag, item, judge, match, page

from alerts import render
from alerts.digest import compose
from alerts.facts import SourceHealth, StatedTotal, Theme
from alerts.gather_week import week_facts
from alerts.outgoing import digest_of, write_digest
from alerts.owed import latest_due_week, owed_weeks
from alerts.sheet import Digest
from alerts.totals import CAUSES, totals_line
from alerts.weekly import Series, WeekFacts, compose_week
from cases.usual import Usual
from ingest.brand import Brand
from ingest.mention import Figure
from ingest.visit import Outcome, VisitFacts
from ingest.words import Words
from scoring.verdict import Polarity
from store import brands, digests, outbox, watches
from store.engine import Store
from store.intake import take_in
from store.ledger import begin_visit, end_visit
from store.totals import Cause

SUNDAY = date(2026, 11, 22)
MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 07:30 in Vietnam
SHOP = Brand(name=BRAND, recipients=("ha@luamay.example",), weekly_on="monday")
WEEKS = (9, 11, None, 8, 12, 10, 7, 11, 31)
FACTS = WeekFacts(
    of=replace(
        LUA_MAY,
        day=SUNDAY,
        start=datetime(2026, 11, 15, 17, tzinfo=UTC),
        end=datetime(2026, 11, 22, 17, tzinfo=UTC),
        now=MONDAY,
        mentions=310,
        mentions_usual=Usual(280.2, 320.5, 7),
        negatives=31,
        negatives_usual=Usual(7.2, 11.8, 7),
        themes=(
            Theme(name="quality", polarity=Polarity.NEGATIVE, day=0, week=20,
                  usual_week=Usual(1, 3, 7)),
            Theme(name="quality", polarity=Polarity.POSITIVE, day=0, week=44),
            Theme(name="delivery", polarity=Polarity.POSITIVE, day=0, week=60),
        ),
        sources=(
            SourceHealth(name="Tiki", total=StatedTotal(36, 33, "held-back", {"5": 2, "1": 1})),
            SourceHealth(name="Trustpilot", outcome=Outcome.BLOCKED),
        ),
    ),
    negative_weeks=tuple(
        (SUNDAY - timedelta(weeks=8 - n), count) for n, count in enumerate(WEEKS)
    ),
    share=Series("", (3.1, 3.9, None, 2.8, 4.0, 3.5, 2.4, 3.7, 10.0), Usual(2.5, 3.95, 7)),
    figures=(
        Series("orders <b>", (*[None] * 4, 40.0, 41.0, 39.0, 40.5, 31.25), Usual(39, 41, 4)),
    ),
)  # fmt: skip


def in_vietnamese(facts: WeekFacts) -> Digest:
    return compose_week(replace(facts, of=replace(facts.of, language="vi")))


def test_a_week_says_its_totals_against_usual_weeks_and_what_it_was_about() -> None:
    digest = compose_week(FACTS)
    assert digest.title == "Weekly digest, 16–22 Nov"
    assert digest.subject == "310 mentions, 31 negative, usually 7–12 · Lúa Mây, week of 16–22 Nov"
    assert digest.headline.startswith("310 mentions, 31 negative: more than usual (7–12). ")
    assert [bar.count for bar in digest.bars] == list(WEEKS)
    assert [bar.is_high for bar in digest.bars] == [False] * 8 + [True]
    assert "1 week is not covered." in digest.chart
    assert [(each.name, each.negative, each.usual, each.positive) for each in digest.sides] == [
        ("Quality", "20", "1–3", "44"),
        ("Delivery", "0", "", "60"),
    ]
    assert digest.covers.startswith("Covers Mon 16 Nov 00:00 to Sun 22 Nov 24:00, Vietnam time")


def test_a_week_reads_in_vietnamese() -> None:
    digest = in_vietnamese(FACTS)
    assert digest.title == "Bản tin tuần, 16–22/11"
    assert digest.headline.startswith("310 lượt nhắc, 31 lượt tiêu cực, nhiều hơn thường lệ (7–12)")
    assert [each.name for each in digest.sides] == ["Chất lượng", "Giao hàng"]
    assert digest.sources[-1] == (
        "So với số các trang tự báo: Tiki: trang báo có 36, đã nghe 33 "
        "(có lẽ nơi đó đếm cả những mục không hiện ra; còn thiếu: 2 × 5★, 1 × 1★)."
    )


def test_behaviour_figures_stand_beside_the_share_of_negative_mentions() -> None:
    share, orders = compose_week(FACTS).figures
    assert (share.name, share.value, share.arrow) == ("Share of negative mentions", "10.0%", "▲")
    assert share.usual == "usually 2.5–4.0%"
    assert (orders.name, orders.value, orders.arrow) == ("orders <b>, mean a day", "31.2", "▼")
    assert orders.levels == (None, None, None, None, 8, 8, 8, 8, 6)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_form_of_a_week_says_the_same_and_escapes_what_is_foreign(language: str) -> None:
    digest = compose_week(FACTS) if language == "en" else in_vietnamese(FACTS)
    page, plain = render.html(digest, public_url="https://e.example"), render.text(digest)
    for said in (digest.sides[0].name, digest.figures[0].value, digest.sources_head):
        assert said in page
        assert said in plain
    assert "orders <b>" in plain
    assert "orders <b>" not in page
    assert len(page.encode()) < render.HTML_BUDGET
    assert Digest.from_json(digest.as_json()) == digest


def test_a_week_without_figures_or_usual_weeks_says_so_plainly() -> None:
    of = replace(FACTS.of, mentions_usual=None, negatives_usual=None, themes=())
    digest = compose_week(replace(FACTS, of=of, figures=()))
    assert digest.headline.startswith("310 mentions in this week, 31 of them negative.")
    assert (digest.figures, digest.sides) == ((), ())
    empty = compose_week(replace(FACTS, of=replace(of, mentions=0, negatives=0)))
    assert empty.headline.startswith("No mention in this week.")


def test_what_a_site_never_shows_is_told_weekly_the_rest_daily() -> None:
    words = Words("en")
    lost = SourceHealth(name="Shopee", total=StatedTotal(40, 38, "unreadable"))
    assert totals_line(FACTS.of.sources, words, is_weekly=False) == ""
    assert totals_line([lost], words, is_weekly=False) == (
        "Beside the sites' own counts: Shopee: the site says 40, 38 heard "
        "(the rest could not be read)."
    )
    assert compose(replace(LUA_MAY, sources=(lost,))).sources[-1].startswith("Beside the sites'")
    assert {each.value for each in Cause if each} == CAUSES.keys()


@pytest.fixture
def shop(store: Store) -> Iterator[Store]:
    """Return a store that has heard a shop for ten weeks, two bad ones a week, nine in the last."""
    brands.save(store, SHOP)
    begun = MONDAY - timedelta(weeks=10)
    watch = watches.add(store, "tiki", "91", now=begun, brand=BRAND, is_own=True, name="Tiki shop")
    rules = {"match": match, "judge": judge, "flag": flag, "watch_id": watch}
    last = [item("first", posted=(begun - timedelta(days=30)).isoformat())]
    for week in range(9, -1, -1):
        now = MONDAY - timedelta(weeks=week, hours=12)
        posted = (now - timedelta(days=2)).isoformat()
        bad = 9 if week == 0 else 2
        new = [item(f"{week}-{n}", "Nồi Lúa Mây hỏng" if n < bad else "", posted=posted)
               for n in range(12)]  # fmt: skip
        visit = begin_visit(store, watch, now=now)
        told = page(*new, *last, fetched_at=now)
        take_in(store, [told], **rules, now=now, visit_id=visit)  # type: ignore[arg-type]
        end_visit(store, visit, VisitFacts(outcome=Outcome.OK, is_complete=True), now=now)
        last = new
    figures = tuple(
        Figure(day=(SUNDAY - timedelta(days=n)).isoformat(), metric="đơn hàng", value=40.0 + n % 7)
        for n in range(63)
    )
    fetched, empty = page(fetched_at=MONDAY)
    with_figures = [(fetched, replace(empty, figures=figures))]
    take_in(store, with_figures, **rules, now=MONDAY)  # type: ignore[arg-type]
    return store


def test_a_week_is_counted_against_the_weeks_before(shop: Store) -> None:
    facts = week_facts(shop, SHOP, SUNDAY, now=MONDAY)
    assert (facts.of.mentions, facts.of.negatives) == (12, 9)
    assert facts.of.negatives_usual is not None
    assert (facts.of.negatives_usual.low, facts.of.negatives_usual.high) == (2, 2)
    assert [count for _, count in facts.negative_weeks][-3:] == [2, 2, 9]
    assert facts.share.weeks[-1] == pytest.approx(75.0)
    assert facts.figures == (
        Series("đơn hàng", (43.0,) * 9, Usual(43.0, 43.0, 8, 43.0)),
    )  # fmt: skip


def test_the_same_week_is_never_written_twice_and_takes_no_days_place(shop: Store) -> None:
    how = {"channel": "folder", "sender": "e@luamay.example", "public_url": None, "now": MONDAY}
    to = ("ha@luamay.example", "an@luamay.example")
    for recipients, fresh in ((to[:1], to[:1]), (to, to[1:]), (to, ())):
        written = write_digest(
            shop,
            SHOP,
            SUNDAY,
            recipients=recipients,
            period=digests.WEEK,
            **how,  # type: ignore[arg-type]
        )
        assert tuple(written) == fresh
    assert write_digest(shop, SHOP, SUNDAY, recipients=to[:1], **how) == [to[0]]  # type: ignore[arg-type]
    waiting = outbox.claim(shop, holder="t", now=MONDAY, limit=9)
    assert len({each.message.key for each in waiting}) == len(waiting) == 3


def test_a_digest_of_the_week_is_composed_by_its_period(shop: Store) -> None:
    assert digest_of(shop, SHOP, SUNDAY, now=MONDAY, period=digests.WEEK).period == "week"
    assert digest_of(shop, SHOP, SUNDAY, now=MONDAY).period == "day"


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Marquesas"])
@pytest.mark.parametrize(("weekly_on", "ends_on"), [("monday", 6), ("friday", 3), ("sunday", 5)])
def test_a_year_owes_each_week_once(zone: str, weekly_on: str, ends_on: int) -> None:
    brand = replace(SHOP, zone=zone, weekly_on=weekly_on, digest_at=time(2, 30))
    sent: set[tuple[str, str, date]] = set()
    days = []
    for n in range(366 * 4):
        for owed in owed_weeks(NOW + timedelta(hours=6 * n), [(brand, NOW)], sent=sent):
            sent.add((owed.recipient, owed.brand.name, owed.day))
            days.append(owed.day)
    assert {day.weekday() for day in days} == {ends_on}
    assert days == [days[0] + timedelta(weeks=n) for n in range(len(days))]
    assert 51 <= len(days) <= 53


def test_a_brand_without_a_weekday_owes_no_week() -> None:
    brand = replace(SHOP, weekly_on="")
    since = MONDAY - timedelta(weeks=9)
    assert owed_weeks(MONDAY, [(brand, since)], sent=()) == []
    assert latest_due_week(MONDAY, brand) == SUNDAY
    assert latest_due_week(MONDAY - timedelta(hours=1), brand) == SUNDAY - timedelta(weeks=1)
