"""The few things both databases say in their own way, and the hash behind unique keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

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
        names = tuple(rows[0])
        _prepared(connection.dialect, _insert_new, table, names).run(connection, rows)


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
        renewing = (tuple(by), tuple(change))
        names = tuple(rows[0])
        _prepared(connection.dialect, _upsert, table, names, *renewing).run(connection, rows)


def row_of(connection: Connection, table: type[Base], number: int) -> Found | None:
    """Return the row with that id, or None."""
    return connection.execute(_row_of(table), {"id_": number}).one_or_none()


def change(connection: Connection, table: type[Base], number: int, **values: object) -> None:
    """Set columns of the row with that id."""
    names = tuple(values)
    changing = _prepared(connection.dialect, _change, table, ("id_", *names), names)
    changing.run(connection, [{"id_": number, **values}])


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


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement in one database's own words, with what makes each value ready for it.

    SQLAlchemy puts the statement together and knows the types; the rows then go
    past its bookkeeping of every single row, which costs more than the database does.
    """

    words: str
    slots: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    is_positional: bool
    always: Row  # defaults of columns that the rows leave out

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run the statement once for each row; all have the same names."""
        columns = [self._column(name, ready, rows) for name, ready in self.slots]
        values = list(zip(*columns, strict=True))
        if self.is_positional:
            connection.exec_driver_sql(self.words, values)
            return
        names = [name for name, _ in self.slots]
        connection.exec_driver_sql(
            self.words, [dict(zip(names, each, strict=True)) for each in values]
        )

    def _column(
        self, name: str, ready: Callable[[Any], Any] | None, rows: Sequence[Row]
    ) -> Sequence[Any]:
        is_default = name in self.always
        told = [self.always[name]] * len(rows) if is_default else [row[name] for row in rows]
        return told if ready is None else list(map(ready, told))


@lru_cache(maxsize=256)
def _prepared(
    dialect: Dialect,
    make: Callable[..., Insert | Update],
    table: type[Base],
    names: tuple[str, ...],
    *more: tuple[str, ...],
) -> _Prepared:
    statement = make(dialect.name, table, *more)
    compiled = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=True)
    assert isinstance(compiled, SQLCompiler)
    asked = compiled.positiontup or list(compiled.binds)
    kinds = ((name, compiled.binds[name].type.dialect_impl(dialect)) for name in asked)
    slots = tuple((name, kind.bind_processor(dialect)) for name, kind in kinds)
    always = {each.name: _default(each) for each in compiled.insert_prefetch}
    return _Prepared(str(compiled), slots, bool(compiled.positional), always)


def _default(column: Column[Any]) -> object:
    assert isinstance(column.default, ScalarElementColumnDefault), column
    return column.default.arg


def _change(_dialect: str, table: type[Base], names: tuple[str, ...]) -> Update:
    row = table_of(table)
    statement = update(row).where(row.columns["id"] == bindparam("id_"))
    return statement.values({name: bindparam(name) for name in names})


def _insert_new(dialect: str, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


def _upsert(
    dialect: str, table: type[Base], by: tuple[str, ...], change: tuple[str, ...]
) -> postgresql.Insert | sqlite.Insert:
    statement = _insert(dialect, table)
    renewed = {name: statement.excluded[name] for name in change}
    return statement.on_conflict_do_update(index_elements=by, set_=renewed)


def _insert(dialect: str, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table_of(table))
    return postgresql.insert(table_of(table))
