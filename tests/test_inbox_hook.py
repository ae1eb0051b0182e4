"""The hook: what is let in, what is refused and why, over real HTTP on loopback."""

from __future__ import annotations

import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

import scheduler
from earful.__main__ import main
from earful.app import App
from earful.commands.hook import Door
from inbox.hook import MAX_BYTES, Call, Hook, Keys, sign
from inbox.hook_server import HookServer
from inbox.limits import Rate, Seen
from ingest.errors import StoreError, UnreadableItem
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Fetched, Page, Problem
from ingest.posted import FORM, JSON, posted_fields, read_posted
from store import watches
from store.health import Health
from store.tables import Quarantine

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SECRET, FORM_KEY = "bí-mật-dùng-để-thử", "khoa-cong-khai"
ORIGIN = "https://luamay.example"
SAID = {"text": "App văng khi thanh toán", "stars": 1, "kind": "bug", "version": "3.2"}


class Kept:
    """Takes posts in and remembers them; can be made to fail."""

    def __init__(self) -> None:
        self.taken: list[tuple[Fetched, RawItem]] = []
        self.put_aside: list[tuple[Fetched, Problem]] = []
        self.fault: Exception | None = None

    def __call__(self, fetched: Fetched, page: Page) -> None:
        if self.fault:
            raise self.fault
        self.put_aside += [(fetched, each) for each in page.problems]
        self.taken += [(fetched, each) for each in page.items]


class Caller:
    """Calls a hook over HTTP; `now` is the hook's clock."""

    def __init__(self, server: HookServer, kept: Kept) -> None:
        self.port = int(server.server_address[1])
        self.server = server
        self.kept = kept
        self.now = NOW

    def __call__(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> http.client.HTTPResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            answer.said = answer.read()  # type: ignore[attr-defined]
        return answer

    def post(
        self, fields: object, *, at: datetime | None = None, secret: str = SECRET, **headers: str
    ) -> http.client.HTTPResponse:
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        stamp = str(int((at or self.now).timestamp()))
        told = {
            "Content-Type": JSON,
            "X-Earful-Timestamp": stamp,
            "X-Earful-Signature": sign(secret, stamp, body),
        }
        return self("POST", "/hook", body, **(told | headers))

    def form(self, origin: str = ORIGIN, **fields: str) -> http.client.HTTPResponse:
        told = {"form_key": FORM_KEY, "nonce": "n" * 20, "text": "Nồi ổn"} | fields
        headers = {"Content-Type": FORM} | ({"Origin": origin} if origin else {})
        return self("POST", "/feedback", urlencode(told).encode(), **headers)


@pytest.fixture
def hook() -> Iterator[Caller]:
    kept = Kept()
    keys = Keys(secret=SECRET, form_key=FORM_KEY, origins=(f"{ORIGIN}/",))
    yield from serving(keys, kept)


def serving(keys: Keys, kept: Kept, *, is_behind_proxy: bool = False) -> Iterator[Caller]:
    caller: list[Caller] = []
    server = HookServer(
        ("127.0.0.1", 0),
        Hook(lambda: keys, kept),
        clock=lambda: caller[0].now,
        is_behind_proxy=is_behind_proxy,
    )
    caller.append(Caller(server, kept))
    serve = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serve.start()
    yield caller[0]
    server.shutdown()
    serve.join()
    server.server_close()


def test_a_signed_post_is_kept(hook: Caller) -> None:
    answer = hook.post(SAID | {"id": "fb-1", "page": "https://luamay.example/gio", "màn": "nhỏ"})
    assert (answer.status, json.loads(answer.said)) == (201, {"kept": "fb-1"})  # type: ignore[attr-defined]
    ((fetched, item),) = hook.kept.taken
    assert item == RawItem(
        key="fb-1",
        url="https://luamay.example/gio",
        text="App văng khi thanh toán",
        posted="2026-11-20T01:00:00Z",
        stars=1.0,
        feedback_kind=FeedbackKind.TICKET,
        variation="3.2",
        unknown=("màn",),
    )
    assert fetched.fetched_at == NOW
    assert SECRET not in repr(fetched)


def test_a_signed_form_body_is_kept_too(hook: Caller) -> None:
    body = urlencode({"text": "Nồi ồn quá", "stars": "2"}).encode()
    assert hook.post(body, **{"Content-Type": f"{FORM}; charset=UTF-8"}).status == 201
    ((_, item),) = hook.kept.taken
    assert (item.text, item.stars, item.feedback_kind) == ("Nồi ồn quá", 2.0, FeedbackKind.IN_APP)
    assert item.key
    assert item.key.startswith("h:")


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_may_be_five_minutes_off(hook: Caller, minutes: int) -> None:
    assert hook.post(SAID, at=NOW + timedelta(minutes=minutes)).status == 201


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"secret": "sai"}, "signature"),
        ({"X-Earful-Signature": ""}, "signature"),
        ({"X-Earful-Signature": "sha256=é"}, "signature"),
        ({"X-Earful-Timestamp": "1"}, "signature"),
        ({"at": NOW - timedelta(minutes=5, seconds=1)}, "5 minutes"),
        ({"at": NOW + timedelta(minutes=5, seconds=1)}, "5 minutes"),
    ],
)
def test_a_bad_or_stale_signature_is_refused(
    hook: Caller, told: dict[str, object], words: str
) -> None:
    answer = hook.post(SAID, **told)  # type: ignore[arg-type]
    assert (answer.status, words in answer.said.decode()) == (401, True)  # type: ignore[attr-defined]
    assert hook.kept.taken == []


