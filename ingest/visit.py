"""One attempt on one watch: the order that starts it and the facts that end it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ingest.page import Fetched, Page


class Outcome(StrEnum):
    """How a visit ended; `empty` means "empty, but should not be"."""

    OK = "ok"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    BLOCKED = "blocked"
    CHANGED = "changed"
    DOWN = "down"
    DUE = "due"


class Touch(StrEnum):
    """How a visit joins what was heard before.

    By overlap: it is whole where it met what was known. Resumed: it read on from
    the very place where the last one stopped, so nothing lies between. After an
    absence: what came since the last visit, nobody took in.
    """

    OVERLAP = "overlap"
    RESUMED = "resumed"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child needs to visit one watch: plain values, picklable.

    `target` is the source's own word for what to read (an address, a product
    id, a tag ...). `options` are the source's options. `etag` and
    `last_modified` are the validators of the last good visit, `body_hash` is that
    of its first page ("" for none). `account` names whose keys it brings: accounts
    have their own rate budgets. `heard_until` is how far it was heard, aware UTC.
    """

    watch_id: int
    kind: str
    target: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold keys
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    page_cap: int = 50
    account: str = ""
    heard_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """What one visit came to; `reason` is a sentence in English for people.

    `is_complete` is true when the walk ended by the source's end or because the
    receiver said stop (overlap), false when a cap or a fault cut it; `is_whole`
    is false when a page was cut on its way; `is_looping` is true when the pages
    led back to earlier ones.
    """

    outcome: Outcome
    reason: str = ""
    requests: int = 0
    pages: int = 0
    is_complete: bool = False
    is_whole: bool = True
    is_looping: bool = False
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    status: int | None = None
    retry_at: datetime | None = None
    moved_to: str = ""
    touch: Touch = Touch.OVERLAP


class Receiver(Protocol):
    """Takes what a crawl finds; picklable, called inside the crawl child."""

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        """Take one page in; return True to go on, False to stop (overlap)."""
        ...

    def end(self, order: Order, facts: VisitFacts) -> None:
        """Take the visit's end; called exactly once for each order begun."""
        ...
