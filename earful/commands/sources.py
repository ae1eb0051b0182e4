"""`earful sources`: what is listened to, how each fares, what is complete and what is missing."""

from __future__ import annotations

from datetime import datetime

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import scheduler
from alerts.trouble import in_words, what_to_do
from crawlers.registry import all_sources
from earful.app import SOURCE_BROKEN, App
from earful.coverage import sentence, zone_of
from earful.keyring import ending, kinds_of, lacks_key
from earful.keys_shown import endings_in_words, typed_in_words
from earful.show import ago, plain_table, when
from ingest.words import Words, later
from store import watches
from store.health import Health
from store.watches import Watch

MARKS = {
    Health.HEALTHY: ("✓", "green", later("healthy")),
    Health.SLOW: ("!", "yellow", later("slow")),
    Health.BROKEN: ("✕", "red", later("broken")),
    Health.PAUSED: ("Ⅱ", "dim", later("paused")),
    Health.DUE: ("!", "yellow", later("due")),
    Health.NEW: ("·", "dim", later("new")),
}
NO_KEY = ("–", "yellow", later("no key"))
_WIDTHS = (3, 11, None, 13, 13, 7)  # columns of the screen; None takes the rest
_INDENT = 5  # what is said of a source stands below its health and name


@click.group("sources", invoke_without_command=True)
@click.option("--kinds", is_flag=True, help="Every kind of source that Earful can read.")
@click.pass_context
def command(ctx: click.Context, kinds: bool) -> None:
    """List the sources with health, last visit, next visit and coverage."""
    app: App = ctx.obj
    if ctx.invoked_subcommand is not None:
        return
    if kinds:
        _show_kinds(app)
    else:
        _show_watches(app)


@command.command("pause")
@click.argument("source")
@click.pass_obj
def pause(app: App, source: str) -> None:
    """Stop visiting a source until it is resumed."""
    _change(app, source, watches.pause, "Paused {name}")


@command.command("resume")
@click.argument("source")
@click.pass_obj
def resume(app: App, source: str) -> None:
    """Visit a source again, at once."""
    _change(app, source, watches.resume, "{name} is visited again")


@command.command("remove")
@click.argument("source")
@click.pass_obj
def remove(app: App, source: str) -> None:
    """Stop listening to a source; what it brought stays."""
    _change(app, source, watches.remove, "Removed {name}; its mentions stay")


def _change(app: App, source: str, change: object, said: str) -> None:
    now = scheduler.utc_now()
    watch = watches.find(app.store, source, now=now)
    change(app.store, watch.id, now=now)  # type: ignore[operator]
    if app.is_json:
        app.print_json({"id": watch.id, "name": watch.name})
    else:
        app.out.print(app.words(said, name=watch.name), markup=False)


def _show_kinds(app: App) -> None:
    if app.is_json:
        names = ("kind", "access", "covers", "does_not_cover", "evidence")
        told = ({n: str(getattr(each, n)) for n in names} for each in all_sources())
        needs = (typed_in_words(each) for each in all_sources())
        app.print_json([each | {"needs": keys} for each, keys in zip(told, needs, strict=True)])
        return
    table = plain_table("Kind", "Access", "Covers", "Evidence")
    for each in all_sources():
        lines = [each.covers, f"not: {each.does_not_cover}"]
        if each.keys:
            wants = "better with" if each.has_keyless else "needs"
            lines.insert(1, f"{wants}: {typed_in_words(each)}")
        table.add_row(each.kind, each.access, "\n".join(lines), each.evidence)
    app.out.print(table)


def _show_watches(app: App) -> None:
    now = scheduler.utc_now()
    found = watches.listing(app.store, now=now)
    if app.is_json:
        app.print_json([as_json(each) for each in found])
    elif not found:
        app.note(app.words('No source yet. Next: earful add https://... or earful listen "BRAND"'))
    else:
        zones = {brand.name: brand.zone for brand in app.brands()}
        _print(app, found, now, zones)
    kinds = {each.kind for each in found}
    ends = [e for e in ending(app.secrets, now) if not kinds.isdisjoint(kinds_of(e.kind))]
    for said in endings_in_words(ends, app.words):
        app.note(said)
    if any(each.health is Health.BROKEN for each in found):
        app.exit_code = SOURCE_BROKEN


def _print(app: App, found: list[Watch], now: datetime, zones: dict[str, str]) -> None:
    words = app.words
    heads = (
        words("Health"), words("Source"), words("Last success"), words("Next visit"),
        words("Usual a day"),
    )  # fmt: skip
    app.out.print(_line(Text(), *(Text(name, style="bold") for name in heads)))
    for each in sorted(found, key=lambda w: (w.health is not Health.BROKEN, w.id)):
        zone = zone_of(each, zones)
        is_open = each.health is Health.PAUSED or not lacks_key(app.secrets, each.kind, each.target)
        mark, style, name = MARKS[each.health] if is_open else NO_KEY
        due_at = "—" if each.health is Health.PAUSED else when(each.next_due_at, words, zone)
        row = _line(
            Text(str(each.id)),
            Text(f"{mark} {words(name)}", style=style),
            Text(each.name),
            Text(ago(each.last_success_at, now, words, zone)),
            Text(due_at),
            Text(_usual(each, words)),
        )
        note = Text(_note(each, words, zone, now=now), style="dim")
        app.out.print(row, Padding(note, (0, 0, 0, _INDENT)))


def _line(*cells: Text) -> Table:
    """Return one row of the list: the source takes what the other columns leave."""
    line = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for width in _WIDTHS:
        line.add_column(width=width, ratio=None if width else 1, overflow="fold")
    line.add_row(*cells)
    return line


def _usual(watch: Watch, words: Words) -> str:
    if watch.usual_a_day is None:
        return "—"
    low, high = (words.number(each) for each in (watch.usual_a_day.low, watch.usual_a_day.high))
    return words.between(low, high)


def _note(watch: Watch, words: Words, zone: str, *, now: datetime) -> str:
    """Return what is wrong, if anything is, what is complete, and what to do."""
    parts = [in_words(watch.reason, words)]
    if watch.is_silent and not watch.reason:
        parts = [words("nothing new since {at}", at=when(watch.last_new_at, words, zone))]
    if watch.health is not Health.DUE:
        parts.append(sentence(watch, words, zone, now=now))
    if watch.health is Health.BROKEN:
        parts.append(what_to_do(watch.outcome, watch.id, words))
    return "\n".join(filter(None, parts))


def as_json(watch: Watch) -> dict[str, object]:
    """Return a watch as JSON-ready values; times aware UTC in ISO form."""
    covered = watch.coverage
    return {
        "id": watch.id,
        "kind": watch.kind,
        "name": watch.name,
        "brand": watch.brand,
        "health": watch.health,
        "outcome": watch.outcome,
        "reason": watch.reason,
        "every_min": watch.every_min,
        "last_success_at": watch.last_success_at,
        "next_due_at": watch.next_due_at,
        "complete_since": covered.since,
        "complete_until": covered.until,
        "stated_total": watch.totals.stated if watch.totals else None,
        "heard_total": watch.totals.heard if watch.totals else None,
        "totals_cause": watch.totals.cause if watch.totals else "",
        "missing_stars": watch.totals.missing_stars if watch.totals else {},
        "is_walk_due": watch.is_walk_due,
        "gaps": [
            {"since": gap.since, "until": gap.until, "reason": gap.reason} for gap in covered.gaps
        ],
    }
