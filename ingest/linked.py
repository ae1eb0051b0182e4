"""JSON-LD blocks of a page (https://json-ld.org) as plain nodes, mending what sites break."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from ingest.page import Problem

_WRAPPING = re.compile(
    r"\A\s*(?://\s*)?(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)?\s*(?:\*/)?"
    r"|\s*(?:(?://|/\*)?\s*(?:-->|\]\]>)\s*(?:\*/)?)?\s*;?\s*\Z"
)
# A whole string (kept), or a comment or a comma before a closing bracket (left out).
_MENDABLE = re.compile(r'("(?:[^"\\]|\\.)*+")|//[^\n]*+|/\*.*?\*/|,(?=\s*+[}\]])', re.DOTALL)
_IS_JSON_LD = "contains(translate(@type, 'DJLNOS', 'djlnos'), 'ld+json')"


def json_ld(root: Any) -> tuple[list[Any], list[Problem]]:
    """Return the values of the page's JSON-LD blocks, and a Problem for each that is broken."""
    values: list[Any] = []
    problems: list[Problem] = []
    for n, script in enumerate(root.xpath(f"//script[{_IS_JSON_LD}]"), start=1):
        text = "".join(script.itertext())
        if not text.strip():
            continue
        try:
            values.append(_loads(text))
        except (ValueError, RecursionError) as e:
            words = f"JSON-LD block {n} is broken: {str(e)[:100]}"
            problems.append(Problem(code="malformed", words=words))
    return values, problems


def _loads(text: str) -> Any:
    """Return a block's value; raises ValueError of the plain text when nothing mends it."""
    try:
        return _read(text)
    except ValueError as e:
        fault = e
    bare = _WRAPPING.sub("", text)
    mended = _MENDABLE.sub(lambda found: found[1] or "", bare)
    for attempt in (bare, mended, html.unescape(mended)):
        try:
            return _read(attempt)
        except ValueError:
            continue
    raise fault


def _read(text: str) -> Any:
    return json.loads(text, strict=False, parse_int=str, parse_constant=lambda _: None)
