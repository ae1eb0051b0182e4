"""A misbehaving web: each fault is named rightly, and no bound is passed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.run import run_child, warm_up
from crawlers.settings import CrawlSettings
from ingest.page import Fetched, Page
from ingest.visit import Order, Outcome, VisitFacts

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
TIMEOUT_S = 25.0  # long enough for a busy machine

# One visit to a child: a fault of one path must not be another's.
ALONE = [
    ("/status/429?retry_after=30", Outcome.BLOCKED, "slow down (429)"),
    ("/status/503?retry_after=date:30", Outcome.DOWN, "server error (503)"),
]
SLOW = [
    ("/slow/drip", Outcome.DOWN, "no whole answer came in time"),
    ("/slow/headers?s=1", Outcome.DOWN, "no whole answer came in time"),
    ("/slow/hang", Outcome.DOWN, "no whole answer came in time"),
    ("/slow/stall", Outcome.DOWN, "no whole answer came in time"),
]
TOGETHER = [
    ("/feed/good", Outcome.OK, ""),
    ("/feed/huge-entry?mb=20", Outcome.DOWN, "larger than allowed"),
    ("/truncated/length", Outcome.DOWN, "cut off"),
    ("/truncated/chunked", Outcome.DOWN, "cut off"),
    ("/truncated/close", Outcome.OK, "kept what could be read"),
    ("/truncated/gzip", Outcome.OK, "kept what could be read"),
    ("/wrong/length-two", Outcome.DOWN, "not HTTP"),
    ("/wrong/type", Outcome.OK, ""),
    ("/wrong/encoding", Outcome.CHANGED, "cannot be unpacked"),
    ("/wrong/status-line", Outcome.DOWN, "not HTTP"),
    ("/wrong/header-huge", Outcome.DOWN, "not HTTP"),
    ("/reset", Outcome.DOWN, "connection broke"),
    ("/close", Outcome.DOWN, "connection broke"),
    ("/empty", Outcome.CHANGED, "the body is empty"),
    ("/html/login", Outcome.BLOCKED, "login"),
    ("/html/challenge", Outcome.BLOCKED, "refuses us (403)"),
    ("/html/challenge?status=200", Outcome.BLOCKED, ""),
    ("/bomb/gzip?mb=30", Outcome.DOWN, "larger than allowed"),
    ("/bomb/deflate?mb=30", Outcome.DOWN, "larger than allowed"),
    ("/bomb/gzip-twice?mb=30", Outcome.DOWN, "larger than allowed"),
    ("/bomb/infinite", Outcome.DOWN, "larger than allowed"),
    ("/bomb/infinite-items", Outcome.DOWN, "larger than allowed"),
    ("/redirect/loop", Outcome.DOWN, "redirected too often"),
    ("/redirect/chain/5", Outcome.OK, ""),
    ("/redirect/chain/6", Outcome.DOWN, "redirected too often"),
    ("/redirect/no-location", Outcome.CHANGED, "answered 302"),
    ("/redirect/meta-refresh", Outcome.CHANGED, "not a feed"),
    ("/redirect/permanent", Outcome.OK, ""),
    ("/status/401", Outcome.BLOCKED, "login"),
    ("/status/404", Outcome.DOWN, "gone (404)"),
    ("/status/410", Outcome.DOWN, "gone (410)"),
    ("/status/500", Outcome.DOWN, "server error (500)"),
    ("/sequence?codes=500,200", Outcome.OK, ""),
    ("/cond/always-304", Outcome.CHANGED, "answered 304"),
    ("/change/zero?after=0", Outcome.EMPTY, "nothing was found"),
    ("/change/markup?after=0", Outcome.EMPTY, "nothing was found"),
]


class Deaf:
    """Takes every page and goes on."""

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        return True

    def end(self, order: Order, facts: VisitFacts) -> None:
        return


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    server = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "faults" / "server.py"
    if not server.is_file():
        pytest.skip("the shared fault server is not beside this checkout")
    warm_up()
    web, canary, smtp = free_ports(3)
    command = [sys.executable, str(server), "--for", "120", "--port", str(web)]
    command += ["--canary-port", str(canary), "--smtp-port", str(smtp)]
    with (tmp_path_factory.mktemp("faults") / "log").open("wb") as out:
        running = subprocess.Popen(command, stdout=out, stderr=out)
    deadline = time.monotonic() + 10
    while not is_open(web) and time.monotonic() < deadline:
        running.poll()
    yield f"127.0.0.1:{web}", f"127.0.0.1:{canary}"
    running.kill()
    running.wait()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def visit(place: str, paths: list[str], **chosen: Any) -> list[VisitFacts]:
    named = {"contact": "x", "delay_s": 0.0, "timeout_s": TIMEOUT_S, "deadline_s": 60.0}
    settings = CrawlSettings(**named | {"retries": 1, "replay_address": place} | chosen)
    orders = [
        Order(watch_id=n, kind="feed", target=f"http://h{n}.example{path}")
        for n, path in enumerate(paths)
    ]
    end = run_child(orders, Deaf(), settings, now=NOW)
    return [end.facts[n] for n in range(len(paths))]


def wrong(expected: list[tuple[str, Outcome, str]], told: list[VisitFacts]) -> list[str]:
    return [
        f"{path}: {facts.outcome} {facts.reason}"
        for (path, outcome, words), facts in zip(expected, told, strict=True)
        if facts.outcome is not outcome or words not in facts.reason
    ]


def test_every_fault_is_named(faults: tuple[str, str]) -> None:
    told = visit(faults[0], [path for path, _, _ in TOGETHER])
    assert wrong(TOGETHER, told) == []


def test_an_answer_that_takes_too_long_is_given_up(faults: tuple[str, str]) -> None:
    told = visit(faults[0], [path for path, _, _ in SLOW], timeout_s=1.0, retries=0)
    assert wrong(SLOW, told) == []


@pytest.mark.parametrize(("path", "outcome", "words"), ALONE)
def test_a_named_wait_is_kept(
    faults: tuple[str, str], path: str, outcome: Outcome, words: str
) -> None:
    (facts,) = visit(faults[0], [path])
    assert (facts.outcome, words in facts.reason) == (outcome, True)
    assert facts.retry_at
    assert (facts.retry_at - NOW).total_seconds() >= 1


def test_a_validator_of_yesterday_saves_todays_answer(faults: tuple[str, str]) -> None:
    (first,) = visit(faults[0], ["/cond/etag"])
    assert (first.outcome, bool(first.etag)) == (Outcome.OK, True)
    settings = CrawlSettings(contact="x", delay_s=0, replay_address=faults[0])
    target = "http://h0.example/cond/etag"
    order = Order(watch_id=1, kind="feed", target=target, etag=first.etag)
    end = run_child([order], Deaf(), settings, now=NOW)
    assert end.facts[1].outcome is Outcome.UNCHANGED


def test_no_redirect_reaches_the_inner_network(faults: tuple[str, str]) -> None:
    web, canary = faults
    port = canary.partition(":")[2]
    inner = [f"//127.0.0.1:{port}/", f"http://127.1:{port}/", f"http://2130706433:{port}/"]
    paths = ["/redirect/canary", *[f"/redirect/to?url={there}" for there in inner]]
    told = visit(faults[0], paths)
    assert {facts.outcome for facts in told} == {Outcome.BLOCKED}
    with urllib.request.urlopen(f"http://{web}/_canary", timeout=5) as reached:
        assert json.load(reached) == []
