"""The only door: what goes in once is there once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from store_pages import BRAND, NOW, RULES, item, judge, match, page

from ingest.brand import Brand
from ingest.mention import Answer, Figure, Mention, RawItem, Scale, Speaker
from ingest.page import Fetched, Page
from store import brands, cases, mentions, watches
from store.batch import Hit
from store.engine import Store, open_store
from store.intake import Intake, take_in
from store.ledger import begin_visit
from store.tables import (
    Answers,
    Base,
    Bodies,
    Captures,
    CaseEvents,
    Cases,
    DailyFigures,
    Matches,
    Mentions,
    MentionVersions,
    Quarantine,
    SeenKeys,
    Sightings,
    Verdicts,
)

DAY = timedelta(days=1)


def take(store: Store, *pages: tuple[Fetched, Page], **how: object) -> Intake:
    return take_in(store, pages, **{**RULES, "now": NOW, **how})  # type: ignore[arg-type]


def size(store: Store, table: type[Base]) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def sizes(store: Store) -> dict[str, int]:
    tables = Base.registry.mappers
    return {each.class_.__tablename__: size(store, each.class_) for each in tables}


def column(store: Store, wanted: object) -> list[object]:
    with store.read() as connection:
        return list(connection.scalars(select(wanted)))  # type: ignore[call-overload]


@pytest.fixture
def watch_id(store: Store) -> int:
    return watches.add(store, "tiki", "91", now=NOW, brand=BRAND, is_own=True)


def test_a_page_is_stored_with_its_verdicts_matches_and_cases(store: Store, watch_id: int) -> None:
    intake = take(store, page(item(1), item(2, "Nắp nồi bị hỏng rồi")), watch_id=watch_id)
    assert (intake.seen, intake.new, intake.flagged, intake.go_on) == (2, 2, 1, True)
    assert intake.keys == ("1", "2")
    found = sizes(store)
    for table, rows in {
        "mentions": 2,
        "verdicts": 2,
        "matches": 2,
        "sightings": 2,
        "cases": 1,
    }.items():
        assert found[table] == rows, table
    with store.read() as connection:
        flagged = connection.execute(
            select(Matches.severity, Matches.rule, Matches.flag_reasons).where(
                Matches.severity.is_not(None)
            )
        ).one()
    assert tuple(flagged) == ("high", "complaint", [{"code": "negative", "words": "hỏng"}])


@pytest.mark.parametrize("with_watch", [True, False])
def test_the_same_page_again_makes_no_new_row(
    store: Store, watch_id: int, with_watch: bool
) -> None:
    how = {"watch_id": watch_id} if with_watch else {}
    pages = [page(item(n), item(f"bad{n}", "tệ quá"), item(f"w{n}", "thời tiết")) for n in range(9)]
    take(store, *pages, **how)
    before = sizes(store)
    for day in range(3):
        again = take(store, *pages, **how, now=NOW + day * DAY)
        assert (again.new, again.edited, again.flagged) == (0, 0, 0)
        assert again.same == 18
    assert sizes(store) == before


def test_what_is_known_is_neither_matched_nor_judged_again(store: Store, watch_id: int) -> None:
    take(store, page(item(1)), watch_id=watch_id)
    asked: list[Mention] = []

    def judging(mention: Mention) -> object:
        asked.append(mention)
        return judge(mention)

    take(store, page(item(2), item(1)), watch_id=watch_id, judge=judging)
    assert [each.key for each in asked] == ["2"]


def test_order_on_the_page_does_not_matter(store: Store, watch_id: int) -> None:
    take(store, page(item(1), item(2), item(3)), watch_id=watch_id)
    again = take(store, page(item(3), item(1), item(2)), watch_id=watch_id)
    assert (again.new, again.edited, again.same) == (0, 0, 3)


def test_an_edit_keeps_the_old_version_and_is_judged_and_flagged_again(
    store: Store, watch_id: int
) -> None:
    take(store, page(item(1, "Nồi tốt lắm")), watch_id=watch_id)
    later = NOW + DAY
    edited = take(store, page(item(1, "Nồi hỏng sau một ngày")), watch_id=watch_id, now=later)
    assert (edited.new, edited.edited, edited.flagged) == (0, 1, 1)
    assert column(store, Mentions.text) == ["Nồi hỏng sau một ngày"]
    assert column(store, MentionVersions.text) == ["Nồi tốt lắm"]
    assert column(store, MentionVersions.since) == [NOW]
    assert column(store, MentionVersions.until) == [later]
    assert column(store, Verdicts.label) == ["negative"]
    assert column(store, Mentions.seen_at) == [NOW]
    assert size(store, Cases) == 1
    wanted = mentions.Filter(search="sau một ngày")
    assert mentions.count(store, wanted) == 1
    assert mentions.count(store, mentions.Filter(search="tốt lắm")) == 0


def test_an_edited_post_opens_its_case_again_but_not_a_second_one(
    store: Store, watch_id: int
) -> None:
    take(store, page(item(1, "hỏng nắp")), watch_id=watch_id)
    number = column(store, Cases.id)[0]
    cases.resolve(store, number, who="Mai", now=NOW)  # type: ignore[arg-type]
    take(store, page(item(1, "hỏng cả nắp lẫn nút")), watch_id=watch_id, now=NOW + DAY)
    assert column(store, Cases.state) == ["needs_answer"]
    assert column(store, CaseEvents.kind) == ["opened", "resolved", "reopened"]


def test_a_dismissed_flag_stays_dismissed_after_an_edit(store: Store, watch_id: int) -> None:
    take(store, page(item(1, "hỏng nắp")), watch_id=watch_id)
    mention_id = column(store, Mentions.id)[0]
    cases.correct(store, mention_id, "not-us", who="Mai", now=NOW)  # type: ignore[arg-type]
    take(store, page(item(1, "hỏng cả nút")), watch_id=watch_id, now=NOW + DAY)
    assert column(store, Cases.state) == ["resolved"]


def test_likes_move_without_making_an_edit(store: Store, watch_id: int) -> None:
    take(store, page(item(1, likes=1)), watch_id=watch_id)
    again = take(store, page(item(1, likes=9)), watch_id=watch_id)
    assert (again.edited, again.same) == (0, 1)
    assert column(store, Mentions.likes) == [9]


def test_one_mention_through_two_watches_is_one_mention_with_two_sightings(
    store: Store, watch_id: int
) -> None:
    other = watches.add(store, "feed", "https://tin.example/rss", now=NOW)
    take(store, page(item(1)), watch_id=watch_id)
    second = take(store, page(item(1)), watch_id=other)
    assert (second.new, second.same) == (0, 1)
    assert (size(store, Mentions), size(store, Sightings)) == (1, 2)


def test_two_watches_that_tell_it_differently_do_not_make_endless_edits(
    store: Store, watch_id: int
) -> None:
    other = watches.add(store, "feed", "https://tin.example/rss", now=NOW)
    short, full = page(item(1, "Nồi tốt")), page(item(1, "Nồi tốt, giao nhanh, đóng gói kỹ"))
    edits = 0
    for _ in range(5):
        edits += take(store, short, watch_id=watch_id).edited
        edits += take(store, full, watch_id=other).edited
    assert edits == 1
    assert column(store, Mentions.text) == ["Nồi tốt, giao nhanh, đóng gói kỹ"]


def test_a_second_watch_adds_the_match_of_its_own_brand(store: Store, watch_id: int) -> None:
    other = watches.add(store, "feed", "https://tin.example/rss", now=NOW)
    take(store, page(item(1, "hỏng")), watch_id=watch_id)
    take(store, page(item(1, "hỏng")), watch_id=other, match=lambda _: [Hit("Bếp Sen")])
    assert size(store, Matches) == 2
    assert size(store, Cases) == 2


def test_of_one_key_twice_on_a_page_the_last_counts(store: Store, watch_id: int) -> None:
    intake = take(store, page(item(1, "bản đầu"), item(1, "bản sau")), watch_id=watch_id)
    assert (intake.seen, intake.new, intake.doubled) == (2, 1, 1)
    assert column(store, Mentions.text) == ["bản sau"]


def test_what_matches_no_brand_is_remembered_but_not_kept(store: Store, watch_id: int) -> None:
    intake = take(
        store, page(item(1, "Thời tiết hôm nay"), item(2, "the weather")), watch_id=watch_id
    )
    assert (intake.unmatched, intake.new) == (2, 0)
    assert (size(store, Mentions), size(store, SeenKeys)) == (0, 2)


def test_one_bad_item_of_a_thousand_goes_to_quarantine(store: Store, watch_id: int) -> None:
    items = [item(n) for n in range(999)]
    bad = RawItem(key="xấu", text="", posted="hôm nào đó")
    intake = take(store, page(*items[:500], bad, *items[500:]), watch_id=watch_id)
    assert (intake.seen, intake.new, intake.unreadable) == (1000, 999, 1)
    with store.read() as connection:
        row = connection.execute(select(Quarantine.key, Quarantine.code, Quarantine.words)).one()
    assert (row.key, row.code) == ("xấu", "bad-item")
    assert "neither text nor stars" in row.words


def test_two_keyless_bad_items_are_two_but_a_refetch_adds_none(store: Store) -> None:
    both = page(RawItem(text=""), RawItem(text=""))
    for _ in range(2):
        take(store, both)
    assert size(store, Quarantine) == 2


def test_a_first_import_opens_no_case_for_old_news(store: Store, watch_id: int) -> None:
    brands.save(store, Brand(name=BRAND, old_after_days=7))
    old = [item(f"c{n}", "hỏng", posted=(NOW - 30 * DAY).isoformat()) for n in range(1000)]
    fresh = item("mới", "hỏng", posted=(NOW - 6 * DAY).isoformat())
    intake = take(store, page(*old, fresh), watch_id=watch_id)
    assert (intake.new, intake.flagged) == (1001, 1001)
    assert size(store, Cases) == 1


def test_a_late_post_of_a_known_watch_opens_a_case(store: Store, watch_id: int) -> None:
    from ingest.visit import Outcome, VisitFacts
    from store.ledger import end_visit

    visit = begin_visit(store, watch_id, now=NOW)
    end_visit(store, visit, VisitFacts(outcome=Outcome.OK, is_complete=True), now=NOW)
    take(store, page(item(1)), watch_id=watch_id)
    visit = begin_visit(store, watch_id, now=NOW)
    take(store, page(item(1)), watch_id=watch_id, visit_id=visit)
    end_visit(store, visit, VisitFacts(outcome=Outcome.OK, is_complete=True), now=NOW)
    late = item("trễ", "hỏng", posted=(NOW - 30 * DAY).isoformat())
    take(store, page(late), watch_id=watch_id)
    assert size(store, Cases) == 1


@pytest.mark.parametrize(
    ("fields", "judged"),
    [({"speaker": Speaker.STAFF}, 0), ({"author": "LÚA MÂY official"}, 1)],
    ids=["staff", "own post"],
)
def test_staff_and_the_brands_own_posts_are_not_flagged(
    store: Store, watch_id: int, fields: dict[str, object], judged: int
) -> None:
    brands.save(store, Brand(name=BRAND, own_authors=("Lúa Mây Official",)))
    intake = take(
        store, page(item(1, "Xin lỗi, nắp hỏng do chúng tôi", **fields)), watch_id=watch_id
    )
    assert (intake.new, intake.flagged, size(store, Cases)) == (1, 0, 0)
    assert size(store, Verdicts) == judged


def test_late_same_second_and_undated_items_are_all_kept(store: Store, watch_id: int) -> None:
    take(store, page(item(9), item(8)), watch_id=watch_id)
    same_second = [item(f"s{n}", posted=NOW.isoformat()) for n in range(3)]
    undated = item("không ngày", posted=None)
    late = item("muộn", posted="2019-05-01T00:00:00Z")
    take(store, page(*same_second, undated, late, item(9)), watch_id=watch_id)
    assert size(store, Mentions) == 7


def test_items_that_leave_the_source_stay_stored(store: Store, watch_id: int) -> None:
    take(store, page(item(1), item(2)), watch_id=watch_id)
    take(store, page(item(3)), watch_id=watch_id)
    take(store, page(), watch_id=watch_id)
    assert size(store, Mentions) == 3


def test_keys_and_addresses_may_be_as_long_as_they_like(store: Store) -> None:
    long = "k" * 20_000
    for _ in range(2):
        take(store, page(item(1, key=long + "1"), item(2, key=long + "2"), source="s" * 9_000))
    assert size(store, Mentions) == 2


def test_hostile_letters_are_stored_harmless(store: Store) -> None:
    take(store, page(item(1, "tốt\0 quá \ud83d", author="a\0b")))
    said = column(store, Mentions.text)[0]
    assert isinstance(said, str)
    assert "\0" not in said
    said.encode()


def test_answers_and_figures_are_kept_once(store: Store) -> None:
    answer = Answer("nps", 9, Scale(0, 10), "Bạn có giới thiệu Lúa Mây không?")
    fetched, filled = page(item(1, answers=(answer,)))
    figures = (Figure("2026-11-19", "visits", 120.0), Figure("2026-11-19", "visits", 125.0))
    both = Page(source=filled.source, items=filled.items, figures=figures)
    for _ in range(2):
        take(store, (fetched, both))
    with store.read() as connection:
        row = connection.execute(select(Answers.metric, Answers.value, Answers.scale_high)).one()
    assert tuple(row) == ("nps", 9.0, 10.0)
    assert column(store, DailyFigures.value) == [125.0]


def test_a_body_is_kept_once_however_often_it_is_fetched(store: Store, watch_id: int) -> None:
    for day in range(3):
        take(store, page(item(1)), watch_id=watch_id, now=NOW + day * DAY)
    take(store, page(item(1), url="https://shop.example/2"), watch_id=watch_id)
    assert (size(store, Bodies), size(store, Captures)) == (1, 2)


def test_a_failing_judge_leaves_nothing_behind(store: Store, watch_id: int) -> None:
    def failing(mention: Mention) -> Sequence[Hit]:
        if mention.key == "2":
            raise RuntimeError("giữa chừng")
        return match(mention)

    with pytest.raises(RuntimeError):
        take(store, page(item(1), item(2)), watch_id=watch_id, match=failing)
    assert size(store, Mentions) == 0


def test_two_writers_with_the_same_pages_make_no_doubles(store: Store, store_url: str) -> None:
    pages = [
        page(*(item(n) for n in range(p, p + 20)), url=f"https://x.example/{p}")
        for p in range(0, 60, 10)
    ]
    start = Barrier(2)
    totals: list[int] = []

    def write(ordered: Sequence[tuple[Fetched, Page]]) -> None:
        own = open_store(store_url)
        start.wait()
        totals.extend(take(own, each).new for each in ordered)
        own.close()

    writers = [Thread(target=write, args=(each,)) for each in (pages, pages[::-1])]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert sum(totals) == 70
    assert size(store, Mentions) == size(store, Verdicts) == size(store, Matches) == 70
