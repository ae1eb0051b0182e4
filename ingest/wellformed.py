"""Well-formed feeds in the usual words, read by lxml in a tenth of feedparser's time.

Most feeds are of this kind. Whatever is not listed here (an element, an attribute,
markup in a text, a DOCTYPE) is left to feedparser as a whole document, so this
module never has an opinion of its own: tests hold both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, NoReturn

from feedparser.mixin import _FeedParserMixin
from lxml import etree

from ingest.tolerant import Parsed

__all__ = ["parse_common"]

MOST_ENTRIES = 5_000
MOST_PARTS = 1_000  # of one entry

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_DECLARATION = re.compile(r"""\A<\?xml\s+version=["']1\.0["'][^<>]*\?>""")
_HOST = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_CODE_IN_LINK = re.compile(r"&\w+;")
_WINDOWS = re.compile("[\x80-\x9f]")
_HTML_TYPES = {"text/html", "application/xhtml+xml"}
_TYPES = {"text": "text/plain", "text/plain": "text/plain", "html": "text/html",
          "text/html": "text/html"}  # fmt: skip

# What says nothing that a mention has, with the attributes it may carry.
_IGNORED: dict[str, frozenset[str]] = {
    "category": frozenset({"domain"}),
    "comments": frozenset(),
    "enclosure": frozenset({"url", "length", "type"}),
    "source": frozenset({"url"}),
    "{http://purl.org/rss/1.0/modules/slash/}comments": frozenset(),
    "{http://wellformedweb.org/CommentAPI/}commentRss": frozenset(),
    f"{_MEDIA}content": frozenset({"url", "medium", "type", "width", "height", "fileSize"}),
    f"{_MEDIA}thumbnail": frozenset({"url", "width", "height"}),
    f"{_ATOM}category": frozenset({"term", "scheme", "label"}),
    f"{_ATOM}rights": frozenset({"type"}),
}
# Of the feed itself only its language and its links are asked for.
_OF_THE_FEED = frozenset(
    {
        *("title", "link", "description", "pubDate", "lastBuildDate", "generator", "copyright"),
        *("ttl", "docs", "managingEditor", "webMaster", "category"),
        f"{_DC}date",
        "{http://rssnamespace.org/feedburner/ext/1.0}info",
        "{http://purl.org/rss/1.0/modules/syndication/}updatePeriod",
        "{http://purl.org/rss/1.0/modules/syndication/}updateFrequency",
        *(f"{_ATOM}{name}" for name in ("id", "title", "subtitle", "updated", "generator")),
        *(f"{_ATOM}{name}" for name in ("icon", "logo", "rights", "category")),
    }
)
_IMAGE = frozenset({"title", "link", "url", "width", "height", "description"})
_PERSON = frozenset({f"{_ATOM}name", f"{_ATOM}uri", f"{_ATOM}email"})
_QUIET_RELS = frozenset({"alternate", "self", "hub", "replies", "edit", "related", "enclosure"})

Entry = dict[str, Any]
_Put = Callable[[Entry, Any], None]


class _Unusual(Exception):
    """Something is not listed here: feedparser must read the document."""


def parse_common(text: str) -> Parsed | None:
    """Return what feedparser would find in `text`, or None when feedparser must look itself."""
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    if "<!DOCTYPE" in body or body.startswith("<?xml"):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body.encode("utf-8", "replace"), parser)
        return _rss(root) if root.tag == "rss" else _atom(root)
    except (etree.XMLSyntaxError, _Unusual):
        return None


def _rss(root: Any) -> Parsed:
    _only(root, {"version"})
    channel = root[0] if len(root) == 1 else _unusual()
    if channel.tag != "channel":
        _unusual()
    _only(channel)
    feed: Entry = {"links": []}
    entries = []
    for part in channel:
        if part.tag == "item":
            entries.append(_entry(part, _RSS))
        elif part.tag in ("language", f"{_DC}language"):
            _put_once(feed, "language", _plain(part))
        elif part.tag == "image":
            _image(part)
        else:
            _part_of_feed(part)
    return _parsed(feed, entries, "rss20")


def _atom(root: Any) -> Parsed:
    if root.tag != f"{_ATOM}feed":
        _unusual()
    _only(root, {_LANG})
    feed: Entry = {"links": []}
    if root.get(_LANG):
        feed["language"] = root.get(_LANG).replace("_", "-")
    entries = []
    for part in root:
        if part.tag == f"{_ATOM}entry":
            entry = _entry(part, _ATOM_PARTS)
            if not entry["link"]:
                _unusual()  # feedparser may take the id for one
            entries.append(entry)
        elif part.tag == f"{_ATOM}author":
            _name(part)
        else:
            _part_of_feed(part)
    return _parsed(feed, entries, "atom10")


def _parsed(feed: Entry, entries: list[Entry], version: str) -> Parsed:
    if len(entries) > MOST_ENTRIES:
        _unusual()
    return Parsed(feed, entries, version)


def _part_of_feed(part: Any) -> None:
    if part.tag == f"{_ATOM}link":
        if part.get("rel", "alternate") not in _QUIET_RELS or len(part):
            _unusual()
    elif part.tag not in _OF_THE_FEED or len(part):
        _unusual()


