"""What a polite and careful crawl may do: robots.txt, public addresses, waits."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.policy import (
    RobotsAnswer,
    allowed,
    is_public,
    refusal,
    retry_after,
    robots_answer,
)

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
SITE = "https://luamay.example"


@pytest.mark.parametrize(
    ("robots", "path", "may"),
    [
        ("", "/danh-gia", True),
        ("User-agent: *\nDisallow: /", "/reviews", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/reviews", False),
        ("User-agent: *\nDisallow:", "/reviews", True),
        ("User-agent: *\nDisallow: /\nUser-agent: Earful\nAllow: /", "/reviews", True),
        ("User-agent: *\nAllow: /\nUser-agent: earful\nDisallow: /x", "/x/y", False),
        ("User-agent: Earful/9 (all)\nDisallow: /x", "/x", False),
        ("User-agent: Earful bot\nDisallow: /x", "/x", False),
        ("User-agent: Ear\nDisallow: /x", "/x", True),
        ("User-agent: Earful\nCrawl-delay: 9\nUser-agent: *\nDisallow: /", "/x", False),
        ("User-agent: Earful\nChẳng-biết: gì\nUser-agent: *\nDisallow: /", "/x", False),
        ("Disallow: /\nUser-agent: Earful\nAllow: /", "/x", True),
        ("User-agent: *\nDisallow: /rieng\nAllow: /rieng/chung", "/rieng/chung/1", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /đánh-giá", "/%C4%91%C3%A1nh-gi%C3%A1", False),
        ("User-agent: *\nDisallow: /%c4%91%c3%a1nh-gi%c3%a1", "/đánh-giá/2", False),
        ("User-agent: *\nDisallow: /*.xml$", "/tin/rss.xml", False),
        ("User-agent: *\nDisallow: /*.xml$", "/tin/rss.xml?p=1", True),
        ("User-agent: *\nDisallow: /*/in$", "/in", True),
        ("User-agent: *\nDisallow: /x$", "/x", False),
        ("User-agent: *\nDisallow: /x$", "/xy", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a-c-b", True),
        ("User-agent: *\nDisallow: /tim?q=", "/tim?q=luamay", False),
        ("User-agent: *\nDisallow: /\nAllow: /tin/index.html", "/tin/", True),
        ("User-agent: *\nDisallow: rss", "/rss", False),
        ("User-agent: *\rDisallow: /x # chỗ này\r", "/x", False),
        ("user-agent Earful\ndisallow /x", "/x", False),
        ("User-agent: *\nDisalow: /x", "/x", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("<!doctype html><title>404</title>", "/x", True),
    ],
)
def test_robots_txt_is_read_as_its_writers_meant(robots: str, path: str, may: bool) -> None:
    assert allowed(robots, "Earful/0.1 (+https://luamay.example/bot)", SITE + path) is may


def test_robots_txt_counts_to_500_kib_only() -> None:
    head = "User-agent: *\n" + "# dòng này để cho dài\n" * 25_000
    assert len(head.encode()) > 500 * 1024
    assert allowed(head + "Disallow: /", "Earful", SITE + "/x")


def test_a_hostile_robots_txt_takes_no_time() -> None:
    started = time.process_time()
    robots = "User-agent: *\nDisallow: /" + "*a" * 500 + "b"
    assert allowed(robots, "Earful", SITE + "/" + "a" * 4000)
    assert time.process_time() - started < 0.5


def test_robots_txt_agrees_with_every_shared_case(shared: Path) -> None:
    lines = (shared / "corpora" / "robots" / "robots.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in lines.splitlines()]
    wrong = [
        case["id"]
        for case in cases
        if allowed(case["robots"], case["agent"], case["url"]) is not case["allowed"]
    ]
    assert len(cases) > 100
    assert wrong == []


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, RobotsAnswer.RULES),
        (404, RobotsAnswer.NO_RULES),
        (403, RobotsAnswer.NO_RULES),
        (302, RobotsAnswer.NO_RULES),
        (429, RobotsAnswer.NOT_NOW),
        (500, RobotsAnswer.NOT_NOW),
        (503, RobotsAnswer.NOT_NOW),
    ],
)
def test_a_missing_robots_txt_opens_and_a_failing_one_closes(
    status: int, meaning: RobotsAnswer
) -> None:
    assert robots_answer(status) is meaning


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("11.0.0.1", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("192.0.0.192", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:c0a8:1::", False),
        ("2001:0:1::1", False),
        ("fe80::1", False),
        ("2606:4700::1%eth0", False),
        ("ff02::1", False),
        ("fd00::1", False),
        ("2001:db8::1", False),
        ("luamay.example", False),
    ],
)
def test_only_public_unicast_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://①②⑦.⓪.⓪.①/", "http://[::1]/", "http://localhost/", "http://nha.localhost./",
        "http://may-in/", "http://kho.local/", "http://999.999.999.999/", "http://1.2.3.0x/",
        "file:///etc/passwd", "ftp://luamay.example/", "http://", "http:///x", "http://[x/",
        "http://luamay.example:25/", "http://luamay.example:0/", "http://luamay.example:-1/",
        "http://luamay.example\\@127.0.0.1/", "http://a@b@luamay.example/", " http://luamay.example",
        "http://luamay.example/a\r\nHost: x", "http://user:pass@10.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_inside_or_in_disguise_is_refused(url: str) -> None:
    assert refusal(url)


@pytest.mark.parametrize(
    "url",
    ["https://luamay.example/rss", "http://8.8.8.8/", "https://[2606:4700::1111]/",
     "http://luamay.example:8080/x", "https://ai@luamay.example/", "https://nồi.example/"],
)  # fmt: skip
def test_a_public_address_is_asked(url: str) -> None:
    assert refusal(url) is None


def test_an_intranet_is_open_only_on_the_operators_word() -> None:
    assert refusal("http://127.0.0.1:8099/feed")
    assert refusal("http://127.0.0.1:8099/feed", allow_private=True) is None
    assert refusal("file:///etc/passwd", allow_private=True)


def test_every_shared_address_case_is_judged_right(shared: Path) -> None:
    lines = (shared / "corpora" / "security" / "ssrf_targets.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in lines.splitlines()]
    literal = [case for case in cases if "dns" not in case]
    wrong = [
        case["vector"]
        for case in literal
        if bool(refusal(case["vector"])) is not case["expect"].startswith("refused")
    ]
    assert len(literal) > 50
    assert wrong == []


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("30", 30),
        (" 120 ", 120),
        ("0", 1),
        ("99999999999999999999", 86_400),
        ("Wed, 11 Nov 2026 08:01:00 GMT", 60),
        ("Wed, 11 Nov 2026 08:01:00 -0000", 60),
        ("Tue, 10 Nov 2026 08:00:00 GMT", 1),
        ("Fri, 11 Dec 2026 08:00:00 GMT", 86_400),
        ("-5", None),
        ("soon", None),
        ("lát nữa", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(
    value: str | None, wait_s: int | None
) -> None:
    wanted = None if wait_s is None else NOW + timedelta(seconds=wait_s)
    assert retry_after(value, NOW) == wanted
