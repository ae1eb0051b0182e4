"""The keys of sources: asked for once, used in a visit, and in no other place at all."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import scheduler
from crawlers.keys import GivenKeys
from crawlers.run import warm_up
from crawlers.settings import CrawlSettings
from earful.__main__ import earful
from earful.app import App
from earful.secrets import Ending, Secret, Secrets, place_of, read_secrets
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.mention import RawItem
from ingest.page import Page
from ingest.redact import redact
from ingest.visit import Outcome
from store import captures, watches
from store.engine import open_store

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CANARY = "S3cr3t/EXAMPLE+chìa khóa"
HEADER_CANARY = "S3cr3t-EXAMPLE-0123456789"


def secrets_of(file: Path, environ: dict[str, str] | None = None) -> Secrets:
    return read_secrets(file, {"youtube": ("key",), "shopee_shop": ("token",)}, environ or {})


def test_a_key_is_kept_for_its_owner_alone_and_comes_back_whole(tmp_path: Path) -> None:
    file = place_of(tmp_path / "earful.toml")
    odd = 'a"b\\c = [x]\U0001f511đ'
    secrets_of(file).save("youtube", {"key": Secret(odd, date(2027, 2, 1))})
    assert file.name == "earful.secrets.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    again = secrets_of(file)
    assert again.of("youtube") == {"key": Secret(odd, date(2027, 2, 1))}
    assert again.values("youtube") == {"key": odd}
    assert odd not in repr((again, again.of("youtube")))
    again.forget("youtube")
    assert secrets_of(file).sections() == []


def test_a_file_that_others_may_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "earful.secrets.toml"
    kept = secrets_of(file)
    assert not kept.is_open_to_others()
    kept.save("youtube", {"key": Secret(CANARY)})
    assert not kept.is_open_to_others()
    file.chmod(0o640)
    assert kept.is_open_to_others()


def test_the_environment_wins_and_is_never_written_down(tmp_path: Path) -> None:
    file = tmp_path / "earful.secrets.toml"
    secrets_of(file).save("youtube", {"key": Secret("from-file")})
    kept = secrets_of(file, {"EARFUL_SECRET_YOUTUBE_KEY": CANARY})
    assert kept.values("youtube") == {"key": CANARY}
    kept.save("shopee_shop", {"token": Secret("abc")})
    assert CANARY not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2027, 1, 24, 23, 0, tzinfo=UTC), None),
        (datetime(2027, 1, 25, 0, 0, tzinfo=UTC), 7),
        (datetime(2027, 2, 1, 12, 0, tzinfo=UTC), 0),
        (datetime(2027, 2, 3, 12, 0, tzinfo=UTC), -2),
    ],
)
def test_a_key_is_told_a_week_before_it_ends(
    tmp_path: Path, now: datetime, left: int | None
) -> None:
    last = date(2027, 2, 1)
    kept = Secrets(
        tmp_path / "s", {"youtube": {"key": Secret("x" * 9, last), "other": Secret("y" * 9)}}
    )
    wanted = [] if left is None else [Ending("youtube", "key", last, left)]
    assert kept.ending(now) == wanted


@pytest.mark.parametrize(
    "text", [f'youtube = "{CANARY}', f"[youtube]\nkey = {{ val = '{CANARY}' }}", f"a = '{CANARY}'"]
)
def test_a_broken_file_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "earful.secrets.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        secrets_of(file)
    assert CANARY not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize(
    "value",
    [
        f"tải {CANARY} xong",
        f"token={CANARY}".encode(),
        {"x-shop": CANARY},
        ["https://a.example/?t=S3cr3t%2FEXAMPLE%2Bch%C3%ACa+kh%C3%B3a"],
        (json.dumps({"next": CANARY}),),
        RawItem(key="1", text=CANARY),
        Page(source="x", items=(RawItem(key="1", url=f"https://a.example/{CANARY}"),)),
    ],
    ids=["text", "bytes", "mapping", "address", "json", "item", "page"],
)
def test_a_secret_is_taken_out_of_whatever_holds_it(value: object) -> None:
    clean = redact(value, [CANARY, "short", "1234567890"])
    assert "EXAMPLE" not in repr(clean)
    assert "[secret]" in repr(clean)


def test_what_holds_no_secret_stays_the_same_thing() -> None:
    page = Page(source="x", items=(RawItem(key="1234567890", text="rất tốt, short"),))
    assert redact(page, [CANARY, "short", "1234567890"]) is page
    assert redact(page, []) is page


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C")
    return tmp_path


def typed(*arguments: str, keys: str = "") -> Result:
    return CliRunner().invoke(earful, ["connect", *arguments], input=keys, obj=App())


def test_connect_asks_hidden_keeps_and_lists_without_a_value(folder: Path) -> None:
    said = typed("shopee_shop", "--paste", "--until", "2030-01-31", keys=f"200123\n{CANARY}\n\n")
    assert said.exit_code == 0, said.output
    kept = App().secrets.of("shopee_shop")
    assert kept["partner_key"] == Secret(CANARY, date(2030, 1, 31))
    assert "token" not in kept
    for shown in (said, typed(), typed("shopee_shop", "--paste", "--json", keys="\n\n\n")):
        assert CANARY not in shown.output
    assert "missing" in said.output
    assert App().secrets.of("shopee_shop") == kept
    typed("shopee_shop", "--forget")
    assert App().secrets.of("shopee_shop") == {}


def test_connect_says_which_key_ends(folder: Path) -> None:
    today = scheduler.utc_now().date()
    said = typed("youtube", "--until", today.isoformat(), keys="k" * 20 + "\n")
    assert "the key key ends on" in said.output
    said = typed("youtube", "--until", "2020-01-01", keys="k" * 20 + "\n")
    assert "the key key ended on" in said.output


def test_a_source_without_its_key_is_told(folder: Path) -> None:
    now, app = scheduler.utc_now(), App()
    for kind, name in (("threads", "Threads"), ("reddit", "Reddit"), ("feed", "Báo")):
        watches.add(app.store, kind, "https://luamay.example/rss", now=now, name=name)
    assert CliRunner().invoke(earful, ["sources"], obj=app).output.count("– no key") == 1
    assert (
        "Threads: no key yet. Next: earful connect threads"
        in CliRunner().invoke(earful, ["doctor"], obj=app).output
    )
    app.close()


@pytest.mark.parametrize("command", ["sources", "doctor"])
def test_a_key_that_ends_is_told_where_people_look(folder: Path, command: str) -> None:
    now, before = scheduler.utc_now(), App()
    for name, kind in (("Lúa Mây", "threads"), ("VnExpress", "feed")):
        watches.add(before.store, kind, "https://luamay.example/rss", now=now, name=name)
    last = now.date() + timedelta(days=3)
    App().secrets.save("threads", {"token": Secret("t" * 9, last), "other": Secret("o" * 9)})
    App().secrets.save("yelp", {"api_key": Secret("y" * 9, last)})
    before.close()
    app = App()
    said = CliRunner().invoke(earful, [command], obj=app)
    app.close()
    assert "threads: the key token ends on" in said.output
    assert "Next: earful connect threads" in said.output
    assert ("yelp" in said.output) == (command == "doctor")


def test_a_source_without_keys_says_so(folder: Path) -> None:
    assert "needs no key" in typed("feed").output
    assert not (folder / "earful.secrets.toml").exists()


class Echo(BaseHTTPRequestHandler):
    """A site that puts the key it was sent into every part of its answer."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        key = self.headers.get("X-Goog-Api-Key", "")
        self.server.keys.append(key)
        row = {
            "id": f"c-{key}", "snippet": {
                "textDisplay": f"Nồi Lúa Mây hỏng, khóa {key}", "authorDisplayName": key,
                "publishedAt": "2026-11-19T08:00:00Z", "updatedAt": "2026-11-19T08:00:00Z",
                "likeCount": 0,
            },
        }  # fmt: skip
        good = {"items": [{"snippet": {"topLevelComment": row}}], "hint": key}
        bad = {"error": {"code": 400, "message": f"bad key {key}", "errors": [{"reason": key}]}}
        status, answer = self.server.said(good, bad)
        body = json.dumps(answer).encode()
        self.send_response(404 if "robots" in self.path else status)
        self.send_header("Content-Type", f"application/json; charset=utf-8; x={key}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.keys = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("is_good", [True, False], ids=["answers", "refuses"])
def test_a_key_reaches_the_site_and_nothing_else(
    tmp_path: Path, echo: Any, capfd: pytest.CaptureFixture[str], is_good: bool
) -> None:
    echo.said = lambda good, bad: (200, good) if is_good else (400, bad)
    log = io.StringIO()
    listening = logging.StreamHandler(log)
    logging.getLogger().addHandler(listening)
    database = f"sqlite:///{tmp_path / 'earful.db'}"
    store = open_store(database)
    watch_id = watches.add(
        store, "youtube", "video/LuaMay_0001", now=NOW, brand="Lúa Mây", is_own=True
    )
    warm_up("scoring.judge", "store.intake")
    settings = CrawlSettings(
        contact="test@luamay.example", delay_s=0.0, retries=0,
        replay_address=f"127.0.0.1:{echo.server_address[1]}",
    )  # fmt: skip
    collector = scheduler.Collector(
        database, [Brand(name="Lúa Mây")], settings, clock=scheduler.FixedClock(NOW),
        keys=GivenKeys({"youtube": {"key": HEADER_CANARY}}),
    )  # fmt: skip
    (visited,) = asyncio.run(collector.visit([watches.find(store, str(watch_id), now=NOW)]))
    logging.getLogger().removeHandler(listening)
    assert HEADER_CANARY in echo.keys
    assert (visited.facts.outcome is Outcome.OK) == is_good, visited.facts
    assert bool(captures.of_watch(store, watch_id)) == is_good
    collector.close()
    for number in captures.of_watch(store, watch_id):
        kept = captures.find(store, number)
        assert kept is not None
        assert b"[secret]" in kept.fetched.body
        assert HEADER_CANARY not in repr(kept)
    store.close()
    for file in tmp_path.iterdir():
        assert HEADER_CANARY.encode() not in file.read_bytes(), file.name
    told = (log.getvalue(), *capfd.readouterr(), repr(visited), repr(collector))
    assert HEADER_CANARY not in "".join(told)


def test_an_order_does_not_show_its_keys() -> None:
    from ingest.visit import Order

    assert CANARY not in repr(Order(watch_id=1, kind="x", target="y", options={"token": CANARY}))
