"""A person's consent in the browser: the address to open, and the answer that comes back.

The site sends the browser to a small listener on this machine's loopback; where no browser runs
here, the person pastes the address that it landed on. Neither is believed without our state.
"""

from __future__ import annotations

import queue
import secrets
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crawlers.grants import Consent, Grant
from ingest.errors import ConfigError, SourceBlocked

PORT = 8737  # always the same, as most sites want the address registered
PATIENCE_S = 300.0
LONGEST = 16_000  # letters of an address
TERMINAL_BROWSERS = frozenset({"www-browser", "links", "elinks", "lynx", "w3m"})
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Landed:
    """Where the browser came back to: the path, and what the site sent along."""

    path: str
    sent: Mapping[str, str]


def landed_at(address: str) -> Landed:
    """Return what an address that the browser landed on tells."""
    parts = urlsplit(address.strip()[:LONGEST])
    return Landed(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))


def new_consent(grant: Grant, *, port: int, redirect: str | None) -> Consent:
    """Return a consent to be asked for, which nobody can guess.

    `redirect` is the address registered with the site; None is our own listener's.
    """
    state = secrets.token_urlsafe(24)
    home = redirect or home_address(grant, port)
    if grant.has_state_in_path:
        home = f"{home.rstrip('/')}/{state}"
    return Consent(redirect=home, state=state, verifier=secrets.token_urlsafe(48))


def home_address(grant: Grant, port: int) -> str:
    """Return the address of our own listener, as it is registered with the site."""
    return f"http://{grant.host}:{port}/"


def checked(landed: Landed, grant: Grant, consent: Consent, *, kind: str) -> Mapping[str, str]:
    """Return what the site sent along with a consent that was given.

    Raises SourceBlocked when the person said no or the answer is not ours,
    ConfigError when the address is not an answer at all.
    """
    again = f"earful connect {kind}"
    state = landed.path.rpartition("/")[2] if grant.has_state_in_path else landed.sent.get("state")
    if "code" not in landed.sent and "error" not in landed.sent:
        raise ConfigError(
            "the address holds no answer of the site",
            subject=kind,
            next_step=f"{again}, and paste the whole address that the browser landed on",
        )
    if not secrets.compare_digest((state or "").encode(), consent.state.encode()):
        words = "this answer belongs to another consent, so it was thrown away"
        raise SourceBlocked(words, subject=kind, next_step=again)
    if "code" not in landed.sent:
        said = landed.sent.get("error_description") or landed.sent["error"]
        words = f"the consent was not given ({said[:200]})"
        raise SourceBlocked(words, subject=kind, next_step=f"{again} when you want to")
    return landed.sent


@contextmanager
def listening(port: int, *, thanks: str) -> Iterator[Callable[[float], Landed | None]]:
    """Listen on the loopback; give what waits for the browser, so many seconds at most.

    `thanks` is what the browser shows. Raises ConfigError when the port is taken.
    """
    try:
        server = _Server(("127.0.0.1", port), _Door)
    except OSError as fault:
        raise ConfigError(
            fault.strerror or "cannot be opened",
            subject=f"127.0.0.1:{port}",
            next_step="add --port with a free one, or --no-browser",
        ) from fault
    server.thanks = thanks
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.wait
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Keeps what the first request with an answer brought."""

    daemon_threads = True
    thanks = ""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.came: queue.Queue[Landed] = queue.Queue()

    def wait(self, seconds: float) -> Landed | None:
        """Return the first answer, None when none came in that time."""
        try:
            return self.came.get(timeout=seconds)
        except queue.Empty:
            return None


class _Door(BaseHTTPRequestHandler):
    """Answers the browser; says nothing in any log, as the address holds a code."""

    server: _Server
    timeout = 5
    server_version = "Earful"
    sys_version = ""

    def do_GET(self) -> None:
        """Take an answer, and thank the browser that brought it."""
        landed = landed_at(self.path)
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        is_answer = host in ("127.0.0.1", "localhost") and {"code", "error"} & landed.sent.keys()
        page = _page(self.server.thanks if is_answer else "")
        self.send_response(200 if is_answer else 404)
        for name, value in {**HEADERS, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)
        if is_answer:
            self.server.came.put(landed)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _page(words: str) -> bytes:
    head = '<!doctype html><meta charset="utf-8"><title>Earful</title>'
    return f"{head}<p>{words}</p>".encode()


def open_page(url: str) -> bool:
    """Open `url` in a browser with a window; return whether there is one."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if getattr(browser, "name", "") in TERMINAL_BROWSERS:
        return False
    return bool(browser.open(url))
