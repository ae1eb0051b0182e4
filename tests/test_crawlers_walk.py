"""One visit: what it asks for, when it stops, and what it says it came to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.base import Access, Expect, Source
from crawlers.walk import Answer, Walk
from ingest.errors import (
    ConfigError,
    SourceBlocked,
    SourceChanged,
    SourceDown,
    SourceError,
    StoreError,
)
from ingest.mention import RawItem
from ingest.page import Ask, Fetched, Page, Problem
from ingest.visit import Order, Outcome, Touch, VisitFacts

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
ORDER = Order(watch_id=3, kind="so", target="a", page_cap=5)


class Notebook(Source):
    """A source whose answers name the page to read."""

    kind, name_en, name_vi, access = "so", "Notebook", "Sổ tay", Access.ON
    covers, does_not_cover, evidence = "pages", "the rest", "read on paper"
    expect, default_every_min = Expect(min_items=1, filled=("key", "text")), 60

    def __init__(self, pages: dict[str, Page | SourceError]) -> None:
        self.pages = pages

    def recognise(self, url: str) -> str | None:
        return None

    def check_target(self, target: str) -> None:
        if target == "":
            raise ConfigError("no target", subject="so", next_step="name one")

    def first(self, order: Order) -> Ask:
        return Ask(url=order.target)

    def read(self, fetched: Fetched) -> Page:
        page = self.pages[fetched.url]
        if isinstance(page, SourceError):
            raise page
        return page

    def scrub(self, fetched: Fetched) -> Fetched:
        return replace(fetched, url="-")


class Listener:
    """Keeps what it is told, and says stop at the page given."""

    def __init__(self, stop_at: int = 99, error: Exception | None = None) -> None:
        self.told: list[tuple[Fetched, Page]] = []
        self.stop_at = stop_at
        self.error = error

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        if self.error:
            raise self.error
        self.told.append((fetched, page))
        return len(self.told) < self.stop_at

    def end(self, order: Order, facts: VisitFacts) -> None:
        raise AssertionError("the walk leaves the end to its caller")


def page_of(*keys: str, then: str = "", is_end: bool = False, text: str = "tốt") -> Page:
    items = tuple(RawItem(key=key, text=text) for key in keys)
    return Page(source="so", items=items, next=Ask(url=then) if then else None, is_end=is_end)


def visit(
    pages: dict[str, Page | SourceError],
    *,
    order: Order = ORDER,
    listener: Listener | None = None,
    answers: Sequence[Answer | SourceError] = (),
) -> tuple[VisitFacts, list[Ask], Listener]:
    asked: list[Ask] = []
    listener = listener or Listener()

    async def fetch(ask: Ask) -> Answer:
        asked.append(ask)
        if len(asked) <= len(answers):
            answer = answers[len(asked) - 1]
            if isinstance(answer, SourceError):
                raise answer
            return answer
        return answered(url=ask.url)

    walk = Walk(order, Notebook(pages), listener, fetch, now=lambda: NOW)
    return asyncio.run(walk.visit()), asked, listener


def answered(status: int = 200, url: str = "a", body: bytes = b"x", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fetched = Fetched(url=url, status=status, headers=named, body=body, fetched_at=NOW)
    return Answer(fetched=fetched)


def test_a_visit_walks_to_the_end_of_the_source() -> None:
    pages = {"a": page_of("1", "2", then="b"), "b": page_of("3", is_end=True)}
    facts, asked, listener = visit(pages)
    assert (facts.outcome, facts.reason, facts.is_complete) == (Outcome.OK, "", True)
    assert (facts.requests, facts.pages, facts.status) == (2, 2, 200)
    assert [ask.url for ask in asked] == ["a", "b"]
    assert [fetched.url for fetched, _ in listener.told] == ["-", "-"]


def test_a_visit_stops_where_the_receiver_knows_the_rest() -> None:
    pages = {"a": page_of("1", then="b"), "b": page_of("2", then="c")}
    facts, asked, _ = visit(pages, listener=Listener(stop_at=1))
    assert (facts.outcome, facts.is_complete, len(asked)) == (Outcome.OK, True, 1)


def test_a_source_that_only_shows_its_newest_is_not_complete() -> None:
    facts, _, _ = visit({"a": page_of("1")}, answers=[answered(etag='"v1"')])
    assert (facts.outcome, facts.is_complete, facts.etag) == (Outcome.OK, False, '"v1"')


def test_a_cap_cuts_a_walk_and_is_said() -> None:
    pages = {str(n): page_of(str(n), then=str(n + 1)) for n in range(9)}
    order = replace(ORDER, target="0", page_cap=3)
    facts, asked, _ = visit(pages, order=order, answers=[answered(url="0", etag='"v1"')])
    assert (facts.outcome, facts.is_complete, len(asked)) == (Outcome.OK, False, 3)
    assert facts.reason == "stopped after 3 pages, the most allowed"
    assert facts.etag == ""


def test_pages_that_lead_in_a_circle_end_the_walk() -> None:
    pages = {"a": page_of("1", then="b"), "b": page_of("2", then="a")}
    facts, asked, _ = visit(pages)
    assert (facts.outcome, facts.is_complete, len(asked)) == (Outcome.OK, False, 2)
    assert "leads back" in facts.reason


def test_pages_that_repeat_themselves_end_the_walk() -> None:
    pages = {"a": page_of("1", "2", then="b"), "b": page_of("2", "1", then="c")}
    facts, asked, _ = visit(pages)
    assert (facts.outcome, facts.is_complete, len(asked)) == (Outcome.OK, False, 2)
    assert "repeats" in facts.reason


def test_a_known_page_is_asked_for_by_its_validators() -> None:
    order = replace(ORDER, etag='"v1"', last_modified="Tue, 10 Nov 2026 08:00:00 GMT")
    facts, asked, listener = visit({}, order=order, answers=[answered(304)])
    assert asked[0].headers == (
        ("If-None-Match", '"v1"'),
        ("If-Modified-Since", "Tue, 10 Nov 2026 08:00:00 GMT"),
    )
    assert (facts.outcome, facts.is_complete) == (Outcome.UNCHANGED, True)
    assert (facts.etag, facts.last_modified) == (order.etag, order.last_modified)
    assert listener.told == []


def test_a_first_page_that_came_before_byte_for_byte_is_not_read_again() -> None:
    pages: dict[str, Page | SourceError] = {"a": page_of("1", then="b"), "b": page_of("2")}
    first, _, _ = visit(pages)
    assert len(first.body_hash) == 32
    order = replace(ORDER, body_hash=first.body_hash)
    again, asked, listener = visit({}, order=order)  # there is no page to be read
    assert (again.outcome, again.is_complete, again.pages) == (Outcome.UNCHANGED, True, 0)
    assert (len(asked), listener.told) == (1, [])
    edited, _, listener = visit(pages, order=order, answers=[answered(body="tốt".encode())])
    assert (edited.outcome, len(listener.told)) == (Outcome.OK, 2)
    assert edited.body_hash != first.body_hash


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_hash_is_kept_of_what_was_read_to_its_end_only(is_whole: bool) -> None:
    pages: dict[str, Page | SourceError] = {"a": page_of("1", then="b"), "b": SourceDown("away")}
    facts, _, _ = visit(pages)
    assert (facts.outcome, facts.body_hash) == (Outcome.DOWN, "")
    cut = replace(answered(), is_whole=is_whole)
    facts, _, _ = visit({"a": page_of("1")}, answers=[cut])
    assert bool(facts.body_hash) is is_whole
    again, _, _ = visit({"a": page_of("1")}, order=replace(ORDER, body_hash=facts.body_hash))
    assert again.outcome == (Outcome.UNCHANGED if is_whole else Outcome.OK)


def test_the_first_of_many_pages_tells_nothing_where_the_oldest_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Notebook, "pages_from_newest", False)
    many, _, _ = visit({"a": page_of("1", then="b"), "b": page_of("2")})
    one, _, _ = visit({"a": page_of("1")})
    assert (many.body_hash, bool(one.body_hash)) == ("", True)


def test_later_pages_are_asked_for_without_validators() -> None:
    pages = {"a": page_of("1", then="b"), "b": page_of("2", is_end=True)}
    _, asked, _ = visit(pages, order=replace(ORDER, etag='"v1"'))
    assert [ask.headers for ask in asked] == [(("If-None-Match", '"v1"'),), ()]


@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (304, Outcome.CHANGED, "answered 304"),
        (204, Outcome.CHANGED, "answered 204"),
        (302, Outcome.CHANGED, "answered 302"),
        (401, Outcome.BLOCKED, "asks for a login"),
        (403, Outcome.BLOCKED, "refuses us"),
        (429, Outcome.BLOCKED, "slow down"),
        (404, Outcome.DOWN, "gone (404)"),
        (410, Outcome.DOWN, "gone (410)"),
        (418, Outcome.CHANGED, "answered 418"),
        (500, Outcome.DOWN, "server error (500)"),
        (503, Outcome.DOWN, "server error (503)"),
        (999, Outcome.CHANGED, "answered 999"),
    ],
)
def test_a_status_ends_a_visit_in_words(status: int, outcome: Outcome, words: str) -> None:
    facts, _, listener = visit({}, answers=[answered(status, retry_after="60")])
    assert (facts.outcome, facts.status, facts.is_complete) == (outcome, status, False)
    assert words in facts.reason
    waits = status in (401, 403, 429, 500, 503)
    assert facts.retry_at == (NOW + timedelta(seconds=60) if waits else None)
    assert listener.told == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (SourceBlocked("robots.txt forbids this address"), Outcome.BLOCKED),
        (SourceDown("no whole answer came in time"), Outcome.DOWN),
        (SourceChanged("cannot be unpacked", next_step="Look at it"), Outcome.CHANGED),
    ],
)
def test_a_fetch_that_fails_is_an_outcome(fault: SourceError, outcome: Outcome) -> None:
    facts, _, _ = visit({}, answers=[fault])
    assert facts.outcome is outcome
    assert facts.reason.startswith(fault.what)
    assert facts.reason.endswith(fault.next_step)


def test_the_time_a_site_names_is_kept() -> None:
    facts, _, _ = visit({}, answers=[SourceBlocked("slow down", retry_at=NOW)])
    assert facts.retry_at == NOW


@pytest.mark.parametrize(("wait_s", "asked"), [(10.0, 2), (600.0, 1)])
def test_a_page_may_ask_us_to_wait(wait_s: float, asked: int) -> None:
    held: list[datetime] = []
    pages = {"a": replace(page_of("1", then="b"), wait_s=wait_s), "b": page_of("2", is_end=True)}
    urls: list[str] = []

    async def fetch(ask: Ask) -> Answer:
        urls.append(ask.url)
        return answered(url=ask.url)

    walk = Walk(ORDER, Notebook(pages), Listener(), fetch, now=lambda: NOW, hold=held.append)
    facts = asyncio.run(walk.visit())
    until = NOW + timedelta(seconds=wait_s)
    assert (held, len(urls), facts.retry_at) == ([until], asked, until)
    assert (facts.outcome, facts.is_complete) == (Outcome.OK, asked == 2)


def test_what_is_signed_is_told_and_keeps_its_unsigned_address() -> None:
    class Signing(Notebook):
        touch = Touch.RESUMED

        def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
            return replace(ask, url=f"{ask.url}?k=1") if ask.url == "a" else ask

    told: list[tuple[str, bool]] = []

    async def fetch(ask: Ask) -> Answer:
        told.append((ask.url, ask.is_signed))
        return answered(url=ask.url)

    pages: dict[str, Page | SourceError] = {"a": page_of("1", then="b"), "b": page_of("2")}
    walk = Walk(ORDER, Signing(pages), Listener(), fetch, now=lambda: NOW)
    assert asyncio.run(walk.visit()).touch is Touch.RESUMED
    assert told == [("a?k=1", True), ("b", False)]


@pytest.mark.parametrize(("hours", "touch"), [(20, Touch.RESUMED), (30, Touch.AWAY)])
def test_a_source_forgets_what_nobody_took_for_a_day(hours: int, touch: Touch) -> None:
    class Forgetful(Notebook):
        touch = Touch.RESUMED
        keeps = timedelta(hours=24)

    async def fetch(ask: Ask) -> Answer:
        return answered(url=ask.url)

    source = Forgetful({"a": page_of("1", is_end=True)})
    order = replace(ORDER, heard_until=NOW - timedelta(hours=hours))
    walk = Walk(order, source, Listener(), fetch, now=lambda: NOW)
    assert asyncio.run(walk.visit()).touch is touch


def test_a_page_with_nothing_on_it_is_empty_not_quiet() -> None:
    facts, _, listener = visit({"a": page_of(is_end=True)}, answers=[answered(etag='"v1"')])
    assert (facts.outcome, facts.etag) == (Outcome.EMPTY, "")
    assert "nothing was found on it" in facts.reason
    assert len(listener.told) == 1


def test_nothing_is_fine_where_the_source_itself_counts_none() -> None:
    facts, _, _ = visit({"a": replace(page_of(is_end=True), total=0)})
    assert facts.outcome is Outcome.OK


@pytest.mark.parametrize(("least", "outcome"), [("0", Outcome.OK), ("3", Outcome.EMPTY)])
def test_a_watch_may_know_better_how_much_is_usual(least: str, outcome: Outcome) -> None:
    order = replace(ORDER, options={"min_items": least})
    page = page_of(*"12"[: int(least)], is_end=True)
    assert visit({"a": page}, order=order)[0].outcome is outcome


def test_an_empty_later_page_is_only_the_end() -> None:
    facts, _, _ = visit({"a": page_of("1", then="b"), "b": page_of(is_end=True)})
    assert (facts.outcome, facts.is_complete) == (Outcome.OK, True)


def test_items_that_lost_a_field_are_a_changed_layout() -> None:
    facts, _, listener = visit({"a": page_of("1", "2", text="")})
    assert facts.outcome is Outcome.CHANGED
    assert "only 0 of 2 items have 'text'" in facts.reason
    assert len(listener.told) == 1


def test_a_page_that_cannot_be_read_is_kept_as_it_came() -> None:
    facts, _, listener = visit({"a": SourceChanged("no list 'data'", subject="so")})
    assert (facts.outcome, facts.reason) == (Outcome.CHANGED, "no list 'data'")
    fetched, page = listener.told[0]
    assert fetched.body == b"x"
    assert [(each.words, each.is_fatal) for each in page.problems] == [("no list 'data'", True)]


def test_a_fatal_problem_is_a_changed_source() -> None:
    problem = Problem(code="not-a-feed", words="<html> is not a feed", is_fatal=True)
    facts, _, _ = visit({"a": replace(page_of(), problems=(problem,))})
    assert facts.outcome is Outcome.CHANGED
    assert "<html> is not a feed" in facts.reason


@pytest.mark.parametrize(
    "page",
    [page_of(), SourceBlocked("a challenge page")],
)
def test_a_challenge_page_is_blocked_whatever_its_status(page: Page | SourceError) -> None:
    body = "<!doctype html><title>Just a moment...</title>Xác minh bạn là người".encode()
    facts, _, _ = visit({"a": page}, answers=[answered(body=body, content_type="text/html")])
    assert facts.outcome is Outcome.BLOCKED


@pytest.mark.parametrize("code", ["truncated", "malformed"])
def test_a_damaged_page_is_kept_and_said(code: str) -> None:
    problem = Problem(code=code, words="ends before </rss>")
    page = replace(page_of("1", is_end=True), problems=(problem, problem))
    facts, _, _ = visit({"a": page}, answers=[answered(etag='"v1"')])
    is_cut = code == "truncated"
    assert facts.outcome is Outcome.OK
    assert facts.reason == "kept what could be read (ends before </rss> and 1 more)"
    assert (facts.is_complete, facts.etag) == ((False, "") if is_cut else (True, '"v1"'))


def test_an_answer_that_may_be_cut_is_not_complete() -> None:
    cut = replace(answered(etag='"v1"'), is_whole=False, moved_to="https://new.example/")
    facts, _, _ = visit({"a": page_of("1", is_end=True)}, answers=[cut])
    assert (facts.outcome, facts.is_complete, facts.etag) == (Outcome.OK, False, "")
    assert facts.moved_to == "https://new.example/"


def test_a_full_disk_is_said_and_the_visit_ends() -> None:
    listener = Listener(error=StoreError("disk full", subject="earful.db"))
    facts, _, _ = visit({"a": page_of("1")}, listener=listener)
    assert facts.outcome is Outcome.DOWN
    assert "could not be taken in (earful.db: disk full)" in facts.reason


def test_a_wrong_target_asks_for_nothing() -> None:
    facts, asked, _ = visit({}, order=replace(ORDER, target=""))
    assert (facts.outcome, asked) == (Outcome.DOWN, [])
    assert facts.reason == "no target. Name one"
