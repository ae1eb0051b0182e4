"""Answers whether a robots.txt lets an agent fetch an address (RFC 9309, as Google reads it).

Written here because the common parser differs from RFC 9309 where it matters: it
ends a group at lines it does not know, and takes "foo bar" for one agent's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

LIMIT_BYTES = 500 * 1024
AGENT = frozenset({"user-agent", "useragent", "user agent"})
ALLOW = frozenset({"allow"})
DISALLOW = frozenset(
    {"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"}  # as people type it
)
_LINE = re.compile(r"\s*([^:#]+?)\s*:\s*([^#]*)")
_LINE_WITHOUT_COLON = re.compile(r"\s*(user[ -]?agent|\w+)\s+([^#]+)", re.IGNORECASE)
_PATH = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://[^/?#]*)?([^#]*)")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = "!#%&'()+,/:;=?@[]~"

Rule = tuple[bool, str]  # is it an allow rule; its pattern


@dataclass(slots=True)
class _Group:
    names: set[str] = field(default_factory=set)
    rules: list[Rule] = field(default_factory=list)


def allowed(robots_text: str, agent: str, url: str) -> bool:
    """Return whether `robots_text` lets `agent` fetch `url`.

    `agent` is a product name, with or without "/version (comment)". The groups
    that name it count together; those for "*" only when none names it. The
    longest matching rule wins, "allow" wins a tie; only the first 500 KiB count.
    """
    path = _path_of(url)
    if path == "/robots.txt":
        return True
    best_length, best_allows = 0, True
    for allows, pattern in _rules_for(_groups(robots_text), agent):
        length = len(pattern)
        is_stronger = length > best_length or (length == best_length and allows)
        if is_stronger and matches(pattern, path):
            best_length, best_allows = length, allows
    return best_allows


def matches(pattern: str, path: str) -> bool:
    """Return whether `path` begins as `pattern` says; "*" is any run, a last "$" the end.

    Takes time linear in the path for each "*", whatever the pattern. A last "$"
    that stands for the letter itself is taken at its word as well.
    """
    whole = pattern.removesuffix("$")
    first, *rest = whole.split("*")
    if not path.startswith(first):
        return False
    at, end = len(first), len(path)
    if pattern.endswith("$"):
        if not rest:
            return at == end or path == f"{whole}%24"
        last = rest.pop()
        end -= len(last)
        if not path.endswith(last):
            return False
    for part in rest:
        found = path.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return at <= end


def _rules_for(groups: list[_Group], agent: str) -> list[Rule]:
    """Return the rules of the groups with the longest name that `agent` goes by, else of "*"."""
    words = {word.partition("/")[0] for word in re.split(r"[\s;()]+", agent.lower())}
    heard = {name for group in groups for name in group.names if _is_named(name, words)}
    name = max(heard, key=len, default="*")
    return [rule for group in groups if name in group.names for rule in group.rules]


def _is_named(name: str, words: set[str]) -> bool:
    return any(word == name or word.startswith(f"{name}-") for word in words)


@lru_cache(maxsize=16)
def _groups(text: str) -> list[_Group]:
    """Return the groups; lines that are neither agent nor rule do not end a group's head."""
    groups: list[_Group] = []
    is_in_head = False
    for name, value in _lines(text):
        if name in AGENT:
            if not is_in_head:
                groups.append(_Group())
            is_in_head = True
            groups[-1].names.add(re.split(r"[\s/]", value, maxsplit=1)[0].lower())
        elif name in ALLOW or name in DISALLOW:
            is_in_head = False
            if groups:
                groups[-1].rules += [(name in ALLOW, each) for each in _patterns(name, value)]
    return groups


def _lines(text: str) -> Iterator[tuple[str, str]]:
    kept = text.removeprefix("\ufeff").encode("utf-8", "replace")[:LIMIT_BYTES]
    for line in re.split(r"[\r\n]+", kept.decode("utf-8", "ignore")):
        found = _LINE.match(line) or _LINE_WITHOUT_COLON.match(line)
        if found:
            yield found[1].lower(), found[2].strip()


def _patterns(name: str, value: str) -> Iterator[str]:
    if not value:
        return
    body = _normal(value.removesuffix("$"), kept="*")
    pattern = body if body.startswith(("/", "*")) else f"/{body}"
    yield pattern + "$" * value.endswith("$")
    if name in ALLOW and value.endswith(("/index.html", "/index.htm")):
        yield pattern.rpartition("/")[0] + "/$"


def _path_of(url: str) -> str:
    found = _PATH.match(url)
    path = _normal(found[1] if found else "")
    return path if path.startswith("/") else f"/{path}"


def _normal(text: str, *, kept: str = "") -> str:
    """Return `text` with one spelling for each letter: escaped where it must be, plain elsewhere.

    "*" and "$" are escaped unless `kept`, so that they match as letters.
    """
    return _ESCAPE.sub(_one_spelling, quote(text, safe=_KEPT + kept))


def _one_spelling(escape: re.Match[str]) -> str:
    letter = chr(int(escape[1], 16))
    return letter if letter in _UNRESERVED else escape[0].upper()
