"""`earful migrate`: bring the database to this version."""

from __future__ import annotations

import click

from earful.app import App
from store.engine import migrate


@click.command("migrate")
@click.pass_obj
def command(app: App) -> None:
    """Bring the database's tables to this version of Earful; what is stored stays."""
    before, after = migrate(app.database_url)
    if app.is_json:
        app.print_json({"before": before, "after": after})
    elif before == after:
        app.out.print(app.words("The database is at {version} already.", version=after))
    else:
        app.out.print(app.words("The database is now at {version}.", version=after))
