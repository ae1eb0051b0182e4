"""A small web of feeds on loopback, in a process of its own: `python -m benchmarks.feedserver`.

`/feed/N` is feed N (RSS, every second one Atom); `/validators/on` and
`/validators/off` choose whether answers carry an ETag and heed If-None-Match;
`/quit` ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.posts import BRAND, post

START = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
RSS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{title}</title>'
    "<link>{home}</link><description>{title}</description>{entries}</channel></rss>"
)
RSS_ENTRY = (
    "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{rfc822}</pubDate>"
    "<dc:creator>{author}</dc:creator><category>bếp</category>"
    "<description>{text}</description></item>\n"
)
ATOM = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
    "<title>{title}</title><id>{home}</id><updated>{iso}</updated>{entries}</feed>"
)
ATOM_ENTRY = (
    '<entry><title>{title}</title><link href="{link}"/><id>{link}</id>'
    "<published>{iso}</published><updated>{iso}</updated>"
    "<author><name>{author}</name></author>"
    '<category term="bếp"/><content type="html">{text}</content></entry>\n'
)


def feed(number: int, *, entries: int, home: str) -> bytes:
    """Return feed `number` with its newest entry first, in UTF-8."""
    whole, part = (ATOM, ATOM_ENTRY) if number % 2 else (RSS, RSS_ENTRY)
    parts = []
    for nth in reversed(range(entries)):
        said = post(number * 1000 + nth)
        posted = START + timedelta(minutes=17 * nth + number)
        parts.append(
            part.format(
                title=escape(said.title), text=escape(f"<p>{escape(said.text)}</p>"),
                author=said.author, link=f"{home}/post/{number}/{nth}",
                rfc822=format_datetime(posted), iso=f"{posted:%Y-%m-%dT%H:%M:%SZ}",
            )
        )  # fmt: skip
    newest = f"{START + timedelta(minutes=17 * entries + number):%Y-%m-%dT%H:%M:%SZ}"
    title = f"{BRAND} {number}"
    return whole.format(title=title, home=home, entries="".join(parts), iso=newest).encode()


@dataclass(slots=True)
class Web:
    """All feeds, rendered before the first request, and how requests are answered."""

    feeds: list[bytes]
    has_validators: bool = True
    tags: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.tags = [f'"{blake2b(each, digest_size=8).hexdigest()}"' for each in self.feeds]

    def answer(self, path: str, if_none_match: str) -> tuple[int, str, bytes]:
        """Return status, extra header lines and body."""
        if path.startswith("/feed/"):
            number = int(path.removeprefix("/feed/"))
            if not self.has_validators:
                return 200, "", self.feeds[number]
            tag = f"ETag: {self.tags[number]}\r\n"
            is_known = if_none_match == self.tags[number]
            return (304, tag, b"") if is_known else (200, tag, self.feeds[number])
        if path.startswith("/validators/"):
            self.has_validators = path.endswith("/on")
            return 200, "", b""
        if path == "/robots.txt":
            return 200, "", b"User-agent: *\nDisallow: /private/\n"
        return 404, "", b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until it ends."""
        while head := (await _head(reader)):
            first, *rest = head.split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in rest if ": " in line)
            path = first.split(" ")[1]
            if path == "/quit":
                asyncio.get_running_loop().stop()
            status, extra, body = self.answer(path, headers.get("if-none-match", ""))
            length = "" if status == 304 else f"Content-Length: {len(body)}\r\n"
            kind = "Content-Type: application/xml; charset=utf-8\r\n"
            writer.write(f"HTTP/1.1 {status} .\r\n{kind}{length}{extra}\r\n".encode() + body)
            if headers.get("connection") == "close":
                break
        writer.close()


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


@dataclass(frozen=True, slots=True)
class Served:
    """A running feed server: its process id, its address and its feeds' addresses."""

    pid: int
    port: int
    urls: list[str]

    def set_validators(self, *, on: bool) -> None:
        """Let answers carry ETags, or not."""
        ask(self.port, f"/validators/{'on' if on else 'off'}")


def ask(port: int, path: str) -> bytes:
    """Return what the server on `port` answers to `path`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Connection": "close"})
    body = connection.getresponse().read()
    connection.close()
    return body


@contextmanager
def serving(feeds: int, *, entries: int = 30) -> Iterator[Served]:
    """Run a feed server in a process of its own while the block runs."""
    named = ["--feeds", str(feeds), "--entries", str(entries)]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feedserver", *named],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            urls = [f"http://127.0.0.1:{port}/feed/{number}" for number in range(feeds)]
            yield Served(server.pid, port, urls)
        finally:
            server.terminate()


async def _run(feeds: int, entries: int) -> None:
    web = Web([])
    server = await asyncio.start_server(web.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    home = f"http://127.0.0.1:{port}"
    web.feeds = [feed(number, entries=entries, home=home) for number in range(feeds)]
    web.__post_init__()
    print(port, flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--entries", type=int, default=30)
    chosen = parser.parse_args()
    asyncio.run(_run(chosen.feeds, chosen.entries))
