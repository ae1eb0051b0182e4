"""Kept answers read again: the same reader changes no byte, a better one shows what differs."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from paged_source import ADDRESS, START, Board, Shop, Watcher, filled
from sqlalchemy import select
from store_pages import RULES

from crawlers.settings import CrawlSettings
from earful.__main__ import earful
from earful.app import App
from earful.commands.capture import redacted
from earful.commands.replay import read_since
from ingest.errors import ConfigError, SourceChanged
from ingest.mention import RawItem
from ingest.page import Fetched, Page
from store import captures, cases, mentions, replay
from store.engine import Store
from store.mentions import Filter
from store.tables import Base, Mentions, MentionVersions

Rows = dict[str, list[tuple[Any, ...]]]


def rows(store: Store) -> Rows:
    """Return every row of every table."""
    found: Rows = {}
    with store.read() as connection:
        for table in Base.metadata.sorted_tables:
            asked = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in connection.execute(asked)]
    return found


def board(fetched: Fetched) -> Sequence[Page]:
    return (Board().read(fetched),)


def told_otherwise(**changed: Any) -> replay.Read:
    """Return a reader that tells r3 with other fields."""

    def read(fetched: Fetched) -> Sequence[Page]:
        page = Board().read(fetched)
        items = tuple(replace(i, **changed) if i.key == "r3" else i for i in page.items)
        return (replace(page, items=items),)

    return read


def again(watcher: Watcher, read: replay.Read, *, apply: bool = True) -> replay.Replay:
    now = watcher.shop.now + timedelta(days=2)
    how = {"rules": RULES, "now": now}
    found = replay.read_again(watcher.store, watcher.watch_id, read=read, since=START, **how)  # type: ignore[arg-type]
    if apply:
        replay.apply(watcher.store, watcher.watch_id, found, **how)  # type: ignore[arg-type]
    return found


@pytest.fixture
def watcher(store: Store) -> Watcher:
    """Return a watcher that met edits, late items and the same page twice."""
    shop = filled(Shop(), 34)
    found = Watcher(store, shop)
    for n in range(4):
        found.visit()
        shop.add(100 + n)
        shop.reviews[2] = replace(shop.reviews[2], edits=n)
        found.visit()
        found.visit()
    return found


def test_the_same_reader_leaves_every_row_byte_for_byte(watcher: Watcher) -> None:
    before = rows(watcher.store)
    for _ in range(2):
        found = again(watcher, board)
        assert (found.differences, found.faults) == ((), ())
    assert (found.items, rows(watcher.store)) == (38, before)


def test_a_better_reader_finds_what_an_older_one_left_out(watcher: Watcher) -> None:
    """The older reader left r3 out; today's finds it, and its complaint becomes a case."""
    with watcher.store.write() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if "mention_id" in table.c:
                number = select(Mentions.id).where(Mentions.key == "r29").scalar_subquery()
                connection.execute(table.delete().where(table.c.mention_id == number))
        connection.execute(Mentions.__table__.delete().where(Mentions.key == "r29"))
    assert "r29" not in watcher.stored()
    found = again(watcher, board, apply=False)
    assert [(each.state, each.key) for each in found.differences] == [("new", "r29")]
    assert "r29" not in watcher.stored()
    again(watcher, board)
    assert "r29" in watcher.stored()
    listed = cases.listing(watcher.store, now=watcher.shop.now)
    assert any("sau 29 ngày" in each.text for each in listed)


def test_another_text_is_shown_and_makes_a_version_when_it_is_applied(watcher: Watcher) -> None:
    read = told_otherwise(text="Nồi cơm bị hỏng ngay ngày đầu")
    found = again(watcher, read)
    (difference,) = found.differences
    assert (difference.state, difference.key) == ("changed", "r3")
    assert {name for name, _, _ in difference.fields} == {"content_hash", "text"}
    assert watcher.stored()["r3"] == "Nồi cơm bị hỏng ngay ngày đầu"
    row = next(r for r in mentions.stream(watcher.store, Filter()) if r.key == "r3")
    assert (row.label, row.case_state) == ("negative", "needs_answer")
    with watcher.store.read() as connection:
        said = connection.scalars(
            select(MentionVersions.text).where(MentionVersions.mention_id == row.id)
        ).all()
    assert said == ["Nồi cơm Lúa Mây nấu chín đều, lần thứ 3"]
    assert again(watcher, read).differences == ()


