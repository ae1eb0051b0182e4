"""What every command stands on: settings, the store, where output goes, and the words."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console

from earful.settings import (
    DEFAULT_FILE,
    Settings,
    is_colour_unwanted,
    read_settings,
    spoken_language,
)
from ingest.errors import ConfigError
from ingest.words import Words

if TYPE_CHECKING:
    from alerts.deliver import Delivery
    from crawlers.settings import CrawlSettings
    from earful.keyring import Keyring
    from earful.secrets import Secrets
    from ingest.brand import Brand
    from scheduler import Plan
    from store.engine import Store
    from store.second_opinions import SecondEar

FINE, INTERNAL, USAGE, SOURCE_BROKEN, NOTHING_COLLECTED = range(5)


@dataclass
class App:
    """The global options of one run of the command line, and what they open.

    `out` prints results to stdout, `err` progress and remarks to stderr.
    """

    database: str | None = None
    config: Path | None = None
    is_json: bool = False
    is_quiet: bool = False
    exit_code: int = field(default=FINE, init=False)

    @cached_property
    def settings(self) -> Settings:
        """Return the checked settings; ConfigError names what is wrong."""
        return read_settings(self.config)

    @cached_property
    def out(self) -> Console:
        """Return the console for results."""
        return Console(highlight=False, no_color=is_colour_unwanted())

    @cached_property
    def err(self) -> Console:
        """Return the console for progress and remarks, silent under --quiet."""
        return Console(
            stderr=True,
            highlight=False,
            quiet=self.is_quiet,
            no_color=is_colour_unwanted(),
        )

    @cached_property
    def can_ask(self) -> bool:
        """Return whether a person is there to answer a question."""
        return sys.stdin.isatty() and self.err.is_terminal and not self.is_quiet

    @cached_property
    def words(self) -> Words:
        """Return the catalogue of the person's language."""
        return Words(self.settings.language or spoken_language())

    @cached_property
    def database_url(self) -> str:
        """Return the database in force: --db, else the environment and the file."""
        return self.database or self.settings.database

    @cached_property
    def secrets(self) -> Secrets:
        """Return the keys of the sources as they are now: beside the settings, and of the
        environment.
        """
        return self._read_secrets()

    def _read_secrets(self) -> Secrets:
        from earful.keyring import names_kept
        from earful.secrets import place_of, read_secrets

        return read_secrets(place_of(self.config), names_kept())

    @cached_property
    def keyring(self) -> Keyring:
        """Return who hands out keys for visits, and renews them."""
        from crawlers.exchange import Sender
        from earful.keyring import Keyring

        return Keyring(self._read_secrets, Sender(self.crawl_settings()))

    @cached_property
    def columns_file(self) -> Path:
        """Return where it is kept what the columns of files mean: beside the settings."""
        from crawlers.remembered import FILE

        return (self.config or Path(DEFAULT_FILE)).with_name(FILE).resolve()

    @cached_property
    def store(self) -> Store:
        """Return the open store; a new SQLite file is made on first use."""
        from store.engine import open_store

        return open_store(self.database_url)

    def brands(self) -> tuple[Brand, ...]:
        """Return every brand known: those of the settings, and those in the store."""
        from store.brands import listing

        known = {brand.name: brand for brand in listing(self.store)}
        known.update({brand.name: brand for brand in self.settings.all_brands()})
        return tuple(known.values())

    def brand(self, name: str | None) -> Brand:
        """Return the brand called `name`, or the only one; ConfigError lists the names."""
        brands = self.brands()
        if not brands:
            raise ConfigError(
                "no brand yet", next_step='earful listen "Your brand", or earful init'
            )
        if name is None:
            if len(brands) == 1:
                return brands[0]
            raise ConfigError(
                "there are several brands", next_step=f"add --brand with one of: {_names(brands)}"
            )
        for brand in brands:
            if brand.name.casefold() == name.casefold():
                return brand
        raise ConfigError("no such brand", subject=name, next_step=f"one of: {_names(brands)}")

    def keep_brand(self, brand: Brand) -> str:
        """Keep `brand` in the store, new or changed, and return its name."""
        from store.brands import save

        save(self.store, brand)
        return brand.name

    def crawl_settings(self) -> CrawlSettings:
        """Return how crawls are made, from the settings."""
        from crawlers.settings import CrawlSettings

        chosen = self.settings.crawl
        return CrawlSettings(
            contact=chosen.contact or self.settings.public_url or "no contact given",
            version=version("earful"),
            delay_s=chosen.delay_s,
            timeout_s=chosen.timeout_s,
            max_bytes=int(chosen.max_mb * 1_000_000),
            deadline_s=chosen.deadline_s,
            memory_mb=chosen.memory_mb,
            allow_private=self.settings.allow_private_addresses,
            proxy=chosen.proxy or None,
        )

    def plan(self) -> Plan:
        """Return what the service and deliveries need of the settings."""
        import scheduler
        from store.retention import Keep

        mail, kept = self.settings.mail, self.settings.retention
        brands = tuple(replace(each, recipients=self.recipients(each)) for each in self.brands())
        return scheduler.Plan(
            database=self.database_url,
            brands=brands,
            crawl=self.crawl_settings(),
            keep=Keep(
                captures_days=kept.captures_days,
                captures_mb=kept.captures_mb,
                visits_days=kept.visits_days,
            ),
            delivery=self._delivery(),
            channel="smtp" if mail.host else "folder",
            sender=mail.sender,
            public_url=self.settings.public_url,
            is_learning=self.settings.learning.nightly,
            second=self._second_opinions(brands),
            keys=self.keyring,
        )

    def _second_opinions(self, brands: Iterable[Brand]) -> SecondEar | None:
        """Return who asks the engine for second opinions in the service, if that is wanted."""
        import scheduler

        if not self.settings.engine.second_opinion:
            return None
        from earful.engines.second import SecondOpinions

        return SecondOpinions(self.settings.engine, tuple(brands), clock=scheduler.utc_now)

    def recipients(self, brand: Brand) -> tuple[str, ...]:
        """Return who gets a brand's digest; with a folder alone, the sender stands for all."""
        mail = self.settings.mail
        return brand.recipients or ((mail.sender,) if mail.folder and not mail.host else ())

    def _delivery(self) -> Delivery | None:
        from alerts.deliver import FolderDelivery, SmtpDelivery

        mail = self.settings.mail
        if mail.host:
            return SmtpDelivery(
                host=mail.host,
                port=mail.port,
                user=mail.user,
                password=mail.password.get_secret_value(),
                security=mail.security,
            )
        return FolderDelivery(Path(mail.folder)) if mail.folder else None

    def open_page(self, url: str) -> bool:
        """Open `url` in a browser; return whether there is one with a window."""
        from earful.consent import open_page

        return open_page(url)

    def print_json(self, value: Mapping[str, object] | Iterable[Mapping[str, object]]) -> None:
        """Print one JSON document on stdout, Vietnamese readable."""
        listed = value if isinstance(value, Mapping) else list(value)
        sys.stdout.write(json.dumps(listed, ensure_ascii=False, default=str, indent=2) + "\n")

    def note(self, text: str) -> None:
        """Print a remark on stderr, on one line however long."""
        self.err.print(text, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Close what was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def leave(self, code: int) -> NoReturn:
        """End the run with `code`."""
        self.close()
        raise SystemExit(code)


def _names(brands: Iterable[Brand]) -> str:
    return ", ".join(brand.name for brand in brands)