def _image(part: Any) -> None:
    if part.attrib or any(each.tag not in _IMAGE or len(each) for each in part):
        _unusual()


def _entry(item: Any, known: dict[str, _Put]) -> Entry:
    _only(item)
    if len(item) > MOST_PARTS:
        _unusual()
    entry: Entry = {}
    for part in item:
        put = known.get(part.tag)
        if put is not None:
            put(entry, part)
        elif part.tag in _IGNORED:
            _only(part, _IGNORED[part.tag])
            if len(part):
                _unusual()
        else:
            _unusual()
    entry.setdefault("link", entry.pop("guid_link", None))
    return entry


def _unusual() -> NoReturn:
    raise _Unusual


def _only(part: Any, names: AbstractSet[str] = frozenset()) -> None:
    """Refuse attributes that are not among `names`."""
    if part.attrib and not names >= set(part.attrib):
        _unusual()


def _words(part: Any) -> str:
    """Return the text of an element without any inside."""
    if len(part):
        _unusual()
    words = (part.text or "").strip()
    if not words.isascii() and _WINDOWS.search(words):
        _unusual()
    return words


def _plain(part: Any) -> str:
    _only(part)
    return _words(part)


def _put_once(entry: Entry, name: str, value: Any) -> None:
    if name in entry:
        _unusual()
    entry[name] = value


def _put(name: str) -> _Put:
    """Return what puts the text of an element without attributes under `name`."""
    return lambda entry, part: _put_once(entry, name, _plain(part))


def _put_title(entry: Entry, part: Any) -> None:
    title = _plain(part)
    kind = "text/html" if _FeedParserMixin.looks_like_html(title) else "text/plain"
    _put_once(entry, "title", title)
    entry["title_detail"] = {"type": kind}


def _put_summary(entry: Entry, part: Any) -> None:
    _put_once(entry, "summary", _plain(part))
    entry["summary_detail"] = {"type": "text/html"}


def _put_content(entry: Entry, part: Any) -> None:
    _put_once(entry, "content", [{"type": "text/html", "value": _plain(part)}])


def _put_author(entry: Entry, part: Any) -> None:
    name = _plain(part)
    if "@" in name:
        _unusual()  # feedparser tells the name from the address
    _put_once(entry, "author", name)


def _put_guid(entry: Entry, part: Any) -> None:
    _only(part, {"isPermaLink"})
    key = _words(part)
    told = part.get("isPermaLink", "true")
    if told not in ("true", "false") or "id" in entry:
        _unusual()
    entry["id"] = key
    if told == "true":
        entry["guid_link"] = _address(key)


def _put_link(entry: Entry, part: Any) -> None:
    _put_once(entry, "link", _address(_plain(part)))


def _address(link: str) -> str:
    if not _HOST.match(link) or _CODE_IN_LINK.search(link):
        _unusual()
    return link


def _put_typed(name: str) -> _Put:
    """Return what puts an Atom text and its type under `name`."""

    def put(entry: Entry, part: Any) -> None:
        _only(part, {"type", _LANG})
        kind = _TYPES.get(part.get("type", "text")) or _unusual()
        _put_once(entry, name, _words(part))
        entry[f"{name}_detail"] = {"type": kind}

    return put


def _put_typed_content(entry: Entry, part: Any) -> None:
    _only(part, {"type", _LANG})
    kind = _TYPES.get(part.get("type", "text")) or _unusual()
    _put_once(entry, "content", [{"type": kind, "value": _words(part)}])


def _put_href(entry: Entry, part: Any) -> None:
    _only(part, {"href", "rel", "type", "hreflang", "title", "length"})
    link = part.get("href")
    if link is None or len(part):
        _unusual()
    if part.get("rel", "alternate") == "alternate" and part.get("type", "text/html") in _HTML_TYPES:
        entry["link"] = _address(link)


def _put_id(entry: Entry, part: Any) -> None:
    key = _plain(part)
    if ":///" in key:
        _unusual()
    _put_once(entry, "id", key)


def _put_person(entry: Entry, part: Any) -> None:
    _put_once(entry, "author", _name(part))


def _name(person: Any) -> str:
    """Return a person's name; where there is none, feedparser may know an address."""
    told = {each.tag: _plain(each) for each in person}
    if person.attrib or len(told) < len(person) or not told.keys() <= _PERSON:
        _unusual()
    name = told.get(f"{_ATOM}name")
    return _unusual() if name is None or (not name and len(told) > 1) else name


_RSS: dict[str, _Put] = {
    "title": _put_title,
    "link": _put_link,
    "guid": _put_guid,
    "description": _put_summary,
    _CONTENT: _put_content,
    "pubDate": _put("published"),
    "author": _put_author,
    f"{_DC}creator": _put_author,
    f"{_DC}date": _put("updated"),
}
_ATOM_PARTS: dict[str, _Put] = {
    f"{_ATOM}title": _put_typed("title"),
    f"{_ATOM}link": _put_href,
    f"{_ATOM}id": _put_id,
    f"{_ATOM}summary": _put_typed("summary"),
    f"{_ATOM}content": _put_typed_content,
    f"{_ATOM}published": _put("published"),
    f"{_ATOM}updated": _put("updated"),
    f"{_ATOM}author": _put_person,
}