@pytest.mark.parametrize("stamp", ["", "soon", "99999999999999", "１７６３６００４００"])
def test_a_timestamp_that_is_none_is_refused(stamp: str) -> None:
    from inbox.hook import Call

    body = json.dumps(SAID).encode()
    signature = sign(SECRET, stamp, body)
    headers = {"x-earful-timestamp": stamp, "x-earful-signature": signature}
    call = Call(method="POST", path="/hook", headers=headers, body=body)
    assert Hook(lambda: Keys(secret=SECRET), Kept()).answer(call, now=NOW).status == 401


def test_a_changed_body_breaks_the_signature(hook: Caller) -> None:
    stamp = str(int(NOW.timestamp()))
    signature = sign(SECRET, stamp, b'{"text": "a"}')
    headers = {"X-Earful-Timestamp": stamp, "X-Earful-Signature": signature}
    assert hook("POST", "/hook", b'{"text": "b"}', **headers).status == 401


def test_a_replay_is_refused_but_a_post_that_was_not_kept_may_come_again(hook: Caller) -> None:
    hook.kept.fault = StoreError("busy")
    refused = hook.post(SAID)
    assert (refused.status, refused.getheader("Retry-After")) == (503, "30")
    hook.kept.fault = None
    assert [hook.post(SAID).status for _ in range(3)] == [201, 409, 409]
    assert len(hook.kept.taken) == 1
    hook.now += timedelta(minutes=1)
    assert hook.post(SAID).status == 201


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"{", JSON, "cannot be read"),
        (b"[1]", JSON, "no JSON object"),
        (b"\xff\xfe", JSON, "cannot be read"),
        (b"[" * 60_000, JSON, "cannot be read"),
        (b"{}", JSON, "neither text nor stars"),
        (b'{"text": "  "}', JSON, "neither text nor stars"),
        (b'{"text": ["a"]}', JSON, "text is a list"),
        (b'{"text": true}', JSON, "text is a bool"),
        (b'{"stars": 6}', JSON, "not from 1 to 5"),
        (b'{"stars": "nan"}', JSON, "not from 1 to 5"),
        (b'{"stars": "many"}', JSON, "not from 1 to 5"),
        (b'{"text": "a", "kind": "praise"}', JSON, "not one of feedback, bug"),
        (b"text", FORM, "cannot be read"),
        (b"&".join(b"a%d=1" % n for n in range(60)), FORM, "cannot be read"),
    ],
)
def test_what_is_no_feedback_is_refused_in_words(
    hook: Caller, body: bytes, kind: str, words: str
) -> None:
    answer = hook.post(body, **{"Content-Type": kind})
    assert (answer.status, words in answer.said.decode()) == (400, True)  # type: ignore[attr-defined]
    ((fetched, problem),) = hook.kept.put_aside  # as it came, so that a mistake can be mended
    assert (fetched.body, fetched.content_type) == (body, kind)
    assert words in problem.words


def test_what_could_not_be_put_aside_is_asked_for_again(hook: Caller) -> None:
    hook.kept.fault = StoreError("full", subject="x")
    assert hook.post(b"{").status == 503
    assert hook.form(text="").status == 400  # a form is no program: nothing to mend
    assert hook.kept.put_aside == []


