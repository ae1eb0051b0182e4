"""The database behind one address: opened, read and written with errors in words.

SQLite runs in WAL; writers begin at once (BEGIN IMMEDIATE), so that a reader that
turns writer can never fail with "database is locked"; readers begin deferred.
PostgreSQL runs through psycopg.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from ingest.errors import ConfigError, StoreError
from store import schema

BUSY_TIMEOUT_S = 30
PRAGMAS = (
    f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-16000",
    "journal_size_limit=67108864",
)
READABLE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
MIGRATE = "run `earful migrate`"

# What a database says when it refuses -> what is wrong, what to do; first hit wins.
REFUSALS = (
    ("is locked", "another program is writing and does not finish", "end it, then try again"),
    ("disk is full", "the disk is full", "free some space, then try again"),
    ("no space left", "the disk is full", "free some space, then try again"),
    ("readonly database", "the file may not be written", "give the user of Earful write access"),
    ("unable to open", "the file cannot be opened", "check that its folder exists"),
    ("not a database", "the file is not an Earful database", "choose another file"),
    ("malformed", "the file is damaged", "restore a backup"),
    ("disk i/o error", "the disk does not answer", "check the disk, then try again"),
    ("no such table", "the tables are missing", MIGRATE),
    ("no such column", "the tables are of another version", MIGRATE),
    ("undefinedtable", "the tables are missing", MIGRATE),
    ("undefinedcolumn", "the tables are of another version", MIGRATE),
    ("password authentication", "user or password is wrong", "check the database setting"),
    ("does not exist", "there is no such database or user", "create it or check the setting"),
    ("connection", "the database server is away", "start it or check the database setting"),
)


class Store:
    """One open database; `write()` and `read()` give a Connection inside a transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.name = _name(engine.url)
        self._readers = engine.execution_options(sqlite_begin="BEGIN")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a Connection whose work is kept together or not at all.

        Raises StoreError naming the database and the next step when it refuses.
        """
        with self._translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a Connection that sees one state and waits for no writer; keep it short."""
        with self._translated(), self._readers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections, so that files and server slots are free."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, ProgrammingError, DatabaseError) as refused:
            if isinstance(refused, IntegrityError):
                raise
            raise _in_words(refused, self.name) from refused


def open_store(url: str) -> Store:
    """Return the open store at `url` (sqlite:///file.db or postgresql://...).

    A fresh SQLite file gets its tables at once. Raises ConfigError for an
    address that is none, StoreError if the database is away, not migrated or
    made by a newer Earful.
    """
    store = _connect(url)
    try:
        _check_version(store)
    except StoreError:
        store.close()
        raise
    return store


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the tables at `url` to this program's version; return (before, after)."""
    store = _connect(url)
    try:
        return _migrate(store)
    finally:
        store.close()


def schema_version(store: Store) -> str | None:
    """Return the version of the tables, None when there are none."""
    with store.read() as connection:
        return schema.version(connection)


def _migrate(store: Store) -> tuple[str | None, str]:
    with store.write() as connection:
        before = schema.version(connection)
        if before is not None and before not in schema.VERSIONS:
            raise _too_new(store, before)
        if before != schema.HEAD:
            schema.upgrade(connection)
        return before, schema.HEAD


def _check_version(store: Store) -> None:
    found = schema_version(store)
    if found == schema.HEAD:
        return
    if found is None and store.is_sqlite:
        _migrate(store)
    elif found is None:
        raise StoreError("the tables are missing", subject=store.name, next_step=MIGRATE)
    elif found in schema.VERSIONS:
        raise StoreError(
            f"the tables are of version {found}, this program needs {schema.HEAD}",
            subject=store.name,
            next_step=f"make a backup, then {MIGRATE}",
        )
    else:
        raise _too_new(store, found)


def _too_new(store: Store, found: str) -> StoreError:
    return StoreError(
        f"the tables are of version {found}, newer than this program ({schema.HEAD})",
        subject=store.name,
        next_step="install the newer Earful",
    )


def _connect(url: str) -> Store:
    address = _address(url)
    try:
        if address.get_backend_name() == "sqlite":
            return Store(_sqlite(address))
        return Store(
            create_engine(
                address,
                pool_pre_ping=True,
                json_serializer=_as_json,
                json_deserializer=_of_json,
                connect_args={"options": "-c timezone=UTC", "connect_timeout": 10},
            )
        )
    except ModuleNotFoundError as missing:
        raise ConfigError(
            "PostgreSQL needs the package psycopg",
            subject=_name(address),
            next_step="pip install 'earful[postgres]'",
        ) from missing


def _address(url: str) -> URL:
    wanted = ConfigError(
        "not a database address",
        subject="db",
        next_step="write sqlite:///earful.db or postgresql://user@host/name",
    )
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as wrong:
        raise wanted from wrong
    if backend in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise wanted
    return address


def _sqlite(address: URL) -> Engine:
    folder = Path(address.database or ".").parent
    if not folder.is_dir():
        raise StoreError(
            f"there is no folder {folder}", subject=_name(address), next_step="make it"
        )
    engine = create_engine(
        address,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        json_serializer=_as_json,
        json_deserializer=_of_json,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE")
        connection.exec_driver_sql(how)

    return engine


def _as_json(value: Any) -> str:
    """Return JSON with readable Vietnamese; escapes only what UTF-8 cannot hold."""
    if value == []:  # most lists are empty
        return "[]"
    text = READABLE.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _of_json(text: str) -> Any:
    return [] if text == "[]" else json.loads(text)


def _name(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return address.database or "memory"
    return address.render_as_string(hide_password=True).replace("+psycopg", "", 1)


def _in_words(refused: DBAPIError, name: str) -> StoreError:
    said = f"{type(refused.orig).__name__}: {refused.orig}".lower()
    for sign, what, next_step in REFUSALS:
        if sign in said:
            return StoreError(what, subject=name, next_step=next_step)
    first_line = str(refused.orig).strip().splitlines()[0] if str(refused.orig).strip() else said
    return StoreError(first_line, subject=name, next_step="run `earful doctor`")
