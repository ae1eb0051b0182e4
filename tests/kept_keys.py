"""Keys kept in a file, and a keyring that renews them at the small authorization server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auth_server import PARTNER_KEY, AuthServer

from crawlers.exchange import Sender
from crawlers.settings import CrawlSettings
from earful.keyring import Keyring, names_kept
from earful.secrets import Secret, Secrets, read_secrets
from ingest.visit import Order

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def secrets_at(file: Path) -> Callable[[], Secrets]:
    return lambda: read_secrets(file, names_kept(), {})


def ring_of(file: Path, site: AuthServer) -> Keyring:
    settings = CrawlSettings(contact="test@luamay.example", replay_address=site.address)
    return Keyring(secrets_at(file), Sender(settings))


SHOP = Order(watch_id=1, kind="shopee_shop", target="4400123")


def keep_shop(file: Path, site: AuthServer, *, left: timedelta) -> None:
    """Keep a shop's keys whose token ends after `left`."""
    secrets_at(file)().save(
        "shopee_shop",
        {
            "partner_id": Secret("200123"), "partner_key": Secret(PARTNER_KEY),
            "account": Secret("4400123"), "token": Secret("access-OLD-0001", ends_at=NOW + left),
            "refresh_token": Secret(site.token("refresh"), ends_at=NOW + timedelta(days=30)),
        },
    )  # fmt: skip
