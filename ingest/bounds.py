"""Bounds on a document before any parser sees it: size, depth, attributes, entries, entities.

A document over a bound is cut where it goes over and its open elements are
closed, so what comes before is still read. Every pattern is linear in its input.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from ingest.page import Problem

MAX_BYTES = 10_000_000
MAX_DEPTH = 100
MAX_ATTRIBUTES = 200
MAX_ENTRIES = 5_000
MAX_TAGS = 150_000  # opening and closing

_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    r"|<(?P<end>/?)(?P<name>[A-Za-z_][^\s/<>]*+)"
    r"(?P<rest>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>",
    re.DOTALL,
)
_START = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_MAX_DOCTYPE = 100_000
_DOCTYPE = re.compile(
    r"<!DOCTYPE\b(?P<head>[^\[<>]*+)(?:\[(?P<subset>.*?)\]\s*+)?>", re.DOTALL | re.IGNORECASE
)
_ENTITY = re.compile(
    r"<!ENTITY\s+(?P<name>[\w.-]+)\s+(?:\"(?P<one>[^\"]*+)\"|'(?P<two>[^']*+)')\s*>", re.IGNORECASE
)
_ENTRIES = {"item", "entry"}
# HTML that stands unescaped in broken feeds and is never closed.
_VOID = {"br", "img", "hr", "input", "meta", "wbr", "area", "col"}


@dataclass(frozen=True, slots=True)
class Bounded:
    """A document within the bounds, its root's name ("" for none), and whether it ends open.

    `whole` is one that ends open up to its last whole entry, and closed ("" for none).
    """

    text: str
    root: str = ""
    is_open: bool = False
    whole: str = ""
    problems: tuple[Problem, ...] = ()


def unpack(body: bytes) -> tuple[bytes, tuple[Problem, ...]]:
    """Return `body` out of its gzip, up to `MAX_BYTES`, with a Problem when it was cut."""
    problems: list[Problem] = []
    for _ in range(2):
        if not body.startswith(b"\x1f\x8b"):
            break
        body, problem = _gunzip(body)
        problems += [problem] if problem else []
    if len(body) > MAX_BYTES:
        words = f"over {MAX_BYTES:,} bytes: read up to there"
        problems.append(Problem(code="too-large", words=words))
    return body[:MAX_BYTES], tuple(problems)


def _gunzip(body: bytes) -> tuple[bytes, Problem | None]:
    stream = zlib.decompressobj(31)
    try:
        plain = stream.decompress(body, MAX_BYTES + 1)
    except zlib.error as e:
        return b"", Problem(code="malformed", words=f"broken gzip: {e}", is_fatal=True)
    if not stream.eof and len(plain) <= MAX_BYTES:
        return plain, Problem(code="truncated", words="the gzip stream ends too early")
    return plain, None


def bound(text: str) -> Bounded:
    """Return `text` within the bounds, cut and closed where it goes over one of them."""
    text, problems = _without_entities(text)
    stack: list[str] = []
    root, tags, entries = "", 0, 0
    last_whole: tuple[int, list[str]] | None = None
    for found in _MARKUP.finditer(text):
        name = found["name"]
        if name is None:
            continue
        tags += 1
        root = root or name
        is_entry = _local(name) in _ENTRIES and len(stack) <= 3
        opens = is_entry and not found["end"]
        over = _over(found, depth=len(stack), tags=tags, entries=entries + opens)
        if over:
            cut = _closed(text[: found.start()], stack)
            return Bounded(cut, root, problems=(*problems, over))
        entries += opens
        if not found["end"] and not found["rest"].endswith("/") and name.lower() not in _VOID:
            stack.append(name)
        elif found["end"]:
            _close(stack, name)
            last_whole = (found.end(), list(stack)) if is_entry else last_whole
    is_open = f"</{root}" not in text
    whole = _closed(text[: last_whole[0]], last_whole[1]) if is_open and last_whole else ""
    return Bounded(text, root, is_open, whole, problems)


def _over(found: re.Match[str], *, depth: int, tags: int, entries: int) -> Problem | None:
    """Return the Problem of the first bound that this opening tag goes over."""
    if entries > MAX_ENTRIES:
        return Problem(code="too-large", words=f"more than {MAX_ENTRIES:,} entries: read the first")
    if tags > MAX_TAGS:
        return Problem(code="too-large", words=f"more than {MAX_TAGS:,} elements: read the first")
    if depth >= MAX_DEPTH:
        return Problem(code="too-deep", words=f"elements nested over {MAX_DEPTH} deep: read before")
    rest = found["rest"]
    if rest.count("=") > MAX_ATTRIBUTES and _attributes(rest) > MAX_ATTRIBUTES:
        words = f"an element with over {MAX_ATTRIBUTES} attributes: read before it"
        return Problem(code="too-large", words=words)
    return None


def _attributes(rest: str) -> int:
    return len(re.findall(r"=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"']++)", rest))


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _close(stack: list[str], name: str) -> None:
    """Take `name` and whatever was left open in it off the stack, as tolerant parsers do."""
    if stack and stack[-1] == name:
        stack.pop()
        return
    for at in range(len(stack) - 1, max(-1, len(stack) - 12), -1):
        if stack[at] == name:
            del stack[at:]
            return


def _closed(text: str, stack: list[str]) -> str:
    return text + "".join(f"</{name}>" for name in reversed(stack))


def _without_entities(text: str) -> tuple[str, tuple[Problem, ...]]:
    """Take the inner part of a DOCTYPE out, but for a few short plain entities.

    External and parameter entities, and entities made of entities, are never
    read: that is where files, addresses and billions of laughs come from.
    """
    start = _START.search(text, 0, 10_000)
    doctype = _DOCTYPE.match(text, start.start(), start.start() + _MAX_DOCTYPE) if start else None
    if start and doctype is None:
        words = "a DOCTYPE without an end, or a huge one"
        return "", (Problem(code="too-large", words=words, is_fatal=True),)
    if doctype is None or doctype["subset"] is None:
        return text, ()
    subset = doctype["subset"]
    kept = [each[0] for each in _ENTITY.finditer(subset) if _is_harmless(each)][:100]
    if text.count("&") * max(map(len, kept), default=0) > MAX_BYTES // 2:
        kept = []
    told = subset.upper().count("<!ENTITY")
    inner = f"[{''.join(kept)}]" if kept else ""
    text = f"{text[: doctype.start()]}<!DOCTYPE{doctype['head']}{inner}>{text[doctype.end() :]}"
    if told == len(kept):
        return text, ()
    words = f"declares {told - len(kept)} entities that are not read"
    return text, (Problem(code="malformed", words=words),)


def _is_harmless(entity: re.Match[str]) -> bool:
    value = entity["one"] if entity["one"] is not None else entity["two"]
    is_letter = re.fullmatch(r"&#\w{1,8};", value) is not None
    return is_letter or (len(value) <= 100 and not set("&%<") & set(value))
