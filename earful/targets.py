"""What people type after `earful add`: an address, kind:target, a folder; told apart here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from crawlers.base import Access, Source, host_of
from crawlers.registry import all_sources, recognise, source_of
from ingest.errors import ConfigError

_EVERY = re.compile(r"(\d+(?:\.\d+)?)\s*(m|min|h|d|w)", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/?]\S*)?", re.IGNORECASE)
USUAL_FEED_PATHS = {
    "", "rss", "feed", "atom.xml", "rss.xml", "feed.xml", "index.xml", "feed.json", "rss/home.rss",
}  # fmt: skip
_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to watch: its source and what to read there."""

    source: Source
    target: str


def read_target(typed: str) -> Target:
    """Return the source and target that `typed` names. Raises ConfigError with what is possible."""
    typed = _with_scheme(typed.strip())
    if typed.startswith(("http://", "https://", "imaps://", "imap://")):
        found = recognise(typed)
        if found is None:
            raise ConfigError("no source knows this address", subject=typed, next_step=_kinds())
        kind, target = found
    elif ":" in typed and not _is_path(typed):
        kind, _, target = typed.partition(":")
        named = recognise(target) if target.startswith("http") else None
        if named is not None and named[0] == kind:
            target = named[1]
    elif _is_path(typed):
        kind, target = "file", str(Path(typed).expanduser().resolve())
    else:
        raise ConfigError("neither an address nor kind:target", subject=typed, next_step=_kinds())
    source = source_of(kind)
    if source.kind == "file":
        target = str(Path(target).expanduser().resolve())
    source.check_target(target)
    return Target(source, target)


def _with_scheme(typed: str) -> str:
    """Return an address as browsers show it ("tiki.vn/noi-p1.html") with its https://."""
    is_bare = _BARE_ADDRESS.fullmatch(typed) and not _is_path(typed)
    return f"https://{typed}" if is_bare else typed


def read_list(file: Path) -> list[str]:
    """Return the targets in a list, one a line (# starts a remark), or in an OPML file."""
    try:
        body = file.read_bytes()
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be read", subject=str(file), next_step="name a list or OPML file"
        ) from e
    if body.lstrip().startswith(b"<"):
        return _opml(body, file)
    lines = body.decode("utf-8-sig", "replace").splitlines()
    return [line.partition(" #")[0].strip() for line in lines if _is_entry(line)]


def read_every(typed: str) -> int:
    """Return an interval such as 30m, 1h, 2d in minutes. Raises ConfigError for another."""
    found = _EVERY.fullmatch(typed.strip())
    minutes = float(found[1]) * _MINUTES[found[2].lower()] if found else 0
    if not found or not 1 <= minutes <= 60 * 24 * 60:
        raise ConfigError(
            "not an interval", subject=typed, next_step="write 30m, 1h, 2d: 1 minute to 60 days"
        )
    return int(minutes)


def watch_name(source: Source, target: str) -> str:
    """Return what people call a watch: a site's host, a file's name, else the source's own name."""
    if source.kind == "file":
        return Path(target).stem.replace("-", " ").replace("_", " ").capitalize()
    shown = source.public_name(target).removeprefix(f"{source.kind}:")
    if host_of(shown):
        path = urlsplit(shown).path.strip("/")
        is_plain = source.kind == "feed" and path.lower() in USUAL_FEED_PATHS
        return host_of(shown) if is_plain else f"{host_of(shown)}/{path}".strip("/")
    return f"{source.name_en} {shown}"


def needs_consent(source: Source) -> bool:
    """Return whether a person must say yes to this source first."""
    return source.access is Access.OPT_IN


def _opml(body: bytes, file: Path) -> list[str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    tree = etree.fromstring(body, parser)
    found = [] if tree is None else [node.get("xmlUrl", "") for node in tree.iter("outline")]
    feeds = [f"feed:{address}" for address in found if address]
    if not feeds:
        raise ConfigError(
            "no feeds in it", subject=str(file), next_step="export your feeds as OPML again"
        )
    return feeds


def _is_entry(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _is_path(typed: str) -> bool:
    return typed.startswith((".", "/", "~")) or Path(typed).exists()


def _kinds() -> str:
    return "kind:target with one of " + ", ".join(source.kind for source in all_sources())
