"""The crawl's settings: what Scrapy would do by itself is changed, and its commands work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from crawlers.settings import CrawlSettings, scrapy_settings


def test_scrapys_own_command_knows_a_spider_for_every_fetched_kind() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {"feed", "page", "tiki", "appstore", "google_alerts"} <= set(listed.stdout.split())
    assert "file" not in listed.stdout.split()


def test_no_dangerous_default_of_scrapy_is_left() -> None:
    chosen = scrapy_settings(CrawlSettings(contact="x"))
    assert not chosen["REMOTE_CONTROL_ENABLED"]
    assert not chosen["TELNETCONSOLE_ENABLED"]
    assert not chosen["HTTPPROXY_ENABLED"]
    assert not chosen["COOKIES_ENABLED"]
    assert chosen["DOWNLOAD_VERIFY_CERTIFICATES"]
    assert (chosen["DOWNLOAD_TIMEOUT"], chosen["DOWNLOAD_DELAY"]) == (30.0, 5.0)
    assert (chosen["DOWNLOAD_MAXSIZE"], chosen["REDIRECT_MAX_TIMES"]) == (10 * 2**20, 5)
    assert scrapy_settings(CrawlSettings(contact="x", proxy="http://p:1"))["HTTPPROXY_ENABLED"]
