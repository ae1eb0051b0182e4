"""Finds every source in `crawlers.spiders`, by its kind or by a web address."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import crawlers.spiders
from crawlers.base import Source
from ingest.errors import ConfigError


@cache
def all_sources() -> tuple[Source, ...]:
    """Return every source, narrow ones first, each breadth by kind."""
    names = [module.name for module in pkgutil.iter_modules(crawlers.spiders.__path__)]
    found = [import_module(f"crawlers.spiders.{name}").SOURCE for name in names]
    return tuple(sorted(found, key=lambda source: (source.breadth, source.kind)))


def source_of(kind: str) -> Source:
    """Return the source of `kind`; raises ConfigError naming the kinds there are."""
    for source in all_sources():
        if source.kind == kind:
            return source
    kinds = ", ".join(sorted(source.kind for source in all_sources()))
    raise ConfigError("no such kind of source", subject=kind, next_step=f"use one of {kinds}")


def recognise(url: str) -> tuple[str, str] | None:
    """Return (kind, target) of the narrowest source that knows `url`, or None."""
    for source in all_sources():
        target = source.recognise(url)
        if target is not None:
            return source.kind, target
    return None
