"""The version of the tables, and the way from one to the next by Alembic."""

from __future__ import annotations

from importlib.resources import as_file, files

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select

# In order; a test holds them and store/migrations/versions together.
VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
HEAD = VERSIONS[-1]
MIGRATING_LOCK = 7_302_417  # any fixed number of ours: PostgreSQL's advisory lock

_alembic = Table("alembic_version", MetaData(), Column("version_num", Text))


def version(connection: Connection) -> str | None:
    """Return the version of the tables behind `connection`, None when there are none."""
    if not inspect(connection).has_table(_alembic.name):
        return None
    found = connection.execute(select(_alembic.c.version_num)).scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, *, to: str = "head") -> None:
    """Bring the tables up to `to` inside the caller's transaction."""
    _run(connection, "upgrade", to)


def downgrade(connection: Connection, *, to: str) -> None:
    """Bring the tables back down to `to` ("base": none at all)."""
    _run(connection, "downgrade", to)


def check(connection: Connection) -> None:
    """Raise alembic's CommandError when tables.py says more than the migrations made."""
    _run(connection, "check", "")


def _run(connection: Connection, what: str, to: str) -> None:
    # Imported late: Alembic costs a tenth of a second, and an open store rarely needs it.
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING_LOCK})")
    with as_file(files("store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.print_stdout = lambda *_text: None  # type: ignore[method-assign]
        config.attributes["connection"] = connection
        if what == "check":
            command.check(config)
        else:
            getattr(command, what)(config, to)
