"""Saved answers, feeds and pages of a known source, read by that source's own reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.base import Source, is_address
from crawlers.registry import all_sources, recognise, source_of
from ingest.errors import EarfulError
from ingest.page import Fetched, Page

NODES = 20_000  # looked at for a source's marks; they stand in every review
HEAD_BYTES = 300_000  # of a page, in which it says its own address
UNTOLD = "saved.example"  # the host of an answer that does not say where it came from
_ADDRESS = re.compile(
    rb"""<link\b[^>]*\brel=["']?canonical["']?[^>]*\bhref=["']([^"'>]+)"""
    rb"""|<link\b[^>]*\bhref=["']([^"'>]+)["'][^>]*\brel=["']?canonical\b"""
    rb"""|<meta\b[^>]*\bproperty=["']og:url["'][^>]*\bcontent=["']([^"'>]+)"""
    rb"""|<!-- saved from url=\(\d+\)(\S+)""",
    re.IGNORECASE,
)
_OWN_LINK = re.compile(rb"""<(?:\w+:)?link\b(?=[^>]*\brel=["']self["'])[^>]*\bhref=["']([^"'>]+)""")
_IS_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|(?:\w+:)?(?:rss|feed))[\s>]")
# A saved letter (.eml), or many of them (.mbox): headers that every letter has.
_LETTER = re.compile(
    rb"(?:From \S+.*\n)?(?=(?:.*\n)*?From: )(?=(?:.*\n)*?Date: )[A-Za-z][A-Za-z0-9-]*: .*\n",
)
_ADDRESS_NAMES = frozenset({"url", "href", "uri", "self", "link"})


def read_saved(body: bytes, *, now: datetime, url: str = "") -> Page | None:
    """Return what a saved answer, feed or page holds, when a source knows it as its own; else None.

    An answer is known by the fields that only its source sends, a page by the
    address that it states or by its marks. Its items have the keys they have when
    crawled. `source` is "" where ids are unique within one site only and the
    answer does not say which and `url`, where it came from, is not told.
    """
    start = _start(body)
    if start[:1] == b"<":
        return (_feed if _IS_FEED.search(start) else _page)(body, now, url)
    if start[:1] in (b"{", b"["):
        return _answer(body, now, url)
    return _tried(source_of("mail"), url, body, now) if _LETTER.match(start) else None


def is_markup(body: bytes) -> bool:
    """Return whether a body is JSON, XML or HTML: what sites answer with."""
    return _start(body)[:1] in (b"{", b"[", b"<")


def read_as(source: Source, url: str, body: bytes, *, now: datetime) -> Page:
    """Return what `source` reads in a saved body; `url` is where it came from, "" if not known.

    Raises SourceError when it is nothing that the source sends.
    """
    address = url or f"https://{UNTOLD}/"
    headers = {"content-type": _type(body)}
    page = source.read(Fetched(url=address, headers=headers, body=body, fetched_at=now))
    return replace(page, source="") if UNTOLD in page.source else page


def _tried(source: Source, url: str, body: bytes, now: datetime) -> Page | None:
    """Return what `source` reads in a body, None when it is not as the source sends it."""
    try:
        page = read_as(source, url, body, now=now)
    except EarfulError:
        return None
    return page if page.items else None


def _type(body: bytes) -> str:
    start = _start(body)
    if start[:1] in (b"{", b"["):
        return "application/json"
    return "application/xml" if _IS_FEED.search(start) else "text/html"


def _start(body: bytes) -> bytes:
    return body[:2_000].removeprefix(b"\xef\xbb\xbf").lstrip()


def _feed(body: bytes, now: datetime, url: str) -> Page | None:
    """Return what a feed holds, as the source whose address it states reads it."""
    url = url or _stated(_OWN_LINK, body)
    known = recognise(url) if is_address(url) else None
    if known is not None and (page := _tried(source_of(known[0]), url, body, now)):
        return page
    return _tried(source_of("feed"), url if is_address(url) else "", body, now)


def _page(body: bytes, now: datetime, url: str) -> Page | None:
    url = url or _stated(_ADDRESS, body)
    for source in all_sources():
        if source.page_mark and source.page_mark in body:
            page = _tried(source, url, body, now)
            if page is not None:
                return page
    known = recognise(url) if is_address(url) else None
    return None if known is None else _tried(source_of(known[0]), url, body, now)


def _stated(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body[:HEAD_BYTES])
    address = next((each for each in found.groups() if each), b"") if found else b""
    return address.decode("ascii", "replace").replace("&amp;", "&")


def _answer(body: bytes, now: datetime, url: str) -> Page | None:
    try:
        root = json.loads(body)
    except RecursionError:
        return None
    except ValueError:
        root = _first_line(body)
    fields = list(_fields(root))
    names = {name for name, _ in fields}
    if isinstance(root, dict) and "jsonfeed.org" in str(root.get("version")):
        return _tried(source_of("feed"), str(root.get("feed_url") or ""), body, now)
    for source in all_sources():
        if source.marks and source.marks <= names:
            page = _tried(source, url or _own_address(source, fields), body, now)
            if page is not None:
                return page
    return None


def _first_line(body: bytes) -> Any:
    """Return the first object of a file with one a line, None when it holds none."""
    try:
        return json.loads(body.lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return None


def _own_address(source: Source, fields: list[tuple[str, Any]]) -> str:
    """Return the first address in an answer that `source` knows as its own, "" for none."""
    for name, value in fields:
        if name in _ADDRESS_NAMES and isinstance(value, str) and is_address(value):
            try:
                is_own = source.recognise(value) is not None
            except EarfulError:
                is_own = False
            if is_own:
                return value
    return ""


def _fields(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a JSON value, from the top down, at most those of `NODES` nodes."""
    waiting = [root] if isinstance(root, dict | list) else []
    for place in range(NODES):
        if place >= len(waiting):
            return
        node = waiting[place]
        if isinstance(node, dict):
            yield from node.items()
        children = node.values() if isinstance(node, dict) else node
        room = NODES - len(waiting)
        waiting += [each for each in children if isinstance(each, dict | list)][: max(room, 0)]
