"""The whole job, end to end: real spiders on a sample web, files, flags, digest, tables."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook

from earful.__main__ import main
from earful.coverage import HEAD
from earful.demo.posts import Truth
from earful.demo.story import (
    ANSWERED,
    BRAND,
    EXPECTED_FILE_MENTIONS,
    EXPECTED_FILE_URGENT,
    FORBIDDEN,
    NEVER_HEARD,
    NOW,
    expected,
    heard,
)
from store import watches
from store.engine import Store, open_store
from store.mentions import Filter, MentionRow, stream


@dataclass(frozen=True)
class Demo:
    """One run of `earful demo --keep`, shared by the tests of this file."""

    out: Path
    said: str
    store: Store
    rows: dict[str, MentionRow]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    out = tmp_path_factory.mktemp("demo")
    said = run("demo", "--out", str(out), "--keep", "--json")
    store = open_store(f"sqlite:///{out / 'earful-demo.db'}")
    every = Filter(brand=BRAND.name, with_copies=True)
    rows = {row.key: row for row in stream(store, every)}
    yield Demo(out, said, store, rows)
    store.close()


def run(*arguments: str, code: int = 0) -> str:
    """Run the command line in this process and return what it printed."""
    import contextlib
    import io

    said = io.StringIO()
    with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == code
    return said.getvalue()


def test_every_post_that_can_be_heard_is_stored_once(demo: Demo) -> None:
    missing = {post.mention_key for post in heard()} - set(demo.rows)
    assert not missing
    assert NEVER_HEARD.mention_key not in demo.rows


def test_posts_about_other_things_are_not_kept(demo: Demo) -> None:
    elsewhere = {post.mention_key for post in expected(Truth.ELSEWHERE)}
    assert not elsewhere & set(demo.rows)


def test_every_file_brings_what_was_counted_by_hand(demo: Demo) -> None:
    found = Counter(row.source for row in demo.rows.values() if row.source.startswith("file:"))
    assert sum(found.values()) == sum(EXPECTED_FILE_MENTIONS.values())


def test_what_is_urgent_is_flagged_urgent(demo: Demo) -> None:
    keys = [post.mention_key for post in expected(Truth.URGENT)] + list(EXPECTED_FILE_URGENT)
    assert len(keys) > 4
    assert {key: demo.rows[key].severity for key in keys} == dict.fromkeys(keys, "urgent")


def test_complaints_that_want_an_answer_today_are_flagged_high(demo: Demo) -> None:
    for post in expected(Truth.HIGH):
        assert demo.rows[post.mention_key].severity in ("high", "urgent"), post.text


def test_most_of_what_people_would_answer_is_flagged_and_little_else(demo: Demo) -> None:
    wanted = [demo.rows[post.mention_key] for post in expected(Truth.FLAG)]
    assert sum(row.severity is not None for row in wanted) >= 0.9 * len(wanted)
    never = [demo.rows[post.mention_key] for post in expected(Truth.NEVER)]
    assert sum(row.severity is not None for row in never) <= 0.16 * len(never)


def test_the_forbidden_address_was_never_asked_for(demo: Demo) -> None:
    watch = watches.find(demo.store, f"feed:{FORBIDDEN}", now=NOW)
    assert watch.outcome == "blocked"
    assert "robots.txt" in watch.reason
    assert watch.last_success_at is None


def test_the_broken_source_is_told_and_not_called_a_quiet_day(demo: Demo) -> None:
    text = (demo.out / "digest.txt").read_text(encoding="utf-8")
    assert "tintuc24.example" in text
    assert "this count is too low" in " ".join(text.split())


def test_an_overdue_file_is_told_with_the_day_it_was_heard_to(demo: Demo) -> None:
    text = " ".join((demo.out / "digest.txt").read_text(encoding="utf-8").split())
    assert "TikTok Shop: heard to 15 Nov" in text


def test_staff_lines_are_not_scored_as_customers(demo: Demo) -> None:
    staff = [row for row in demo.rows.values() if row.speaker == "staff"]
    assert staff
    assert all(row.score is None and row.severity is None for row in staff)


def test_text_with_lost_letters_is_marked_and_gets_no_confident_score(demo: Demo) -> None:
    lossy = [row for row in demo.rows.values() if row.damage == "lossy"]
    assert lossy
    assert all(row.label == "unclear" and row.p_negative is None for row in lossy)


def test_the_answered_are_not_asked_for_again(demo: Demo) -> None:
    answered = [demo.rows[each.key] for each in ANSWERED if each.key in demo.rows]
    closed = [row for row in answered if row.case_state is not None]
    assert len(closed) > 20
    assert all(row.case_state == "waiting" for row in closed)


def test_the_tables_hold_every_mention_and_open_in_a_spreadsheet(demo: Demo) -> None:
    with (demo.out / "mentions.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    book = load_workbook(demo.out / "mentions.xlsx", read_only=True)
    lines = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows) == len(lines) - 1 == len(demo.rows) == json.loads(demo.said)["rows"]
    assert lines[0][:6] == ("id", "source", "key", "url", "brand", "posted_at")
    assert {row["text"] for row in rows} >= {post.text for post in expected(Truth.URGENT)}
    head, *sources = book.worksheets[1].iter_rows(values_only=True)
    assert head == HEAD
    assert len(sources) > 20
    assert any(row[5] for row in sources), "no source of the sample web has a gap"


def test_playing_it_again_over_the_same_store_adds_nothing(demo: Demo, tmp_path: Path) -> None:
    before = run("--db", demo.store.engine.url.render_as_string(), "mentions", "--json")
    run("--db", demo.store.engine.url.render_as_string(), "digest", "--date", "2026-11-20")
    assert before == run("--db", demo.store.engine.url.render_as_string(), "mentions", "--json")
