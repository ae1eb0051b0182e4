"""A small web on loopback: every invented site of the demo, told apart by the Host header."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from earful.demo import catalogue, feeds, pages, shops, social
from earful.demo.reply import NOT_FOUND, TEXT, Reply

_ROBOTS = {
    catalogue.SHOP: "User-agent: *\nDisallow: /checkout/\nDisallow: /customer/\n",
    catalogue.APP_STORE: "User-agent: *\nDisallow: /WebObjects/\n",
    catalogue.BRAND_SITE: "User-agent: *\nDisallow: /gio-hang/\nAllow: /\n",
    catalogue.FORUM: "User-agent: *\nDisallow: /riengtu/\nDisallow: /tim-kiem\n",
    catalogue.NEWS: "User-agent: *\nAllow: /\n",
    catalogue.BLOG: "User-agent: *\nDisallow:\n",
    catalogue.PODCAST: "User-agent: *\nDisallow: /nhap/\n",
    catalogue.BREAKING: "User-agent: *\nAllow: /\n",
    catalogue.HACKER_NEWS: "User-agent: *\nDisallow: /private\n",
    catalogue.SOCIAL: "User-agent: *\nDisallow: /media_proxy/\nDisallow: /interact/\n",
}


def answer(host: str, path: str, query: dict[str, str], *, now: datetime) -> Reply:
    """Return what the site `host` answers at `now`; 404 for what it does not have."""
    if path == "/robots.txt" and host in _ROBOTS:
        return Reply(_ROBOTS[host], TEXT)
    match host, path:
        case catalogue.SHOP, "/api/v2/reviews":
            return shops.shop_reviews(query, now=now)
        case catalogue.APP_STORE, _:
            return shops.app_reviews(path, now=now)
        case catalogue.BRAND_SITE, "/noi-com-1-8l":
            return pages.brand_page(now=now)
        case catalogue.FORUM, "/danh-gia/noi-com-lua-may-1-8l":
            return pages.corner_page(now=now)
        case catalogue.FORUM, "/rss":
            return feeds.rss("forum", host, title="Diễn đàn Bếp Nhà", now=now)
        case catalogue.FORUM, "/riengtu/rss":
            return feeds.private_rss(host)
        case catalogue.NEWS, "/rss":
            return feeds.rss("news", host, title="Báo Bếp Việt", now=now)
        case catalogue.BREAKING, "/rss":
            return feeds.breaking_rss(host, now=now)
        case catalogue.BLOG, "/atom.xml":
            return feeds.atom("blog", now=now)
        case catalogue.PODCAST, "/feed.json":
            return feeds.json_feed("podcast", now=now)
        case catalogue.HACKER_NEWS, "/api/v1/search_by_date":
            return social.hacker_news(query, now=now)
        case catalogue.SOCIAL, _:
            return social.mastodon(path, query, now=now)
        case _:
            return NOT_FOUND


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the sample web saw it, and the status it answered."""

    host: str
    path: str  # with its query, as sent
    status: int
    agent: str


class SampleWeb:
    """The sample web as a context manager: it listens while the block runs.

    Sites show only what was posted before `now`; `set_now` moves time on.
    """

    def __init__(self, *, now: datetime = catalogue.NOW) -> None:
        self._now = now.astimezone(UTC)
        self._requests: list[Seen] = []
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _Visitor)
        self._server.web = self
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """Where it listens: `127.0.0.1:port`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> tuple[Seen, ...]:
        """Every request so far, oldest first."""
        with self._lock:
            return tuple(self._requests)

    @property
    def now(self) -> datetime:
        """The time it is for the sites, aware UTC."""
        return self._now

    def set_now(self, now: datetime) -> None:
        """Move the sites' time to `now` (aware)."""
        self._now = now.astimezone(UTC)

    def note(self, seen: Seen) -> None:
        """Add one request to the log."""
        with self._lock:
            self._requests.append(seen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a crawl calls at 16 doors at once; who finds 5 waiting waits 1 s
    web: SampleWeb


class _Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two small writes
    timeout = 5  # an idle kept-alive connection is let go
    server: _Server

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        host = (self.headers["Host"] or "").partition(":")[0].lower()
        query = dict(parse_qsl(asked.query, keep_blank_values=True))
        reply = answer(host, unquote(asked.path), query, now=self.server.web.now)
        body = reply.body.encode()
        headers = {"Content-Type": reply.content_type, **reply.headers}
        status = reply.status
        if reply.is_kept and status == 200:
            headers["ETag"] = f'"{sha256(body).hexdigest()[:20]}"'
            if self.headers["If-None-Match"] == headers["ETag"]:
                status, body = 304, b""
        agent = self.headers["User-Agent"] or ""
        self.server.web.note(Seen(host, self.path, status, agent))
        self._send(status, headers, body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet on stderr; the log is `SampleWeb.requests`."""
