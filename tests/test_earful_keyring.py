"""Keys of visits: renewed in time and once, never lost, and told when a person must see to them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from auth_server import APP_SECRET, PARTNER_KEY, AuthServer, jwt, running
from kept_keys import NOW, SHOP, keep_shop, ring_of, secrets_at

import scheduler
from crawlers.exchange import Sender
from crawlers.settings import CrawlSettings
from earful.keyring import Keyring, ending, names_kept
from earful.secrets import Secret, read_secrets
from ingest.brand import Brand
from ingest.errors import EarfulError, SourceBlocked, SourceDown
from ingest.visit import Order, Outcome
from store import watches
from store.engine import open_store


@pytest.fixture
def site() -> Iterator[AuthServer]:
    with running() as server:
        yield server


def test_a_token_that_ends_soon_is_renewed_before_the_visit(
    site: AuthServer, tmp_path: Path
) -> None:
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(hours=1))
    ring = ring_of(file, site)
    assert ring.keys(SHOP, now=NOW)["token"] == "access-OLD-0001"
    later = NOW + timedelta(minutes=45)
    new = ring.keys(SHOP, now=later)["token"]
    assert new.startswith("access-EXAMPLE")
    known = secrets_at(file)().of("shopee_shop")
    assert known["token"] == Secret(new, ends_at=later + timedelta(hours=4))
    assert known["refresh_token"].ends_at == later + timedelta(days=30)
    assert file.stat().st_mode & 0o777 == 0o600
    assert ring.keys(SHOP, now=later) == {
        "partner_id": "200123", "partner_key": PARTNER_KEY, "token": new,
    }  # fmt: skip
    assert site.renewed == 1


def test_two_services_spend_a_one_time_token_once(site: AuthServer, tmp_path: Path) -> None:
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(0))
    found: list[str] = []
    rings = [ring_of(file, site) for _ in range(4)]
    threads = [
        threading.Thread(target=lambda ring=ring: found.append(ring.keys(SHOP, now=NOW)["token"]))
        for ring in rings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), site.renewed) == (4, 1, 1)


@pytest.mark.parametrize(("refuses", "fault"), [("renewal", SourceBlocked), ("away", SourceDown)])
def test_a_renewal_that_fails_is_told_once_the_token_has_ended(
    site: AuthServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, refuses: str,
    fault: type[EarfulError],
) -> None:  # fmt: skip
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(minutes=10))
    site.refuses = refuses
    ring = ring_of(file, site)
    with caplog.at_level(logging.WARNING):
        assert ring.keys(SHOP, now=NOW)["token"] == "access-OLD-0001"
    assert "the present key serves for now" in caplog.text
    with pytest.raises(fault) as told:
        ring.keys(SHOP, now=NOW + timedelta(minutes=10))
    assert str(told.value).startswith("shopee_shop: ")
    if fault is SourceBlocked:
        assert told.value.next_step == "earful connect shopee_shop"
    for given in site.given:
        assert given not in str(told.value) + caplog.text


@pytest.mark.parametrize("also", ["", ".lock"], ids=["disk full", "read only"])
def test_a_token_given_once_is_not_lost_when_it_cannot_be_written(
    site: AuthServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, also: str
) -> None:
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(0))
    hurdles = [tmp_path / f"{file.name}{end}" for end in {".part", also} if end]
    for hurdle in hurdles:  # nothing can be written in the place of a folder
        hurdle.unlink(missing_ok=True)
        (hurdle / "x").mkdir(parents=True)
    ring = ring_of(file, site)
    new = [ring.keys(SHOP, now=NOW)["token"] for _ in range(3)]
    assert (len(set(new)), site.renewed) == (1, 1)
    assert "could not be kept" in caplog.text
    assert secrets_at(file)().values("shopee_shop")["token"] == "access-OLD-0001"
    for hurdle in hurdles:
        (hurdle / "x").rmdir()
        hurdle.rmdir()
    assert ring.keys(SHOP, now=NOW)["token"] == new[0]
    assert secrets_at(file)().values("shopee_shop")["token"] == new[0]
    assert site.renewed == 1


def test_what_a_person_connects_anew_wins_over_what_was_not_written(
    site: AuthServer, tmp_path: Path
) -> None:
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(0))
    hurdle = tmp_path / f"{file.name}.part"
    (hurdle / "x").mkdir(parents=True)
    ring = ring_of(file, site)
    assert ring.keys(SHOP, now=NOW)["token"].startswith("access-EXAMPLE")
    (hurdle / "x").rmdir()
    hurdle.rmdir()
    fresh = {"token": Secret("access-NEW-0001", ends_at=NOW + timedelta(hours=4))}
    secrets_at(file)().save("shopee_shop", fresh)
    other = ring_of(file, site)
    assert other.keys(SHOP, now=NOW)["token"] == "access-NEW-0001"
    assert ring.section(SHOP) == "shopee_shop"
    assert ring.keys(SHOP, now=NOW)["token"] == "access-NEW-0001"


def test_a_key_that_the_site_refuses_is_renewed_before_the_next_visit(
    site: AuthServer, tmp_path: Path
) -> None:
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(hours=3))
    ring = ring_of(file, site)
    ring.doubt(SHOP)
    assert ring.keys(SHOP, now=NOW)["token"].startswith("access-EXAMPLE")
    assert ring.keys(SHOP, now=NOW)["token"].startswith("access-EXAMPLE")
    assert site.renewed == 1


def test_new_and_changed_keys_are_taken_without_a_restart(site: AuthServer, tmp_path: Path) -> None:
    file = tmp_path / "earful.secrets.toml"
    ring, video = ring_of(file, site), Order(watch_id=1, kind="youtube", target="video/x")
    assert ring.keys(video, now=NOW) == {}
    for key in ("k-0001", "k-0002"):
        secrets_at(file)().save("youtube", {"key": Secret(key)})
        assert ring.keys(video, now=NOW) == {"key": key}
    file.write_text('[youtube\nkey = "half written', encoding="utf-8")
    assert ring.keys(video, now=NOW) == {"key": "k-0002"}


def test_an_app_in_the_environment_logs_in_by_itself(site: AuthServer, tmp_path: Path) -> None:
    file = tmp_path / "earful.secrets.toml"
    environ = {
        "EARFUL_SECRET_REDDIT_CLIENT_ID": "my-app",
        "EARFUL_SECRET_REDDIT_CLIENT_SECRET": APP_SECRET,
    }
    settings = CrawlSettings(contact="test@luamay.example", replay_address=site.address)
    ring = Keyring(lambda: read_secrets(file, names_kept(), environ), Sender(settings))
    search = Order(watch_id=1, kind="reddit", target="lúa mây")
    token = ring.keys(search, now=NOW)["token"]
    assert ring.keys(search, now=NOW + timedelta(hours=23)) == {"token": token}
    later = ring.keys(search, now=NOW + timedelta(hours=24))["token"]
    assert later not in ("", token)
    written = file.read_text(encoding="utf-8")
    assert (later in written, APP_SECRET in written) == (True, False)


def test_an_app_password_opens_a_new_session_when_the_old_one_is_over(
    site: AuthServer, tmp_path: Path
) -> None:
    file, over = tmp_path / "s.toml", int(NOW.timestamp()) - 1
    secrets_at(file)().save(
        "bluesky",
        {
            "identifier": Secret("luamay.bsky.social"), "password": Secret(APP_SECRET),
            "token": Secret(jwt("old", over), ends_at=NOW - timedelta(seconds=1)),
            "refresh_token": Secret(jwt("gone", over)),
        },
    )  # fmt: skip
    search = Order(watch_id=1, kind="bluesky", target="lúa mây")
    token = ring_of(file, site).keys(search, now=NOW)["token"]
    assert token.startswith("access-EXAMPLE")
    assert secrets_at(file)().of("bluesky")["token"].ends_at == datetime(
        2030, 3, 17, 17, 46, 40, tzinfo=UTC
    )


def test_only_ends_that_a_person_must_see_to_are_warned_of(
    site: AuthServer, tmp_path: Path
) -> None:
    file = tmp_path / "earful.secrets.toml"
    keep_shop(file, site, left=timedelta(hours=1))
    secrets = secrets_at(file)()
    week = NOW + timedelta(days=6)
    secrets.save("threads", {"token": Secret("t" * 9, ends_at=week)})
    lasting = {"token": Secret("t" * 9, ends_at=NOW + timedelta(days=50))}
    secrets.save("threads:may", lasting)
    secrets.save("facebook", {"token": Secret("f" * 9, ends_at=NOW + timedelta(days=60))})
    assert [(each.kind, each.name, each.days_left) for each in ending(secrets, NOW)] == [
        ("threads", "token", 6)
    ]
    later = NOW + timedelta(days=25)
    assert {(each.kind, each.name) for each in ending(secrets, later)} == {
        ("threads", "token"), ("shopee_shop", "refresh_token"),
    }  # fmt: skip


def test_a_visit_whose_key_cannot_be_renewed_ends_with_an_alarm_and_no_trace(
    site: AuthServer, tmp_path: Path
) -> None:
    file, database = tmp_path / "earful.secrets.toml", f"sqlite:///{tmp_path / 'earful.db'}"
    keep_shop(file, site, left=timedelta(0))
    site.refuses = "renewal"
    store = open_store(database)
    number = watches.add(store, "shopee_shop", "4400123", now=NOW, brand="Lúa Mây", is_own=True)
    collector = scheduler.Collector(
        database, [Brand(name="Lúa Mây")], CrawlSettings(contact="test@luamay.example"),
        clock=scheduler.FixedClock(NOW), keys=ring_of(file, site),
    )  # fmt: skip
    (visited,) = asyncio.run(collector.visit([watches.find(store, str(number), now=NOW)]))
    assert visited.facts.outcome is Outcome.BLOCKED
    assert visited.facts.reason == (
        "the site gives no key: Invalid refresh token (error_auth). The consent has probably "
        "ended or was withdrawn. Nothing was asked and nothing is lost; what lies between is asked "
        "for later. Next: earful connect shopee_shop"
    )
    collector.close()
    store.close()
    for each in tmp_path.glob("earful.db*"):
        assert not [token for token in site.given if token.encode() in each.read_bytes()]
