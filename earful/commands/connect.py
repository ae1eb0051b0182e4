"""`earful connect SOURCE`: the keys a source needs, asked for and kept without a trace."""

from __future__ import annotations

from datetime import date, datetime

import click
from rich.text import Text

import scheduler
from crawlers.base import Source
from crawlers.registry import all_sources, source_of
from earful.app import App
from earful.secrets import Ending, Secret, Secrets
from earful.show import plain_table
from ingest.errors import ConfigError
from ingest.words import Words


@click.command("connect")
@click.argument("source", required=False)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which the new keys serve."
)
@click.option("--forget", is_flag=True, help="Drop the keys kept for this source.")
@click.pass_obj
def command(app: App, source: str | None, until: datetime | None, forget: bool) -> None:
    """Set the keys of a source, or list which keys are set and when they end.

    Keys are asked for without showing them and kept beside the settings, mode
    600; nothing is ever printed of them. In the environment they are called
    EARFUL_SECRET_<SOURCE>_<KEY>.
    """
    secrets = app.secrets
    if secrets.is_open_to_others():
        said = app.words("{file} can be read by others. Next: chmod 600 it", file=secrets.file)
        app.err.print(Text(said, style="red"))
    if source is None:
        _list(app, [each for each in all_sources() if each.keys], secrets)
        return
    chosen = source_of(source)
    if not chosen.keys:
        app.note(app.words("{source} needs no key.", source=chosen.kind))
        return
    if forget:
        secrets.forget(chosen.kind)
    else:
        _ask(app, chosen, secrets, until=until.date() if until else None)
    _list(app, [chosen], secrets)


def endings_in_words(endings: list[Ending], words: Words) -> list[str]:
    """Return a sentence for each key that ends soon or has ended."""
    return [
        words("{kind}: the key {name} ends on {day}. Next: earful connect {kind}",
              kind=each.kind, name=each.name, day=words.day(each.until))
        if each.days_left >= 0
        else words("{kind}: the key {name} ended on {day}. Next: earful connect {kind}",
                   kind=each.kind, name=each.name, day=words.day(each.until))
        for each in endings
    ]  # fmt: skip


def _ask(app: App, source: Source, secrets: Secrets, *, until: date | None) -> None:
    """Ask for every key of `source`, hidden; an empty answer leaves one that is set as it is."""
    words = app.words
    app.note(words("{source}: {covers}", source=source.name_en, covers=source.covers))
    known = secrets.of(source.kind)
    typed: dict[str, Secret] = {}
    for name in source.keys:
        asked = words("{key} (empty: keep it)", key=name) if name in known else name
        value = click.prompt(asked, default="", hide_input=True, show_default=False, err=True)
        value = value.strip()
        if any(not letter.isprintable() for letter in value):
            raise ConfigError(
                "holds letters that cannot be typed",
                subject=f"{source.kind} {name}",
                next_step="copy the key again",
            )
        if value:
            typed[name] = Secret(value, until)
    if not typed:
        app.note(words("Nothing was changed."))
        return
    secrets.save(source.kind, typed)
    app.note(words("Kept in {file}. A running service takes them on its next start.",
                   file=secrets.file))  # fmt: skip


def _list(app: App, sources: list[Source], secrets: Secrets) -> None:
    """Print which keys are set and until when; never what they are."""
    now = scheduler.utc_now()
    if app.is_json:
        app.print_json([row for each in sources for row in _rows(each, secrets)])
    else:
        words = app.words
        table = plain_table(*(words(name) for name in ("Source", "Key", "Ends", "State")))
        for row in (row for each in sources for row in _rows(each, secrets)):
            state = {
                "file": words("set"),
                "environment": words("set in the environment"),
                "": words("missing"),
            }[str(row["set"])]
            until = row["until"]
            day = words.day(until) if isinstance(until, date) else "—"
            table.add_row(str(row["kind"]), str(row["key"]), day, state)
        app.out.print(table)
    for said in endings_in_words(secrets.ending(now), app.words):
        app.note(said)


def _rows(source: Source, secrets: Secrets) -> list[dict[str, object]]:
    known = secrets.of(source.kind)
    return [
        {
            "kind": source.kind,
            "key": name,
            "set": ("environment" if known[name].is_from_environment else "file")
            if name in known
            else "",
            "until": known[name].until if name in known else None,
        }
        for name in source.keys
    ]
