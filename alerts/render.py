"""A composed digest laid out: plain text, HTML mail, terminal and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.sheet import Bar, Card, Digest, Side
from ingest.words import Words

TEXT_COLUMNS = 72
HTML_BUDGET = 80_000
SPARKS = "▁▂▃▄▅▆▇█"
_BAR_PX = 72
_TEMPLATES = Path(__file__).with_name("templates")

Link = Callable[..., str]


def html(digest: Digest, *, public_url: str | None = None) -> str:
    """Return the HTML mail: one column, no images, under 80 KB, every outside text escaped.

    Without `public_url` there are no buttons: commands and the original post's
    link stand in their place.
    """
    page = _templates().get_template("digest.html")
    raw = page.render(
        digest=digest,
        words=Words(digest.language),
        link=_linker(public_url),
        heights=bar_heights(digest.bars, _BAR_PX),
    )
    return _inliner().inline(encodable(raw))


def card_html(card: Card, *, language: str, public_url: str | None = None) -> str:
    """Return one card as an HTML fragment, not yet inlined."""
    page = _templates().get_template("card.html")
    link = _linker(public_url)
    return page.render(card=card, words=Words(language), link=link, is_first=True)


def text(digest: Digest, *, public_url: str | None = None) -> str:
    """Return the plain text twin, at most 72 columns except for addresses."""
    words, link = Words(digest.language), _linker(public_url)
    lines = [*_wrap(digest.headline), "", *_wrap(f"{digest.brand} · {digest.title}, {digest.zone}")]
    if digest.kpis:
        lines.append("")
    for kpi in digest.kpis:
        against = " ".join(filter(None, (kpi.arrow, kpi.word, kpi.usual)))
        lines.append(f"{kpi.label}: {kpi.value} ({against})")
    if digest.earlier:
        lines += ["", *_wrap(digest.earlier)]
    if digest.cards:
        lines += _text_cards(digest, words, link)
    if digest.chart or digest.changes:
        lines += _section(words("What changed"))
        lines += _wrap(digest.chart)
        for change in digest.changes:
            lines += _wrap(f"* {change.head} {change.sentence}", after="  ")
    if digest.sides:
        lines += _section(words("What it was about"))
        lines += [_side(each, words) for each in digest.sides]
    if digest.figures:
        lines += _section(words("Figures beside it"))
        lines += [
            f"{each.name}: {' '.join(filter(None, (each.value, each.arrow, each.usual)))}"
            f"  {spark(each.levels)}"
            for each in digest.figures
        ]
    if digest.wins or digest.answers:
        lines += _section(words("Worth sharing"))
        for win in digest.wins:
            lines += [*_wrap(win.quote), *_wrap(win.line)]
            lines += [win.url] if win.url and not link else []
        lines += _wrap(digest.answers)
    lines += ["", *_wrap(digest.sources_head)]
    for line in digest.sources:
        lines += _wrap(f"* {line}", after="  ")
    lines += ["", "--", *_wrap(digest.covers)]
    if link:
        lines.append(f"{words('Change time, language or frequency')}: {link('/me/digest')}")
    return "\n".join(lines) + "\n"


def as_json(digest: Digest) -> str:
    """Return the digest as JSON text, indented, letters as they are."""
    return json.dumps(digest.as_json(), ensure_ascii=False, indent=2)


def encodable(text: str) -> str:
    """Return text that UTF-8 can hold: half an emoji becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def bar_heights(bars: Sequence[Bar], top: int) -> list[int]:
    """Return the height of each bar, the highest `top`, none that counts under 2."""
    highest = max((bar.count or 0 for bar in bars), default=0) or 1
    return [max(2, round(top * (bar.count or 0) / highest)) if bar.count else 0 for bar in bars]


def spark(levels: Sequence[int | None]) -> str:
    """Return heights of 1 to 8 as one small bar each, a dot where there is none."""
    return "".join("·" if each is None else SPARKS[each - 1] for each in levels)


def _side(side: Side, words: Words) -> str:
    """Return one side as a line: how many negative (and the usual), how many positive."""
    bad = words("{n} negative", n=side.negative)
    if side.usual:
        usual = words("usually {usual}", usual=side.usual)
        bad += f" ({usual})"
    good = words("{n} positive", n=side.positive)
    return f"{side.name}: {bad}, {good}"


def _text_cards(digest: Digest, words: Words, link: Link | None) -> list[str]:
    of = words("{shown} of {every}", shown=len(digest.cards), every=words.number(digest.waiting))
    lines = [*_section(f"{words('Needs an answer now')} ({of})"), *_wrap(digest.needs)]
    for n, card in enumerate(digest.cards, start=1):
        head = (
            f"{n}. [{card.target}] {', '.join(filter(None, (card.source, card.posted, card.also)))}"
        )
        lines += ["", *_wrap(head, after="   ")]
        lines += _wrap(card.text, before="   ", after="   ")
        lines += _wrap(f"{words('Why:')} {card.why}", before="   ", after="   ")
        if link:
            lines.append(f"   {link('/m/%d', card.mention_id)}")
            continue
        lines += [f"   {card.url}"] if card.url else []
        lines.append(f"   earful cases show {card.case_id}")
    return lines


def _section(name: str) -> list[str]:
    return ["", f"== {name} =="]


def _wrap(text: str, *, before: str = "", after: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        TEXT_COLUMNS,
        initial_indent=before,
        subsequent_indent=after,
        break_long_words=True,
        break_on_hyphens=False,
    )


def _linker(public_url: str | None) -> Link | None:
    """Return a function from a path (and one value for its %) to an address; None without one."""
    if public_url is None:
        return None
    base = public_url.rstrip("/")

    def link(path: str, *values: object) -> str:
        return base + (path % tuple(_in_path(each) for each in values) if values else path)

    return link


def _in_path(value: object) -> object:
    return value if isinstance(value, int) else quote(str(value), safe="")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=False, load_remote_stylesheets=False
    )
