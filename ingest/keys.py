"""Keys that stand for one thing only, within one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from ingest.mention import RawItem
from ingest.page import Problem


def told_apart(items: Sequence[RawItem]) -> tuple[tuple[RawItem, ...], list[Problem]]:
    """Return `items` with no key standing for two things, and a Problem for each that did.

    The first to use a key keeps it; what has the same key and says something
    else gets `#` and a hash of what it says. Plain repeats keep their key.
    """
    first: dict[str, RawItem] = {}
    apart: list[RawItem] = []
    problems: dict[str, Problem] = {}
    for item in items:
        key = item.key
        if key is not None and _says_else(item, first.setdefault(key, item)):
            item = replace(item, key=f"{key}#{_content(item)}")
            words = "different entries share this id: all are kept"
            problems[key] = Problem(code="duplicate-key", words=words, key=key)
        apart.append(item)
    return tuple(apart), list(problems.values())


def _says_else(item: RawItem, first: RawItem) -> bool:
    return item is not first and _content(item) != _content(first)


def _content(item: RawItem) -> str:
    said = "\0".join((item.url or "", item.title or "", item.text or "", str(item.stars or "")))
    return blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