def test_other_facts_are_set_right_without_a_version_or_an_old_case(watcher: Watcher) -> None:
    now = watcher.shop.now
    case = next(
        each for each in cases.listing(watcher.store, now=now, limit=500) if "11 ngày" in each.text
    )
    cases.resolve(watcher.store, case.id, who="Hằng", now=now)
    before = rows(watcher.store)

    def read(fetched: Fetched) -> Sequence[Page]:
        page = Board().read(fetched)
        return (replace(page, items=tuple(replace(i, author=f"{i.key}!") for i in page.items)),)

    found = again(watcher, read)
    assert {each.fields[0][0] for each in found.differences} == {"author"}
    assert len(found.differences) == 38
    after = rows(watcher.store)
    for table in ("mention_versions", "cases", "case_events", "sightings", "captures", "visits"):
        assert after[table] == before[table], table
    assert again(watcher, read).differences == ()


def test_what_today_is_not_found_is_shown_and_stays(watcher: Watcher) -> None:
    def read(fetched: Fetched) -> Sequence[Page]:
        page = Board().read(fetched)
        return (replace(page, items=tuple(i for i in page.items if i.key != "r7")),)

    found = again(watcher, read)
    assert [(each.state, each.key) for each in found.differences] == [("vanished", "r7")]
    assert "r7" in watcher.stored()


def test_an_answer_that_cannot_be_read_any_more_is_named(watcher: Watcher) -> None:
    def read(fetched: Fetched) -> Sequence[Page]:
        if fetched.url == f"{ADDRESS}3":
            raise SourceChanged("the answer has no list 'rows'")
        return board(fetched)

    found = again(watcher, read, apply=False)
    assert {said for _, said in found.faults} == {"the answer has no list 'rows'"}
    assert {each.state for each in found.differences} == {"vanished"}


def test_an_answer_met_again_is_read_by_its_first_time(watcher: Watcher) -> None:
    numbers = captures.of_watch(watcher.store, watcher.watch_id)
    times = {}
    for number in numbers:
        kept = captures.find(watcher.store, number)
        assert kept is not None
        times[number] = kept.fetched.fetched_at
    watcher.visit()
    watcher.visit()
    for number, at in times.items():
        kept = captures.find(watcher.store, number)
        assert kept is not None
        assert kept.fetched.fetched_at == at


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-01", "7", ""])
def test_a_wrong_date_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError, match="2026-11-03, or 7d"):
        read_since(typed, START)


def test_days_and_dates_are_read() -> None:
    assert read_since("7d", START) == START - timedelta(days=7)
    assert read_since("2026-10-30", START) == START - timedelta(days=2)


