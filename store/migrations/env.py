"""What Alembic runs: the migrations, on the connection that `store.schema` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from store.tables import Base

SEARCH = "mention_search"  # and its shadow tables on SQLite: made by hand, not in tables.py


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether Alembic shall compare the table or column `name`."""
    return not (kind == "table" and name is not None and name.startswith(SEARCH))


def run(connection: Connection) -> None:
    """Run the migrations in the transaction that `connection` is in."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=is_ours,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


run(context.config.attributes["connection"])