def test_every_delivery_can_be_followed(hook: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="earful.hook")
    kept = hook.post(SAID | {"id": "fb-9"})
    repeated = hook.post(SAID | {"id": "fb-9"})
    wrong = hook.post(SAID | {"id": "fb-9"}, secret="khác")
    bad = hook.post(b"{")
    hook("POST", "/hook", b"{}", **{"Content-Length": str(MAX_BYTES + 1)})
    numbers = [each.getheader("X-Earful-Delivery") for each in (kept, repeated, wrong, bad)]
    assert numbers[0] == numbers[1]  # the same post, twice
    assert len(set(numbers)) == 3
    lines = [record.getMessage() for record in caplog.records if record.name == "earful.hook"]
    assert lines[0] == f'2026-11-20T01:00:00Z /hook {numbers[0]} 201 {{"kept": "fb-9"}}'
    told = [(line.split()[2], line.split()[3]) for line in lines]
    assert told == [
        *zip(numbers, ("201", "409", "401", "400"), strict=True),
        ("-", "413"),
    ]
    assert not any("App văng" in line or "127.0.0.1" in line for line in lines)


def test_too_much_is_refused_unread(hook: Caller) -> None:
    assert hook.post(b'{"text": "' + b"a" * (MAX_BYTES - 12) + b'"}').status == 201
    connection = http.client.HTTPConnection("127.0.0.1", hook.port, timeout=5)
    connection.putrequest("POST", "/hook")
    connection.putheader("Content-Length", str(MAX_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    connection.putrequest("POST", "/hook")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_who_hangs_up_keeps_nothing(hook: Caller) -> None:
    with socket.create_connection(("127.0.0.1", hook.port)) as line:
        line.sendall(b"POST /hook HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")
    assert hook("GET", "/alive").status == 200
    assert hook.kept.taken == []


def test_only_what_is_there_is_answered(hook: Caller) -> None:
    assert hook("GET", "/").status == 404
    assert hook("GET", "/../etc/passwd").status == 404
    answer = hook("GET", "/hook")
    assert (answer.status, answer.getheader("Allow")) == (405, "POST")
    assert hook("PUT", "/feedback").status == 405
    assert hook("HEAD", "/alive").status == 405
    assert hook("GET", "/alive?x=1").getheader("Server") == "Earful"


def test_a_closed_way_in_says_so() -> None:
    kept = Kept()
    for hook in serving(Keys(), kept):
        assert hook.post(SAID).status == 403
        assert hook.form().status == 403
        assert hook.form(form_key="").status == 403
        assert hook("GET", "/feedback").status == 404
    assert kept.taken == []


def test_the_form_posts_without_a_secret(hook: Caller) -> None:
    answer = hook.form(stars="4", kind="feedback", page=f"{ORIGIN}/noi", language="vi")
    assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (201, ORIGIN)
    ((fetched, item),) = hook.kept.taken
    assert (item.key, item.text, item.stars) == ("form:" + "n" * 20, "Nồi ổn", 4.0)
    assert (item.url, item.language, item.unknown) == (f"{ORIGIN}/noi", "vi", ())
    assert FORM_KEY not in repr(fetched)
    assert hook.form().status == 201  # a second click
    assert len(hook.kept.taken) == 1
    hook.kept.fault = StoreError("busy")
    assert hook.form(nonce="m" * 20).status == 503
    hook.kept.fault = None
    assert hook.form(nonce="m" * 20).status == 201


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "https://luamay.example.x"])
def test_a_page_that_is_not_known_may_not_post(hook: Caller, origin: str) -> None:
    answer = hook.form(origin)
    assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (403, None)
    assert hook.kept.taken == []


def test_the_forms_own_page_may_post(hook: Caller) -> None:
    assert hook.form(f"http://127.0.0.1:{hook.port}").status == 201
    assert hook("OPTIONS", "/feedback", Origin=ORIGIN).getheader("Vary") == "Origin"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"form_key": "khác"}, 403),
        ({"nonce": "short"}, 400),
        ({"nonce": "n" * 20 + "\n"}, 400),
        ({"text": ""}, 400),
        ({"website": "https://spam.example"}, 201),  # a robot is thanked, and not heard
    ],
)
def test_the_form_is_checked(hook: Caller, fields: dict[str, str], status: int) -> None:
    assert hook.form(**fields).status == status
    assert hook.kept.taken == []


def test_an_address_that_posts_too_often_must_wait(hook: Caller) -> None:
    answers = [hook.form(nonce=f"{n:020}") for n in range(12)]
    assert [each.status for each in answers] == [201] * 10 + [429] * 2
    assert answers[-1].getheader("Retry-After") == "6"
    assert answers[-1].getheader("Access-Control-Allow-Origin") == ORIGIN
    assert hook.post(SAID).status == 201  # the server's way in is another
    hook.now += timedelta(seconds=7)
    assert hook.form(nonce="z" * 20).status == 201


