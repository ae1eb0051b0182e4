"""`earful collect`: visit sources now, and say how each visit ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

import scheduler
from alerts.trouble import in_words
from earful.app import NOTHING_COLLECTED, SOURCE_BROKEN, App
from earful.show import plain_table
from ingest.errors import ConfigError
from ingest.visit import Outcome, VisitFacts
from ingest.words import later
from store import watches
from store.watches import Watch

GOOD = {Outcome.OK, Outcome.UNCHANGED}
OUTCOMES = {
    Outcome.OK: ("✓", "green", later("read")),
    Outcome.UNCHANGED: ("✓", "green", later("unchanged")),
    Outcome.EMPTY: ("✕", "red", later("empty")),
    Outcome.BLOCKED: ("✕", "red", later("blocked")),
    Outcome.CHANGED: ("✕", "red", later("changed shape")),
    Outcome.DOWN: ("✕", "red", later("down")),
    Outcome.DUE: ("!", "yellow", later("due")),
}


@click.command("collect")
@click.argument("sources", nargs=-1)
@click.option("--due", is_flag=True, help="Those that are due (this is the default).")
@click.option("--all", "everything", is_flag=True, help="All that are not paused.")
@click.pass_obj
def command(app: App, sources: tuple[str, ...], due: bool, everything: bool) -> None:
    """Visit sources now: those named by id or kind:target, those due, or all."""
    chosen = _chosen(app, sources, everything=everything and not due)
    if not chosen:
        app.note(app.words("Nothing is due. To visit all the same: earful collect --all"))
        return
    visited = visit(app, chosen)
    report(app, visited)


def _chosen(app: App, named: Sequence[str], *, everything: bool) -> list[Watch]:
    now = scheduler.utc_now()
    if named:
        return [watches.find(app.store, each, now=now) for each in named]
    listed = watches.listing(app.store, now=now)
    if not listed:
        raise ConfigError("no source yet", next_step="earful add https://...")
    ready = set(watches.due(app.store, now=now, limit=10_000))
    return [each for each in listed if each.id in ready or (everything and each.health != "paused")]


def visit(app: App, chosen: Sequence[Watch]) -> list[scheduler.Visited]:
    """Visit `chosen`, showing each visit as it ends; return how each ended."""
    collector = scheduler.Collector(
        app.database_url,
        app.brands(),
        app.crawl_settings(),
        keys=app.keyring,
    )
    names = {each.id: each.name for each in chosen}
    with _progress(app) as progress:
        task = progress.add_task(app.words("Visiting"), total=len(chosen), now="")

        def told(watch_id: int, facts: VisitFacts) -> None:
            mark = OUTCOMES[facts.outcome][0]
            progress.update(task, advance=1, now=f"{mark} {names[watch_id]}")

        try:
            return asyncio.run(collector.visit(chosen, told=told))
        finally:
            collector.close()


def _progress(app: App) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[now]}", markup=False),
        console=app.err,
        transient=True,
        disable=not app.err.is_terminal,
    )


def report(app: App, visited: Sequence[scheduler.Visited]) -> None:
    """Print how visits ended, and set the exit code."""
    if app.is_json:
        app.print_json([_as_json(each) for each in visited])
    else:
        words = app.words
        table = plain_table(*(words(n) for n in ("Outcome", "Source", "Found", "New", "Reason")))
        for each in visited:
            mark, style, name = OUTCOMES[each.facts.outcome]
            table.add_row(
                Text(f"{mark} {words(name)}", style=style),
                Text(each.watch.name),
                words.number(each.counts.seen),
                words.number(each.counts.new),
                Text(in_words(each.facts.reason, words)),
            )
        app.out.print(table)
    if any(each.facts.outcome not in {*GOOD, Outcome.DUE} for each in visited):
        app.exit_code = SOURCE_BROKEN
    if not any(each.facts.outcome in GOOD for each in visited):
        app.exit_code = NOTHING_COLLECTED


def _as_json(visited: scheduler.Visited) -> dict[str, object]:
    return {
        "id": visited.watch.id,
        "kind": visited.watch.kind,
        "name": visited.watch.name,
        "outcome": visited.facts.outcome,
        "reason": visited.facts.reason,
        "seen": visited.counts.seen,
        "new": visited.counts.new,
    }
