"""The fixture `store`: every test that asks for it runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from postgres import NoPostgres, running_postgres
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from store.engine import Store, migrate, open_store
from store.schema import HEAD
from store.tables import Base

RESTART = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"
IS_HEAD = f"version_num = '{HEAD}'"
_numbers = count(1)


class Server:
    """One PostgreSQL for the whole session; a database is emptied and used again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(self._with_driver(url), isolation_level="AUTOCOMMIT")
        self._free: list[str] = []

    def empty(self) -> str:
        """Return the address of a new database without tables."""
        name = f"earful_{next(_numbers)}"
        self._run(self._engine, f"CREATE DATABASE {name}")
        return self.url.replace("/postgres?", f"/{name}?")

    def migrated(self) -> str:
        """Return the address of a database with all tables and no rows."""
        if self._free:
            return self._free.pop()
        url = self.empty()
        migrate(url)
        return url

    def give_back(self, url: str) -> None:
        """Empty a database for the next test, or drop it where a test changed its tables."""
        engine = create_engine(self._with_driver(url), isolation_level="AUTOCOMMIT")
        tables = (table.name for table in reversed(Base.metadata.sorted_tables))
        try:
            self._run(engine, "; ".join(f"DELETE FROM {name}" for name in tables))
            self._run(engine, RESTART)
            self._run(engine, f"SELECT 1 / count(*) FROM alembic_version WHERE {IS_HEAD}")
        except DBAPIError:
            self.drop(url)
        else:
            self._free.append(url)
        finally:
            engine.dispose()

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self._run(self._engine, f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._engine.dispose()

    def _with_driver(self, url: str) -> str:
        return url.replace("postgresql:", "postgresql+psycopg:")

    def _run(self, engine: Engine, statement: str) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Return the session's PostgreSQL; without one: fail under CI, else skip with the reason."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(running_postgres())
        except NoPostgres as reason:
            if os.environ.get("CI") == "true":
                pytest.fail(str(reason))
            pytest.skip(str(reason))
        server = Server(url)
        stack.callback(server.close)
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "earful.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_file: Path) -> Iterator[str]:
    """Return the address of a fresh store with tables, on each database in turn."""
    if request.param == "sqlite":
        shutil.copyfile(sqlite_file, tmp_path / "earful.db")
        yield f"sqlite:///{tmp_path}/earful.db"
        return
    server: Server = request.getfixturevalue("postgres_server")
    url = server.migrated()
    yield url
    server.give_back(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Return a fresh open store, on each database in turn."""
    opened = open_store(store_url)
    yield opened
    opened.close()
