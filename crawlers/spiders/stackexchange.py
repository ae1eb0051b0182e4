"""Questions on Stack Overflow and its sister sites, by their public API."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_query
from crawlers.base import Access, Expect, Source, host_of
from ingest.errors import ConfigError, SourceBlocked, SourceChanged, SourceError
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

API = "https://api.stackexchange.com/2.3"
PER_PAGE = 100
_TARGET = re.compile(r"[a-z0-9.]+/\S.*")
_OWN_HOSTS = {
    "stackoverflow.com": "stackoverflow",
    "superuser.com": "superuser",
    "serverfault.com": "serverfault",
    "askubuntu.com": "askubuntu",
}
_THROTTLED = 502
_REFUSED = {401, 402, 403, 405, 406, _THROTTLED}


class StackExchange(Source):
    """What a search finds, newest first; the target is `site/words` or `site/[tag]`.

    An answer is `{items: [question], has_more, quota_remaining, backoff}`; titles and
    names are entity-encoded; `backoff` (seconds) must pass before the next request,
    for all that ask this API from here; with `quota_remaining` 0 it is asked again on
    the next day (UTC).
    """

    kind = "stackexchange"
    name_en = "Stack Exchange"
    name_vi = "Stack Exchange"
    access = Access.ON
    covers = "questions of one site that the words or the tag find"
    does_not_cover = (
        "answers and comments; over 300 requests a day from one address (10,000 with a key)"
    )
    evidence = "read on real responses of 2016 (texts taken out); search and key from documentation"
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 120
    keys = ("key",)
    has_keyless = True
    keys_en = "On stackapps.com/apps/oauth/register register an app; take its key, not its secret"
    keys_vi = "Ở stackapps.com/apps/oauth/register, đăng ký một ứng dụng; lấy key, không lấy secret"
    marks = frozenset({"question_id", "is_answered"})

    def recognise(self, url: str) -> str | None:
        """Return `site/[tag]` or `site/words` of an address on one of the sites."""
        host = host_of(url)
        site = _OWN_HOSTS.get(host) or (
            host.removesuffix(".stackexchange.com") if host.endswith(".stackexchange.com") else ""
        )
        if not site or site == "api":
            return None
        tag = re.match(r"/(?:questions/tagged|tags)/([^/]+)", unquote(urlsplit(url).path))
        words = asked(url).get("q")
        return f"{site}/[{tag[1]}]" if tag else f"{site}/{words}" if words else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a site and what to look for."""
        if not _TARGET.fullmatch(target):
            raise ConfigError(
                "names no site and words",
                subject=f"stackexchange:{target}",
                next_step="give site/words or site/[tag], such as stackoverflow/[luamay]",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest questions."""
        site, _, words = order.target.partition("/")
        tag = re.fullmatch(r"\[(.+)\]", words)
        what = f"questions?tagged={quote(tag[1])}" if tag else f"search/advanced?q={quote(words)}"
        order_by = f"order=desc&sort=creation&filter=withbody&pagesize={PER_PAGE}"
        return Ask(url=f"{API}/{what}&site={quote(site)}&{order_by}&page=1", headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the app's key where there is one; it is asked without one too."""
        key = order.options.get("key")
        return replace(ask, url=with_query(ask.url, key=key)) if key else ask

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of questions."""
        answer = read_json(fetched, kind=self.kind)
        fault = _fault(answer, fetched)
        if fault:
            raise fault
        rows = listed(answer, "items", kind=self.kind)
        items, problems = read_each(rows, _read_question, kind=self.kind)
        query = asked(fetched.url)
        more = answer["has_more"]
        page = int(query.get("page", "1")) + 1
        url = with_query(fetched.url, page=page)
        return Page(
            source=f"{self.kind}:{query.get('site', '')}".rstrip(":"),
            items=items,
            next=Ask(url=url, headers=(JSON,)) if more else None,
            is_end=not more,
            total=answer.get("total"),
            wait_s=_wait_s(answer, fetched.fetched_at),
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says."""
        try:
            return _fault(json.loads(fetched.body), fetched)
        except ValueError:
            return None


def _wait_s(answer: Any, now: datetime) -> float:
    """Return how many seconds must pass before the next request."""
    backoff = float(answer.get("backoff") or 0)
    if answer.get("quota_remaining") != 0:
        return backoff
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return max(backoff, (midnight - now).total_seconds())


def _fault(answer: Any, fetched: Fetched) -> SourceError | None:
    """Return what `{error_id, error_name, error_message}` means, else None."""
    if not isinstance(answer, dict) or "error_id" not in answer:
        return None
    number = answer["error_id"]
    words = f"the site refuses: {str(answer.get('error_message'))[:200]} ({number})"
    if number not in _REFUSED:
        return SourceChanged(words, subject="stackexchange")
    wait = re.search(r"in (\d{1,6}) second", words) if number == _THROTTLED else None
    retry_at = fetched.fetched_at + timedelta(seconds=int(wait[1])) if wait else None
    return SourceBlocked(words, subject="stackexchange", retry_at=retry_at)


def _read_question(row: Any) -> RawItem:
    """Return a question; one that came without title or text is called by its tags."""
    body = row.get("body") or row.get("body_markdown")
    tags = " ".join(f"[{tag}]" for tag in row.get("tags") or ())
    return RawItem(
        key=str(row["question_id"]),
        url=row.get("link"),
        title=row["title"] or (None if body else tags),
        text=body,
        markup=Markup.HTML,
        author=unescape((row.get("owner") or {}).get("display_name") or "") or None,
        posted=row["creation_date"],
        edited=row.get("last_edit_date"),
        feedback_kind=FeedbackKind.SOCIAL,
        reach=row.get("view_count"),
        likes=row.get("score"),
    )


SOURCE = StackExchange()
