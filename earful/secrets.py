"""The keys of sources: kept in a file of their own, mode 600, or in the environment; never shown.

The file lies beside the settings:

    [shopee_shop]
    partner_key = { value = "...", until = 2027-02-01 }
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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
    """One key; its value is in no repr. `until` is the last day on which it serves, None: open."""

    value: str = field(repr=False)
    until: date | None = None
    is_from_environment: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """A key that ends soon, or has ended (`days_left` below 0)."""

    kind: str
    name: str
    until: date
    days_left: int


class Secrets:
    """Every key that is set, by kind of source and name. Nothing here prints a value."""

    def __init__(self, file: Path, found: Mapping[str, Mapping[str, Secret]]) -> None:
        self.file = file
        self._found = {kind: dict(named) for kind, named in found.items()}

    def __repr__(self) -> str:
        return f"Secrets({self.file}, {sum(map(len, self._found.values()))} keys)"

    def of(self, kind: str) -> Mapping[str, Secret]:
        """Return the keys set for one kind of source, by name."""
        return self._found.get(kind, {})

    def for_visits(self) -> dict[str, dict[str, str]]:
        """Return the bare values by kind and name: for the roof alone, at visit time."""
        return {
            kind: {name: secret.value for name, secret in named.items()}
            for kind, named in self._found.items()
        }

    def ending(self, now: datetime, *, within: timedelta = WARNED_BEFORE) -> list[Ending]:
        """Return the keys that end within that time or have ended, soonest first."""
        last = (now + within).date()
        found = [
            Ending(kind, name, secret.until, (secret.until - now.date()).days)
            for kind, named in self._found.items()
            for name, secret in named.items()
            if secret.until is not None and secret.until <= last
        ]
        return sorted(found, key=lambda each: (each.until, each.kind, each.name))

    def is_open_to_others(self) -> bool:
        """Return whether other users of this machine may read the file."""
        return self.file.is_file() and bool(self.file.stat().st_mode & 0o077)

    def save(self, kind: str, named: Mapping[str, Secret]) -> None:
        """Set these keys of one kind of source and write the file, mode 600, whole or not at all.

        Keys from the environment are not written. Raises ConfigError when it cannot be.
        """
        self._found[kind] = {**self._found.get(kind, {}), **named}
        self._write()

    def forget(self, kind: str) -> None:
        """Drop all keys of one kind of source and write the file."""
        self._found.pop(kind, None)
        self._write()

    def _write(self) -> None:
        part = self.file.with_name(f"{self.file.name}.part")
        try:
            part.unlink(missing_ok=True)
            number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(number, "w", encoding="utf-8") as out:
                out.write(_as_toml(self._found))
            part.replace(self.file)
        except OSError as e:
            raise ConfigError(
                e.strerror or "cannot be written",
                subject=str(self.file),
                next_step="run it where the settings are, as the user of Earful",
            ) from e


def place_of(config: Path | None) -> Path:
    """Return where the secrets lie: beside the settings file."""
    return (config or Path(DEFAULT_FILE)).with_name(FILE)


def read_secrets(
    file: Path, keys: Mapping[str, Sequence[str]], environ: Mapping[str, str] | None = None
) -> Secrets:
    """Return the keys of `file` and of the environment, which wins.

    `keys` names what each kind of source needs: EARFUL_SECRET_<KIND>_<NAME>.
    Raises ConfigError for a file that cannot be read; it never quotes what is in it.
    """
    found = _read(file) if file.is_file() else {}
    for kind, names in keys.items():
        for name in names:
            value = secret_variable(kind, name, environ)
            if value:
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
    return f"{{ value = {value}{until} }}"
