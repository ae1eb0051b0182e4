"""The crawl itself: real Scrapy in real children, against a small web on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import psutil
import pytest

from crawlers.run import run_batches, run_child, warm_up
from crawlers.settings import CrawlSettings
from ingest.errors import StoreError
from ingest.page import Fetched, Page
from ingest.visit import Order, Outcome, VisitFacts

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
Said = tuple[int, dict[str, str], bytes]
FORBIDDING = b"User-agent: *\nDisallow: /rieng\n\nUser-agent: Earful\nDisallow: /cam\n"


def rss(*keys: str) -> bytes:
    items = "".join(
        f"<item><title>Bài {key}</title><guid isPermaLink='false'>{key}</guid></item>"
        for key in keys
    )
    head = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>t</title>"
    return f"{head}{items}</channel></rss>".encode()


def tiki(page: int, last: int) -> bytes:
    review = {
        "id": page, "content": f"Đánh giá {page}", "rating": 1, "created_at": 1762657200,
        "created_by": None, "product_id": 7,
    }  # fmt: skip
    paging = {"total": last, "current_page": page, "last_page": last}
    return json.dumps({"data": [review], "paging": paging}).encode()


class Web(ThreadingHTTPServer):
    """Answers by host and path; keeps what it was asked, and when."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.places: dict[str, Said | Callable[[dict[str, str]], Said]] = {}
        self.asked: list[tuple[float, str, dict[str, str]]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def paths(self, host: str = "") -> list[str]:
        return [path for _, path, _ in self.asked if path.startswith(host)]


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Web

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        place = f"{headers['host']}{self.path}"
        self.server.asked.append((time.monotonic(), place, headers))
        said = self.server.places.get(place, (404, {}, b""))
        status, named, body = said(headers) if callable(said) else said
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Diary:
    """A receiver that writes down what it is told; `habit` makes it misbehave on one watch."""

    file: Path
    habit: str = ""
    on: int = -1

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        keys = [item.key for item in page.items]
        self.note("page", order, keys=keys, url=fetched.url, at=fetched.fetched_at.isoformat())
        if order.watch_id == self.on:
            self.misbehave()
        return self.habit != "stop"

    def end(self, order: Order, facts: VisitFacts) -> None:
        self.note("end", order, outcome=str(facts.outcome), reason=facts.reason, pid=os.getpid())

    def misbehave(self) -> None:
        if self.habit == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.habit == "hang":
            while True:
                pass
        if self.habit == "full":
            raise StoreError("disk full", subject="earful.db")
        if self.habit == "bug":
            raise ZeroDivisionError("chia cho không")
        if self.habit == "sleep":
            time.sleep(60)
        if self.habit == "eat":
            self.note("ate", Order(watch_id=0, kind="", target=""), size=len(bytearray(10**9)))
        if self.habit == "ports":
            own = psutil.Process().net_connections()
            listening = [each.laddr.port for each in own if each.status == psutil.CONN_LISTEN]
            self.note("ports", Order(watch_id=0, kind="", target=""), ports=listening)

    def note(self, what: str, order: Order, **more: object) -> None:
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"what": what, "watch": order.watch_id, **more}) + "\n")

    def notes(self, what: str) -> list[dict[str, Any]]:
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        return [note for note in map(json.loads, lines) if note["what"] == what]


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary.jsonl")


def settings_for(web: Web, **chosen: Any) -> CrawlSettings:
    return CrawlSettings(
        **{"contact": "https://luamay.example/bot", "delay_s": 0.0, "timeout_s": 5.0}
        | {"retries": 0, "replay_address": web.address, "deadline_s": 20.0}
        | chosen
    )


def visit(web: Web, receiver: Diary, *orders: Order, **chosen: Any) -> dict[int, VisitFacts]:
    end = run_child(orders, receiver, settings_for(web, **chosen), now=NOW)
    assert sorted(note["watch"] for note in receiver.notes("end")) == sorted(end.facts)
    return end.facts


def feed(number: int, place: str, **more: Any) -> Order:
    return Order(watch_id=number, kind="feed", target=f"https://{place}", **more)


