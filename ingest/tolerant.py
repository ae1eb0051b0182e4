"""feedparser's two parsers, run within bounds: the strict one, then the tolerant one.

`feedparser.parse` cannot be bounded between the two, and it collects categories
in quadratic time (90,000 of them cost minutes); this module runs its parsers
itself and leaves categories out, which nothing here reads. Its parts are those of
feedparser 6.0; the tests over the corpus tell when they move.
"""

from __future__ import annotations

import io
import xml.sax
from dataclasses import dataclass
from typing import Any

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.sanitizer import replace_doctype

MAX_MARKS = 100_000  # `<` and `&` for the tolerant parser, which needs up to 20 us for each
# Under its other spelling feedparser mends what looks like mojibake, without a word.
_ENCODING = "utf8"
_LONGEST_NAME = 300
_TIMES = {"published", "updated", "created", "expired"}


class _Bounded:
    sanitize_html = False
    resolve_relative_uris = False

    def _add_tag(self, term: object, scheme: object, label: object) -> None:
        """Keep the latest category only: feedparser looks every other one up in a list."""
        tag = {"term": term, "scheme": scheme, "label": label}
        self._get_context()["tags"] = [tag]  # type: ignore[attr-defined]

    def _sync_author_detail(self, key: str = "author") -> None:
        """Tell name from address, but in a name of likely length: the pattern is quadratic."""
        author = self._get_context().get(key)  # type: ignore[attr-defined]
        if not isinstance(author, str) or len(author) <= _LONGEST_NAME:
            super()._sync_author_detail(key)  # type: ignore[misc]

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """Keep a time as sent and leave it unparsed: a dozen patterns each, and wrong days."""
        value = super().pop(element, strip_whitespace)  # type: ignore[misc]
        return "" if element in _TIMES else value


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]
    pass


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]
    pass


@dataclass(frozen=True, slots=True)
class Parsed:
    """What feedparser found; `fault` says why the document is not well-formed ("" when it is)."""

    feed: Any
    entries: list[Any]
    version: str
    fault: str = ""
    is_cut: bool = False


def parse_xml(text: str) -> Parsed:
    """Return the feed in `text`; only the first marks of one that is not well-formed are read."""
    version, body, entities = replace_doctype(_declared(text).encode("utf-8", "replace"))
    strict = _Strict("", None, _ENCODING)
    fault = _strictly(strict, body)
    if not fault:
        return Parsed(strict.feeddata, strict.entries, version or strict.version)
    kept = _first_marks(body.decode("utf-8", "replace"))
    loose = _Loose("", None, _ENCODING, entities)
    loose.feed(kept)
    is_cut = len(kept) < len(text) * 0.9
    return Parsed(loose.feeddata, loose.entries, version or loose.version, fault, is_cut)


def _declared(text: str) -> str:
    """Return the document with a declaration that tells the encoding it now has."""
    _, end, rest = text.partition("?>") if text.startswith("<?xml") else ("", "", text)
    return f"<?xml version='1.0' encoding='utf-8'?>{rest if end else text}"


def _strictly(parser: Any, body: bytes) -> str:
    """Feed `body` to the strict parser and return its fault, "" for none."""
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(body))
    try:
        reader.parse(source)
    except xml.sax.SAXException as e:
        return str(parser.exc or e) or "not well-formed"
    return str(parser.exc or "not well-formed") if parser.bozo else ""


def _first_marks(text: str) -> str:
    if text.count("<") + text.count("&") <= MAX_MARKS:
        return text
    seen = 0
    for at, letter in enumerate(text):
        seen += letter in "<&"
        if seen > MAX_MARKS:
            return text[:at]
    return text
