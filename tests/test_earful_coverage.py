"""What is complete is said in one sentence, in `earful sources` and beside every export."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from store_pages import BRAND, RULES, item, page

from earful.__main__ import main
from earful.coverage import HEAD, incomplete, rows, sentence
from ingest.brand import Brand
from ingest.visit import Outcome, VisitFacts
from ingest.words import Words
from store import brands, watches
from store.engine import open_store
from store.health import Health
from store.intake import take_in
from store.ledger import Coverage, Gap, begin_visit, end_visit
from store.totals import Cause, Totals
from store.watches import Watch

ZONE = "Asia/Ho_Chi_Minh"
NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 3, 1, 10, tzinfo=UTC)
GAP = Gap(
    datetime(2026, 11, 19, 7, 5, tzinfo=UTC), datetime(2026, 11, 19, 9, 40, tzinfo=UTC),
    "unfinished", is_final=False,
)  # fmt: skip
TIKI = Watch(
    id=1, kind="tiki", target="91", name="Tiki", brand=BRAND, is_own=True, options={},
    every_min=60, page_cap=50, health=Health.HEALTHY, outcome="ok", reason="", failures=0,
    added_at=SINCE, last_visit_at=NOW, last_success_at=NOW, last_new_at=NOW,
    next_due_at=NOW + timedelta(hours=1), moved_to="", coverage=Coverage(SINCE, NOW, (GAP,)),
    usual_a_day=None, is_silent=False,
)  # fmt: skip
OLDER = Gap(None, SINCE, "cap", is_final=True)
TOTALS = Totals(36, 33, Cause.HELD_BACK, {"5": 20, "1": 4}, {"5": 18, "1": 3})


@pytest.mark.parametrize(
    ("watch", "english", "vietnamese"),
    [
        (
            TIKI,
            "complete from 3 Nov 08:10 to now, except 19 Nov 14:05–16:40 (could not be read whole)",
            "nghe trọn từ 3/11 08:10 đến nay, trừ 19/11 14:05–16:40 (chưa đọc được hết)",
        ),
        (
            replace(TIKI, coverage=Coverage(SINCE, NOW, (OLDER,)), next_due_at=NOW),
            "complete from 3 Nov 08:10 to 21 Nov 07:00",
            "nghe trọn từ 3/11 08:10 đến 21/11 07:00",
        ),
        (
            replace(TIKI, coverage=Coverage(SINCE, NOW), totals=TOTALS),
            "complete from 3 Nov 08:10 to now; the site says 36, 33 heard "
            "(it probably counts what it does not show; missing: 2 × 5★, 1 × 1★)",
            "nghe trọn từ 3/11 08:10 đến nay; trang báo có 36, đã nghe 33 "
            "(có lẽ nơi đó đếm cả những mục không hiện ra; còn thiếu: 2 × 5★, 1 × 1★)",
        ),
        (
            replace(TIKI, coverage=Coverage(SINCE, NOW), is_walk_due=True),
            "complete from 3 Nov 08:10 to now; something known has moved: the next visit "
            "reads it to its end",
            "nghe trọn từ 3/11 08:10 đến nay; có mục đã biết vừa đổi chỗ: "
            "lần ghé tới sẽ đọc đến hết",
        ),
        (
            replace(TIKI, coverage=Coverage(None, None), last_visit_at=None),
            "not visited yet",
            "chưa ghé lần nào",
        ),
    ],
)
def test_coverage_is_one_sentence(watch: Watch, english: str, vietnamese: str) -> None:
    assert sentence(watch, Words("en"), ZONE, now=NOW) == english
    assert sentence(watch, Words("vi"), ZONE, now=NOW) == vietnamese


def test_the_table_names_gaps_and_those_who_are_not_heard() -> None:
    broken = replace(TIKI, name="=Voz", health=Health.BROKEN, coverage=Coverage(None, None))
    whole = replace(TIKI, name="App Store", coverage=Coverage(SINCE, NOW, (OLDER,)))
    table = rows([TIKI, broken, whole], Words("en"), {BRAND: ZONE}, now=NOW)
    assert table[0] == HEAD
    assert table[1][3:6] == (
        "2026-11-03T01:10:00Z", "2026-11-21T00:00:00Z",
        "2026-11-19T07:05:00Z/2026-11-19T09:40:00Z unfinished",
    )  # fmt: skip
    assert [row[0] for row in incomplete(table)] == ["Tiki", "=Voz"]


@pytest.fixture
def shop(tmp_path: Path, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a store with one shop, whose third visit failed, in the folder we stand in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")
    Path("earful.db").write_bytes(sqlite_file.read_bytes())
    store = open_store("sqlite:///earful.db")
    brands.save(store, Brand(name=BRAND))
    watch = watches.add(store, "tiki", "91", now=NOW, brand=BRAND, is_own=True, name="=Tiki")
    for n, is_complete in enumerate((True, True, False)):
        now = NOW + n * timedelta(hours=1)
        visit = begin_visit(store, watch, now=now)
        told = [page(item("a"), item("b"), *(item(f"{n}{m}") for m in range(n)), fetched_at=now)]
        take_in(store, told, **RULES, now=now, watch_id=watch, visit_id=visit)  # type: ignore[arg-type]
        outcome = Outcome.OK if is_complete else Outcome.DOWN
        end_visit(store, visit, VisitFacts(outcome=outcome, is_complete=is_complete), now=now)
    store.close()


def earful(capfd: pytest.CaptureFixture[str], *typed: str) -> tuple[str, str]:
    """Run a command; return what it said on stdout and on stderr."""
    with pytest.raises(SystemExit):
        main(list(typed))
    said = capfd.readouterr()
    return said.out, said.err


@pytest.mark.usefixtures("shop")
def test_an_export_has_what_is_complete_beside_it(capfd: pytest.CaptureFixture[str]) -> None:
    _, noted = earful(capfd, "export", "-o", "m.csv")
    assert "=Tiki: complete from" in noted
    with Path("m.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 5
    with Path("m.coverage.csv").open(newline="", encoding="utf-8") as file:
        told = list(csv.DictReader(file))
    assert [each["source"] for each in told] == ["'=Tiki"]
    assert "except 21 Nov" in told[0]["coverage"]
    assert told[0]["gaps"].endswith("unfinished")
    earful(capfd, "export", "-o", "m.xlsx")
    book = openpyxl.load_workbook("m.xlsx")
    assert book.sheetnames == ["mentions", "coverage"]
    assert (book["coverage"]["A2"].value, book["coverage"]["A2"].data_type) == ("=Tiki", "s")
    assert not Path("m.coverage.xlsx").exists()


@pytest.mark.usefixtures("shop")
def test_sources_tells_the_same_as_json(capfd: pytest.CaptureFixture[str]) -> None:
    told = json.loads(earful(capfd, "sources", "--json")[0])
    assert [gap["reason"] for gap in told[0]["gaps"]] == ["unfinished"]
    assert told[0]["is_walk_due"] is False
