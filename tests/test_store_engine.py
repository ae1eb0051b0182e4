"""The store opens on both databases, migrates, and says in words what is wrong."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError
from store_fixture import Server
from store_pages import BRAND, NOW, RULES, item, page

from ingest.errors import ConfigError, StoreError
from store import mentions, schema
from store.engine import Store, migrate, open_store, schema_version
from store.intake import take_in
from store.mentions import Filter
from store.tables import Base, Leases

NOON = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)


def test_a_fresh_file_gets_its_tables_at_once(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/nghe.db")
    assert schema_version(store) == schema.HEAD
    store.close()


def test_sqlite_runs_in_wal_with_foreign_keys(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    with store.read() as connection:
        asked = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {each}").scalar() for each in asked]
    assert found == ["wal", 1, 1, 30_000]
    store.close()


def test_tables_and_migrations_say_the_same(store: Store) -> None:
    with store.write() as connection:
        schema.check(connection)


def test_the_check_notices_a_table_that_no_migration_made(store: Store) -> None:
    from alembic.util import CommandError

    with store.write() as connection:
        connection.execute(text("DROP TABLE leases"))
        with pytest.raises(CommandError):
            schema.check(connection)


def test_down_and_up_again_leaves_the_same_tables(store: Store) -> None:
    with store.write() as connection:
        schema.downgrade(connection, to="base")
        assert schema.version(connection) is None
        schema.upgrade(connection)
        schema.check(connection)
    assert schema_version(store) == schema.HEAD


def test_matches_that_were_there_before_are_dated_by_the_migration(store: Store) -> None:
    posted = (NOW - timedelta(days=3)).isoformat()
    take_in(store, [page(item("a", posted=posted), item("b", posted=None))], **RULES, now=NOW)  # type: ignore[arg-type]
    listed = [each.key for each in mentions.find(store, Filter(brand=BRAND))]
    with store.write() as connection:
        schema.downgrade(connection, to="0003")
        schema.upgrade(connection)
        schema.check(connection)
    assert [each.key for each in mentions.find(store, Filter(brand=BRAND))] == listed == ["b", "a"]


def test_the_known_versions_are_those_of_the_migration_files() -> None:
    names = (each.name for each in (files("store") / "migrations" / "versions").iterdir())
    found = sorted(name[:4] for name in names if name[:4].isdigit())
    assert tuple(found) == schema.VERSIONS


def test_migrating_twice_changes_nothing(store_url: str) -> None:
    assert migrate(store_url) == (schema.HEAD, schema.HEAD)


def test_a_postgresql_without_tables_asks_for_migrate(postgres_server: Server) -> None:
    url = postgres_server.empty()
    with pytest.raises(StoreError, match="earful migrate"):
        open_store(url)
    assert migrate(url) == (None, schema.HEAD)
    open_store(url).close()
    postgres_server.drop(url)


def test_a_store_of_a_newer_program_is_left_alone(store: Store, store_url: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for opening in (open_store, migrate):
        with pytest.raises(StoreError, match="9999, newer than this program"):
            opening(store_url)


@pytest.mark.parametrize("moment", [NOON, NOON.astimezone(timezone(timedelta(hours=7)))])
def test_times_come_back_as_aware_utc(store: Store, moment: datetime) -> None:
    with store.write() as connection:
        connection.execute(insert(Leases).values(name="giờ", holder="a", until=moment))
    with store.read() as connection:
        found = connection.execute(select(Leases.until)).scalar_one()
    assert found == NOON
    assert found.tzinfo is UTC


def test_naive_times_are_refused(store: Store) -> None:
    naive = insert(Leases).values(name="x", holder="a", until=NOON.replace(tzinfo=None))
    with store.write() as connection, pytest.raises(StatementError, match="naive time"):
        connection.execute(naive)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("giao\0hàng", "giaohàng"), ("tốt \ud83d quá", "tốt \ufffd quá"), ("ế ộ ữ", "ế ộ ữ")],
)
def test_text_that_no_database_holds_is_made_holdable(store: Store, sent: str, kept: str) -> None:
    with store.write() as connection:
        connection.execute(insert(Leases).values(name=sent, holder="a", until=NOON))
    with store.read() as connection:
        assert connection.execute(select(Leases.name)).scalar_one() == kept


def test_what_fails_half_way_leaves_nothing(store: Store) -> None:
    def fail_half_way() -> None:
        with store.write() as connection:
            connection.execute(insert(Leases).values(name="x", holder="a", until=NOON))
            raise RuntimeError("giữa chừng")

    with pytest.raises(RuntimeError, match="giữa chừng"):
        fail_half_way()
    with store.read() as connection:
        assert connection.execute(select(Leases.name)).all() == []


def test_a_reader_waits_for_no_writer(store: Store) -> None:
    with store.write() as writing:
        writing.execute(insert(Leases).values(name="x", holder="a", until=NOON))
        with store.read() as reading:
            assert reading.execute(select(Leases.name)).all() == []


def test_a_locked_database_is_named_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine.PRAGMAS", ("busy_timeout=1", "journal_mode=WAL"))
    path = tmp_path / "a.db"
    store = open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    words = r"a\.db: another program is writing.*try again"
    with pytest.raises(StoreError, match=words), store.write():
        pass
    other.close()
    store.close()


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("sqlite:////nowhere/at/all.db", StoreError, "no folder /nowhere/at"),
        ("mysql://a@b/c", ConfigError, "not a database address"),
        ("không phải", ConfigError, "not a database address"),
        ("postgresql://me:s3cret@/x?host=/nowhere", StoreError, "the database server is away"),
    ],
)
def test_a_wrong_address_is_said_in_words(url: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        open_store(url)
    assert "s3cret" not in str(raised.value)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ghi-chú.db"
    path.write_text("đây là ghi chú, không phải cơ sở dữ liệu " * 30, encoding="utf-8")
    with pytest.raises(StoreError, match=r"ghi-chú\.db: the file is not an Earful database"):
        open_store(f"sqlite:///{path}")


def test_a_full_disk_is_said_in_words_and_loses_nothing(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    with store.write() as connection:
        connection.execute(insert(Leases).values(name="trước", holder="a", until=NOON))
    rows = [{"name": f"{n}" * 500, "holder": "a", "until": NOON} for n in range(500)]

    def fill() -> None:
        with store.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            connection.execute(insert(Leases), rows)

    with pytest.raises(StoreError, match="the disk is full"):
        fill()
    with store.read() as connection:
        assert connection.execute(select(Leases.name)).scalars().all() == ["trước"]
    store.close()


def _open_and_close(url: str) -> None:
    open_store(url).close()


def test_many_may_open_a_fresh_file_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    url = f"sqlite:///{tmp_path}/a.db"
    openers = [spawn.Process(target=_open_and_close, args=(url,)) for _ in range(2)]
    for each in openers:
        each.start()
    for each in openers:
        each.join(60)
    assert [each.exitcode for each in openers] == [0, 0]
    assert schema_version(open_store(url)) == schema.HEAD


def test_every_table_says_what_it_holds() -> None:
    for mapper in Base.registry.mappers:
        assert (mapper.class_.__doc__ or "").strip().endswith((".", '"')), mapper.class_.__name__
