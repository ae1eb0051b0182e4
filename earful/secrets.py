"""The keys of sources: kept in a file of their own, mode 600, or in the environment; never shown.

The file lies beside the settings:

    [shopee_shop]
    partner_key = { value = "...", until = 2027-02-01 }
    token = { value = "...", until = 2026-11-22T08:00:00Z }

A section is named after a kind of source, after one of its accounts ("shopee_shop:4400123"), or
after what several kinds share ("google"). Every change is made under a lock beside the file, upon
what the file holds at that moment: two services and a person may change it at once.
"""

from __future__ import annotations

import fcntl
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from earful.settings import DEFAULT_FILE, secret_variable
from ingest.errors import ConfigError

FILE = "earful.secrets.toml"
OWNER_ONLY = 0o600
WARNED_BEFORE = timedelta(days=7)
HEAD = "# Keys of sources, written by `earful connect`. Keep this file to yourself.\n"


@dataclass(frozen=True, slots=True)
class Secret:
    """One key; its value is in no repr. `until` is the last day on which it serves, None: open.

    A key that a site handed out ends at a moment, `ends_at` (aware UTC).
    """

    value: str = field(repr=False)
    until: date | None = None
    is_from_environment: bool = False
    ends_at: datetime | None = None

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it serves, None for a key without an end."""
        return self.ends_at.date() if self.ends_at else self.until


@dataclass(frozen=True, slots=True)
class Ending:
    """A key that ends soon, or has ended (`days_left` below 0); `kind` is its section."""

    kind: str
    name: str
    until: date
    days_left: int


IsRenewed = Callable[[str, str], bool]


class Secrets:
    """Every key that is set, by section and name. Nothing here prints a value."""

    def __init__(self, file: Path, found: Mapping[str, Mapping[str, Secret]]) -> None:
        self.file = file
        self._found = {kind: dict(named) for kind, named in found.items()}

    def __repr__(self) -> str:
        return f"Secrets({self.file}, {sum(map(len, self._found.values()))} keys)"

    def of(self, section: str) -> Mapping[str, Secret]:
        """Return the keys set in one section, by name."""
        return self._found.get(section, {})

    def values(self, section: str) -> dict[str, str]:
        """Return the bare values of one section, by name: for the roof alone."""
        return {name: secret.value for name, secret in self.of(section).items()}

    def sections(self) -> list[str]:
        """Return the names of the sections that hold a key."""
        return sorted(section for section, named in self._found.items() if named)

    def ending(
        self,
        now: datetime,
        *,
        within: timedelta = WARNED_BEFORE,
        is_renewed: IsRenewed = lambda *_: False,
    ) -> list[Ending]:
        """Return the keys that end within that time or have ended, soonest first.

        What Earful renews by itself is none of them.
        """
        last = (now + within).date()
        found = [
            Ending(section, name, day, (day - now.date()).days)
            for section, named in self._found.items()
            for name, secret in named.items()
            if (day := secret.last_day) is not None
            and day <= last
            and not is_renewed(section, name)
        ]
        return sorted(found, key=lambda each: (each.until, each.kind, each.name))

    def is_open_to_others(self) -> bool:
        """Return whether other users of this machine may read the file."""
        return self.file.is_file() and bool(self.file.stat().st_mode & 0o077)

    def save(self, section: str, named: Mapping[str, Secret]) -> None:
        """Set these keys of one section and write the file, mode 600, whole or not at all.

        Keys from the environment are not written. Raises ConfigError when it cannot be.
        """
        with locked(self.file):
            self.put(section, named)

    def put(self, section: str, named: Mapping[str, Secret]) -> None:
        """As `save`, for who holds the lock."""
        kept = _read(self.file) if self.file.is_file() else {}
        kept[section] = {**kept.get(section, {}), **named}
        self._found[section] = {**self._found.get(section, {}), **named}
        self._write(kept)

    def remember(self, section: str, named: Mapping[str, Secret]) -> None:
        """Have these keys in mind, unwritten."""
        self._found[section] = {**self._found.get(section, {}), **named}

    def forget(self, section: str) -> None:
        """Drop all keys of one section and write the file."""
        with locked(self.file):
            kept = _read(self.file) if self.file.is_file() else {}
            kept.pop(section, None)
            self._found.pop(section, None)
            self._write(kept)

    def _write(self, kept: Mapping[str, Mapping[str, Secret]]) -> None:
        part = self.file.with_name(f"{self.file.name}.part")
        try:
            part.unlink(missing_ok=True)
            number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(number, "w", encoding="utf-8") as out:
                out.write(_as_toml(kept))
                out.flush()
                os.fsync(out.fileno())  # a site may give a key only once
            part.replace(self.file)
        except OSError as e:
            raise _unwritable(self.file, e) from e


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the only right to change `file`; waits for who has it now."""
    try:
        number = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    except OSError as e:
        raise _unwritable(file, e) from e
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _unwritable(file: Path, fault: OSError) -> ConfigError:
    return ConfigError(
        fault.strerror or "cannot be written",
        subject=str(file),
        next_step="run it where the settings are, as the user of Earful",
    )


