"""Microdata of a page (https://html.spec.whatwg.org/#microdata) as the nodes JSON-LD would give.

Own reader because extruct's is quadratic in nested properties, references and
attributes: pages under 1 MB cost it over a minute. This one reads in one walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml import etree

Node = dict[str, Any]

_ADDRESSES = {"a": "href", "area": "href", "link": "href", "img": "src", "iframe": "src"}
_VALUES = {"meta": "content", "data": "value", "meter": "value", "time": "datetime"}
_BREAKS = {"br", "p", "div", "li", "tr"}
_MAX_PIECES = 2_000  # of text in one property
_MAX_PAGE_PIECES = 300_000


def microdata(root: Any, *, base: str) -> tuple[list[Node], bool]:
    """Return the top items of a page, and whether all of it was read.

    An item is a dict with `@type`, `@id` and its properties; a repeated
    property is a list. `itemref` is not followed.
    """
    found: list[Node] = []
    scopes: list[tuple[Any, Node]] = []
    pieces = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            if scopes and scopes[-1][0] is element:
                scopes.pop()
            continue
        names = (element.get("itemprop") or "").split()
        if element.get("itemscope") is not None:
            node = _begun(element)
            owner = scopes[-1][1] if scopes and names else None
            _add(owner, names, node) if owner is not None else found.append(node)
            scopes.append((element, node))
        elif names and scopes:
            value, cost = _value(element, base=base)
            _add(scopes[-1][1], names, value)
            pieces += cost
            if pieces > _MAX_PAGE_PIECES:
                return found, False
    return found, True


def _begun(element: Any) -> Node:
    types = [each.rstrip("/").rpartition("/")[2] for each in element.get("itemtype", "").split()]
    node: Node = {"@type": types}
    if element.get("itemid"):
        node["@id"] = element.get("itemid").strip()
    return node


def _add(owner: Node, names: list[str], value: Any) -> None:
    for name in names:
        if name not in owner:
            owner[name] = value
        elif isinstance(owner[name], list):
            owner[name].append(value)
        else:
            owner[name] = [owner[name], value]


def _value(element: Any, *, base: str) -> tuple[str, int]:
    """Return a property's value and how many pieces of text were read for it."""
    tag = element.tag
    if element.get("content") is not None:
        return element.get("content"), 1
    if tag in _VALUES and element.get(_VALUES[tag]) is not None:
        return element.get(_VALUES[tag]), 1
    if tag in _ADDRESSES and element.get(_ADDRESSES[tag]) is not None:
        try:
            return urljoin(base, element.get(_ADDRESSES[tag]).strip()), 1
        except ValueError:
            return "", 1
    pieces = list(islice(_pieces(element), _MAX_PIECES))
    return "".join(pieces).strip(), len(pieces)


def _pieces(element: Any) -> Iterator[str]:
    """Yield the texts of an element, with a line break for each element that makes one."""
    for event, each in etree.iterwalk(element, events=("start", "end")):
        is_shown = each.tag not in ("script", "style")
        if event == "start":
            yield "\n" if each.tag in _BREAKS and each is not element else ""
            yield " ".join((each.text or "").split("\n")) if is_shown else ""
        elif each is not element:
            yield " ".join((each.tail or "").split("\n"))
