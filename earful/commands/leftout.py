"""`earful leftout`: what could not be read, where it stood, and why."""

from __future__ import annotations

from dataclasses import asdict

import click
from rich.text import Text

import scheduler
from earful.app import App
from earful.show import ago, plain_table, short
from store import watches
from store.leftout import left_out


@click.command("leftout")
@click.argument("source", required=False)
@click.option("--limit", default=50, type=click.IntRange(1, 10_000), help="How many rows.")
@click.pass_obj
def command(app: App, source: str | None, limit: int) -> None:
    """List the newest items that could not be read, of SOURCE or of all, each with its reason.

    Nothing is left out in silence: rows of files, items of answers and posts to the
    hook that no reader understood are kept here, and the answers themselves as captures.
    """
    now = scheduler.utc_now()
    watch_id = watches.find(app.store, source, now=now).id if source else None
    found = left_out(app.store, watch_id=watch_id, limit=limit)
    if app.is_json:
        app.print_json([{**asdict(each), "seen_at": each.seen_at.isoformat()} for each in found])
        return
    if not found:
        app.note(app.words("Nothing was left out."))
        return
    words = app.words
    zone = next((each.zone for each in app.brands()), "UTC")
    table = plain_table(words("When"), words("Source"), words("Item"), words("Why"))
    for each in found:
        place = short(each.key or each.url.rpartition("/")[2], 30)
        table.add_row(
            ago(each.seen_at, now, words, zone), Text(each.watch or each.source), Text(place),
            Text(each.words),
        )  # fmt: skip
    app.out.print(table)