def place_of(config: Path | None) -> Path:
    """Return where the secrets lie: beside the settings file."""
    return (config or Path(DEFAULT_FILE)).with_name(FILE)


def read_secrets(
    file: Path, keys: Mapping[str, Sequence[str]], environ: Mapping[str, str] | None = None
) -> Secrets:
    """Return the keys of `file` and of the environment, which wins.

    It does not win over what a site handed out with an end: that is renewed here, and
    the environment only holds what it began with. `keys` names what each section may
    hold: EARFUL_SECRET_<SECTION>_<NAME>.
    Raises ConfigError for a file that cannot be read; it never quotes what is in it.
    """
    found = _read(file) if file.is_file() else {}
    for kind, names in keys.items():
        for name in names:
            value = secret_variable(kind, name, environ)
            own = found.get(kind, {}).get(name)
            if value and not (own and own.ends_at):
                found.setdefault(kind, {})[name] = Secret(value, is_from_environment=True)
    return Secrets(file, found)


def _read(file: Path) -> dict[str, dict[str, Secret]]:
    wrong = ConfigError(
        "not a file of keys", subject=str(file), next_step="mend it, or earful connect SOURCE"
    )
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
        return {
            kind: {name: _secret(told) for name, told in named.items()}
            for kind, named in tree.items()
        }
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError):
        raise wrong from None  # what a parser says may quote the file
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be read", subject=str(file), next_step="chmod 600, own it"
        ) from e


def _secret(told: Any) -> Secret:
    if isinstance(told, str):
        return Secret(told)
    value, until = told["value"], told.get("until")
    if not isinstance(value, str) or not isinstance(until, date | None):
        raise TypeError("a key is a text, its end a date")
    if isinstance(until, datetime):
        ends_at = until if until.tzinfo else until.replace(tzinfo=UTC)
        return Secret(value, ends_at=ends_at.astimezone(UTC))
    return Secret(value, until)


def _as_toml(found: Mapping[str, Mapping[str, Secret]]) -> str:
    lines = [HEAD]
    for kind in sorted(found):
        kept = {n: each for n, each in found[kind].items() if not each.is_from_environment}
        if kept:
            lines.append(f"\n[{json.dumps(kind)}]\n")
            lines += [f"{json.dumps(name)} = {_pair(kept[name])}\n" for name in sorted(kept)]
    return "".join(lines)


def _pair(secret: Secret) -> str:
    value = json.dumps(secret.value, ensure_ascii=False).replace("\x7f", "\\u007f")
    until = f", until = {secret.until:%Y-%m-%d}" if secret.until else ""
    if secret.ends_at:
        until = f", until = {secret.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{{ value = {value}{until} }}"
