"""A JSON Feed's text to a `Page` (https://www.jsonfeed.org/version/1.1/), tolerantly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.bounds import MAX_ENTRIES
from ingest.links import following_page, web_link
from ingest.mention import FeedbackKind, Markup, RawItem
from ingest.page import Page, Problem

_KNOWN = {
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
    "banner_image", "date_published", "date_modified", "author", "authors", "tags", "language",
    "attachments",
}  # fmt: skip
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_COMMA = re.compile(r"\s*,?\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json_feed(text: str, *, url: str) -> Page:
    """Return the items of the JSON Feed in `text`; its `source` is left to the caller.

    Numbers are kept in the words they were sent in, so that a 20-digit id stays
    whole. A broken document yields the items that stand before the break.
    """
    try:
        root = _loads(text)
    except RecursionError:
        return _fatal("too-deep", "nested too deep to be read")
    except ValueError as e:
        return _broken(text, fault=str(e), url=url)
    if isinstance(root, dict) and isinstance(root.get("items"), dict):
        root = {**root, "items": [root["items"]]}
    if not isinstance(root, dict) or not isinstance(root.get("items"), list):
        words = "says it is a JSON Feed but has no items" if _is_named(root) else "JSON, not a feed"
        return _fatal("not-a-feed", words)
    if not _is_named(root) and not _looks_right(root["items"]):
        return _fatal("not-a-feed", "JSON with items that are not a feed's")
    return _page(root, url=url)


def _loads(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)


def _is_named(root: object) -> bool:
    return isinstance(root, dict) and "jsonfeed.org" in str(root.get("version", ""))


def _looks_right(items: list[Any]) -> bool:
    told = {"content_html", "content_text", "date_published", "external_url"}
    return any(isinstance(each, dict) and told & each.keys() for each in items)


def _fatal(code: str, words: str) -> Page:
    return Page(source="", problems=(Problem(code=code, words=words, is_fatal=True),))


def _page(root: Mapping[str, Any], *, url: str, fault: Problem | None = None) -> Page:
    problems = [fault] if fault else []
    sent = root["items"]
    if len(sent) > MAX_ENTRIES:
        words = f"more than {MAX_ENTRIES:,} entries: read the first"
        problems.append(Problem(code="too-large", words=words))
    items = []
    for n, each in enumerate(sent[:MAX_ENTRIES], start=1):
        if isinstance(each, dict):
            items.append(_item(each, base=url, language=_word(root.get("language"))))
        else:
            words = f"item {n} is a {type(each).__name__}, not an object"
            problems.append(Problem(code="bad-item", words=words))
    following = following_page(root.get("next_url"), url)
    return Page(source="", items=tuple(items), next=following, problems=tuple(problems))


def _broken(text: str, *, fault: str, url: str) -> Page:
    """Return the items of a document that ends too early or has a broken place."""
    start = _ITEMS.search(text)
    if start is None:
        return _fatal("malformed", f"broken JSON: {fault}")
    items = list(_readable(text, start.end()))
    is_cut = "}" not in text.rstrip()[-1:]
    code, words = ("truncated", "ends too early") if is_cut else ("malformed", "broken JSON")
    problem = Problem(code=code, words=f"{words}: {fault[:200]}", is_fatal=not items)
    return _page({"items": items}, url=url, fault=problem)


def _readable(text: str, at: int) -> Iterator[Any]:
    """Yield the values of a list from `at` on, up to the first that cannot be read."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)
    while True:
        at = _COMMA.match(text, at).end()  # type: ignore[union-attr] # matches the empty text
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value


def _item(sent: Mapping[str, Any], *, base: str, language: str | None) -> RawItem:
    url = web_link(sent.get("url"), base) or web_link(sent.get("external_url"), base)
    html, plain = _word(sent.get("content_html")), _word(sent.get("content_text"))
    markup = Markup.HTML if html else Markup.PLAIN
    return RawItem(
        key=_word(sent.get("id")) or url,
        url=url,
        title=_word(sent.get("title")),
        text=html or plain or _word(sent.get("summary")),
        markup=markup,
        author=_author(sent),
        posted=_word(sent.get("date_published")) or _word(sent.get("date_modified")),
        edited=_word(sent.get("date_modified")) if sent.get("date_published") else None,
        feedback_kind=FeedbackKind.ARTICLE,
        language=_word(sent.get("language")) or language,
        unknown=tuple(sorted(k for k in sent.keys() - _KNOWN if not k.startswith("_"))),
    )


def _word(value: object) -> str | None:
    """Return a text without lone surrogates and NULs, None when it is blank or no text."""
    if not isinstance(value, str):
        return None
    return _SURROGATE.sub("\ufffd", value).replace("\0", "").strip() or None


def _author(sent: Mapping[str, Any]) -> str | None:
    authors = sent.get("authors") or [sent.get("author")]
    named = authors[0] if isinstance(authors, list) else authors
    return _word(named.get("name") if isinstance(named, dict) else named)
