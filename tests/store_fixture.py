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

from store.engine import Store, migrate, open_store

TEMPLATE = "earful_template"
_numbers = count(1)


class Server:
    """One PostgreSQL for the whole session; a database costs a copy of a migrated one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = self._connect()
        self._run(f"CREATE DATABASE {TEMPLATE}")
        migrate(self.address(TEMPLATE))

    def address(self, name: str) -> str:
        return self.url.replace("/postgres?", f"/{name}?")

    def empty(self) -> str:
        """Return the address of a new database without tables."""
        return self._make("")

    def migrated(self) -> str:
        """Return the address of a new database with all tables."""
        return self._make(f"TEMPLATE {TEMPLATE}")

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._engine.dispose()

    def _make(self, how: str) -> str:
        name = f"earful_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} {how}")
        return self.address(name)

    def _connect(self) -> Engine:
        url = self.url.replace("postgresql:", "postgresql+psycopg:")
        return create_engine(url, isolation_level="AUTOCOMMIT")

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
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
    server.drop(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Return a fresh open store, on each database in turn."""
    opened = open_store(store_url)
    yield opened
    opened.close()
