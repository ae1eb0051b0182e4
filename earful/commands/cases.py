"""`earful cases`: what needs an answer; take it, answer it, tell the customer, close it."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import click
from rich.text import Text

import scheduler
from cases.case import Case, Event, EventKind, State
from earful.app import App
from earful.show import SEVERITY_STYLES, plain_table, reasons_in_words, short, stars_text, when
from earful.targets import read_every
from ingest.words import Words, later
from store import cases
from store.cases import CaseRow

STATES = {
    State.NEEDS_ANSWER: later("Needs an answer"),
    State.MINE: later("Mine"),
    State.SNOOZED: later("Snoozed"),
    State.WAITING: later("Waiting for customer"),
    State.RESOLVED: later("Resolved"),
}
EVENTS = {
    EventKind.OPENED: later("opened"),
    EventKind.ASSIGNED: later("assigned"),
    EventKind.SNOOZED: later("snoozed"),
    EventKind.ANSWERED: later("answered"),
    EventKind.TOLD: later("told the customer"),
    EventKind.RESOLVED: later("resolved"),
    EventKind.DISMISSED: later("flag taken back"),
    EventKind.REOPENED: later("reopened"),
    EventKind.UNDONE: later("taken back"),
}


LIST_OPTIONS = (
    click.option("--brand", help="Only this brand."),
    click.option("--all", "everything", is_flag=True, help="Resolved ones too."),
    click.option("--limit", default=20, type=click.IntRange(1, 10_000), help="How many rows."),
)


def _list_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(LIST_OPTIONS):
        command = option(command)
    return command


@click.group("cases", invoke_without_command=True)
@_list_options
@click.pass_context
def command(ctx: click.Context, /, **chosen: Any) -> None:
    """List what needs an answer; show, assign, snooze, answer, told, resolve, undo."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_cases, **chosen)


@command.command("list")
@_list_options
@click.pass_obj
def list_cases(app: App, /, brand: str | None, everything: bool, limit: int) -> None:
    """List open cases: what needs an answer first, urgent first."""
    now = scheduler.utc_now()
    name = app.brand(brand).name if brand else None
    rows = cases.listing(app.store, now=now, brand=name, only_open=not everything, limit=limit)
    if app.is_json:
        app.print_json([asdict(row) for row in rows])
    elif not rows:
        app.note(app.words("Nothing needs an answer."))
    else:
        _print_table(app, rows, now)
        app.note(
            app.words("Answer one: earful cases answer ID    Wrong: earful feedback ID --not-us")
        )


def _print_table(app: App, rows: Sequence[CaseRow], now: datetime) -> None:
    words = app.words
    table = plain_table(
        "", words("Target"), words("Source"), words("What they say, and why it is flagged")
    )
    for row in rows:
        said = Text(short(f"{row.title}. {row.text}" if row.title else row.text))
        said.append(f"\n{reasons_in_words(row.flag_reasons, words)}", style="dim")
        severity = Text(words(row.severity), SEVERITY_STYLES[row.severity])
        target = target_text(row, words, now)
        where = " ".join(filter(None, [row.source, stars_text(row.stars, words)]))
        table.add_row(
            str(row.id),
            Text("\n").join([target, severity]) if target else severity,
            Text(where).append(f"\n{words(STATES[row.state])}", style="dim"),
            said,
        )
    app.out.print(table)


def target_text(row: CaseRow, words: Words, now: datetime) -> Text:
    """Return "1 h 20 min left" or "35 min late"; nothing once it is answered."""
    if row.answered_at is not None or row.state is State.RESOLVED:
        return Text("")
    span = words.duration(row.target_at - now)
    if now > row.target_at:
        return Text(words("{time} late", time=span), style="red")
    return Text(words("{time} left", time=span), style="yellow")


@command.command("show")
@click.argument("case_id", type=int)
@click.pass_obj
def show(app: App, case_id: int) -> None:
    """Show one case whole: the post, why it was flagged, and what was done."""
    now = scheduler.utc_now()
    row, events = cases.show(app.store, case_id, now=now)
    if app.is_json:
        app.print_json({**asdict(row), "events": [asdict(each) for each in events]})
        return
    words, zone = app.words, app.brand(row.brand).zone
    head = " · ".join(filter(None, [row.source, row.author, stars_text(row.stars, words)]))
    app.out.print(
        Text(f"#{row.id}  {words(row.severity)}  {words(STATES[row.state])}", style="bold")
    )
    app.out.print(Text(f"{head} · {when(row.posted_at, words, zone)}", style="dim"))
    app.out.print(Text("\n" + (f"{row.title}\n{row.text}" if row.title else row.text) + "\n"))
    why = reasons_in_words(row.flag_reasons, words)
    app.out.print(Text(words("Why: {reasons}", reasons=why)))
    if row.url:
        app.out.print(Text(row.url, style="underline"))
    for each in events:
        app.out.print(Text(_event_line(each, words, zone), style="dim"))


def _event_line(event: Event, words: Words, zone: str) -> str:
    until = when(event.until, words, zone) if event.until else ""
    parts = [when(event.at, words, zone), words(EVENTS[event.kind]), until, event.who, event.note]
    return "  ".join(part for part in parts if part)


@command.command("assign")
@click.argument("case_id", type=int)
@click.argument("who")
@click.pass_obj
def assign(app: App, case_id: int, who: str) -> None:
    """Give a case to somebody."""
    _done(app, case_id, cases.assign(app.store, case_id, to=who, now=scheduler.utc_now()))


@command.command("snooze")
@click.argument("case_id", type=int)
@click.option("--for", "span", default="1d", help="How long: 4h, 1d.")
@click.pass_obj
def snooze(app: App, case_id: int, span: str) -> None:
    """Put a case aside for a while."""
    now = scheduler.utc_now()
    until = now + timedelta(minutes=read_every(span))
    _done(app, case_id, cases.snooze(app.store, case_id, until=until, who=_me(), now=now))


@command.command("answer")
@click.argument("case_id", type=int)
@click.option("--note", default="", help="What was answered.")
@click.pass_obj
def answer(app: App, case_id: int, note: str) -> None:
    """Note that the customer was answered."""
    now = scheduler.utc_now()
    _done(app, case_id, cases.answer(app.store, case_id, who=_me(), now=now, note=note))


@command.command("told")
@click.argument("case_id", type=int)
@click.option("--note", default="", help="What the customer was told.")
@click.pass_obj
def told(app: App, case_id: int, note: str) -> None:
    """Note that the customer was told what was changed since."""
    now = scheduler.utc_now()
    _done(app, case_id, cases.tell(app.store, case_id, who=_me(), now=now, note=note))


@command.command("resolve")
@click.argument("case_id", type=int)
@click.option("--note", default="", help="How it was solved.")
@click.pass_obj
def resolve(app: App, case_id: int, note: str) -> None:
    """Close a case."""
    now = scheduler.utc_now()
    _done(app, case_id, cases.resolve(app.store, case_id, who=_me(), now=now, note=note))


@command.command("undo")
@click.argument("case_id", type=int)
@click.pass_obj
def undo(app: App, case_id: int) -> None:
    """Take back the last thing that was done to a case."""
    _done(app, case_id, cases.undo(app.store, case_id, who=_me(), now=scheduler.utc_now()))


def _me() -> str:
    return getpass.getuser()


def _done(app: App, case_id: int, made: Case) -> None:
    if app.is_json:
        app.print_json({"id": case_id, **asdict(made)})
        return
    state = app.words(STATES[made.state])
    app.out.print(app.words("Case {id}: {state}", id=case_id, state=state), markup=False)
