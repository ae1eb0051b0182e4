"""The fixture `model`: an OpenAI-compatible server on this machine that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Pocket:
    """A budget that is counted in a test alone."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def spend(self) -> bool:
        self.calls -= 1
        return self.calls >= 0


class Model(ThreadingHTTPServer):
    """A server that answers as it is told, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.content: str | None = None  # None: .9 for what holds "hỏng" or "broken", else .1
        self.status = 200
        self.released = threading.Event()
        self.released.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: object) -> None:
        """A client that gave up is no fault of the server."""

    def texts(self) -> list[str]:
        lines = [line for each in self.asked for line in each["messages"][1]["content"].split("\n")]
        return [json.loads(line)["text"] for line in lines]


class _Answering(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(told)
        self.server.keys.append(self.headers["Authorization"])
        self.server.released.wait(5)
        lines = told["messages"][1]["content"].split("\n")
        chances = [0.9 if "hỏng" in line or "broken" in line else 0.1 for line in lines]
        content = self.server.content or json.dumps({"chances": chances})
        body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        self.send_response(self.server.status)
        self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def model() -> Iterator[Model]:
    with Model() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()
