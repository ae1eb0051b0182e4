"""Saved answers and pages of a known source, read by that source's own reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crawlers.base import Source, is_address
from crawlers.registry import all_sources, recognise, source_of
from ingest.amazon import is_amazon
from ingest.errors import EarfulError
from ingest.page import Fetched, Page

NODES = 20_000  # looked at for a source's marks; they stand in every review
HEAD_BYTES = 300_000  # of a page, in which it says its own address
_ADDRESS = re.compile(
    rb"""<link\b[^>]*\brel=["']?canonical["']?[^>]*\bhref=["']([^"'>]+)"""
    rb"""|<link\b[^>]*\bhref=["']([^"'>]+)["'][^>]*\brel=["']?canonical\b"""
    rb"""|<meta\b[^>]*\bproperty=["']og:url["'][^>]*\bcontent=["']([^"'>]+)"""
    rb"""|<!-- saved from url=\(\d+\)(\S+)""",
    re.IGNORECASE,
)


def read_saved(body: bytes, *, now: datetime) -> Page | None:
    """Return what a saved answer or page holds, when a source knows it as its own; else None.

    An answer is known by the fields that only its source sends, a page by the
    address that it states. Its items have the keys they have when crawled.
    """
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"<":
        return None if is_amazon(body) else _page(body, now)
    if start in (b"{", b"["):
        return _answer(body, now)
    return None


def _page(body: bytes, now: datetime) -> Page | None:
    found = _ADDRESS.search(body[:HEAD_BYTES])
    address = next((each for each in found.groups() if each), b"") if found else b""
    url = address.decode("ascii", "replace").replace("&amp;", "&")
    known = recognise(url) if is_address(url) else None
    if known is None:
        return None
    return _read(source_of(known[0]), url, body, "text/html", now)


def _answer(body: bytes, now: datetime) -> Page | None:
    try:
        names = set(_names(json.loads(body)))
    except (ValueError, RecursionError):
        return None
    for source in all_sources():
        if source.marks and source.marks <= names:
            page = _read(source, "https://saved.example/", body, "application/json", now)
            if page is not None:
                return page
    return None


def _read(source: Source, url: str, body: bytes, kind: str, now: datetime) -> Page | None:
    """Return what `source` reads in a body, None when it is not as the source sends it."""
    headers = {"content-type": kind}
    try:
        page = source.read(Fetched(url=url, headers=headers, body=body, fetched_at=now))
    except EarfulError:
        return None
    return page if page.items else None


def _names(root: Any) -> Iterator[str]:
    waiting = [root]
    for _ in range(NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, dict):
            yield from node
        children = node.values() if isinstance(node, dict) else node
        waiting += [each for each in children if isinstance(each, dict | list)]
