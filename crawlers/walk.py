"""One visit: page after page until what is known, the source's end, a loop or a cap. No Scrapy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from crawlers.base import Source, keys_of, secrets_of, shortfall
from crawlers.policy import retry_after
from crawlers.refused import refusal_as_content
from ingest.errors import ConfigError, EarfulError, SourceBlocked, SourceChanged, SourceDown
from ingest.page import Ask, Fetched, Page, Problem
from ingest.redact import redact
from ingest.structured import looks_blocked
from ingest.visit import Order, Outcome, Receiver, Touch, VisitFacts

CUT_CODES = frozenset({"truncated", "too-large", "too-deep"})
LONGEST_HELD_S = 60.0  # a longer wait ends the visit; what is left is read then
HELD = "the site asked us to slow down, so it was not asked again"
SAFE = "Nothing was asked and nothing is lost; what lies between is asked for later"
REFUSALS = {
    401: "the site asks for a login (401)",
    402: "the site asks for a payment (402)",
    403: "the site refuses us (403)",
    407: "a proxy on the way asks for a login (407)",
    429: "the site asked us to slow down (429)",
    451: "the site withholds this for legal reasons (451)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response, redirects followed.

    `is_whole` is false when the connection ended where HTTP cannot tell whether
    more was to come; `moved_to` is the new address after permanent redirects.
    """

    fetched: Fetched
    is_whole: bool = True
    moved_to: str = ""


Fetch = Callable[[Ask], Awaitable[Answer]]
Clock = Callable[[], datetime]
Hold = Callable[[datetime], None]


def refused_facts(fault: EarfulError) -> VisitFacts:
    """Return the facts of a visit that a fault ended before anything was asked."""
    is_refusal = isinstance(fault, SourceBlocked)
    retry_at = fault.retry_at if isinstance(fault, SourceBlocked) else None
    outcome = Outcome.BLOCKED if is_refusal else Outcome.DOWN
    return VisitFacts(outcome=outcome, reason=_sentence(fault, SAFE), retry_at=retry_at)


