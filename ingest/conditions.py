"""The parts of a brand query as a tree: each says whether a reading fulfils it, and by what."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.terms import Reading, Span, Term
from ingest.text import fold

__all__ = ["FIELDS", "All", "AnyOf", "Condition", "Filter", "Near", "Not", "Words"]

FIELDS = ("author", "lang", "site", "source")
_has_vietnamese_letter = re.compile("[ăđơưĂĐƠƯẠ-ỹ]").search


class Condition(ABC):
    """A part of a query."""

    @abstractmethod
    def find(self, reading: Reading) -> str | None:
        """Return what fulfils this part in the text's own spelling, None when nothing does.

        "" means fulfilled without a word to show, as by an exclusion.
        """

    @abstractmethod
    def needles(self) -> frozenset[str] | None:
        """Return folded words of which one must stand in a text, None when none must."""

    @abstractmethod
    def is_positive(self) -> bool:
        """Return whether this part names something to look for."""


@dataclass(frozen=True, slots=True)
class Words(Condition):
    """A word or exact phrase."""

    term: Term

    def find(self, reading: Reading) -> str | None:
        span = next(self.term.spans(reading), None)
        return None if span is None else reading.words_between(span)

    def needles(self) -> frozenset[str] | None:
        return frozenset({self.term.folded[0]})

    def is_positive(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class All(Condition):
    """Every part must be fulfilled; shows the first word that matched, else a fact."""

    parts: tuple[Condition, ...]

    def find(self, reading: Reading) -> str | None:
        shown = shown_fact = ""
        for part in self.parts:
            found = part.find(reading)
            if found is None:
                return None
            if isinstance(part, Filter):
                shown_fact = shown_fact or found
            else:
                shown = shown or found
        return shown or shown_fact

    def needles(self) -> frozenset[str] | None:
        return next((needles for part in self.parts if (needles := part.needles())), None)

    def is_positive(self) -> bool:
        return any(part.is_positive() for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """One part is enough."""

    parts: tuple[Condition, ...]

    def find(self, reading: Reading) -> str | None:
        for part in self.parts:
            found = part.find(reading)
            if found is not None:
                return found
        return None

    def needles(self) -> frozenset[str] | None:
        each = [part.needles() for part in self.parts]
        return (
            frozenset[str]().union(*(needles for needles in each if needles)) if all(each) else None
        )

    def is_positive(self) -> bool:
        return all(part.is_positive() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The part must not be fulfilled."""

    part: Condition

    def find(self, reading: Reading) -> str | None:
        return "" if self.part.find(reading) is None else None

    def needles(self) -> frozenset[str] | None:
        return None

    def is_positive(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Near(Condition):
    """A term of each side, in any order, with at most `distance` words between them."""

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    distance: int

    def find(self, reading: Reading) -> str | None:
        latest: dict[bool, Span] = {}
        spans = [(span, True) for span in _spans(self.left, reading)]
        spans += [(span, False) for span in _spans(self.right, reading)]
        for span, is_left in sorted(spans):
            other = latest.get(not is_left)
            if other and 0 < span.first - other.last <= self.distance + 1:
                return reading.words_between(Span(other.first, span.last))
            latest[is_left] = span
        return None

    def needles(self) -> frozenset[str] | None:
        return frozenset(term.folded[0] for term in self.left)

    def is_positive(self) -> bool:
        return True


def _spans(terms: Sequence[Term], reading: Reading) -> list[Span]:
    return [span for term in terms for span in term.spans(reading)]


@dataclass(frozen=True, slots=True)
class Filter(Condition):
    """A condition on a fact: `field` is one of FIELDS, `value` as typed."""

    field: str
    value: str

    def find(self, reading: Reading) -> str | None:
        mention = reading.mention
        match self.field:
            case "site":
                return _on_site(mention.url, self.value)
            case "author":
                return mention.author if _has_words(mention.author, self.value) else None
            case "source":
                return _from_source(mention.source, self.value)
            case "lang":
                language = mention.language or _language_by_letters(reading.text)
                return "" if language == self.value.casefold() else None
            case _:
                raise ValueError(f"unknown field {self.field!r}")

    def needles(self) -> frozenset[str] | None:
        return None

    def is_positive(self) -> bool:
        return self.field != "lang"


def _on_site(url: str, site: str) -> str | None:
    """Return the host of `url` if it is `site` or a part of it."""
    host = (urlsplit(url).hostname or "") if url else ""
    wanted = site.casefold().removeprefix("www.")
    return host if host == wanted or host.endswith("." + wanted) else None


def _from_source(source: str, wanted: str) -> str | None:
    if source.casefold() == wanted.casefold():
        return source
    address = source if "//" in source else f"//{source}"
    return source if _on_site(address, wanted) else None


def _has_words(text: str, wanted: str) -> bool:
    """Return whether the words of `wanted` stand in `text`, marks and case aside."""
    return f" {' '.join(fold(wanted).split())} " in f" {' '.join(fold(text).split())} "


def _language_by_letters(text: str) -> str:
    return "vi" if _has_vietnamese_letter(text) else ""
