"""kill -9 while pages are taken in: nothing is lost, nothing doubles, no gap is hidden."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from store_pages import BRAND, NOW, RULES, item, page

from ingest.visit import Outcome, VisitFacts
from store import mentions, watches
from store.engine import Store, open_store
from store.intake import take_in
from store.ledger import abandon_running, begin_visit, coverage, end_visit
from store.mentions import Filter
from store.tables import Matches, Mentions, Sightings, Verdicts

PAGES, EACH = 40, 10
WHOLE = VisitFacts(outcome=Outcome.OK, is_complete=True)
# The child walks all pages, newest first, and says each one it was told is kept.
CHILD = "import sys; import test_store_kill as t; t.walk(sys.argv[1], int(sys.argv[2]))"


def walk(url: str, watch_id: int) -> None:
    """Visit the watch from page 1 to the end, as a crawl does."""
    store = open_store(url)
    abandon_running(store, now=NOW)
    visit_id = begin_visit(store, watch_id, now=NOW)
    for number in range(PAGES):
        newest = (PAGES - number) * EACH
        bad = "hỏng nắp" if number % 3 == 0 else "dùng tốt"
        items = [item(key, f"{bad} {key}") for key in range(newest, newest - EACH, -1)]
        pages = [page(*items, url=f"https://shop.example/{number}")]
        take_in(store, pages, **RULES, now=NOW, watch_id=watch_id, visit_id=visit_id)  # type: ignore[arg-type]
        print(number, flush=True)  # noqa: T201 - the parent reads it
    end_visit(store, visit_id, WHOLE, now=NOW)
    print("end", flush=True)  # noqa: T201
    store.close()


def run_and_kill(url: str, watch_id: int, *, after: int) -> int:
    """Let a child walk, kill it once it said `after` pages; return how many it said in all."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(watch_id)],
        cwd=Path(__file__).parent,
        env={"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parent}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    said = 0
    for _ in child.stdout:
        said += 1
        if said >= after:
            child.send_signal(signal.SIGKILL)
            break
    said += len(child.stdout.readlines())
    child.wait()
    child.stdout.close()
    return said


def check(store: Store, watch_id: int, *, at_least: int) -> None:
    """Nothing said to be kept is missing, nothing is half or double, the gap is told."""
    with store.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(each)).scalar_one()
            for each in (Mentions, Verdicts, Matches, Sightings)
        ]
        keys = connection.scalars(select(Mentions.key)).all()
    assert len(set(keys)) == len(keys) >= at_least
    assert set(counts) == {len(keys)}
    if keys:
        assert [each.is_final for each in coverage(store, watch_id).gaps] == [False]


def kill_loop(store: Store, url: str, kills: int) -> None:
    watch_id = watches.add(store, "tiki", "91", now=NOW, brand=BRAND, is_own=True)
    kept = 0
    for number in range(kills):
        kept = max(kept, run_and_kill(url, watch_id, after=1 + number * 7 % (PAGES - 5)))
        assert kept < PAGES, "the child was to die on the way"
        check(store, watch_id, at_least=kept * EACH)
    walk(url, watch_id)
    assert mentions.count(store, Filter()) == PAGES * EACH
    assert mentions.count(store, Filter(needs_answer=True)) == (PAGES + 2) // 3 * EACH
    assert coverage(store, watch_id).gaps == ()
    visit_id = begin_visit(store, watch_id, now=NOW + timedelta(hours=1))
    known = page(*(item(key, f"hỏng nắp {key}") for key in range(400, 390, -1)))
    again = take_in(store, [known], **RULES, now=NOW, watch_id=watch_id, visit_id=visit_id)  # type: ignore[arg-type]
    assert (again.new, again.go_on) == (0, False)


def test_three_kills_lose_and_double_nothing(store: Store, store_url: str) -> None:
    kill_loop(store, store_url, kills=3)


@pytest.mark.soak
def test_twenty_kills_lose_and_double_nothing(store: Store, store_url: str) -> None:
    kill_loop(store, store_url, kills=20)
    if store.is_sqlite:
        plain = sqlite3.connect(store.name)
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        plain.close()