def test_many_watches_of_several_kinds_are_visited_in_one_child(web: Web, diary: Diary) -> None:
    web.places["bep.example/rss"] = (200, {"ETag": '"v1"'}, rss("a", "b"))
    for page in (1, 2, 3):
        query = f"product_id=7&page={page}&limit=20&sort=id%7Cdesc&include=comments"
        web.places[f"tiki.vn/api/v2/reviews?{query}"] = (200, {}, tiki(page, 3))
    orders = (feed(1, "bep.example/rss"), Order(watch_id=2, kind="tiki", target="7"))
    facts = visit(web, diary, *orders)
    feed_facts, tiki_facts = (replace(facts[each], body_hash="") for each in (1, 2))
    assert feed_facts == VisitFacts(
        outcome=Outcome.OK, requests=1, pages=1, etag='"v1"', status=200
    )
    assert tiki_facts == VisitFacts(
        outcome=Outcome.OK, requests=3, pages=3, is_complete=True, status=200
    )
    pages = [note for note in diary.notes("page") if note["watch"] == 2]
    assert [note["keys"] for note in pages] == [["1"], ["2"], ["3"]]
    assert pages[0]["url"].startswith("https://tiki.vn/api/v2/reviews?")
    seen = [datetime.fromisoformat(note["at"]) for note in pages]
    assert NOW <= seen[0] <= seen[-1] < NOW + timedelta(seconds=20)


def test_we_say_who_we_are_and_carry_nothing_along(web: Web, diary: Diary) -> None:
    web.places["bep.example/robots.txt"] = (200, {"Set-Cookie": "a=1"}, b"")
    web.places["bep.example/rss"] = (302, {"Location": "/moi", "Set-Cookie": "b=2"}, b"")
    web.places["bep.example/moi"] = (200, {}, rss("a"))
    visit(web, diary, feed(1, "bep.example/rss"), version="0.1.0")
    assert len(web.asked) == 3
    for _, _, headers in web.asked:
        assert headers["user-agent"] == "Earful/0.1.0 (+https://luamay.example/bot)"
        assert not {"cookie", "referer", "authorization"} & headers.keys()


def test_an_unchanged_feed_is_not_sent_again(web: Web, diary: Diary) -> None:
    def answer(headers: dict[str, str]) -> Said:
        knows = headers.get("if-none-match") == '"v1"'
        return (304, {}, b"") if knows else (200, {"ETag": '"v1"'}, rss("a"))

    web.places["bep.example/rss"] = answer
    facts = visit(web, diary, feed(1, "bep.example/rss", etag='"v1"'))
    assert (facts[1].outcome, facts[1].etag) == (Outcome.UNCHANGED, '"v1"')
    assert diary.notes("page") == []


def test_robots_txt_is_obeyed_on_every_hop(web: Web, diary: Diary) -> None:
    web.places["bep.example/robots.txt"] = (200, {}, FORBIDDING)
    web.places["bep.example/qua"] = (302, {"Location": "/cam/x"}, b"")
    web.places["bep.example/rieng/rss"] = (200, {}, rss("a"))
    orders = [
        feed(n, f"bep.example/{path}") for n, path in enumerate(["cam/x", "qua", "rieng/rss"])
    ]
    facts = visit(web, diary, *orders)
    assert [facts[n].outcome for n in range(3)] == [Outcome.BLOCKED, Outcome.BLOCKED, Outcome.OK]
    assert "robots.txt forbids" in facts[0].reason
    assert not any("/cam" in path for path in web.paths())
    assert web.paths().count("bep.example/robots.txt") == 1


def test_an_api_asked_with_the_owners_key_is_no_crawl(web: Web, diary: Diary) -> None:
    web.places["hop.example/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /\n")
    ratings = "hop.example/api/v1/accounts/1/csat_survey_responses?sort=-created_at&page=1"
    web.places[ratings] = (200, {}, b"[]")
    options = {"token": "bi-mat", "min_items": "0"}
    order = Order(watch_id=1, kind="chatwoot", target="hop.example/1", options=options)
    facts = visit(web, diary, order)
    assert facts[1].outcome is Outcome.OK
    assert not any("robots.txt" in path for path in web.paths())