def test_every_way_in_has_its_bound() -> None:
    door = Hook(lambda: Keys(secret=SECRET), Kept())
    knocks = [door.answer(Call(method="GET", path="/alive"), now=NOW).status for _ in range(601)]
    assert (knocks[599], knocks[600]) == (200, 429)


@pytest.mark.parametrize(
    ("behind", "told", "statuses"),
    [
        (True, ["203.0.113.1", "spoofed, 203.0.113.2"], {201}),
        (True, ["not an address", ""], {201, 429}),
        (False, ["203.0.113.1", "203.0.113.2"], {201, 429}),
    ],
)
def test_only_a_proxy_is_believed_who_is_calling(
    behind: bool, told: list[str], statuses: set[int]
) -> None:
    keys = Keys(form_key=FORM_KEY, origins=(ORIGIN,))
    for hook in serving(keys, Kept(), is_behind_proxy=behind):
        found = set()
        for n in range(12):
            fields = {"form_key": FORM_KEY, "nonce": f"{n:020}", "text": "x"}
            headers = {"Origin": ORIGIN, "Content-Type": FORM, "X-Forwarded-For": told[n % 2]}
            found.add(hook("POST", "/feedback", urlencode(fields).encode(), **headers).status)
    assert found == statuses


def test_the_script_and_its_page_are_static_and_strict(hook: Caller) -> None:
    script = hook("GET", "/feedback.js")
    assert script.getheader("Content-Type") == "text/javascript; charset=utf-8"
    assert script.getheader("X-Content-Type-Options") == "nosniff"
    assert script.getheader("Cross-Origin-Resource-Policy") == "cross-origin"
    tag = script.getheader("ETag") or ""
    assert hook("GET", "/feedback.js", If_None_Match=tag).status == 304
    text = script.said.decode()  # type: ignore[attr-defined]
    for unsafe in ("eval(", "new Function", "innerHTML", "document.write", ".cookie", "style="):
        assert unsafe not in text
    for both in ("Góp ý", "Feedback"):
        assert both in text
    page = hook("GET", "/feedback")
    policy = page.getheader("Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert f'data-key="{FORM_KEY}"' in page.said.decode()  # type: ignore[attr-defined]


def test_a_key_is_written_into_the_page_escaped() -> None:
    for hook in serving(Keys(form_key='"><script>'), Kept()):
        assert b'"><script>' not in hook("GET", "/feedback").said  # type: ignore[attr-defined]


def test_beyond_so_many_at_once_the_door_hangs_up(hook: Caller) -> None:
    hook.server._places = threading.BoundedSemaphore(1)  # no patch: a thread gives it back late
    with socket.create_connection(("127.0.0.1", hook.port), timeout=5) as line:
        line.sendall(b"GET /alive HTTP/1.1\r\n")
        while hook.server._places._value:  # type: ignore[attr-defined]
            threading.Event().wait(0.001)
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            hook("GET", "/alive")
        line.sendall(b"\r\n")
        assert line.recv(20).startswith(b"HTTP/1.0 200")


def test_a_rate_fills_again_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.limits.MOST", 2)
    rate = Rate(2, span=timedelta(minutes=1))
    assert [rate.wait("a", now=NOW) for _ in range(3)] == [None, None, timedelta(seconds=30)]
    assert rate.wait("a", now=NOW - timedelta(hours=1)) is not None  # a clock set back gives none
    assert rate.wait("b", now=NOW) is None
    assert rate.wait("c", now=NOW) is None
    assert rate.wait("a", now=NOW) is None
    seen = Seen(timedelta(minutes=10))
    assert [seen.is_repeat(each, now=NOW) for each in "abcdabb"] == [False] * 6 + [True]
    assert not seen.is_repeat("d", now=NOW + timedelta(minutes=11))


@pytest.mark.parametrize("body", [b"", b"text=a&text=b"])
def test_of_a_field_sent_twice_the_first_counts(body: bytes) -> None:
    assert posted_fields(body, content_type=FORM) == ({"text": "a"} if body else {})
    with pytest.raises(UnreadableItem):
        read_posted({}, key="k")


@pytest.fixture
def place(here: Path) -> Path:
    Path("earful.toml").write_text('[[brands]]\nname = "Lúa Mây"\n', encoding="utf-8")
    return here


def test_what_is_posted_is_judged_and_stands_in_the_store(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = App()
    door = Door(app, app.brand(None), "feedback")
    door.beat()
    kept = door.take
    for hook in serving(Keys(secret=SECRET), kept):  # type: ignore[arg-type]
        told = SAID | {"id": "fb-1", "text": "Nồi chập điện suýt cháy nhà, nhắn không ai trả lời"}
        assert hook.post(told).status == 201
        hook.now += timedelta(minutes=1)
        assert hook.post(told).status == 201  # the same id again is the same mention
        assert hook.post(b'{"id": ').status == 400
        assert hook.post(told | {"id": "fb-2", "text": "Tốt lắm"}).status == 201
    (watch,) = watches.listing(app.store, now=datetime.now(UTC))
    assert (watch.kind, watch.brand, watch.health) == ("hook", "Lúa Mây", Health.HEALTHY)
    with app.store.read() as connection:
        aside = connection.execute(select(Quarantine.key, Quarantine.words)).all()
    assert [("unread:" in key, "was refused" in words) for key, words in aside] == [(True, True)]
    door.close()
    app.close()
    with pytest.raises(SystemExit):
        main(["leftout", "hook:feedback"])
    told = " ".join(capfd.readouterr().out.split())
    assert "In-app feedback" in told
    assert "a post was" in told
    with pytest.raises(SystemExit):
        main(["export", "--stars", "1", "--severity", "urgent", "-o", "x.jsonl"])
    (row,) = Path("x.jsonl").read_text(encoding="utf-8").splitlines()
    told = json.loads(row)
    assert (told["source"], told["key"], told["feedback_kind"]) == ("hook", "fb-1", "ticket")
    assert (told["label"], told["severity"]) == ("negative", "urgent")


def test_a_time_in_which_the_hook_did_not_run_is_a_gap(place: Path) -> None:
    app = App()

    def heard(at: datetime, *posts: str) -> list[str]:
        door = Door(app, app.brand(None), "feedback", clock=scheduler.FixedClock(at))
        door.beat()
        for key in posts:
            item = RawItem(key=key, text=f"Nồi {key} hỏng")
            url = f"hook://feedback?key={key}"
            fetched = Fetched(url=url, body=key.encode(), fetched_at=at)
            door.take(fetched, Page(source="hook", items=(item,)))
        door.close()
        (watch,) = watches.listing(app.store, now=at)
        return [gap.reason for gap in watch.coverage.gaps]

    assert heard(NOW, "a", "b") == []
    assert heard(NOW + timedelta(minutes=14), "c") == []  # a restart
    assert heard(NOW + timedelta(hours=2), "d", "e") == ["away"]
    assert heard(NOW + timedelta(hours=2, minutes=5), "f") == ["away"]
    app.close()


def test_a_hook_that_stopped_is_broken_not_quiet(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = App()
    Door(app, app.brand(None), "feedback").close()
    app.close()
    with pytest.raises(SystemExit) as ended:
        main(["collect", "--all"])
    assert ended.value.code != 0
    assert "earful hook" in capfd.readouterr().out.replace("\n", " ")


def test_the_command_serves_until_it_is_told_to_stop(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "EARFUL_SECRET_HOOK_SECRET": SECRET, "PYTHONPATH": str(ROOT),
                   "EARFUL_SECRET_HOOK_FORM_KEY": FORM_KEY, "PYTHONUNBUFFERED": "1"}  # fmt: skip
    command = [sys.executable, "-m", "earful", "hook", "--port", str(port), "--origin", ORIGIN]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, cwd=place) as running:
        assert running.stderr is not None
        assert b"Listening on" in running.stderr.readline()
        assert f":{port}/feedback".encode() in running.stderr.readline()
        body = json.dumps(SAID).encode()
        stamp = str(int(datetime.now(UTC).timestamp()))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"X-Earful-Timestamp": stamp, "X-Earful-Signature": sign(SECRET, stamp, body)}
        connection.request("POST", "/hook", body, headers)
        assert connection.getresponse().status == 201
        connection.close()
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "neither a secret nor a form key"), (("--name", "a://b"), "neither a secret")],
)
def test_a_hook_without_keys_does_not_open(
    place: Path, arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["hook", *arguments])
    assert ended.value.code == 2
    assert words in capfd.readouterr().err


def test_a_port_that_is_taken_is_said(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARFUL_SECRET_HOOK_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["hook", "--port", str(taken.getsockname()[1])])
    assert ended.value.code == 2
    assert "name a free one" in capfd.readouterr().err
