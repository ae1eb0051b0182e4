"""Answers every host from one small web on loopback, over real HTTP.

Spiders, robots.txt, politeness and address checks see the true addresses;
nothing can leave the machine. For the demo and for tests.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Request, Response


class ReplayHandler(HTTP11DownloadHandler):
    """Scrapy's own handler, sent to `CrawlSettings.replay_address` with the true Host header."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._replay_address = crawler.settings["EARFUL"].replay_address

    async def download_request(self, request: Request) -> Response:
        """Return the small web's response under the address that was asked for."""
        parts = urlsplit(request.url)
        there = parts._replace(scheme="http", netloc=self._replay_address).geturl()
        headers = {**request.headers, "Host": parts.netloc}
        response = await super().download_request(request.replace(url=there, headers=headers))
        return response.replace(url=request.url)
