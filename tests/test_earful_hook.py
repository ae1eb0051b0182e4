"""`earful hook` from the command line's side: its keys."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from earful.app import App
from earful.commands.hook import keys_now
from earful.secrets import FILE, Secret, Secrets
from inbox.hook import Call, Hook, sign
from ingest.page import Fetched, Page

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
EMPTY, UNKNOWN = 400, 401  # an answer to a post without words, and to one that is not signed well


def nothing_kept(_: Fetched, __: Page) -> None:
    """Take a post in and let it go."""


def test_new_keys_count_from_the_next_post_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    secrets = Secrets(tmp_path / FILE, {})
    secrets.save("hook", {"secret": Secret("một khoá cũ")})
    door = Hook(partial(keys_now, App(), ()), nothing_kept)
    stamp = str(int(NOW.timestamp()))

    def status(secret: str) -> int:
        headers = {"x-earful-timestamp": stamp, "x-earful-signature": sign(secret, stamp, b"")}
        return door.answer(Call(method="POST", path="/hook", headers=headers), now=NOW).status

    assert (status("một khoá cũ"), status("a new key")) == (EMPTY, UNKNOWN)
    secrets.save("hook", {"secret": Secret("a new key")})
    assert (status("một khoá cũ"), status("a new key")) == (UNKNOWN, EMPTY)
