"""The floor of an unchanged feed: Scrapy alone, asking with validators and doing nothing else."""

from __future__ import annotations

import http.client
import multiprocessing
from collections.abc import AsyncIterator
from typing import Any

from benchmarks.feedserver import Served
from benchmarks.measure import Meter

_CONTEXT = multiprocessing.get_context("forkserver")
SETTINGS = {
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_ENABLED": False,
    "CONCURRENT_ITEMS": 4,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
}


def wait_until_warm() -> None:
    """Return once the server that children are forked from has imported everything."""
    child = _CONTEXT.Process(target=print, kwargs={"end": ""})
    child.start()
    child.join()


def cpu_s_of_304(served: Served, *, children: int = 2) -> float:
    """Return the CPU seconds of asking for every feed once, in as many children as Earful uses."""
    tags = [_tag(served.port, url) for url in served.urls]
    asked = list(zip(served.urls, tags, strict=True))
    meter = Meter(without=[served.pid])
    for nth in range(children):
        child = _CONTEXT.Process(target=_crawl, args=(asked[nth::children],))
        child.start()
        child.join()
    return meter.cpu_s()


def _tag(port: int, url: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", url.partition(str(port))[2], headers={"Connection": "close"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["ETag"]


def _crawl(asked: list[tuple[str, str]]) -> None:
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"
        handle_httpstatus_list = (304,)

        async def start(self) -> AsyncIterator[Any]:
            for url, tag in asked:
                yield scrapy.Request(url, headers={"If-None-Match": tag}, callback=self.parse)

        async def parse(self, response: Any) -> None:
            assert response.status == 304

    crawling = AsyncCrawlerProcess(SETTINGS)
    crawling.crawl(Bare)
    crawling.start()
