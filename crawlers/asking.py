"""Addresses with parameters, and the secrets that sign a request: what many sources share."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest.errors import ConfigError
from ingest.page import Ask, Fetched
from ingest.visit import Order

JSON = ("Accept", "application/json")


def asked(url: str) -> dict[str, str]:
    """Return the parameters of an address; of one that is given twice the last counts."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def with_asked(url: str, changes: dict[str, str | int | None]) -> str:
    """Return `url` with these parameters set, those that are None left out; no fragment."""
    parts = urlsplit(url)
    query = {**asked(url), **changes}
    kept = {name: each for name, each in query.items() if each is not None}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


def secret(order: Order, name: str, *, next_step: str) -> str:
    """Return the secret called `name` of an order; raises ConfigError when there is none."""
    found = order.options.get(name, "").strip()
    if not found:
        raise ConfigError(f"no {name} is set", subject=order.kind, next_step=next_step)
    return found


def with_header(ask: Ask, name: str, value: str) -> Ask:
    """Return `ask` with one more header."""
    return replace(ask, headers=(*ask.headers, (name, value)))


def without_tokens(fetched: Fetched, names: tuple[str, ...]) -> Fetched:
    """Return `fetched` with the values of these parameters blanked, in its address and body.

    In a body they stand in addresses: `name=value`, ended by `&` or a quote, encoded or not.
    """
    named = rf"({'|'.join(names)})(=|%3D)"
    pattern = re.compile(rf"{named}(?:[^&\"'\\\s<>%]|%(?!2[26]))+", re.IGNORECASE)
    in_body = re.compile(pattern.pattern.encode(), re.IGNORECASE)
    return replace(
        fetched,
        url=pattern.sub(r"\1\2-", fetched.url),
        body=in_body.sub(rb"\1\2-", fetched.body),
    )
