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
    return tuple(sorted(map(_source, _kinds()), key=lambda source: (source.breadth, source.kind)))


def source_of(kind: str) -> Source:
    """Return the source of `kind`; raises ConfigError naming the kinds there are."""
    if kind not in _kinds():
        known = ", ".join(sorted(_kinds()))
        raise ConfigError("no such kind of source", subject=kind, next_step=f"use one of {known}")
    return _source(kind)


def recognise(url: str) -> tuple[str, str] | None:
    """Return (kind, target) of the narrowest source that knows `url`, or None."""
    for source in all_sources():
        target = source.recognise(url)
        if target is not None:
            return source.kind, target
    return None


@cache
def _kinds() -> frozenset[str]:
    """Return the kinds there are: a source's file is named after its kind."""
    return frozenset(module.name for module in pkgutil.iter_modules(crawlers.spiders.__path__))


@cache
def _source(kind: str) -> Source:
    """Return one source without importing the others: that takes a tenth of a second."""
    source: Source = import_module(f"crawlers.spiders.{kind}").SOURCE
    return source
