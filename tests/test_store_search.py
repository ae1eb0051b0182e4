"""Reading back: filters, paging, and search with and without Vietnamese marks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from store_pages import BRAND, NOW, RULES, item, page

from ingest.mention import FeedbackKind
from store import cases, mentions
from store.batch import Hit
from store.engine import Store
from store.intake import take_in
from store.mentions import Filter
from store.tables import Matches, Mentions

DAY = timedelta(days=1)
SAID = {
    "1": "Nồi dùng không được, gọi mãi chẳng ai nghe",
    "2": "Mua ở Đà Nẵng, giao hai ngày",
    "3": "Great cooker, the lid is broken though",
    "4": "Được cái nắp đẹp, không ồn",
    "5": "Dep lam, dong goi ky",
    "6": "100% hài lòng_luôn, giá 1.250.000đ",
}


@pytest.fixture
def filled(store: Store) -> Store:
    take_in(store, [page(*(item(key, text) for key, text in SAID.items()))], **RULES, now=NOW)  # type: ignore[arg-type]
    return store


def keys(store: Store, **wanted: object) -> set[str]:
    return {each.key for each in mentions.find(store, Filter(**wanted))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("khong duoc", {"1", "4"}),
        ("không được", {"1", "4"}),
        ('"khong duoc"', {"1"}),
        ('"được cái nắp"', {"4"}),
        ("da nang", {"2"}),
        ("ĐÀ NẴNG", {"2"}),
        ("đẹp", {"4", "5"}),
        ("đóng gói", {"5"}),
        ("LID broken", {"3"}),
        ('"lid broken"', set()),
        ('"lid is', {"3"}),
        ('"lid is" cooker', {"3"}),
        ("1.250", {"6"}),
        ("", set(SAID)),
        ("   ", set(SAID)),
        ("?!", set()),
        ("%", set()),
        ("*", set()),
        ("nồi OR nắp", set()),
    ],
)
def test_search_finds_words_with_and_without_marks(
    filled: Store, asked: str, found: set[str]
) -> None:
    assert keys(filled, search=asked) == found
    assert mentions.count(filled, Filter(search=asked)) == len(found)


HOSTILE = [
    "'; DROP TABLE mentions; --", "NEAR(a b", 'a" OR "b', "a* AND", "NOT", "-", "folded:a", "^a",
    "{a b}: c", "a & | !", "<->", "a:*", "\\", "''", '"', '""', "a\0b", "\ud83d", "(" * 500,
    "không " * 5_000, '"' + "nồi " * 5_000, "ﬁ ½ ①", "x" * 100_000, "1 UNION SELECT sql",
]  # fmt: skip


@pytest.mark.parametrize("asked", HOSTILE, ids=range(len(HOSTILE)))
def test_no_search_text_is_an_error(filled: Store, asked: str) -> None:
    assert keys(filled, search=asked) <= set(SAID)
    assert mentions.count(filled, Filter()) == len(SAID)


def test_the_known_attacks_on_search_do_no_harm(filled: Store, shared: Path) -> None:
    lines = (shared / "corpora/security/search_sql.jsonl").read_text(encoding="utf-8").splitlines()
    vectors = [json.loads(line)["vector"] for line in lines]
    assert vectors
    for vector in vectors:
        assert keys(filled, search=vector) <= set(SAID)
    assert mentions.count(filled, Filter()) == len(SAID)


def test_very_long_texts_and_words_are_searchable(store: Store) -> None:
    long = "bền " * 4_000 + "z" * 3_000
    take_in(store, [page(item(1, long))], **RULES, now=NOW)  # type: ignore[arg-type]
    assert keys(store, search="bền") == {"1"}
    assert keys(store, search="z" * 3_000) == {"1"}


def test_title_and_product_are_searched_too(store: Store) -> None:
    fields = {"title": "Chê nhẹ", "product": "Nồi chiên LM-500"}
    take_in(store, [page(item(1, "ổn", **fields))], **RULES, now=NOW)  # type: ignore[arg-type]
    assert keys(store, search="che nhe") == keys(store, search="lm 500") == {"1"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"label": "negative"}, {"3"}),
        ({"severity": "high"}, {"3"}),
        ({"is_flagged": False}, set(SAID) - {"3"}),
        ({"needs_answer": True}, {"3"}),
        ({"kind": "praise"}, set(SAID) - {"3"}),
        ({"lang": "vi"}, set(SAID)),
        ({"lang": "en"}, set()),
        ({"brand": BRAND}, set(SAID)),
        ({"brand": "Bếp Sen"}, set()),
        ({"source": "tiki"}, set(SAID)),
        ({"source": "file"}, set(SAID)),
        ({"feedback_kind": "survey answer"}, set()),
        ({"until": NOW - 6 * DAY}, set()),
        ({"since": NOW - 6 * DAY}, set(SAID)),
        ({"seen_since": NOW + DAY}, set()),
    ],
)
def test_each_filter_narrows(filled: Store, wanted: dict[str, object], found: set[str]) -> None:
    assert keys(filled, **wanted) == found
    assert mentions.count(filled, Filter(**wanted)) == len(found)  # type: ignore[arg-type]


def test_stars_are_a_range(store: Store) -> None:
    rated = [item(n, "ổn", stars=n, feedback_kind=FeedbackKind.STARS) for n in range(1, 6)]
    take_in(store, [page(*rated)], **RULES, now=NOW)  # type: ignore[arg-type]
    assert keys(store, stars_at_most=2) == {"1", "2"}
    assert keys(store, stars_at_least=4, stars_at_most=4) == {"4"}


def test_pages_follow_each_other_without_holes_or_doubles(store: Store) -> None:
    same_second = [item(f"k{n}", posted=NOW.isoformat()) for n in range(25)]
    undated = [item(f"u{n}", posted=None) for n in range(5)]
    both = {**RULES, "match": lambda _: [Hit(BRAND), Hit("Bếp Sen")]}
    take_in(store, [page(*same_second, *undated)], **both, now=NOW)  # type: ignore[arg-type]
    rows, before = [], None
    while found := mentions.find(store, Filter(), limit=7, before=before):
        rows += found
        before = mentions.place_of(found[-1])
    assert len({(each.key, each.brand) for each in rows}) == len(rows) == 60
    assert [each.id for each in mentions.stream(store, Filter(), chunk=7)] == [r.id for r in rows]


def test_the_newest_come_first_and_no_date_lies_in_the_future(store: Store) -> None:
    soon = (NOW + timedelta(hours=20)).isoformat()
    take_in(store, [page(item(1), item("sớm", posted=soon), item(5))], **RULES, now=NOW)  # type: ignore[arg-type]
    rows = mentions.find(store, Filter())
    assert [each.key for each in rows] == ["sớm", "5", "1"]
    assert rows[0].dated_at == NOW


def test_a_stream_may_be_read_while_others_write(filled: Store) -> None:
    rows = mentions.stream(filled, Filter(), chunk=2)
    first = next(rows)
    take_in(filled, [page(item("mới", posted=NOW.isoformat()))], **RULES, now=NOW)  # type: ignore[arg-type]
    assert len([first, *rows]) == len(SAID)


def test_what_people_call_not_about_us_is_left_out(filled: Store) -> None:
    (row,) = mentions.find(filled, Filter(severity="high"))
    cases.correct(filled, row.id, "not-us", who="Mai", now=NOW)
    assert keys(filled) == set(SAID) - {"3"}
    assert keys(filled, with_not_us=True) == set(SAID)
    assert mentions.count(filled, Filter()) == len(SAID) - 1


def test_what_people_call_not_negative_is_no_flag_any_more(filled: Store) -> None:
    (row,) = mentions.find(filled, Filter(severity="high"))
    cases.correct(filled, row.id, "not-negative", who="Mai", now=NOW)
    assert keys(filled, is_flagged=True) == set()
    (row,) = mentions.find(filled, Filter(search="broken"))
    assert (row.severity, row.dismissed_as, row.case_state) == (None, "not-negative", "resolved")


def test_a_row_tells_the_words_behind_verdict_and_flag(filled: Store) -> None:
    (row,) = mentions.find(filled, Filter(is_flagged=True))
    assert row.reasons == [{"words": "broken", "weight": -1.0, "start": 0, "end": 6}]
    assert row.flag_reasons == [{"code": "negative", "words": "broken"}]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"brand": BRAND},
        {"brand": BRAND, "label": "negative"},
        {"brand": BRAND, "source": "tiki"},
        {"brand": BRAND, "is_flagged": True},
        {"brand": BRAND, "since": NOW - 9 * DAY, "until": NOW},
    ],
)
def test_a_listing_walks_an_index_and_sorts_nothing(
    filled: Store, wanted: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not filled.is_sqlite:
        pytest.skip("PostgreSQL decides by its figures of the tables")
    monkeypatch.setattr(mentions, "FEW", 1)
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, said: str, given: object, *_: object) -> None:
        asked.append((said, given))

    event.listen(filled.engine, "before_cursor_execute", note)
    assert mentions.find(filled, Filter(**wanted), limit=2)  # type: ignore[arg-type]
    listing = next(each for each in asked if "LIMIT" in each[0] and "matches" in each[0])
    with filled.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {listing[0]}", listing[1]).all()
    steps = [row[-1] for row in plan]
    assert any("SEARCH matches USING INDEX ix_matches_" in each for each in steps), steps
    assert not any("TEMP B-TREE" in each or "SCAN" in each for each in steps), steps


@pytest.mark.parametrize("few", [1, 1_000])
@pytest.mark.parametrize(
    "wanted",
    [{"search": "nồi"}, {"source": "tiki"}, {"source": "file"}, {"needs_answer": True}],
    ids=str,
)
def test_many_and_few_are_listed_alike(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int, wanted: dict[str, object]
) -> None:
    monkeypatch.setattr(mentions, "FEW", few)
    both = {**RULES, "match": lambda _: [Hit(BRAND), Hit("Bếp Sen")]}
    said = [item(n, f"Nồi hỏng lần {n}", posted=None if n % 3 else NOW) for n in range(9)]
    elsewhere = page(item("x", "Nồi tệ quá"), source="steam")
    take_in(store, [page(*said), elsewhere], **both, now=NOW)  # type: ignore[arg-type]
    whole = mentions.find(store, Filter(**wanted))  # type: ignore[arg-type]
    assert len(whole) == mentions.count(store, Filter(**wanted)) >= 18  # type: ignore[arg-type]
    order = [(each.dated_at, each.id, each.brand) for each in whole]
    assert order == sorted(order, reverse=True)
    rows, before = [], None
    while found := mentions.find(store, Filter(**wanted), limit=3, before=before):  # type: ignore[arg-type]
        rows += found
        before = mentions.place_of(found[-1])
    assert rows == whole
    ours = [each for each in whole if each.brand == BRAND]
    assert mentions.find(store, Filter(brand=BRAND, **wanted)) == ours  # type: ignore[arg-type]


def test_a_match_stands_where_its_mention_is_dated(store: Store) -> None:
    early, late = NOW - 3 * DAY, NOW - DAY
    first = [item("a", "Nồi tốt", posted=early.isoformat()), item("b", "Nồi đẹp", posted=None)]
    take_in(store, [page(*first)], **RULES, now=NOW)  # type: ignore[arg-type]
    again = [item("a", "Nồi tốt, sửa lại", posted=late.isoformat()), first[1]]
    both = {**RULES, "match": lambda _: [Hit(BRAND), Hit("Bếp Sen")]}
    take_in(store, [page(*again)], **both, now=NOW + DAY)  # type: ignore[arg-type]
    with store.read() as connection:
        asked = select(Mentions.key, Matches.brand_id, Mentions.dated_at, Matches.dated_at)
        rows = connection.execute(asked.join(Matches, Matches.mention_id == Mentions.id)).all()
    assert all(of_mention == of_match for _, _, of_mention, of_match in rows)
    assert {row[0]: row[2] for row in rows} == {"a": late, "b": NOW}
