"""What people call the source of a mention: the watch's own name, the site, or the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from store.tables import Sightings, Watches

KIND_NAMES = {
    "appstore": "App Store",
    "google_alerts": "Google Alerts",
    "google_news": "Google News",
    "hackernews": "Hacker News",
    "mastodon": "Mastodon",
    "tiki": "Tiki",
}
_FILES = frozenset({".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".txt"})


class WatchName(NamedTuple):
    """A watch's name and what it reads."""

    name: str = ""
    target: str = ""


def source_name(kind: str, watch: WatchName, source: str) -> str:
    """Return what people call a source.

    A name that somebody chose stays. One made of the source's name and its target
    ("Mastodon mastodon.example/rice") is cut to the source's name, an address to
    its host, a file ("file:social", "social.csv") to a name without its ending.
    """
    name = watch.name.strip()
    if watch.target and name != watch.target:
        name = name.removesuffix(watch.target).strip() or name
    host = host_of(watch.target)
    if host and name.startswith(host):
        return host
    return _spoken(name) or KIND_NAMES.get(kind) or _spoken(source) or kind


def watch_names(connection: Connection, mention_ids: Sequence[int]) -> Mapping[int, WatchName]:
    """Return the watch through which each mention was first met; none for those without."""
    asked = (
        select(Sightings.mention_id, Watches.name, Watches.target)
        .join(Watches, Watches.id == Sightings.watch_id)
        .where(Sightings.mention_id.in_(mention_ids))
        .order_by(Sightings.mention_id, Sightings.seen_at.desc(), Sightings.watch_id.desc())
    )
    return {row.mention_id: WatchName(row.name, row.target) for row in connection.execute(asked)}


def host_of(address: str) -> str:
    """Return the host of a web address without www, "" for anything else."""
    if "://" not in address:
        return ""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def place_of(address: str) -> str:
    """Return host and path of a web address, as people would type it."""
    return address.partition("://")[2].partition("?")[0].removeprefix("www.").rstrip("/")


def _spoken(name: str) -> str:
    """Return a host for an address, a file's name without its ending, "" for a bare number."""
    if host := host_of(name):
        return host
    path = PurePosixPath(name.removeprefix("file:"))
    if path.suffix.lower() in _FILES or name.startswith(("/", "file:")):
        stem = path.stem if path.suffix.lower() in _FILES else path.name
        stem = stem.replace("-", " ").replace("_", " ").strip()
        return stem[:1].upper() + stem[1:]
    return "" if name.isdigit() else name
