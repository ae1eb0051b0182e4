"""What a source is: who may read it, what it asks for, and what a good answer holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlsplit

from crawlers.grants import Grant
from ingest.errors import ConfigError, SourceError
from ingest.mention import RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order, Touch


class Access(StrEnum):
    """Under which right a source is read."""

    ON = "on"
    OPT_IN = "opt-in"
    KEY = "key"
    OWN_SHOP = "own shop"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a good first page of a source holds, so that a broken one is never a quiet day.

    `min_items` is the least number of items (0 where nothing found is normal);
    `filled` names the `RawItem` fields that at least half of the items must
    have; `rhythm_days` says how often something new comes, None when unknown.
    """

    min_items: int = 1
    filled: tuple[str, ...] = ("key",)
    rhythm_days: float | None = None


class Source(ABC):
    """One place where people talk: how to recognise it, ask it and read its answers.

    `evidence` says on what the reader was built; `breadth` is 0 for one site's
    own addresses, higher for readers that take what no narrower one knows; `touch`
    how a visit joins the last one and `keeps` for how long the site holds what nobody
    took (None: for good);
    `matches_by_construction` is true where everything read is about the watched
    product, page or file, false where a brand query must decide; `keys` names the
    secrets it needs, all of them in `order.options` when it is visited (`has_keyless`:
    it also does without, but slower or for less; `keys_by_account`: each of its hosts
    has its own, which no other may see), `grant` the
    way to them where the site has one, `keys_en` and `keys_vi` say where a person
    finds them; `marks` are
    the JSON fields that together only its answers have, so that a saved one is known;
    `page_mark` is what only its pages hold, for a saved page that states no address.
    """

    kind: ClassVar[str]
    name_en: ClassVar[str]
    name_vi: ClassVar[str]
    access: ClassVar[Access]
    covers: ClassVar[str]
    does_not_cover: ClassVar[str]
    evidence: ClassVar[str]
    expect: ClassVar[Expect]
    default_every_min: ClassVar[int]
    pages_from_newest: ClassVar[bool] = True
    touch: ClassVar[Touch] = Touch.OVERLAP
    keeps: ClassVar[timedelta | None] = None
    matches_by_construction: ClassVar[bool] = False
    is_fetched: ClassVar[bool] = True
    breadth: ClassVar[int] = 0
    keys: ClassVar[tuple[str, ...]] = ()
    has_keyless: ClassVar[bool] = False
    keys_by_account: ClassVar[bool] = False
    keys_en: ClassVar[str] = ""
    keys_vi: ClassVar[str] = ""
    grant: ClassVar[Grant | None] = None
    marks: ClassVar[frozenset[str]] = frozenset()
    page_mark: ClassVar[bytes] = b""

    @abstractmethod
    def recognise(self, url: str) -> str | None:
        """Return the target that `url` names for this source, or None."""

    @abstractmethod
    def check_target(self, target: str) -> None:
        """Raise ConfigError, with the next step, when `target` cannot be read."""

    @abstractmethod
    def first(self, order: Order) -> Ask:
        """Return the first request of a visit."""

    @abstractmethod
    def read(self, fetched: Fetched) -> Page:
        """Return what one response holds; pure.

        Raises SourceChanged when the shape is not the known one, and
        SourceBlocked when a login or challenge page came instead.
        """

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with what proves our right to it (a token, a signature); once per request.

        Secrets are `order.options` named in `keys`. They enter here only: the page
        is read and kept under the unsigned address. Raises ConfigError for a
        missing key.
        """
        return ask

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an answer with an error status says in its own words, or None."""
        return None

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without tokens and secret addresses, fit to be kept."""
        return fetched

    def takes_keys(self, target: str) -> bool:
        """Return whether reading `target` takes a key at all."""
        return bool(self.keys)

    def account(self, target: str) -> str:
        """Return whose keys read `target`, for people who have keys for several accounts."""
        return target.partition("/")[0]

    def public_name(self, target: str) -> str:
        """Return what to call `target` in logs and messages, without its secrets."""
        return f"{self.kind}:{target}"


def secrets_of(source: Source, order: Order) -> tuple[str, ...]:
    """Return the values of the keys that `order` brings for `source`: they may leave no trace."""
    return tuple(order.options[name] for name in source.keys if order.options.get(name))


def shortfall(page: Page, expect: Expect) -> str | None:
    """Return in words what a page with items lacks of a good one, or None."""
    for name in expect.filled:
        filled = sum(getattr(item, name) not in (None, "") for item in page.items)
        if filled * 2 < len(page.items):
            return f"only {filled} of {len(page.items)} items have '{name}', where most should"
    return None


def check_address(target: str, kind: str) -> None:
    """Raise ConfigError unless `target` is an http or https address with a host."""
    if not is_address(target):
        raise ConfigError(
            "is not a web address",
            subject=f"{kind}:{target}",
            next_step="give the full address, beginning with https://",
        )


def is_address(target: str) -> bool:
    """Return whether `target` is an http or https address with a host and no white space."""
    if any(letter.isspace() for letter in target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def host_of(url: str) -> str:
    """Return the lower-case host of `url`, "" when it has none or cannot be read."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def secret(order: Order, name: str) -> str:
    """Return the secret called `name` of an order; raises ConfigError when there is none."""
    value = order.options.get(name, "")
    if not value:
        raise ConfigError(
            f"the secret '{name}' is missing",
            subject=order.kind,
            next_step=f"earful connect {order.kind}",
        )
    return value


def keys_of(items: tuple[RawItem, ...]) -> frozenset[str]:
    """Return the keys of a page's items, those without a key left out."""
    return frozenset(item.key for item in items if item.key)
