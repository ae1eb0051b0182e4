"""Makes the requests that a grant needs: no redirects, no log, nothing kept of an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from crawlers.grants import Choose, Granted, Steps
from crawlers.settings import CrawlSettings
from ingest.errors import SourceBlocked, SourceDown, SourceError
from ingest.page import Ask, Fetched
from ingest.redact import redact

MOST_BYTES = 1_000_000

Send = Callable[[Ask, datetime], Fetched]
Chosen = Callable[[Choose], str]


class _NoRedirects(HTTPRedirectHandler):
    """A key goes to the address it is meant for, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Sender:
    """Sends one request at a time, as the crawl's settings say."""

    def __init__(self, settings: CrawlSettings) -> None:
        proxies = {"https": settings.proxy, "http": settings.proxy} if settings.proxy else {}
        self._settings = settings
        self._opener = build_opener(_NoRedirects, ProxyHandler(proxies))

    def __call__(self, ask: Ask, now: datetime) -> Fetched:
        """Return the answer, whatever its status. Raises SourceDown when there is none."""
        place = urlsplit(ask.url)
        url = ask.url
        if self._settings.replay_address:
            url = place._replace(scheme="http", netloc=self._settings.replay_address).geturl()
        headers = {"User-Agent": self._settings.user_agent, **dict(ask.headers)}
        request = Request(url, ask.body or None, headers, method=ask.method)
        request.add_unredirected_header("Host", place.netloc)
        try:
            with self._opener.open(request, timeout=self._settings.timeout_s) as response:
                status, body = response.status, response.read(MOST_BYTES)
        except HTTPError as refused:
            with refused:
                status, body = refused.code, refused.read(MOST_BYTES)
        except (OSError, HTTPException) as fault:
            why = type(getattr(fault, "reason", fault)).__name__
            raise SourceDown(f"{place.hostname} cannot be reached for a key ({why})") from None
        return Fetched(url=f"https://{place.netloc}/", status=status, body=body, fetched_at=now)


def walk(
    steps: Steps,
    send: Send,
    *,
    kind: str,
    hidden: Collection[str],
    now: datetime,
    choose: Chosen | None = None,
) -> Granted:
    """Return what the steps of a grant come to.

    Raises SourceBlocked or SourceDown naming the source and `earful connect`, with
    nothing of `hidden` (keys that an answer may repeat) in its words.
    """
    answer: Any = None
    try:
        while True:
            step = steps.send(answer)
            answer = send(step, now) if isinstance(step, Ask) else _chosen(step, choose)
    except StopIteration as ended:
        granted: Granted = ended.value
        return granted
    except SourceError as fault:
        kindly = SourceBlocked if isinstance(fault, SourceBlocked) else SourceDown
        again = f"earful connect {kind}" if kindly is SourceBlocked else "wait: it is tried again"
        words = redact(fault.what, hidden)
        raise kindly(words, subject=kind, next_step=fault.next_step or again) from None


def _chosen(step: Choose, choose: Chosen | None) -> str:
    if len(step.labels) == 1 or choose is None:
        return next(iter(step.labels))
    return choose(step)
