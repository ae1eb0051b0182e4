"""A saved Amazon review page: the reviews that its `data-hook` marks tell (seen 2020, US pages)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from ingest.links import web_link
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Page, Problem
from ingest.text import fold, tokens
from ingest.webpage import parse_page

SOURCE = "amazon"
_REVIEWS = "//*[@data-hook='review' and @id]"
_LINKS = ".//a[@data-hook='review-title']/@href"
_STARS = re.compile(r"\ba-star-(?:small-|medium-|mini-)?(\d)(?:-(\d))?\b")
_UNSAID = {"script", "style", "noscript", "i"}
_HIDDEN = re.compile(r"\b(?:aok-hidden|a-expander-header)(?![\w-])")
_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*")
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_VIETNAMESE = re.compile(r"(\d{1,2}) (?:thang|thg) (\d{1,2}),? (?:nam )?(\d{4})")
# Month names by their first letters, folded; the longer ones of a language tell twins apart.
_MONTHS = {
    1: "jan gen ene sty oca", 2: "feb fev lut sub", 3: "mar mae mrt", 4: "apr avr abr kwi nis",
    5: "may mai maj mei mag", 6: "jun juin giu cze haz", 7: "jul juil lug lip tem",
    8: "aug aou ago sie agu", 9: "sep set wrz eyl", 10: "oct okt ott out paz eki",
    11: "nov lis kas", 12: "dec dez dic gru aral",
}  # fmt: skip
_BY_LETTERS = {start: number for number, starts in _MONTHS.items() for start in starts.split()}


def is_amazon(body: bytes) -> bool:
    """Return whether a saved page has Amazon's review marks."""
    return b'data-hook="review"' in body and b"review-body" in body


def read_amazon(body: bytes, *, content_type: str | None) -> Page:
    """Return the reviews of a saved page, each once.

    The two "view point" boxes on top repeat reviews under other marks: they are no
    items. A rating is told by its picture's name, which is the same in every language.
    """
    page = parse_page(body, content_type=content_type)
    rows = [] if page.root is None else page.root.xpath(_REVIEWS)
    items: list[RawItem] = []
    problems = list(page.problems)
    product = _said(page.root, "product-link") if rows else None
    address = _address(page.root) if rows else ""
    for row in rows:
        item = _item(row, product=product, address=address)
        if item.text or item.title or item.stars is not None:
            items.append(item)
        else:
            words = f"review {item.key}: neither text nor stars: left out"
            problems.append(Problem(code="bad-item", words=words))
    if not items:
        problems.append(Problem(code="empty", words="no review in it", is_fatal=True))
    return Page(source=SOURCE, items=tuple(items), problems=tuple(problems))


def _item(row: Any, *, product: str | None, address: str) -> RawItem:
    told = _said(row, "review-date", "cmps-review-date") or ""
    link = [str(href).partition("/ref=")[0] for href in row.xpath(_LINKS)]
    return RawItem(
        key=row.get("id"),
        url=web_link(link[0], address) if link else address or None,
        title=_said(row, "review-title"),
        text=_said(row, "review-body"),
        author=" ".join("".join(row.xpath("(.//*[@class='a-profile-name'])[1]//text()")).split()),
        posted=told_day(told),
        stars=_stars(row),
        feedback_kind=FeedbackKind.REVIEW,
        product=product,
        variation=_said(row, "format-strip", "format-strip-linkless"),
        likes=_votes(_said(row, "helpful-vote-statement")),
    )


def told_day(sentence: str) -> str | None:
    """Return the day that "Reviewed in the United States on April 13, 2018" tells, ISO, or None.

    The country and the day are written in the language of the page.
    """
    if found := _EAST_ASIAN.search(sentence):
        return _iso(found[1], found[2], found[3])
    words = " ".join(tokens(fold(sentence)))
    if found := _VIETNAMESE.search(words):
        return _iso(found[3], found[2], found[1])
    parts = words.split()
    for n, part in enumerate(parts):
        month = _BY_LETTERS.get(part[:4]) or _BY_LETTERS.get(part[:3])
        if month and (day := _around(parts, n)):
            return _iso(day[0], str(month), day[1])
    return None


def _around(parts: list[str], n: int) -> tuple[str, str] | None:
    """Return (year, day) that stand about the month at `n`: "april 13 2018", "13 de abril de"."""
    near = [each for each in parts[max(0, n - 2) : n + 4] if each.isdecimal()]
    years = [each for each in near if len(each) == 4]
    days = [each for each in near if len(each) <= 2]
    return (years[0], days[0]) if years and days else None


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _stars(row: Any) -> float | None:
    for classes in row.xpath(".//*[contains(@data-hook, 'review-star-rating')]/@class"):
        if found := _STARS.search(str(classes)):
            return float(f"{found[1]}.{found[2] or 0}")
    return None


def _votes(statement: str | None) -> int | None:
    """Return how many found it useful; "One person" is told without a digit."""
    if statement is None:
        return None
    found = _NUMBER.search(statement)
    return int(re.sub(r"[.,]", "", found[0])) if found else 1


def _said(node: Any, *hooks: str) -> str | None:
    """Return the words under the first of these marks, in the review's own language.

    A title's link may hold the stars too: what stands in a picture's text is left out.
    """
    for hook in hooks:
        for found in node.xpath(f".//*[@data-hook='{hook}'][1]"):
            original = found.xpath(".//*[contains(@class, 'cr-original-review-content')]")
            words = "\n".join(_lines((original or [found])[0]))
            if words:
                return words
    return None


def _lines(node: Any) -> Iterator[str]:
    """Yield the lines of a node: broken at `<br>`, without stars, scripts and hidden parts."""
    line: list[str] = []
    for kind, words in _runs(node):
        if kind == "br":
            yield " ".join("".join(line).split())
            line = []
        else:
            line.append(words)
    if last := " ".join("".join(line).split()):
        yield last


def _runs(node: Any) -> Iterator[tuple[str, str]]:
    yield "text", node.text or ""
    for child in node:
        if child.tag == "br":
            yield "br", ""
        elif child.tag not in _UNSAID and not _HIDDEN.search(child.get("class") or ""):
            yield from _runs(child)
        yield "text", child.tail or ""


def _address(root: Any) -> str:
    found = root.xpath("//link[@rel='canonical']/@href")
    return str(found[0]) if found else "https://www.amazon.com/"