def test_what_is_asked_without_a_key_is_a_crawl_though_the_source_has_keys(
    web: Web, diary: Diary
) -> None:
    web.places["www.reddit.com/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /\n")
    facts = visit(web, diary, Order(watch_id=1, kind="reddit", target="lúa mây"))
    assert facts[1].outcome is Outcome.BLOCKED
    assert "robots.txt forbids" in facts[1].reason
    assert web.paths() == ["www.reddit.com/robots.txt"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_failing_robots_txt_means_not_now(web: Web, diary: Diary, status: int) -> None:
    web.places["bep.example/robots.txt"] = (status, {}, b"")
    web.places["bep.example/rss"] = (200, {}, rss("a"))
    facts = visit(web, diary, feed(1, "bep.example/rss"))
    assert facts[1].outcome is Outcome.DOWN
    assert "robots.txt could not be read" in facts[1].reason
    assert web.paths() == ["bep.example/robots.txt"]


def test_a_robots_txt_that_asks_us_to_wait_is_heard(web: Web, diary: Diary) -> None:
    web.places["bep.example/robots.txt"] = (429, {"Retry-After": "90"}, b"")
    facts = visit(web, diary, feed(1, "bep.example/rss"))
    assert (facts[1].outcome, bool(facts[1].retry_at)) == (Outcome.BLOCKED, True)
    assert web.paths() == ["bep.example/robots.txt"]


def test_a_huge_robots_txt_is_read_to_500_kib(web: Web, diary: Diary) -> None:
    long = b"User-agent: *\n" + b"# dai\n" * 200_000 + b"Disallow: /\n"
    web.places["bep.example/robots.txt"] = (200, {}, long)
    web.places["bep.example/rss"] = (200, {}, rss("a"))
    assert visit(web, diary, feed(1, "bep.example/rss"))[1].outcome is Outcome.OK


def test_a_host_that_asks_us_to_slow_down_is_left_alone(web: Web, diary: Diary) -> None:
    web.places["bep.example/a"] = (429, {"Retry-After": "90"}, b"")
    web.places["bep.example/b"] = (200, {}, rss("b"))
    web.places["nha.example/c"] = (200, {}, rss("c"))
    orders = (feed(1, "bep.example/a"), feed(2, "bep.example/b"), feed(3, "nha.example/c"))
    facts = visit(web, diary, *orders, delay_s=0.2)
    assert [facts[n].outcome for n in (1, 2, 3)] == [Outcome.BLOCKED, Outcome.BLOCKED, Outcome.OK]
    for number in (1, 2):
        retry_at = facts[number].retry_at
        assert retry_at
        assert NOW + timedelta(seconds=90) <= retry_at < NOW + timedelta(seconds=110)
    assert "bep.example/b" not in web.paths()


def test_one_host_is_asked_slowly_one_at_a_time(web: Web, diary: Diary) -> None:
    for n in range(3):
        web.places[f"bep.example/{n}"] = (200, {}, rss(str(n)))
    facts = visit(web, diary, *[feed(n, f"bep.example/{n}") for n in range(3)], delay_s=0.3)
    assert {each.outcome for each in facts.values()} == {Outcome.OK}
    times = [at for at, _, _ in web.asked]
    assert min(after - before for before, after in pairwise(times)) > 0.25


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/trong", "//127.1:{port}/trong", "http://[::1]/", "http://10.0.0.1/",
     "http://2130706433/", "https://kho.local/", "https://bep.example:6379/"],
)  # fmt: skip
def test_a_redirect_into_a_network_is_refused(web: Web, diary: Diary, location: str) -> None:
    there = location.format(port=web.server_address[1])
    web.places["bep.example/rss"] = (302, {"Location": there}, b"")
    facts = visit(web, diary, feed(1, "bep.example/rss"))
    assert facts[1].outcome is Outcome.BLOCKED
    assert facts[1].reason.startswith("not asked")
    assert web.paths() == ["bep.example/robots.txt", "bep.example/rss"]


def test_a_redirect_out_of_https_is_refused(web: Web, diary: Diary) -> None:
    web.places["bep.example/rss"] = (301, {"Location": "http://bep.example/tran"}, b"")
    facts = visit(web, diary, feed(1, "bep.example/rss"))
    assert (facts[1].outcome, "https to http" in facts[1].reason) == (Outcome.BLOCKED, True)