class Walk:
    """Visits one watch with `fetch` and tells `receiver` of each page.

    `fetch` raises SourceError when there is no answer. `hold` is told until when the
    source wants no further request. A visit that is stopped from outside is summed
    up by `cut_short`.
    """

    def __init__(
        self,
        order: Order,
        source: Source,
        receiver: Receiver,
        fetch: Fetch,
        *,
        now: Clock,
        hold: Hold | None = None,
    ) -> None:
        self._order = order
        self._source = source
        self._receiver = receiver
        self._fetch = fetch
        self._now = now
        self._hold = hold
        self._held_until: datetime | None = None
        self._asked: set[Ask] = set()
        self._keys: set[str] = set()
        self._first: Answer | None = None
        self._body_hash = ""
        self._status: int | None = None
        self._is_whole = True
        self._pages = 0

    async def visit(self) -> VisitFacts:
        """Return the facts of the whole visit; faults of the source are facts, not errors."""
        try:
            return await self._walk()
        except SourceBlocked as fault:
            return self.facts(Outcome.BLOCKED, _sentence(fault), retry_at=fault.retry_at)
        except SourceChanged as fault:
            return self.facts(Outcome.CHANGED, _sentence(fault))
        except SourceDown as fault:
            return self.facts(Outcome.DOWN, _sentence(fault))
        except ConfigError as fault:  # a key or target that a person must mend
            return self.facts(Outcome.DOWN, _sentence(fault))
        except EarfulError as fault:
            words = f"what was found could not be taken in ({fault}); it is asked for again"
            return self.facts(Outcome.DOWN, words)

    @property
    def has_begun(self) -> bool:
        """Return whether anything has been asked for."""
        return bool(self._asked)

    def cut_short(self) -> VisitFacts:
        """Return the facts of a visit that is stopped where it stands."""
        if self._pages:
            return self.facts(Outcome.OK, f"stopped after {self._pages} pages: the time was up")
        return self.facts(Outcome.DOWN, "no answer came before the time was up")

    def facts(
        self,
        outcome: Outcome,
        reason: str = "",
        *,
        is_complete: bool = False,
        is_done: bool = False,
        is_looping: bool = False,
        retry_at: datetime | None = None,
    ) -> VisitFacts:
        """Return the visit's facts with this outcome.

        `is_done` says that nothing is left to ask for. Only then are the first
        page's validators and hash kept: a walk that was cut must be asked for in full
        again. A walk from the oldest page on finds new items behind a first page that
        stays the same.
        """
        keeps = is_done and self._is_whole
        tells_all = keeps and (self._pages <= 1 or self._source.pages_from_newest)
        headers = self._first.fetched.headers if self._first and keeps else {}
        is_unchanged = outcome is Outcome.UNCHANGED
        return VisitFacts(
            outcome=outcome,
            reason=reason,
            requests=len(self._asked),
            pages=self._pages,
            is_complete=is_complete,
            is_whole=self._is_whole,
            is_looping=is_looping,
            etag=headers.get("etag", self._order.etag if is_unchanged else ""),
            last_modified=headers.get(
                "last-modified", self._order.last_modified if is_unchanged else ""
            ),
            body_hash=self._body_hash if tells_all else "",
            status=self._status,
            retry_at=retry_at or self._held_until,
            moved_to=self._first.moved_to if self._first else "",
            touch=self._touch(),
        )

    def _touch(self) -> Touch:
        """Return how the visit joins the last one; a source may have forgotten what lay between."""
        keeps, heard_until = self._source.keeps, self._order.heard_until
        is_lost = keeps and heard_until and self._now() - heard_until > keeps
        return Touch.AWAY if is_lost else self._source.touch

    async def _walk(self) -> VisitFacts:
        self._source.check_target(self._order.target)
        ask: Ask | None = self._conditional(self._source.first(self._order))
        while ask:
            if ask in self._asked:
                words = f"page {self._pages} leads back to an earlier page"
                return self.facts(Outcome.OK, words, is_looping=True)
            if self._pages >= self._order.page_cap:
                return self.facts(
                    Outcome.OK, f"stopped after {self._pages} pages, the most allowed"
                )
            self._asked.add(ask)
            answer = await self._signed(ask)
            self._first = self._first or answer
            self._status = answer.fetched.status
            ended = self._status_facts(answer.fetched)
            if ended:
                return ended
            if self._is_same_page(answer):
                return self.facts(Outcome.UNCHANGED, is_complete=True, is_done=True)
            page = self._read(answer)
            self._note_wait(answer, page)
            goes_on = self._hand_on(answer, page)
            ended = self._page_facts(answer, page, goes_on=goes_on)
            if ended:
                return ended
            ask = page.next
            if ask and page.wait_s > LONGEST_HELD_S:
                words = f"stopped after {self._pages} pages: the site asked us to wait"
                return self.facts(Outcome.OK, words)
        is_complete = page.is_end and self._is_whole
        return self.facts(Outcome.OK, _remarks(page), is_complete=is_complete, is_done=True)

    async def _signed(self, ask: Ask) -> Answer:
        """Return the answer to `ask`, signed by its source, under the unsigned address."""
        signed = self._source.sign(ask, self._order, now=self._now())
        answer = await self._fetch(replace(signed, is_signed=signed is not ask))
        if signed.url == ask.url:
            return answer
        return replace(answer, fetched=replace(answer.fetched, url=ask.url))

    def _note_wait(self, answer: Answer, page: Page) -> None:
        """Hold back further requests as long as the page asks us to."""
        if page.wait_s > 0:
            self._held_until = answer.fetched.fetched_at + timedelta(seconds=page.wait_s)
            if self._hold is not None:
                self._hold(self._held_until)

    def _is_same_page(self, answer: Answer) -> bool:
        """Return whether the first page is byte for byte that of the last good visit."""
        if len(self._asked) > 1 or not answer.is_whole:
            return False
        self._body_hash = blake2b(answer.fetched.body, digest_size=16).hexdigest()
        return self._body_hash == self._order.body_hash

    def _conditional(self, ask: Ask) -> Ask:
        validators = (
            ("If-None-Match", self._order.etag),
            ("If-Modified-Since", self._order.last_modified),
        )
        return replace(ask, headers=ask.headers + tuple(each for each in validators if each[1]))

    def _status_facts(self, fetched: Fetched) -> VisitFacts | None:
        """Return how the visit ends by the answer's status alone, or None when there is a page."""
        status = fetched.status
        retry_at = retry_after(fetched.headers.get("retry-after"), fetched.fetched_at)
        if status in (200, 202, 203, 206):
            return None
        said = self._source.refusal(fetched)
        if said is not None:
            raise said
        if (
            status == 304
            and len(self._asked) == 1
            and (self._order.etag or self._order.last_modified)
        ):
            return self.facts(Outcome.UNCHANGED, is_complete=True, is_done=True)
        if status in REFUSALS:
            return self.facts(Outcome.BLOCKED, REFUSALS[status], retry_at=retry_at)
        if status in (404, 410):
            return self.facts(Outcome.DOWN, f"the address is gone ({status})")
        if 500 <= status < 600:
            words = f"the site answered with a server error ({status})"
            return self.facts(Outcome.DOWN, words, retry_at=retry_at)
        return self.facts(Outcome.CHANGED, f"the site answered {status}, where a page was expected")

    def _read(self, answer: Answer) -> Page:
        """Return the page; one that cannot be read is handed on as it came, and raised."""
        try:
            page = self._source.read(answer.fetched)
            refused = refusal_as_content(page.items)
            if refused:
                raise SourceBlocked(f"the site sent an error message as its content: {refused!r}")
        except (SourceBlocked, SourceChanged) as fault:
            problem = Problem(code="malformed", words=fault.what, is_fatal=True)
            self._hand_on(answer, Page(source=self._source.kind, problems=(problem,)))
            raise
        is_cut = any(problem.code in CUT_CODES for problem in page.problems)
        self._is_whole = self._is_whole and answer.is_whole and not is_cut
        return page

    def _hand_on(self, answer: Answer, page: Page) -> bool:
        self._pages += 1
        told = (self._source.scrub(answer.fetched), page)
        fetched, page = redact(told, secrets_of(self._source, self._order))
        return self._receiver.page(self._order, fetched, page)

    def _page_facts(self, answer: Answer, page: Page, *, goes_on: bool) -> VisitFacts | None:
        """Return how the visit ends with this page, or None when it may go on."""
        is_first = self._pages == 1
        if not page.items:
            blocked = looks_blocked(answer.fetched.body, answer.fetched.content_type)
            if blocked:
                return self.facts(Outcome.BLOCKED, f"the site sent {blocked}")
        fatal = next((problem for problem in page.problems if problem.is_fatal), None)
        if fatal:
            return self.facts(Outcome.CHANGED, f"the page cannot be read: {fatal.words}")
        if is_first and page.total != 0 and len(page.items) < self._least():
            return self.facts(Outcome.EMPTY, _empty_words(page, self._least()))
        lacking = shortfall(page, self._source.expect) if is_first and page.items else None
        if lacking:
            return self.facts(Outcome.CHANGED, f"{lacking}; the layout has probably changed")
        if not goes_on:
            whole = self._is_whole
            return self.facts(Outcome.OK, _remarks(page), is_complete=whole, is_done=True)
        keys = keys_of(page.items)
        if keys and keys <= self._keys:
            words = f"page {self._pages} repeats what earlier pages held"
            return self.facts(Outcome.OK, words, is_looping=True)
        self._keys |= keys
        return None

    def _least(self) -> int:
        """Return how few items a first page may hold; the option `min_items` knows better."""
        return int(self._order.options.get("min_items", self._source.expect.min_items))


def _sentence(fault: EarfulError, safe: str = "") -> str:
    """Return a fault in words, what is safe, and what to do; a command stays as it is typed."""
    step = fault.next_step
    is_command = step.startswith("earful ")
    to_do = f"Next: {step}" if is_command else step[:1].upper() + step[1:]
    return ". ".join(each for each in (fault.what, safe, to_do) if each)


def _empty_words(page: Page, least: int) -> str:
    found = f"only {len(page.items)} items were" if page.items else "nothing was"
    return (
        f"the page answered, but {found} found on it, where at least {least} should be; "
        "its layout has probably changed. Nothing that was taken in before is lost"
    )


def _remarks(page: Page) -> str:
    """Return in words what was wrong with a page that was read all the same."""
    if not page.problems:
        return ""
    more = f" and {len(page.problems) - 1} more" if len(page.problems) > 1 else ""
    return f"kept what could be read ({page.problems[0].words}{more})"
