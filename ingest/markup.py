"""Markup to plain text: HTML by lxml, BBCode by its known tags; nothing is ever executed."""

from __future__ import annotations

import html
import inspect
import re
from typing import Any

from lxml import etree

from ingest.mention import Markup

__all__ = ["plain"]


def _tags(line: str) -> frozenset[str]:
    return frozenset(line.split())


_DROPPED = _tags("script style head template noscript iframe object svg math select")
_BLOCKS = _tags(
    "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul"
)
_CELLS = _tags("td th")
_WRONG_BREAK = re.compile(r"</br\s*/?>", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ESCAPED_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|ul|ol|li|img|h[1-6]|blockquote|font)\b[^<>]*>",
    re.IGNORECASE,
)
_BBCODE = re.compile(
    r"\[(/?)(\*|b|i|u|s|strike|h1|h2|h3|quote|code|noparse|spoiler|url|img|size|color|font|center"
    r"|left|right|indent|list|table|tr|td|th|email|user|attach|media|hr|olist)"
    r"(?:[= ][^\[\]]*)?\]",
    re.IGNORECASE,
)
_BBCODE_PICTURE = re.compile(r"\[(img|attach|media)\b[^\[\]]*\][^\[]*\[/\1\]", re.IGNORECASE)
_BBCODE_BLOCKS = _tags("* quote code list olist h1 h2 h3 table tr hr center")


def plain(text: str, markup: Markup) -> str:
    """Return `text` without its markup; block elements become line breaks.

    White space is left to `ingest.text.clean`. Scripts and styles are dropped;
    content that was escaped twice is unescaped.
    """
    if markup is Markup.HTML:
        return _without_html(text)
    return _without_bbcode(text) if markup is Markup.BBCODE else text


def _without_bbcode(text: str) -> str:
    if "[" not in text:
        return text
    text = _BBCODE_PICTURE.sub(" ", text)
    return _BBCODE.sub(lambda tag: "\n" if tag[2].lower() in _BBCODE_BLOCKS else "", text)


def _without_html(text: str) -> str:
    if "<" in text:
        return _read(text)
    text = html.unescape(text)
    return _read(text) if _ESCAPED_TAG.search(text) else text


def _read(text: str) -> str:
    text = _CONTROL.sub("", text)
    if "<![CDATA[" in text:
        text = text.replace("<![CDATA[", "").replace("]]>", "")
    text = _WRONG_BREAK.sub("<br>", text)
    target = _Words()
    untyped: Any = target  # lxml's stubs ask for bytes too, which it never sends
    parser = etree.HTMLParser(target=untyped, remove_comments=True, remove_pis=True)
    parser.feed(text)
    parser.close()
    return target.text()


class _Words:
    """lxml parser target that keeps the words a reader would see."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._dropped = 0
        self._kept_lines = 0

    def start(self, tag: str, _attributes: object) -> None:
        if tag in _DROPPED:
            self._dropped += 1
        elif tag in _BLOCKS:
            self._kept_lines += tag == "pre"
            self._parts.append("\n")
        elif tag in _CELLS:
            self._parts.append(" ")

    def end(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropped -= 1
        elif tag in _BLOCKS and tag != "br":
            self._kept_lines -= tag == "pre"
            self._parts.append("\n")

    def data(self, words: str) -> None:
        if not self._dropped:
            self._parts.append(words if self._kept_lines else words.replace("\n", " "))

    def close(self) -> None:
        """Nothing to close; lxml asks for it."""

    def text(self) -> str:
        # The breaks around the whole say nothing, and a text without them is soon cleaned.
        return "".join(self._parts).strip("\n")


# lxml asks each new target how many arguments `start` takes. Working that out anew
# would cost as much as reading a short text.
setattr(_Words.start, "__signature__", inspect.signature(_Words.start))  # noqa: B010
