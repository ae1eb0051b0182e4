"""Column types that mean the same on SQLite and PostgreSQL: UTC times, clean text, big ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """A point in time: takes aware times only and gives aware UTC back on both databases.

    SQLite keeps it as text without the zone. It is written and read by C code, and the
    functions that do so are handed to SQLAlchemy whole: every row has several times.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Return what writes a time. It raises ValueError for a naive one."""
        return _as_sqlite_text if dialect.name == "sqlite" else _as_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what reads a stored time as aware UTC."""
        return _of_sqlite_text if dialect.name == "sqlite" else _known_utc


def _as_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"naive time {value!r}: the store takes aware times only")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _as_sqlite_text(value: datetime | None) -> str | None:
    moment = _as_utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds")[:-6]


def _of_sqlite_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _known_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text that both databases can hold: without U+0000 and lone surrogates."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Return what takes out of a text what PostgreSQL or UTF-8 cannot hold."""
        return _holdable


def _holdable(value: str | None) -> str | None:
    return value if value is None or (value.isascii() and "\0" not in value) else clean(value)


def clean(value: str) -> str:
    """Return `value` without U+0000 and with lone surrogates shown as U+FFFD."""
    if "\0" in value:
        value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value
