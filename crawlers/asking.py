"""What many sources share: addresses with parameters, tokens, answers in another shape."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from ingest.errors import SourceChanged
from ingest.page import Ask, Fetched, Page

if TYPE_CHECKING:
    from crawlers.base import Source

Reader = TypeVar("Reader", bound="Source")

JSON = ("Accept", "application/json")


def asked(url: str) -> dict[str, str]:
    """Return the parameters of an address; of one that is given twice the last counts."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def asked_for(url: str, name: str) -> str:
    """Return the value of a parameter of an address, "" when it has none."""
    return asked(url).get(name, "")


def with_query(url: str, /, **changed: str | int | None) -> str:
    """Return `url` with these parameters set, those that are None left out; the rest stays."""
    kept = {name: each for name, each in (asked(url) | changed).items() if each is not None}
    return urlsplit(url)._replace(query=urlencode(kept)).geturl()


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


def in_known_shape(read: Callable[[Reader, Fetched], Page]) -> Callable[[Reader, Fetched], Page]:
    """Return `read`, raising SourceChanged when an answer's frame is not what it expects.

    `read_each` does the same for single items; this is for what is around them.
    """

    @wraps(read)
    def strictly(self: Reader, fetched: Fetched) -> Page:
        try:
            return read(self, fetched)
        except KeyError as fault:
            words = f"the answer has no field {fault}"
            raise SourceChanged(words, subject=self.kind) from fault
        except (TypeError, ValueError, IndexError, AttributeError) as fault:
            words = f"the answer is not in the known shape ({str(fault)[:100]})"
            raise SourceChanged(words, subject=self.kind) from fault

    return strictly