def test_loopback_is_refused_without_the_operators_word(web: Web, diary: Diary) -> None:
    web.places[f"{web.address}/rss"] = (200, {}, rss("a"))
    order = Order(watch_id=1, kind="feed", target=f"http://{web.address}/rss")
    shut = visit(web, diary, order, replay_address=None)
    assert shut[1].outcome is Outcome.BLOCKED
    assert web.asked == []
    end = run_child(
        [order], diary, settings_for(web, replay_address=None, allow_private=True), now=NOW
    )
    assert end.facts[1].outcome is Outcome.OK


def test_a_public_name_that_leads_into_a_network_is_refused(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "diary.jsonl")
    code = (
        f"import socket, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "inner = [(socket.AF_INET, socket.SOCK_STREAM, 6, '', ('127.0.0.1', 80))]\n"
        "socket.getaddrinfo = lambda *a, **k: inner\n"
        "from pathlib import Path\n"
        "from test_crawlers_run import *\n"
        "from crawlers.run import crawl\n"
        "settings = CrawlSettings(contact='x', delay_s=0, retries=0)\n"
        "order = Order(watch_id=1, kind='feed', target='http://nha.example/rss')\n"
        f"crawl([order], Diary(Path({str(diary.file)!r})), settings, now=NOW)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=True)
    (end,) = diary.notes("end")
    assert end["outcome"] == "blocked"
    assert "its name leads to 127.0.0.1" in end["reason"]


def test_a_moved_feed_tells_its_new_address(web: Web, diary: Diary) -> None:
    web.places["bep.example/cu"] = (301, {"Location": "https://nha.example/moi"}, b"")
    web.places["bep.example/tam"] = (302, {"Location": "https://nha.example/moi"}, b"")
    web.places["nha.example/moi"] = (200, {}, rss("a"))
    facts = visit(web, diary, feed(1, "bep.example/cu"), feed(2, "bep.example/tam"))
    assert [facts[n].moved_to for n in (1, 2)] == ["https://nha.example/moi", ""]


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
    ],
)
def test_an_answer_beyond_the_bound_is_cut(
    web: Web, diary: Diary, encoding: str, packed: Callable[[bytes], bytes]
) -> None:
    body = packed(rss("a") + b" " * 3_000_000)
    web.places["bep.example/to"] = (200, {"Content-Encoding": encoding}, body)
    facts = visit(web, diary, feed(1, "bep.example/to"), max_bytes=1_000_000)
    assert (facts[1].outcome, facts[1].reason) == (
        Outcome.DOWN,
        "the answer is larger than allowed",
    )


