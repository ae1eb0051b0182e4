"""schema.org reviews in any product page to a `Page`: JSON-LD and microdata."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SourceBlocked
from ingest.linked import json_ld
from ingest.links import following_page, web_link
from ingest.mention import FeedbackKind, Markup, RawItem, Scale
from ingest.microdata import microdata
from ingest.page import Page, Problem
from ingest.webpage import WebPage, looks_blocked, parse_page

__all__ = ["looks_blocked", "read_reviews"]

Node = dict[str, Any]

_KNOWN = {
    "@context", "@id", "@type", "aggregateRating", "author", "commentCount", "dateCreated",
    "dateModified", "datePublished", "description", "headline", "identifier", "inLanguage",
    "itemReviewed", "name", "publisher", "rating", "ratingValue", "reviewBody", "reviewRating",
    "text", "upvoteCount", "url",
}  # fmt: skip
_REVIEW_TYPES = {"Review", "UserReview", "CriticReview", "EmployerReview", "MediaReview"}
_HTML = re.compile(r"</\w|<br\b|<p>|&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:(%)|(?:/|of|out of|trên)\s*(\d+)|)\D*\Z")
_MAX_NODES = 200_000


@dataclass(frozen=True, slots=True)
class _Found:
    """A review's node, and the node it was said about (empty when it stands alone)."""

    review: Node
    owner: Node


def read_reviews(body: bytes, *, content_type: str | None, url: str) -> Page:
    """Return the schema.org reviews in the page `body`, each once.

    `Page.source` is the page's host. Keys are `@id`, `identifier` or `url` where
    they tell the reviews apart, else None. `total` is what the aggregate rating
    counts. Raises SourceBlocked for a challenge, captcha or login page; a page
    without reviews has a Problem `empty`.
    """
    page = parse_page(body, content_type=content_type)
    if page.root is None:
        return _empty(page, url=url, words="the body is empty", is_fatal=True)
    problems = list(page.problems)
    values, faults = json_ld(page.root)
    marked, is_whole = microdata(page.root, base=url)
    problems += faults
    if not is_whole:
        problems.append(Problem(code="too-large", words="too much microdata: read the first"))
    linked, in_text = _Reader(values, url), _Reader(marked, url)
    items = _each_once(linked.items, in_text.items)
    if not items and (reason := looks_blocked(body, content_type)):
        raise SourceBlocked(reason, subject=url, next_step="read the page in a browser")
    total = linked.total if linked.total is not None else in_text.total
    problems += [*linked.problems, *in_text.problems]
    if not items:
        said = f"the page counts {total} reviews but shows none" if total else "no review in it"
        problems.append(Problem(code="empty", words=said))
    return _finished(page, items=items, total=total, problems=problems, url=url)


def _finished(
    page: WebPage, *, items: list[RawItem], total: int | None, problems: list[Problem], url: str
) -> Page:
    rels = {
        rel: each.get("href") for each in _linking(page.root) for rel in each.get("rel").split()
    }
    following = following_page(rels.get("next"), url)
    is_last = bool(rels.keys() & {"prev", "previous"}) or total is None or len(items) >= total
    return Page(
        source=_host(url),
        items=tuple(_keyed_apart(items)),
        next=following,
        is_end=following is None and is_last,
        total=total,
        problems=tuple(problems),
    )


def _empty(page: WebPage, *, url: str, words: str, is_fatal: bool) -> Page:
    problem = Problem(code="empty", words=words, is_fatal=is_fatal)
    return Page(source=_host(url), problems=(*page.problems, problem))


def _linking(root: Any) -> list[Any]:
    found: list[Any] = root.xpath("//link[@rel and @href] | //a[@rel and @href]")
    return found


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _each_once(linked: list[RawItem], marked: list[RawItem]) -> list[RawItem]:
    """Return the reviews of both kinds of markup; one told in both is taken from JSON-LD."""
    told = Counter(map(_likeness, linked))
    both = list(linked)
    for item in marked:
        likeness = _likeness(item)
        if told[likeness]:
            told[likeness] -= 1
        else:
            both.append(item)
    return both


def _likeness(item: RawItem) -> tuple[str, str, str]:
    letters = re.sub(r"<[^>]*>|&#?\w+;|[\W_]+", "", item.text or item.title or "").casefold()
    return (item.author or "").casefold(), letters[:80], str(item.stars)


def _keyed_apart(items: list[RawItem]) -> Iterator[RawItem]:
    """Yield the reviews, without a key where several have the same one."""
    times = Counter(item.key for item in items)
    for item in items:
        yield replace(item, key=None) if times[item.key] > 1 else item


