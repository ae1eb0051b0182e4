"""A feed's bytes to a `Page`: RSS, RDF and Atom by lxml or feedparser, JSON by `ingest.jsonfeed`.

Nothing is silent: what is no feed, is damaged, or is cut at a bound has a Problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import urlsplit

from ingest.bounds import Bounded, bound, unpack
from ingest.charset import decode
from ingest.jsonfeed import read_json_feed
from ingest.keys import told_apart
from ingest.links import address, following_page, web_link
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Page, Problem
from ingest.tolerant import Parsed, parse_xml
from ingest.wellformed import parse_common

_TAG = re.compile(r"</[a-z]\w*\s*>", re.IGNORECASE)
_GLOBAL_KEY = re.compile(r"(?:https?://|tag:|urn:)", re.IGNORECASE)
# Junk before the document: blank lines, a mark, a warning some script printed.
_DOCUMENT = re.compile(r"<\?xml\b|<(?:\w+:)?(?:rss|feed|rdf|channel)\b|<!DOCTYPE\b", re.IGNORECASE)
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!DOCTYPE\s+html|html)\b", re.IGNORECASE | re.DOTALL)


def read_feed(body: bytes, *, content_type: str | None, url: str) -> Page:
    """Return the entries of the feed in `body`, with a Problem for whatever is wrong with it.

    `Page.source` is the feed's address, or its host when every entry that names
    an id has one that is unique everywhere (an address, `tag:` or `urn:`).
    Keys are ids as sent, else links; a repeated entry keeps its key, but entries that
    share an id and say something else than the first get `#` and a hash of what they
    say, and a Problem `duplicate-key`. `is_end` is true when the feed has no entries,
    calls itself complete, or is the last page of a paged one: other feeds show
    only their newest entries. Never raises for what is in `body`.
    """
    body, unpacking = unpack(body)
    decoded = decode(body, content_type=content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n\0")
    problems = (*unpacking, *decoded.problems)
    if not text:
        empty = Problem(code="empty", words="the body is empty", is_fatal=True)
        return Page(source=address(url), problems=(*problems, empty))
    read = read_json_feed(text, url=url) if text[0] in "{[" else _read_xml(text, url=url)
    return _finished(read, problems=problems, url=url)


def _finished(page: Page, *, problems: Iterable[Problem], url: str) -> Page:
    """Add what was wrong before reading, settle the keys, and name the source."""
    items, doubles = told_apart(page.items)
    found = [*problems, *page.problems, *doubles]
    if not items and any(each.code != "duplicate-key" for each in found):
        # Nothing was read and something is wrong: the emptiness cannot be trusted.
        found[-1] = replace(found[-1], is_fatal=True)
    ids = [item.key for item in page.items if item.key]
    is_global = bool(ids) and all(_GLOBAL_KEY.match(key) for key in ids)
    host = urlsplit(url).hostname
    source = host if is_global and host else address(url)
    is_fatal = any(each.is_fatal for each in found)
    is_end = (page.is_end or not items) and page.next is None and not is_fatal
    return replace(page, source=source, items=items, problems=tuple(found), is_end=is_end)


def _read_xml(text: str, *, url: str) -> Page:
    start = _DOCUMENT.search(text, 0, 20_000)
    problems: list[Problem] = []
    if start and start.start() and not text.startswith("<"):
        problems.append(Problem(code="malformed", words="text stands before the feed"))
        text = text[start.start() :]
    if not text.startswith("<"):
        return _no_feed("text, not a feed", url)
    if _HTML.match(text):
        return _no_feed("a web page, not a feed", url)
    parsed = parse_common(text)
    if parsed is None:
        parsed, faults = _tolerantly(text)
        problems += faults
    language = str(parsed.feed.get("language") or "") or None
    items = tuple(_item(entry, base=url, language=language) for entry in parsed.entries)
    rels = {link.get("rel"): link.get("href") for link in parsed.feed.get("links", ())}
    following = following_page(rels.get("next"), url)
    is_end = "fh_complete" in parsed.feed or bool(rels.keys() & {"previous", "prev", "first"})
    return Page(source="", items=items, next=following, is_end=is_end, problems=tuple(problems))


def _tolerantly(text: str) -> tuple[Parsed, list[Problem]]:
    """Return what is in any document, within bounds, and what is wrong with it."""
    bounded = bound(text)
    parsed = _parsed(bounded)
    problems = [*bounded.problems, *_damage(parsed, bounded)]
    if not parsed.entries and not parsed.version:
        words = f"<{bounded.root}> is not a feed" if bounded.root else "no feed in it"
        problems.append(Problem(code="not-a-feed", words=words, is_fatal=True))
    return parsed, problems


def _no_feed(words: str, url: str) -> Page:
    problem = Problem(code="not-a-feed", words=words, is_fatal=True)
    return Page(source=address(url), problems=(problem,))


def _parsed(bounded: Bounded) -> Parsed:
    """Return what is in a document; of one that ends too early, its whole entries."""
    if bounded.whole:
        parsed = parse_xml(bounded.whole)
        if not parsed.fault:
            return replace(parsed, fault="ends too early")
    return parse_xml(bounded.text)


def _damage(parsed: Parsed, bounded: Bounded) -> list[Problem]:
    """Return how a document is damaged, as its parser and its end tell."""
    if not parsed.fault:
        return []
    words = "not well-formed: only its first part is read"
    cut = [Problem(code="too-large", words=words)] if parsed.is_cut else []
    if bounded.is_open:
        return [*cut, Problem(code="truncated", words=f"ends before </{bounded.root}>")]
    return [*cut, Problem(code="malformed", words=f"not well-formed: {parsed.fault[:200]}")]


def _item(entry: Mapping[str, Any], *, base: str, language: str | None) -> RawItem:
    key = _said(entry, "id")
    url = _link(entry, key=key, base=base)
    # As sent: feedparser reads times it does not know as other days, without a word.
    posted, updated = _said(entry, "published"), _said(entry, "updated")
    return RawItem(
        key=key or url,
        url=url,
        title=_as_html(_said(entry, "title"), entry.get("title_detail")),
        text=_text(entry),
        markup=Markup.HTML,
        author=_author(entry),
        posted=posted or updated,
        edited=updated if posted and updated != posted else None,
        feedback_kind=FeedbackKind.ARTICLE,
        language=language,
    )


def _said(entry: Mapping[str, Any], name: str) -> str | None:
    """Return a text of an entry, None when it is missing or blank."""
    value = entry[name] if name in entry else None  # noqa: SIM401 - .get() warns of "updated"
    return value.strip() or None if isinstance(value, str) else None


def _link(entry: Mapping[str, Any], *, key: str | None, base: str) -> str | None:
    link = _said(entry, "link")
    if link and link == key and not _GLOBAL_KEY.match(link):
        return None  # a guid that is called a permalink and is none
    return web_link(link, base)


def _text(entry: Mapping[str, Any]) -> str | None:
    """Return the fullest text of an entry as HTML: its content, or a summary that says more."""
    summary = _said(entry, "summary")
    texts = [_as_html(summary, entry.get("summary_detail"))] if summary else []
    texts += [_as_html(each.get("value", "").strip(), each) for each in entry.get("content", ())]
    return max(reversed(texts), key=lambda text: len(text or ""), default=None) or None


def _as_html(text: str | None, detail: Mapping[str, Any] | None) -> str | None:
    """Return a text as HTML: plain text has its `<` and `&` escaped, unless it ends a tag."""
    is_plain = detail is not None and detail.get("type") == "text/plain"
    return escape(text, quote=False) if text and is_plain and not _TAG.search(text) else text


def _author(entry: Mapping[str, Any]) -> str | None:
    detail = entry.get("author_detail") or {}
    return (detail.get("name") or "").strip() or _said(entry, "author")