REVIEWS = "Mã đánh giá,Số sao,Nội dung\n1,1,Nắp gãy sau hai ngày\n2,5,Rất tốt\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C")
    (tmp_path / "earful.toml").write_text('[[brands]]\nname = "Lúa Mây"\n', encoding="utf-8")
    (tmp_path / "reviews.csv").write_text(REVIEWS, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> str:
    app = App()
    done = CliRunner().invoke(earful, list(arguments), obj=app, catch_exceptions=False)
    app.close()
    assert done.exit_code == 0, done.output
    return done.output


def test_a_file_is_replayed_from_the_command_line(folder: Path) -> None:
    run("import", "reviews.csv", "--yes")
    told = json.loads(run("replay", "1", "--json", "-q"))
    assert (told["captures"], told["items"], told["differences"]) == (1, 2, [])
    with sqlite3.connect(folder / "earful.db") as database:
        database.execute("UPDATE mentions SET text = 'Nắp' WHERE key LIKE '%1'")
    assert "text: Nắp → Nắp gãy sau hai ngày" in run("replay", "1")
    assert "Applied: 0 new, 1 set right" in run("replay", "1", "--apply")
    assert "0 changed" in run("replay", "1", "--since", "7d")


JSON_PAGE = {
    "data": [
        {
            "id": 1, "content": "Gọi 0912 345 678 hoặc co.hai@bep.example, nồi hỏng", "rating": 1,
            "created_at": 1762657200, "product_id": 7, "created_by": {"full_name": "Cô Hai Bếp"},
        }
    ],
    "paging": {"total": 41, "current_page": 1, "last_page": 3},
}  # fmt: skip


def test_a_sample_keeps_what_is_read_but_no_name_address_or_number() -> None:
    body = json.dumps(JSON_PAGE).encode()
    url = "https://tiki.vn/api/v2/reviews?product_id=7&page=1"
    fetched = Fetched(
        url=url, body=body, headers={"content-type": "application/json"}, fetched_at=START
    )
    sample, expected = redacted("tiki", fetched)
    for secret in ("Hai", "0912", "bep.example"):
        assert secret not in sample.body.decode()
    assert expected["total"] == 41
    assert expected["mentions"] == [
        {
            "key": "1", "url": "https://tiki.vn/p7.html", "author": "Customer 1",
            "text": "Gọi 0900000000 hoặc somebody@luamay.example, nồi hỏng",
            "posted_at": "2025-11-09T03:00:00Z", "stars": 1.0, "feedback_kind": "review",
            "speaker": "customer",
        }
    ]  # fmt: skip


def test_an_answer_nobody_can_read_is_kept_with_the_reason() -> None:
    fetched = Fetched(url="https://tiki.vn/api", body=b"<p>gone</p>", fetched_at=START)
    sample, expected = redacted("tiki", fetched)
    assert (sample.body, expected["mentions"]) == (b"<p>gone</p>", [])
    assert "not JSON" in str(expected["problems"])


class Tiki(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"" if "robots" in self.path else json.dumps(JSON_PAGE).encode()
        self.send_response(404 if "robots" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiki)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_capture_asks_once_and_writes_sample_and_expectation(
    folder: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = CrawlSettings(contact="x@luamay.example", delay_s=0.0, replay_address=site)
    monkeypatch.setattr(App, "crawl_settings", lambda app: settings)
    said = run("capture", "https://tiki.vn/noi-com-p7.html", "--opt-in", "-o", "page1.json")
    assert "1 mentions read" in said
    assert "Hai" not in (folder / "page1.json").read_text(encoding="utf-8")
    expected = json.loads((folder / "page1.expected.json").read_text(encoding="utf-8"))
    assert expected["url"].startswith("https://tiki.vn/api/v2/reviews?product_id=7")
    assert datetime.fromisoformat(expected["fetched_at"]).tzinfo is not None
    assert sorted(path.name for path in folder.iterdir()) == [
        "earful.toml", "page1.expected.json", "page1.json", "reviews.csv",
    ]  # fmt: skip


def test_capture_wants_a_yes_for_a_source_with_unclear_terms(folder: Path) -> None:
    done = CliRunner().invoke(earful, ["capture", "https://tiki.vn/x-p7.html"], obj=App())
    assert isinstance(done.exception, ConfigError)
    assert "--opt-in" in str(done.exception)


def test_an_item_without_a_key_keeps_its_identity_in_a_replay(watcher: Watcher) -> None:
    def keyless(fetched: Fetched) -> Sequence[Page]:
        page = Board().read(fetched)
        twins = (RawItem(text="Rất tốt"), RawItem(text="Rất tốt"))
        return (replace(page, items=page.items + twins),)

    first = again(watcher, keyless)
    assert {each.state for each in first.differences} == {"new"}
    assert again(watcher, keyless).differences == ()