class _Reader:
    """Reads the nodes of one kind of markup: `items`, `total` and `problems`."""

    def __init__(self, values: list[Any], url: str) -> None:
        self.url = url
        self.problems: list[Problem] = []
        self._by_id: dict[str, Node] = {}
        found = self._reviews(values)
        self.items = [item for each in found if (item := self._item(each))]
        self.total = self._total([each.owner for each in found])

    def _reviews(self, values: list[Any]) -> list[_Found]:
        """Walk all nodes; what stands under `review` is one, typed or not."""
        found: list[_Found] = []
        self._rated: list[Node] = []
        waiting: list[tuple[Any, Node, bool]] = [(value, {}, False) for value in reversed(values)]
        seen = 0
        while waiting and seen < _MAX_NODES:
            node, owner, is_review = waiting.pop()
            seen += 1
            if isinstance(node, list):
                waiting += [(each, owner, is_review) for each in reversed(node)]
            if not isinstance(node, dict):
                continue
            self._note(node)
            if _types(node) & _REVIEW_TYPES or (is_review and not _types(node)):
                found.append(_Found(node, owner))
            children = [(v, node, k in ("review", "reviews")) for k, v in node.items()]
            waiting += [each for each in reversed(children) if isinstance(each[0], dict | list)]
        if waiting:
            words = f"more than {_MAX_NODES:,} nodes: read the first"
            self.problems.append(Problem(code="too-large", words=words))
        return found

    def _note(self, node: Node) -> None:
        if isinstance(node.get("@id"), str) and len(node) > 1:
            self._by_id.setdefault(node["@id"], node)
        if "aggregateRating" in node:
            self._rated.append(node)

    def _item(self, found: _Found) -> RawItem | None:
        node = found.review
        stars, scale = self._stars(node)
        text = _words(node, "reviewBody", "description", "text")
        title = _words(node, "name", "headline")
        if text is None and stars is None and (title is None or "reviewBody" in node):
            return None  # a reference to a review told elsewhere
        product = self._product(found)
        key, url = self._identity(node)
        return RawItem(
            key=key,
            url=url,
            title=None if title == product else title,
            text=text,
            markup=Markup.HTML if _HTML.search(f"{title} {text}") else Markup.PLAIN,
            author=_name(node.get("author")),
            posted=_words(node, "datePublished", "dateCreated"),
            edited=_words(node, "dateModified"),
            stars=stars,
            scale=scale,
            feedback_kind=FeedbackKind.REVIEW if text or title else FeedbackKind.STARS,
            product=product,
            likes=_count(node.get("upvoteCount")),
            language=_name(node.get("inLanguage")),
            unknown=tuple(sorted(node.keys() - _KNOWN)),
        )

    def _identity(self, node: Node) -> tuple[str | None, str]:
        """Return a review's native key and its address; a bare `#id` is told with its page."""
        link = web_link(_words(node, "url"), self.url)
        key = _words(node, "@id") or _name(node.get("identifier")) or link
        if key and key.startswith("#"):
            return urlsplit(self.url).path + key, link or self.url + key
        return key, link or self.url

    def _product(self, found: _Found) -> str | None:
        about = found.review.get("itemReviewed")
        about = about[0] if isinstance(about, list) and about else about
        if isinstance(about, dict) and set(about) == {"@id"}:
            about = self._by_id.get(str(about["@id"]))
        return _name(about) or (_name(found.owner) if "name" in found.owner else None)

    def _stars(self, node: Node) -> tuple[str | None, Scale | None]:
        rating = node.get("reviewRating", node.get("ratingValue", node.get("rating")))
        rating = rating[0] if isinstance(rating, list) and rating else rating
        told = rating if isinstance(rating, dict) else {"ratingValue": rating}
        value, high = _number(told.get("ratingValue"))
        if value is None:
            return None, None
        best, worst = _number(told.get("bestRating"))[0], _number(told.get("worstRating"))[0]
        high = best if best is not None else high
        low = worst if worst is not None else (0.0 if high == 100 else 1.0)
        scale = Scale(low, high if high is not None else 5.0)
        if not scale.low <= value <= scale.high:
            words = f"a rating of {value:g} is not within {scale.low:g} to {scale.high:g}: left out"
            self.problems.append(Problem(code="bad-item", words=words))
            return None, None
        return f"{value:g}", scale

    def _total(self, owners: list[Node]) -> int | None:
        """Return what the aggregate rating of the reviewed thing counts."""
        rated = [node for node in owners if "aggregateRating" in node] or self._rated
        for node in rated:
            rating = node["aggregateRating"]
            rating = rating[0] if isinstance(rating, list) and rating else rating
            if isinstance(rating, dict):
                counts = (_count(rating.get(name)) for name in ("reviewCount", "ratingCount"))
                return next((count for count in counts if count is not None), None)
        return None


def _types(node: Node) -> set[str]:
    sent = node.get("@type")
    named = sent if isinstance(sent, list) else [sent]
    return {each.rpartition("/")[2].rpartition(":")[2] for each in named if isinstance(each, str)}


def _words(node: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of the named properties that is a text with something in it."""
    for name in names:
        value = node.get(name)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("@value") if isinstance(value, dict) else value
        if isinstance(value, str | float) and str(value).strip():
            return str(value).replace("\0", "").strip()
    return None


def _name(value: Any) -> str | None:
    """Return the name of a person, thing or value that is told as a text, node or list."""
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict):
        return _words(value, "name", "value", "@value", "alternateName")
    return _words({"name": value}, "name")


def _number(value: Any) -> tuple[float | None, float | None]:
    """Return a rating and the highest one where the text tells it: "4,5", "90%", "4/5"."""
    value = value[0] if isinstance(value, list) and value else value
    found = _NUMBER.match(str(value)) if isinstance(value, str | float) else None
    if found is None:
        return None, None
    high = 100.0 if found[2] else float(found[3]) if found[3] else None
    return float(found[1].replace(",", ".")), high


def _count(value: Any) -> int | None:
    digits = re.sub(r"[\s.,]", "", value) if isinstance(value, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None