def test_no_secret_address_is_told_to_the_log(
    web: Web, diary: Diary, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "https://www.google.com/alerts/feeds/01234567/89012345"
    web.places["www.google.com/alerts/feeds/01234567/89012345"] = (500, {}, b"")
    facts = visit(web, diary, Order(watch_id=1, kind="google_alerts", target=secret), retries=1)
    assert facts[1].outcome is Outcome.DOWN
    told = repr(facts) + "".join(capfd.readouterr())
    assert "01234567" not in told
    assert "89012345" not in told


def test_a_crawl_opens_no_port(web: Web, diary: Diary) -> None:
    web.places["bep.example/rss"] = (200, {}, rss("a"))
    visit(web, Diary(diary.file, "ports", 1), feed(1, "bep.example/rss"))
    assert [note["ports"] for note in diary.notes("ports")] == [[]]


@pytest.mark.parametrize(
    ("habit", "outcome", "words"),
    [
        ("full", Outcome.DOWN, "could not be taken in (earful.db: disk full)"),
        ("bug", Outcome.CHANGED, "a fault of Earful's own (ZeroDivisionError: chia cho không)"),
        ("eat", Outcome.CHANGED, "MemoryError"),
    ],
)
def test_a_fault_in_one_watch_leaves_the_others_alone(
    web: Web, diary: Diary, habit: str, outcome: Outcome, words: str
) -> None:
    for n in range(3):
        web.places[f"h{n}.example/rss"] = (200, {}, rss("a"))
    orders = [feed(n, f"h{n}.example/rss") for n in range(3)]
    facts = visit(web, Diary(diary.file, habit, 1), *orders, memory_mb=500)
    assert [facts[n].outcome for n in range(3)] == [Outcome.OK, outcome, Outcome.OK]
    assert words in facts[1].reason


def run_all(web: Web, receiver: Diary, orders: list[Order], **chosen: Any) -> dict[int, VisitFacts]:
    settings = settings_for(web, **chosen)
    return asyncio.run(run_batches(orders, receiver, settings, clock=lambda: NOW))


def test_what_kills_a_child_is_found_and_the_rest_is_visited(web: Web, diary: Diary) -> None:
    for n in range(5):
        web.places[f"h{n}.example/rss"] = (200, {}, rss("a"))
    orders = [feed(n, f"h{n}.example/rss") for n in range(5)]
    facts = run_all(web, Diary(diary.file, "die", 2), orders)
    assert [n for n, each in facts.items() if each.outcome is not Outcome.OK] == [2]
    assert (facts[2].outcome, "signal 9" in facts[2].reason) == (Outcome.DOWN, True)
    assert sorted(note["watch"] for note in diary.notes("end")) == [0, 1, 2, 3, 4]
    assert [note["pid"] for note in diary.notes("end") if note["watch"] == 2] == [os.getpid()]


def test_a_child_that_will_not_end_is_ended(
    web: Web, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawlers.run.GRACE_S", 1.0)
    web.places["bep.example/rss"] = (200, {}, rss("a"))
    started = time.monotonic()
    receiver = Diary(diary.file, "hang", 1)
    facts = run_all(web, receiver, [feed(1, "bep.example/rss")], deadline_s=1.0)
    assert facts[1].outcome is Outcome.DOWN
    assert time.monotonic() - started < 8


def test_a_batch_that_runs_out_of_time_ends_each_visit(web: Web, diary: Diary) -> None:
    def slow(headers: dict[str, str]) -> Said:
        time.sleep(3)
        return 200, {}, rss("a")

    web.places["bep.example/rss"] = slow
    web.places["nha.example/rss"] = (200, {}, rss("b"))
    web.places["bep.example/rss2"] = (200, {}, rss("c"))
    orders = [feed(1, "bep.example/rss"), feed(2, "nha.example/rss"), feed(3, "bep.example/rss2")]
    facts = visit(web, diary, *orders, deadline_s=1.0)
    assert {n: each.outcome for n, each in facts.items()} == {1: Outcome.DOWN, 2: Outcome.OK}
    assert facts[1].reason == "no answer came before the time was up"


def test_what_one_child_did_not_come_to_the_next_one_does(web: Web, diary: Diary) -> None:
    for n in range(4):
        web.places[f"bep.example/{n}"] = (200, {}, rss(str(n)))
    orders = [feed(n, f"bep.example/{n}") for n in range(4)]
    facts = run_all(web, diary, orders, delay_s=0.5, deadline_s=1.3)
    assert {each.outcome for each in facts.values()} <= {Outcome.OK, Outcome.DOWN}
    assert sorted(facts) == [0, 1, 2, 3]
    assert len({note["pid"] for note in diary.notes("end")}) > 1


def test_stopping_the_service_stops_its_children(web: Web, diary: Diary) -> None:
    arrived = threading.Event()

    def slow(headers: dict[str, str]) -> Said:
        arrived.set()
        time.sleep(2)
        return 200, {}, rss("a")

    web.places["bep.example/rss"] = slow

    async def stop_midway() -> None:
        work = asyncio.create_task(
            run_batches([feed(1, "bep.example/rss")], diary, settings_for(web), clock=lambda: NOW)
        )
        await asyncio.to_thread(arrived.wait, 10)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    started = time.monotonic()
    asyncio.run(stop_midway())
    assert time.monotonic() - started < 10
    assert [note["outcome"] for note in diary.notes("end")] == ["down"]


def test_a_child_ends_when_its_parent_is_killed(web: Web, diary: Diary, tmp_path: Path) -> None:
    web.places["bep.example/rss"] = (200, {}, rss("a"))
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from test_crawlers_run import *\n"
        "if __name__ == '__main__':\n"
        f"    settings = CrawlSettings(contact='x', delay_s=0, replay_address={web.address!r})\n"
        f"    receiver = Diary(Path({str(diary.file)!r}), 'sleep', 1)\n"
        "    run_child([feed(1, 'bep.example/rss')], receiver, settings, now=NOW)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], cwd=Path(__file__).parents[1])
    deadline = time.monotonic() + 60
    while not diary.notes("page") and time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            parent.wait(0.1)
    family = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert diary.notes("page")
    assert len(family) >= 2
    assert alive == []
