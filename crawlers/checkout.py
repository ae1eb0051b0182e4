"""Scrapy's own settings for `scrapy list`, `scrapy crawl` and `scrapy shell` in a checkout."""

from __future__ import annotations

from crawlers.settings import CrawlSettings, scrapy_settings

globals().update(scrapy_settings(CrawlSettings(contact="a developer's checkout")))
