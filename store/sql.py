"""The few things both databases say in their own way, and the hash behind unique keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Executable, Select, Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.tables import Base

CHUNK = 1_000  # values in one IN (...): well under every limit of both databases

T = TypeVar("T")
Row = dict[str, Any]  # one row to be written
Found = sqlalchemy.Row[*tuple[Any, ...]]  # one row that was read


def key_hash(*parts: str) -> bytes:
    """Return 16 bytes that stand for `parts` in a unique index, whatever their length."""
    together = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(together, digest_size=16).digest()


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield `values` in lists of at most `size`."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def insert_new(connection: Connection, table: type[Base], rows: Sequence[Row]) -> None:
    """Insert `rows`; those whose unique key is there already are left as they are."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, table), rows)


def upsert(
    connection: Connection,
    table: type[Base],
    rows: Sequence[Row],
    *,
    by: Sequence[str],
    change: Sequence[str],
) -> None:
    """Insert `rows`; where the key `by` is there already, set the columns `change`."""
    if rows:
        statement = _upsert(connection.dialect.name, table, tuple(by), tuple(change))
        connection.execute(statement, rows)


def row_of(connection: Connection, table: type[Base], number: int) -> Found | None:
    """Return the row with that id, or None."""
    return connection.execute(_row_of(table), {"id_": number}).one_or_none()


def change(connection: Connection, table: type[Base], number: int, **values: object) -> None:
    """Set columns of the row with that id."""
    connection.execute(_change(table, tuple(values)), {"id_": number, **values})


def table_of(entity: type[Base]) -> Table:
    """Return the Core table behind `entity`."""
    assert isinstance(entity.__table__, Table)
    return entity.__table__


def lock_sources(connection: Connection, sources: Iterable[str]) -> None:
    """Let one writer at a time take in items of `sources`, until the transaction ends.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    numbers = {int.from_bytes(key_hash(each)[:8], "big", signed=True) for each in sources}
    for number in sorted(numbers):
        connection.execute(select(func.pg_advisory_xact_lock(number)))


# Building a statement costs more than running it on one page: each is built once.


@cache
def _row_of(table: type[Base]) -> Select[*tuple[Any, ...]]:
    columns = table_of(table).columns
    return select(*columns).where(columns["id"] == bindparam("id_"))


@cache
def _change(table: type[Base], names: tuple[str, ...]) -> Executable:
    row = table_of(table)
    statement = update(row).where(row.columns["id"] == bindparam("id_"))
    return statement.values({name: bindparam(name) for name in names})


@cache
def _insert_new(dialect: str, table: type[Base]) -> Executable:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _upsert(
    dialect: str, table: type[Base], by: tuple[str, ...], change: tuple[str, ...]
) -> Executable:
    statement = _insert(dialect, table)
    renewed = {name: statement.excluded[name] for name in change}
    return statement.on_conflict_do_update(index_elements=by, set_=renewed)


def _insert(dialect: str, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table_of(table))
    return postgresql.insert(table_of(table))
