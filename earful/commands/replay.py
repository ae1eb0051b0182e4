"""`earful replay SOURCE --since D`: kept answers through today's reader, shown before applied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

import click
from rich.text import Text

import scheduler
from crawlers.dropped import read_file
from crawlers.registry import source_of
from earful.app import SOURCE_BROKEN, App
from earful.show import plain_table, short
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind
from ingest.page import Fetched, Page
from ingest.words import later
from store import replay, watches
from store.replay import Difference, Replay
from store.watches import Watch

SHOWN = 50  # differences printed; --json prints all
STATES = {
    "new": ("+", "green", later("new")),
    "changed": ("~", "yellow", later("changed")),
    "vanished": ("−", "red", later("vanished")),
}


@click.command("replay")
@click.argument("source")
@click.option("--since", default="30d", help="From when on: 2026-11-03, or 7d for the last days.")
@click.option("--apply", "is_applied", is_flag=True, help="Take the differences in.")
@click.pass_obj
def command(app: App, source: str, since: str, is_applied: bool) -> None:
    """Read the answers kept of SOURCE again, and show what today's reader finds otherwise.

    SOURCE is an id or kind:target of `earful sources`. Nothing changes without
    --apply; what vanished stays stored.
    """
    now = scheduler.utc_now()
    watch = watches.find(app.store, source, now=now)
    listener = scheduler.Listener(app.database_url, app.brands())
    try:
        rules = listener.rules(watch.brand, watch.is_own)
        began = read_since(since, now)
        with app.err.status(app.words("Reading kept answers …")):
            found = replay.read_again(
                app.store, watch.id, read=reader(watch), rules=rules, since=began, now=now
            )
        _show(app, found)
        if is_applied and found.batch.items:
            taken = replay.apply(app.store, watch.id, found, rules=rules, now=now)
            said = app.words("Applied: {new} new, {changed} set right",
                             new=taken.new, changed=taken.edited)  # fmt: skip
            app.note(said)
        elif found.batch.items:
            app.note(app.words("Nothing was changed. To take it in: add --apply"))
    finally:
        listener.close()
    if found.faults:
        app.exit_code = SOURCE_BROKEN


def read_since(typed: str, now: datetime) -> datetime:
    """Return the moment that a date (UTC) or a number of days (7d) names."""
    days = re.fullmatch(r"(\d{1,4})d", typed)
    if days:
        return now - timedelta(days=int(days[1]))
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ConfigError(
            "not a date", subject=typed, next_step="write 2026-11-03, or 7d"
        ) from None


def reader(watch: Watch) -> Callable[[Fetched], Sequence[Page]]:
    """Return how the kept answers of `watch` are read today."""
    if watch.kind == "file":
        return lambda fetched: read_file(
            fetched.body, _name_of(fetched), watch.options, now=fetched.fetched_at
        ).pages()
    source = source_of(watch.kind)
    told = watch.options.get("feedback_kind")

    def read(fetched: Fetched) -> Sequence[Page]:
        page = source.read(fetched)
        return (page.of_kind(FeedbackKind(told)) if told else page,)

    return read


def _name_of(fetched: Fetched) -> str:
    return PurePath(unquote(urlsplit(fetched.url).path)).name


def _show(app: App, found: Replay) -> None:
    words = app.words
    counts = Counter(each.state for each in found.differences)
    if app.is_json:
        app.print_json(
            {
                "captures": found.captures,
                "items": found.items,
                "faults": [{"capture": n, "reason": said} for n, said in found.faults],
                "differences": [_as_json(each) for each in found.differences],
            }
        )
        return
    if found.differences:
        table = plain_table(*(words(name) for name in ("State", "Key", "Difference")))
        for each in found.differences[:SHOWN]:
            mark, style, name = STATES[each.state]
            table.add_row(
                Text(f"{mark} {words(name)}", style=style), Text(each.key), Text(_told(each))
            )
        app.out.print(table)
    for number, reason in found.faults:
        app.note(f"  {number}: {reason}")
    app.note(
        words(
            "{captures} answers, {items} items: {new} new, {changed} changed, {vanished} vanished",
            captures=found.captures,
            items=found.items,
            new=counts["new"],
            changed=counts["changed"],
            vanished=counts["vanished"],
        )
    )


def _told(each: Difference) -> str:
    return "; ".join(
        f"{name}: {short(str(before), 30)} → {short(str(after), 30)}"
        for name, before, after in each.fields
        if name != "content_hash"
    )


def _as_json(each: Difference) -> dict[str, object]:
    fields = {name: [before, after] for name, before, after in each.fields}
    return {"state": each.state, "source": each.source, "key": each.key, "fields": fields}
