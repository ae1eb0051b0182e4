"""What stands between a spider and the network: address checks, waits and robots.txt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.exceptions import CannotResolveHostError, StopDownload
from scrapy.http import Request, Response

from crawlers.base import host_of
from crawlers.faults import DOWNLOAD_FAULTS, in_words
from crawlers.policy import (
    ROBOTS_LIMIT_BYTES,
    RobotsAnswer,
    allowed,
    refusal,
    retry_after,
    robots_answer,
)
from crawlers.resolver import PublicResolver
from crawlers.settings import AGENT, CrawlSettings
from crawlers.walk import HELD, LONGEST_HELD_S, REFUSALS
from ingest.errors import SourceBlocked, SourceDown

Sleep = Callable[[float], Awaitable[object]]

IS_ROBOTS = "earful_robots"
WITH_KEY = "earful_with_key"
BUDGET = "earful_budget"


class AddressCheck:
    """Refuses addresses that must not be asked, at the first request and at each redirect."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._settings = settings

    @classmethod
    def from_crawler(cls, crawler: Any) -> AddressCheck:
        """Return the middleware as Scrapy asks for it."""
        return cls(crawler.settings["EARFUL"])

    def process_request(self, request: Request) -> None:
        """Raise SourceBlocked when the request's address is refused."""
        words = refusal(request.url, allow_private=self._settings.allow_private)
        if words:
            raise SourceBlocked(f"not asked: {words}")
        came_from = request.meta.get("redirect_urls", [""])[-1]
        if came_from.startswith("https:") and request.url.startswith("http:"):
            raise SourceBlocked("not followed: the site leads from https to http")
        if self._settings.proxy:
            request.meta["proxy"] = self._settings.proxy

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise SourceBlocked when a name was found, but leads into a network."""
        refused = PublicResolver.refused.get(host_of(request.url))
        if refused and isinstance(exception, CannotResolveHostError):
            words = f"not asked: its name leads to {refused}, which is not a public address"
            raise SourceBlocked(words) from exception


class Waits:
    """Keeps away from who asked us to slow down: a short wait is waited for, a long one is told.

    A wait holds for a whole rate budget: of a host, or of the key we bring there.
    """

    def __init__(self, crawler: Any, *, sleep: Sleep = asyncio.sleep) -> None:
        self._crawler = crawler
        self._sleep = sleep

    @classmethod
    def from_crawler(cls, crawler: Any) -> Waits:
        """Return the middleware as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait as long as we were asked to; raise SourceBlocked when that is over a minute."""
        spider, name = self._crawler.spider, _budget(request)
        if name not in spider.waits:
            return
        until = spider.waits[name]
        left_s = (until - spider.now()).total_seconds() if until else LONGEST_HELD_S + 1
        if left_s > LONGEST_HELD_S:
            raise SourceBlocked(HELD, retry_at=until)
        if left_s > 0:
            await self._sleep(left_s)

    def process_response(self, request: Request, response: Response) -> Response:
        """Remember a 429, and a 503 that names a time."""
        if response.status in (429, 503):
            until = _named_wait(response, self._crawler)
            if until or response.status == 429:
                self._crawler.spider.waits[_budget(request)] = until
        return response


def _budget(request: Request) -> str:
    """Return the name of the rate budget that a request draws on."""
    return str(request.meta.get(BUDGET) or host_of(request.url))


@dataclass(frozen=True, slots=True)
class _Robots:
    """A host's robots.txt: its text, or in words why the host is not asked now."""

    text: str = ""
    words: str = ""
    is_blocked: bool = False
    retry_at: datetime | None = None


class Robots:
    """Obeys robots.txt; a host whose robots.txt fails is left alone for this batch."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._asked: dict[str, asyncio.Future[_Robots]] = {}
        crawler.signals.connect(self.bytes_received, signal=signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Any) -> Robots:
        """Return the middleware as Scrapy asks for it."""
        return cls(crawler)

    def bytes_received(self, request: Request, **received: Any) -> None:
        """Stop reading a robots.txt at 500 KiB."""
        if request.meta.get(IS_ROBOTS):
            request.meta["earful_got"] = request.meta.get("earful_got", 0) + len(received["data"])
            if request.meta["earful_got"] > ROBOTS_LIMIT_BYTES:
                raise StopDownload(fail=False)

    async def process_request(self, request: Request) -> None:
        """Raise SourceBlocked when the host or its robots.txt forbids, SourceDown when it fails."""
        if request.meta.get(IS_ROBOTS) or request.meta.get(WITH_KEY):
            return
        parts = urlsplit(request.url)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._asked:
            self._asked[place] = asyncio.ensure_future(self._fetch(place))
        robots = await asyncio.shield(self._asked[place])
        if robots.is_blocked:
            raise SourceBlocked(robots.words, retry_at=robots.retry_at)
        if robots.words:
            words = f"robots.txt could not be read ({robots.words}), so nothing was asked"
            raise SourceDown(words)
        if not allowed(robots.text, AGENT, request.url):
            raise SourceBlocked("robots.txt forbids this address, so it was not asked")

    async def _fetch(self, place: str) -> _Robots:
        request = Request(f"{place}/robots.txt", meta={IS_ROBOTS: True})
        try:
            response = await self._crawler.engine.download_async(request)
        except SourceBlocked as fault:
            return _Robots(words=fault.what, is_blocked=True, retry_at=fault.retry_at)
        except DOWNLOAD_FAULTS as fault:
            return _Robots(words=in_words(fault))
        answer = robots_answer(response.status)
        if response.status == 429:
            until = _named_wait(response, self._crawler)
            return _Robots(words=REFUSALS[429], is_blocked=True, retry_at=until)
        if answer is RobotsAnswer.NOT_NOW:
            return _Robots(words=f"answered {response.status}")
        if answer is RobotsAnswer.NO_RULES:
            return _Robots()
        return _Robots(text=response.body[:ROBOTS_LIMIT_BYTES].decode("utf-8", "replace"))


def _named_wait(response: Response, crawler: Any) -> datetime | None:
    """Return the time that a response asks us to wait for, None when it names none."""
    named = response.headers.get("Retry-After") or b""
    return retry_after(named.decode("latin-1"), crawler.spider.now())
