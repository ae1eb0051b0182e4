"""Imported last by the server that crawl children are forked from: Scrapy, but no reactor.

A child so forked starts in a fraction of the time of a fresh interpreter.
"""

from __future__ import annotations

import gc
import sys

from scrapy.core.downloader.handlers import http11
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawlers import replay, resolver, spider
from crawlers.settings import CrawlSettings, scrapy_settings

__all__ = ["http11", "replay", "resolver", "spider"]


def warm_up() -> None:
    """Import every component of a crawl."""
    settings = Settings(scrapy_settings(CrawlSettings(contact="")))
    named = [settings[name] for name in settings if isinstance(settings[name], str)]
    for group in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS"):
        named += [each for each in settings.getwithbase(group) if isinstance(each, str)]
    for each in named:
        if each.startswith(("scrapy.", "crawlers.")) and each != "scrapy.exceptions":
            load_object(each)


warm_up()
if "twisted.internet.reactor" in sys.modules:
    raise RuntimeError("the reactor was made before the fork")
# What is here now stays for good: no child need look through it for rubbish, and
# its pages stay shared.
gc.freeze()
gc.set_threshold(10_000)  # what a page brings is let go without the search: a 60th of a visit
