"""Serves the hook over HTTP: bounds on size, time and number, then `Hook.answer`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import socket
from typing import Any

from inbox.hook import MAX_BYTES, Call, Hook, Reply, refused

log = logging.getLogger("earful.hook")

TIMEOUT_S = 10.0
AT_ONCE = 32
MAX_PORT = 65_535


class HookServer(ThreadingHTTPServer):
    """Serves one `Hook`; `clock` returns the present moment, aware UTC.

    Behind a proxy on this machine (`is_behind_proxy`) the caller is the last address
    of X-Forwarded-For, which that proxy wrote; otherwise that header is not believed.
    """

    daemon_threads = True
    request_queue_size = 64  # callers that may wait while a start or a write takes its second

    def __init__(
        self,
        address: tuple[str, int],
        hook: Hook,
        *,
        clock: Callable[[], datetime],
        is_behind_proxy: bool = False,
    ) -> None:
        self.hook = hook
        self.clock = clock
        self.is_behind_proxy = is_behind_proxy
        self._places = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, _Conversation)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in a thread of its own; beyond 32 at once, hang up."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Log a connection that broke, without what it said."""
        log.warning("a caller hung up or broke", exc_info=True)


class _Conversation(BaseHTTPRequestHandler):
    """One call: HTTP/1.0 ways, so that each connection ends with its answer."""

    server: HookServer
    timeout = TIMEOUT_S

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0" if self.command != "POST" else "")
        if not (length.isascii() and length.isdigit()):
            self._refuse(path, 411, "say how long the body is")
            return
        if int(length) > MAX_BYTES:
            self._refuse(path, 413, f"over {MAX_BYTES:,} bytes")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return  # the caller hung up
        call = Call(
            method=self.command,
            path=path,
            headers=headers,
            body=body,
            address=self._caller(headers),
        )
        self._send(self.server.hook.answer(call, now=self.server.clock()))

    do_GET = do_POST = do_OPTIONS = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

    def _refuse(self, path: str, status: int, words: str) -> None:
        """Refuse a call unread, and say so in the log: its number is not known."""
        moment = self.server.clock().isoformat(timespec="seconds").replace("+00:00", "Z")
        log.info("%s %s - %s %s", moment, path[:60], status, words)
        self._send(refused(status, words))

    def _caller(self, headers: dict[str, str]) -> str:
        if self.server.is_behind_proxy:
            told = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            try:
                return str(ip_address(told))
            except ValueError:
                pass
        return str(self.client_address[0])

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def version_string(self) -> str:
        """Return what the Server header says: no versions."""
        return "Earful"

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing of a call: addresses of people are no business of the log."""
