"""One response and what was read in it: `Fetched` (bytes) becomes `Page` (items)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.mention import FeedbackKind, Figure, RawItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One response as the child hands it on and as a capture keeps it.

    `headers` has lower-case names and only those that matter to a reader;
    `body` is decoded from transfer encodings and scrubbed of tokens;
    `fetched_at` is aware UTC.
    """

    url: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fetched_at: datetime

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request a source wants made; `headers` are pairs so that it is hashable.

    `is_signed` is set once the owner's key is in it: then the terms of the API hold.
    """

    url: str
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    is_signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a page or with one item of it, in words.

    `code` is one of not-a-feed, malformed, truncated, too-large, too-deep,
    bad-item (left out), empty, bad-encoding, damaged-text, bad-time, future-time,
    duplicate-key, not-a-table, no-scale.
    `is_fatal` means that the page as a whole cannot be trusted.
    """

    code: str
    words: str
    key: str = ""
    is_fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read in one response.

    `source` is the space in which the items' keys are unique; `next` the
    request for the following page, None when there is none; `is_end` says that
    the source itself ended here (not merely that we do not know how to go on);
    `total` is the source's own count if it states one, `stars` that of each star (1 to
    5); `wait_s` how long the source
    asks us to wait before its next request.
    """

    source: str
    items: tuple[RawItem, ...] = ()
    next: Ask | None = None
    is_end: bool = False
    total: int | None = None
    stars: Mapping[int, int] = field(default_factory=dict)
    wait_s: float = 0.0
    problems: tuple[Problem, ...] = ()
    figures: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        """Take a total that is no whole number for one that is not stated."""
        object.__setattr__(self, "total", whole(self.total))

    def of_kind(self, kind: FeedbackKind) -> Page:
        """Return the page with every item told to be of `kind`: a forum's feed has posts."""
        return replace(self, items=tuple(replace(each, feedback_kind=kind) for each in self.items))


def whole(count: object) -> int | None:
    """Return a count as a site should state it, None for what is none: text, a share, true."""
    is_whole = isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**53
    return count if is_whole and isinstance(count, int) else None
