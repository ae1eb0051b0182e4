"""`earful connect` against a site that checks what the real ones check: consent, keys, renewal."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from urllib.request import urlopen

import pytest
from auth_server import APP_SECRET, PARTNER_KEY, AuthServer, running
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kept_keys import NOW, keep_shop, ring_of, secrets_at

import scheduler
from crawlers.exchange import Sender, walk
from crawlers.grants import Consent, Token, answer_of, oauth_tokens
from crawlers.registry import source_of
from crawlers.run import warm_up
from crawlers.settings import CrawlSettings
from earful.__main__ import earful
from earful.app import App
from earful.consent import checked, landed_at, listening, new_consent
from earful.keyring import Keyring
from earful.secrets import Secret
from ingest.brand import Brand
from ingest.errors import ConfigError, EarfulError, SourceBlocked, SourceDown
from ingest.page import Ask, Fetched
from ingest.visit import Order, Outcome
from store import captures, watches
from store.engine import open_store

APP_KEYS = f"my-app\n{APP_SECRET}\n"
SHOP_KEYS = f"200123\n{PARTNER_KEY}\n"


@pytest.fixture
def site() -> Iterator[AuthServer]:
    with running() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C")
    return tmp_path


class Person(App):
    """A person before a browser: consents to whatever page opens."""

    site: AuthServer
    has_window = True
    bends: Callable[[str], str] = staticmethod(lambda landing: landing)  # type: ignore[assignment]
    landed: str = ""

    def crawl_settings(self) -> CrawlSettings:
        return replace(super().crawl_settings(), replay_address=self.site.address)

    def open_page(self, url: str) -> bool:
        self.landed = self.bends(self.site.browse(url))
        if self.has_window:
            place = self.landed.replace("localhost", "127.0.0.1")
            threading.Thread(target=lambda: urlopen(place, timeout=5).read()).start()
        return self.has_window


class Typist(io.RawIOBase):
    """What is typed, line by line; a line may be known only when it is asked for."""

    def __init__(self, *lines: str | Callable[[], str]) -> None:
        self._lines = list(lines)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._lines:
            return 0
        line = self._lines.pop(0)
        sent = (line() if callable(line) else line).encode()
        buffer[: len(sent)] = sent
        return len(sent)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def connected(
    site: AuthServer, *arguments: str, keys: str | io.BufferedReader, app: Person | None = None
) -> Result:
    person = app or Person()
    person.site = site
    typed = ["connect", *arguments, "--port", str(free_port())]
    return CliRunner().invoke(earful, typed, input=keys, obj=person)  # type: ignore[arg-type]


def kept(section: str) -> dict[str, Secret]:
    return dict(App().secrets.of(section))


@pytest.mark.parametrize(
    ("source", "typed", "section", "wanted"),
    [
        ("reddit", APP_KEYS, "reddit", {"client_id", "client_secret", "token"}),
        ("x", APP_KEYS, "x", {"client_id", "client_secret", "token"}),
        (
            "bluesky", f"luamay.bsky.social\n{APP_SECRET}\n", "bluesky",
            {"identifier", "password", "token", "refresh_token"},
        ),
        (
            "google_business", APP_KEYS, "google",
            {"client_id", "client_secret", "token", "refresh_token", "scopes"},
        ),
        (
            "shopee_shop", SHOP_KEYS, "shopee_shop",
            {"partner_id", "partner_key", "token", "refresh_token", "account"},
        ),
        (
            "lazada_shop", APP_KEYS, "lazada_shop",
            {"app_key", "app_secret", "token", "refresh_token", "account"},
        ),
        (
            "facebook", f"{APP_KEYS}2\n", "facebook",
            {"client_id", "client_secret", "token", "account"},
        ),
        (
            "instagram", f"{APP_KEYS}1\n", "instagram",
            {"client_id", "client_secret", "token", "account"},
        ),
        ("threads", APP_KEYS, "threads", {"client_id", "client_secret", "token"}),
    ],
)  # fmt: skip
def test_a_consent_is_walked_through_and_kept_unseen(
    site: AuthServer, folder: Path, source: str, typed: str, section: str, wanted: set[str]
) -> None:
    said = connected(site, source, keys=typed)
    assert said.exit_code == 0, said.output
    named = kept(section)
    assert set(named) == wanted
    visited = source_of(source).keys
    assert set(Keyring(lambda: App().secrets, Sender(CrawlSettings(contact="t"))).keys(
        Order(watch_id=1, kind=source, target=named.get("account", Secret("x")).value), now=NOW
    )) == set(visited)  # fmt: skip
    hidden = [APP_SECRET, PARTNER_KEY, *site.given]
    assert [each for each in hidden if each in said.output and not each.startswith("code")] == []
    file = folder / "earful.secrets.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    listed = connected(site, "--list", keys="")
    assert not [each for each in hidden if each in listed.output]
    assert section in json.dumps(json.loads(connected(site, "--json", keys="").output))


def test_the_page_that_was_chosen_is_the_one_that_is_read(site: AuthServer, folder: Path) -> None:
    said = connected(site, "facebook", keys=f"{APP_KEYS}2\n")
    assert kept("facebook")["account"] == Secret("10024")
    assert "Lúa Mây Hà Nội (10024)" in said.output
    assert "earful add facebook:10024" in said.output
    assert kept("facebook")["token"].ends_at == datetime.fromtimestamp(1_900_000_000, UTC)


def test_keys_of_a_second_account_stand_beside_the_first(site: AuthServer, folder: Path) -> None:
    connected(site, "facebook", keys=f"{APP_KEYS}1\n")
    connected(site, "facebook", keys="\n\n2\n")
    assert (kept("facebook")["account"].value, kept("facebook:10024")["account"].value) == (
        "10023", "10024",
    )  # fmt: skip
    connected(site, "facebook:10024", keys="\n\n")
    ring = Keyring(lambda: App().secrets, Sender(CrawlSettings(contact="t")))
    for target, section in [("10023/ratings", "facebook"), ("10024_7/comments", "facebook:10024")]:
        order = Order(watch_id=1, kind="facebook", target=target)
        assert ring.section(order) == section
        assert ring.keys(order, now=NOW)["token"] == kept(section)["token"].value
    wrong = connected(site, "shopee_shop:999", keys=SHOP_KEYS)
    assert isinstance(wrong.exception, ConfigError)
    assert "the consent is for 4400123" in str(wrong.exception)
    assert "token" not in kept("shopee_shop:999")


def test_one_google_consent_serves_all_of_its_sources(site: AuthServer, folder: Path) -> None:
    connected(site, "google_business", keys=APP_KEYS)
    ring = Keyring(lambda: App().secrets, Sender(CrawlSettings(contact="t")))
    app = Order(watch_id=1, kind="googleplay", target="vn.luamay.app")
    assert ring.keys(app, now=NOW) == {}
    connected(site, "googleplay", keys="\n\n")
    scopes = kept("google")["scopes"].value
    assert ("business.manage" in scopes, "androidpublisher" in scopes) == (True, True)
    assert ring.keys(app, now=NOW) == {"token": kept("google")["token"].value}
    place = Order(watch_id=2, kind="google_business", target="accounts/1/locations/2")
    assert ring.keys(place, now=NOW) == ring.keys(app, now=NOW)


def test_a_plain_key_is_asked_for_where_a_login_is_not_wanted(
    site: AuthServer, folder: Path
) -> None:
    video = Order(watch_id=1, kind="youtube", target="video/LuaMay_0001")
    ring = Keyring(lambda: App().secrets, Sender(CrawlSettings(contact="t")))
    said = connected(site, "youtube", "--login", keys=APP_KEYS)
    assert said.exit_code == 0, said.output
    assert ring.keys(video, now=NOW) == {"token": kept("google")["token"].value}
    connected(site, "youtube", keys="k-EXAMPLE-0001\n")
    assert ring.keys(video, now=NOW) == {"key": "k-EXAMPLE-0001"}
    for gone, stays in (("youtube", "google"), ("google", "")):
        connected(site, "youtube", "--forget", keys="")
        assert kept(gone) == {}
        assert bool(kept(stays)) == bool(stays)


def test_a_servers_token_is_for_that_server_alone(site: AuthServer, folder: Path) -> None:
    said = connected(site, "mastodon", keys="")
    assert "earful connect mastodon:SERVER" in str(said.exception)
    connected(site, "mastodon:a.example", keys="t-EXAMPLE-01\n")
    ring = Keyring(lambda: App().secrets, Sender(CrawlSettings(contact="t")))
    found = {
        host: ring.keys(Order(watch_id=1, kind="mastodon", target=f"{host}/nồi"), now=NOW)
        for host in ("a.example", "b.example")
    }
    assert found == {"a.example": {"token": "t-EXAMPLE-01"}, "b.example": {}}


def test_a_service_account_needs_no_person(site: AuthServer, folder: Path) -> None:
    made = generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = folder / "account.json"
    file.write_text(json.dumps({"client_email": "a@luamay.example", "private_key": pem}))
    said = connected(site, "googleplay", "--key-file", str(file), keys="")
    assert said.exit_code == 0, said.output
    assert pem[40:80] not in said.output
    app = Order(watch_id=1, kind="googleplay", target="vn.luamay.app")
    file = folder / "earful.secrets.toml"
    token = ring_of(file, site).keys(app, now=NOW + timedelta(days=3))["token"]
    assert token == secrets_at(file)().values("googleplay")["token"]
    assert site.given.index(token) == 1
    grant = source_of("googleplay").grant
    assert grant
    assertion = next(grant.renew(kept_values(file, "googleplay"), now=NOW))
    assert isinstance(assertion, Ask)
    said_of_us, _, signature = dict(parse_qsl(assertion.body.decode()))["assertion"].rpartition(".")
    proof = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    made.public_key().verify(proof, said_of_us.encode(), PKCS1v15(), SHA256())


def kept_values(file: Path, section: str) -> dict[str, str]:
    return secrets_at(file)().values(section)


@pytest.mark.parametrize(
    "body",
    ["{", "{}", '{"client_email": "a", "private_key": "s3cr3t"}', '["s3cr3t"]'],
)
def test_a_file_that_is_no_key_is_refused_unquoted(
    folder: Path, site: AuthServer, body: str
) -> None:
    file = folder / "account.json"
    file.write_text(body, encoding="utf-8")
    said = connected(site, "googleplay", "--key-file", str(file), keys="")
    assert isinstance(said.exception, ConfigError)
    assert "s3cr3t" not in str(said.exception) + said.output
    wrong = connected(site, "reddit", "--key-file", str(file), keys="")
    assert "takes no key file" in str(wrong.exception)


def test_an_app_without_its_secret_is_told_what_lacks(site: AuthServer, folder: Path) -> None:
    said = connected(site, "reddit", keys="my-app\n\n")
    assert "client_secret was left empty" in str(said.exception)
    assert kept("reddit") == {}
    wrong = connected(site, "reddit", keys="my-app\nwrong\n")
    assert isinstance(wrong.exception, SourceBlocked)
    assert kept("reddit") == {}


@pytest.mark.parametrize(
    ("status", "body", "fault", "words"),
    [
        (200, b'{"error": "", "access_token": "t"}', None, ""),
        (200, b'{"token_type": "bearer"}', SourceDown, "has no 'access_token'"),
        (200, b'["t"]', SourceDown, "is not JSON"),
        (200, b"<html>", SourceDown, "is not JSON"),
        (302, b"", SourceDown, "is not JSON"),
        (401, b"<html>", SourceBlocked, "gives no key: 401"),
        (400, b'{"error": {"message": "Bad", "code": 190}}', SourceBlocked, r"Bad \(190\)"),
        (200, b'{"code": "InvalidCode", "message": "M\xc3\xa3 sai"}', SourceBlocked, "Mã sai"),
        (429, b"{}", SourceDown, "429"),
    ],
)
def test_what_a_site_answers_is_read_strictly(
    status: int, body: bytes, fault: type[EarfulError] | None, words: str
) -> None:
    answer = Fetched(url="https://a.example/", status=status, body=body, fetched_at=NOW)
    if fault is None:
        assert oauth_tokens(answer_of(answer), NOW)["token"] == Token("t")
        return
    with pytest.raises(fault, match=words):
        oauth_tokens(answer_of(answer), NOW)


def test_a_key_goes_to_the_address_it_is_meant_for_alone(site: AuthServer) -> None:
    settings = CrawlSettings(contact="test@luamay.example", replay_address=site.address)
    away = "https://accounts.google.com/o/oauth2/v2/auth?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F"
    assert Sender(settings)(Ask(url=away), NOW).status == 302
    nobody = replace(settings, replay_address=f"127.0.0.1:{free_port()}", timeout_s=1.0)
    with pytest.raises(SourceDown, match=r"google\.com cannot be reached for a key") as told:
        Sender(nobody)(Ask(url=f"{away}&code=s3cr3t"), NOW)
    assert "s3cr3t" not in str(told.value)


def test_nothing_that_a_site_repeats_of_a_key_is_told() -> None:
    grant, known = source_of("reddit").grant, {"client_id": "a", "client_secret": "s-EXAMPLE-1"}
    assert grant

    def send(ask: Ask, now: datetime) -> Fetched:
        body = b'{"error": "invalid_client", "error_description": "no such s-EXAMPLE-1"}'
        return Fetched(url="https://a.example/", status=400, body=body, fetched_at=now)

    with pytest.raises(SourceBlocked) as told:
        walk(grant.renew(known, now=NOW), send, kind="reddit", hidden=known.values(), now=NOW)
    assert str(told.value) == (
        "reddit: the site gives no key: no such [secret] (invalid_client). "
        "Next: earful connect reddit"
    )


@pytest.mark.parametrize(
    ("refuses", "bend", "words"),
    [
        ("consent", "", "the consent was not given (The user said no)"),
        ("code", "", "the site gives no key: Token has ended (invalid_grant)"),
        ("", "state", "this answer belongs to another consent"),
        ("away", "", "the site gives no key now (503)"),
    ],
)
def test_a_consent_that_fails_says_why_and_keeps_nothing(
    site: AuthServer, folder: Path, refuses: str, bend: str, words: str
) -> None:
    person = Person()
    if bend:
        person.bends = lambda landing: landing.replace("state=", "state=x")  # type: ignore[method-assign]
    if refuses == "away":
        said = connected_away(site, person)
    else:
        site.refuses = refuses
        said = connected(site, "google_business", keys=APP_KEYS, app=person)
    assert isinstance(said.exception, EarfulError)
    assert words in str(said.exception)
    assert "google_business" in str(said.exception)
    if refuses != "away":
        assert "Next: earful connect google_business" in str(said.exception)
    assert set(kept("google")) == {"client_id", "client_secret"}  # not to be typed again
    assert "not connected yet" in connected(site, "--list", keys="").output
    order = Order(watch_id=1, kind="google_business", target="accounts/1/locations/2")
    assert Keyring(lambda: App().secrets, Sender(CrawlSettings(contact="t"))).section(order) == ""


def connected_away(site: AuthServer, person: Person) -> Result:
    """Connect to a site that goes away once it has sent the browser back."""

    def leave(landing: str) -> str:
        site.refuses = "away"
        return landing

    person.bends = leave  # type: ignore[method-assign]
    return connected(site, "google_business", keys=APP_KEYS, app=person)


@pytest.mark.parametrize("source", ["shopee_shop", "lazada_shop"])
def test_without_a_browser_the_landing_address_is_pasted(
    site: AuthServer, folder: Path, source: str
) -> None:
    person = Person()
    person.has_window = False
    keys = SHOP_KEYS if source == "shopee_shop" else APP_KEYS
    first, second, _ = keys.split("\n")
    typist = Typist(f"{first}\n", f"{second}\n", lambda: f"  {person.landed}\n")
    said = connected(site, source, keys=io.BufferedReader(typist), app=person)
    assert said.exit_code == 0, said.output
    assert "Paste it here" in said.output
    assert "token" in kept(source)


def test_a_state_is_ours_or_thrown_away() -> None:
    for kind in ("google_business", "shopee_shop"):
        grant = source_of(kind).grant
        assert grant
        consent = new_consent(grant, port=8737, redirect="https://luamay.example/earful")
        sent = "code=c" if grant.has_state_in_path else f"code=c&state={consent.state}"
        good = landed_at(f"{consent.redirect}?{sent}&shop_id=1#_")
        assert checked(good, grant, consent, kind=kind)["code"] == "c"
        for bad in (
            "https://luamay.example/earful?code=c",
            "http://127.0.0.1:8737/x?code=c&state=é",
        ):
            with pytest.raises(SourceBlocked, match="another consent"):
                checked(landed_at(bad), grant, consent, kind=kind)
        with pytest.raises(ConfigError, match="holds no answer"):
            checked(landed_at("https://luamay.example/earful"), grant, consent, kind=kind)


def test_no_consent_can_be_guessed_or_shows_its_secrets() -> None:
    grant = source_of("google_business").grant
    assert grant
    one, two = (new_consent(grant, port=1, redirect=None) for _ in range(2))
    assert len({one.state, two.state, one.verifier, two.verifier}) == 4
    assert one.state not in repr(one)
    assert one.verifier not in repr(one)
    assert 43 <= len(one.verifier) <= 128
    known = Consent("", "", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # RFC 7636, appendix B
    assert known.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_listener_hears_answers_only_and_says_nothing_of_them() -> None:
    port = free_port()
    with listening(port, thanks="Xong rồi.") as wait:
        place = f"http://127.0.0.1:{port}"
        for path in ("/favicon.ico", "/?scope=x"):
            with pytest.raises(OSError, match="404"):
                urlopen(f"{place}{path}", timeout=5)
        assert wait(0.0) is None
        with urlopen(f"{place}/?code=c%2F1&state=s", timeout=5) as page:
            assert "Xong rồi." in page.read().decode()
            assert page.headers["Content-Security-Policy"] == "default-src 'none'"
        landed = wait(5)
        assert landed is not None
        assert landed.sent == {"code": "c/1", "state": "s"}
        with pytest.raises(ConfigError, match="--port"), listening(port, thanks=""):
            pass


def test_what_was_connected_is_read_and_no_token_is_left_anywhere(
    site: AuthServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, database = folder / "earful.secrets.toml", f"sqlite:///{folder / 'earful.db'}"
    connected(site, "facebook", keys=f"{APP_KEYS}2\n")
    keep_shop(file, site, left=timedelta(minutes=1))
    store = open_store(database)
    for kind, target in (("shopee_shop", "4400123"), ("facebook", "10024")):
        watches.add(store, kind, target, now=NOW, brand="Lúa Mây", is_own=True)
    warm_up("scoring.judge", "store.intake")
    settings = CrawlSettings(
        contact="test@luamay.example", delay_s=0.0, retries=0, replay_address=site.address
    )
    log = io.StringIO()
    hearing = logging.StreamHandler(log)
    logging.getLogger().addHandler(hearing)
    collector = scheduler.Collector(
        database, [Brand(name="Lúa Mây")], settings, clock=scheduler.FixedClock(NOW),
        keys=Keyring(secrets_at(file), Sender(settings)),
    )  # fmt: skip
    visited = asyncio.run(collector.visit(watches.listing(store, now=NOW)))
    logging.getLogger().removeHandler(hearing)
    collector.close()
    assert [each.facts.outcome for each in visited] == [Outcome.OK, Outcome.OK], visited
    assert [each.counts.new for each in visited] == [1, 1]
    assert site.renewed == 1
    numbers = [n for each in visited for n in captures.of_watch(store, each.watch.id)]
    kept_bodies = [captures.find(store, number) for number in numbers]
    store.close()
    assert len([each for each in kept_bodies if each and each.fetched.body]) >= 2
    known = secrets_at(file)()
    tokens = [v for s in known.sections() for n, v in known.values(s).items() if n != "account"]
    hidden = ["EAAG-EXAMPLE-FOREIGN", *site.given, *(each for each in tokens if len(each) > 8)]
    told = "".join((log.getvalue(), *capfd.readouterr(), repr((visited, collector, kept_bodies))))
    assert [each for each in hidden if each in told] == []
    for each in folder.glob("earful.db*"):
        assert not [token for token in hidden if token.encode() in each.read_bytes()]
