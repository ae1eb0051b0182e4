"""The crawl's settings: what an operator chooses, and every Scrapy setting that follows.

Scrapy 2.19 is written for one-off scraping on a developer's machine: it opens a
port that runs posted code, does not verify TLS, ignores robots.txt and waits
three minutes for a dead server. All of that is changed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

AGENT = "Earful"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSettings:
    """How to crawl; plain values, picklable.

    `contact` is the address or page in the User-Agent; `delay_s` the least time
    between two requests to one host; `timeout_s` bounds one whole response and
    `max_bytes` its decoded size; `deadline_s` bounds a batch of visits;
    `memory_mb` a crawl child. `allow_private` opens addresses that are not
    public. `replay_address` ("host:port") answers for every host on earth
    (demo and tests); `proxy` is an address all requests go through.
    """

    contact: str
    version: str = "0.1.0"
    delay_s: float = 5.0
    timeout_s: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    retries: int = 1
    allow_private: bool = False
    replay_address: str | None = None
    proxy: str | None = None
    deadline_s: float = 600.0
    memory_mb: int = 512

    @property
    def user_agent(self) -> str:
        """Return our honest name with a contact."""
        return f"{AGENT}/{self.version} (+{self.contact})"


def scrapy_settings(settings: CrawlSettings) -> dict[str, Any]:
    """Return every Scrapy setting of a crawl."""
    return _BASE | _bounds(settings) | _politeness(settings) | _middlewares(settings)


_BASE: dict[str, Any] = {
    "BOT_NAME": AGENT,
    "SPIDER_MODULES": ["crawlers.spider"],
    # No doors: both would run code that somebody posts to a local port.
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    "TWISTED_DNS_RESOLVER": "crawlers.resolver.PublicResolver",
    # The log belongs to the service; addresses can be secrets, so Scrapy logs none.
    "LOG_INSTALL_ROOT_HANDLER": False,
    "LOG_LEVEL": "CRITICAL",
    "LOG_VERSIONS": [],  # each is looked up on the disk, whether it is logged or not
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",  # the ledger counts
    "DOWNLOADER_STATS": False,
    "STATS_DUMP": False,
    "LOGSTATS_INTERVAL": 0,
    # We tell nobody where we come from, and keep nothing that a site hands us.
    "COOKIES_ENABLED": False,
    "REFERER_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REDIRECT_MAX_TIMES": 5,
    "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "vi,en;q=0.8"},
    "MEMUSAGE_CHECK_INTERVAL_SECONDS": 5.0,
}


def _bounds(settings: CrawlSettings) -> dict[str, Any]:
    return {
        "DOWNLOAD_TIMEOUT": settings.timeout_s,
        "DOWNLOAD_MAXSIZE": settings.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "CONCURRENT_ITEMS": 4,
        "CONCURRENT_REQUESTS": 16,
        "MEMUSAGE_LIMIT_MB": settings.memory_mb,
    }


def _politeness(settings: CrawlSettings) -> dict[str, Any]:
    """Return one request at a time to a host, spaced, slower when the host is slow.

    429 and 503 are not retried: the middleware reads their Retry-After.
    """
    return {
        "USER_AGENT": settings.user_agent,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": settings.delay_s,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "AUTOTHROTTLE_ENABLED": settings.delay_s > 0,
        "AUTOTHROTTLE_START_DELAY": settings.delay_s,
        "AUTOTHROTTLE_MAX_DELAY": max(60.0, settings.delay_s),
        "RETRY_TIMES": settings.retries,
        "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],
    }


def _middlewares(settings: CrawlSettings) -> dict[str, Any]:
    """Return our own robots.txt reader, waits and address checks in place of Scrapy's.

    HttpProxyMiddleware reads the environment and would hide the address that is
    connected to, so it is off unless the operator names a proxy.
    """
    chosen: dict[str, Any] = {
        "EARFUL": settings,
        "ROBOTSTXT_OBEY": True,
        "HTTPPROXY_ENABLED": settings.proxy is not None,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "crawlers.middlewares.AddressCheck": 50,
            "crawlers.middlewares.Waits": 60,
            "crawlers.middlewares.Robots": 100,
        },
    }
    if settings.replay_address:
        replay = "crawlers.replay.ReplayHandler"
        chosen["DOWNLOAD_HANDLERS"] = {"http": replay, "https": replay}
    return chosen
