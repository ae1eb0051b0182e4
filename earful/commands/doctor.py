"""`earful doctor`: what is wrong with the set-up, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import click
from rich.text import Text

import scheduler
import scoring
from alerts.mail import plain_mail
from alerts.trouble import in_words
from earful.app import SOURCE_BROKEN, USAGE, App
from earful.commands.sources import MARKS
from earful.keyring import ending, lacks_key
from earful.keys_shown import endings_in_words
from earful.show import when
from ingest.errors import EarfulError
from ingest.words import Words
from scoring.compiled import Standing
from store import engine_days, outbox, watches
from store.engine_days import Calls, EngineDay
from store.health import Health


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and the exit code if it is not."""

    is_well: bool
    said: str
    code: int = USAGE


@click.command("doctor")
@click.option("--mail", "send_mail", metavar="ADDRESS", help="Also send a test mail there.")
@click.pass_obj
def command(app: App, send_mail: str | None) -> None:
    """Look at settings, database, brands, mail and sources; say how to mend what is wrong."""
    looks: list[Callable[[App], Iterator[Finding]]] = [
        _settings,
        _scoring,
        _database,
        _brands,
        _mail,
        _keys,
        _engine,
        _sources,
    ]
    if send_mail:
        looks.append(lambda app: _test_mail(app, send_mail))
    findings = [finding for look in looks for finding in _guarded(look, app)]
    if app.is_json:
        app.print_json([{"well": each.is_well, "said": each.said} for each in findings])
    for each in findings if not app.is_json else []:
        mark, style = ("✓", "green") if each.is_well else ("✕", "red")
        app.out.print(Text(mark, style), Text(each.said), soft_wrap=True)
    app.exit_code = max((each.code for each in findings if not each.is_well), default=0)


def _guarded(look: Callable[[App], Iterator[Finding]], app: App) -> list[Finding]:
    try:
        return list(look(app))
    except EarfulError as e:
        return [Finding(False, str(e))]


def _settings(app: App) -> Iterator[Finding]:
    settings = app.settings
    yield Finding(True, app.words("Settings are readable."))
    if not settings.crawl.contact:
        said = "crawl.contact: sites cannot tell whom to write to. Next: set a mail address there"
        yield Finding(False, said)


def _scoring(app: App) -> Iterator[Finding]:
    words = app.words
    said = {
        Standing.COMPILED: words("Scoring runs compiled."),
        Standing.ABSENT: words(
            "Scoring runs as plain Python: the same verdicts, but slower. Next: install a C"
            " compiler and Python's headers (gcc, python3-dev), then Earful again"
        ),
        Standing.CHANGED: words(
            "Scoring runs as plain Python, slower: its sources are not those that were compiled."
            " Next: make compiled"
        ),
        Standing.BROKEN: words(
            "Scoring runs as plain Python, slower: what was compiled cannot be loaded."
            " Next: install Earful again"
        ),
    }
    yield Finding(True, said[scoring.STANDING])


def _database(app: App) -> Iterator[Finding]:
    with app.store.read():
        yield Finding(True, app.words("The database answers: {name}", name=app.store.name))


def _brands(app: App) -> Iterator[Finding]:
    brands = app.brands()
    if not brands:
        yield Finding(False, 'no brand yet. Next: earful init, or earful listen "Your brand"')
    for brand in brands:
        if len(brand.name) < 4 and not brand.queries:
            said = f"{brand.name}: so short a name is found in many words. Next: add queries"
            yield Finding(False, said)
        else:
            yield Finding(
                True, app.words("Listening for {name} ({zone})", name=brand.name, zone=brand.zone)
            )


def _mail(app: App) -> Iterator[Finding]:
    plan = app.plan()
    if plan.delivery is None:
        yield Finding(False, "[mail]: no server and no folder, digests stay here. Next: set one")
        return
    yield Finding(True, app.words("Digests go out by {channel}", channel=plan.channel))
    backlog = outbox.backlog(app.store)
    if backlog.dead or backlog.last_error:
        said = (
            f"{backlog.waiting} messages wait, {backlog.dead} were given up: {backlog.last_error}"
        )
        yield Finding(backlog.dead == 0, said)


def _keys(app: App) -> Iterator[Finding]:
    secrets, words = app.secrets, app.words
    if secrets.is_open_to_others():
        said = words("{file} can be read by others. Next: chmod 600 it", file=secrets.file)
        yield Finding(False, said)
    now = scheduler.utc_now()
    for said in endings_in_words(ending(secrets, now), words):
        yield Finding(False, said)
    for watch in watches.listing(app.store, now=now):
        if lacks_key(secrets, watch.kind, watch.target):
            said = words("{name}: no key yet. Next: earful connect {kind}",
                         name=watch.name, kind=watch.kind)  # fmt: skip
            yield Finding(False, said)


def _engine(app: App) -> Iterator[Finding]:
    """Look at the service's second opinions, where they are wanted."""
    chosen, words, now = app.settings.engine, app.words, scheduler.utc_now()
    if not chosen.second_opinion:
        return
    from earful.engines.chosen import open_engine

    calls = Calls(app.store, chosen.daily_calls, clock=scheduler.utc_now)
    name = open_engine(chosen, budget=calls).name
    day = engine_days.today(app.store, now=now)
    numbers = {
        key: words.number(number)
        for key, number in (("calls", day.calls), ("heard", day.heard), ("raised", day.raised))
    }
    yield Finding(
        True,
        words("Second opinions by {name}: {heard} today ({calls} calls), {raised} flags raised",
              name=name, **numbers),
    )  # fmt: skip
    if day.fault:
        yield Finding(False, f"{day.fault} ({_since(day.failed_at, words)}; {_wait(day, words)})")
    elif day.spent_at is not None and day.calls >= chosen.daily_calls:
        said = words("Second opinions rest until 00:00 UTC: the day's {n} calls are made "
                     "({waiting}). Next: raise engine.daily_calls if they should not",
                     n=words.number(chosen.daily_calls), waiting=_wait(day, words))  # fmt: skip
        yield Finding(True, said)


def _since(at: datetime | None, words: Words) -> str:
    return words("since {at}", at=when(at, words, "UTC"))


def _wait(day: EngineDay, words: Words) -> str:
    return words.many("1 mention waits", "{n} mentions wait", day.waiting)


def _sources(app: App) -> Iterator[Finding]:
    now = scheduler.utc_now()
    for watch in watches.listing(app.store, now=now):
        since = when(watch.last_success_at, app.words, "UTC")
        if watch.health in (Health.BROKEN, Health.DUE):
            said = f"{watch.name}: {in_words(watch.reason, app.words)} ({since})"
            yield Finding(False, said, code=SOURCE_BROKEN)
        else:
            yield Finding(True, f"{watch.name}: {app.words(MARKS[watch.health][-1])}")


def _test_mail(app: App, address: str) -> Iterator[Finding]:
    plan = app.plan()
    if plan.delivery is not None:
        words = app.words
        message = plain_mail(
            address,
            sender=plan.sender,
            subject=words("A test from Earful"),
            text=words("If you can read this, digests will reach you."),
        )
        where = plan.delivery.send(message)
        yield Finding(
            True, words("A test mail for {address} went to {where}", address=address, where=where)
        )
