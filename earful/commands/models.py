"""`earful models`: the learned models; which judges, what changed, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import click
from rich.text import Text

import scheduler
from earful.app import App
from earful.commands.rescore import command as rescore
from earful.show import plain_table, short
from ingest.errors import ConfigError
from scoring.judge import Judge, Learned
from scoring.learned import load
from store import learning, models
from store.models import Kept

RECENT = 2000


@click.group("models", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the learned models; compare, promote, rollback, rescore."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@command.command("list")
@click.pass_obj
def list_models(app: App) -> None:
    """List the models, newest first; the champion of each language judges."""
    kept = models.listing(app.store)
    if app.is_json:
        app.print_json([_told(each) for each in kept])
        return
    if not kept:
        app.note("No learned model yet: the word lists judge alone. Learn one: earful train")
        return
    heads = ("", "Model", "", "Made", "Learned from", "F1", "AP", "Gain", "Why")
    table = plain_table(*heads)
    for each in kept:
        table.add_row(*_cells(each))
    app.out.print(table)


def _cells(each: Kept) -> tuple[str | Text, ...]:
    overall = each.figures["overall"]
    challenger, champion = (overall[who] for who in ("challenger", "champion"))
    gain = sum(challenger[name] - champion[name] for name in ("f1", "average_precision")) / 2
    return (
        str(each.id),
        each.name,
        _state(each),
        f"{each.made_at:%Y-%m-%d %H:%M}",
        str(sum(each.figures["learned_from"].values())),
        f"{challenger['f1']:.3f}",
        f"{challenger['average_precision']:.3f}",
        f"{100 * gain:+.1f}",
        Text(each.figures["why"]),
    )


def _state(each: Kept) -> str:
    if each.is_champion:
        return "in force"
    return "retired" if each.promoted_at else ""


def _told(each: Kept) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "language": each.language,
        "in_force": each.is_champion,
        "bytes": each.size,
        "made_at": each.made_at,
        "promoted_at": each.promoted_at,
        "retired_at": each.retired_at,
        "figures": each.figures,
    }


class Change(NamedTuple):
    """A mention that two models judge differently."""

    mention_id: int
    before: float
    after: float
    text: str


@command.command("compare")
@click.argument("model_id", type=int)
@click.option("--with", "other_id", type=int, help="Another model; otherwise the one in force.")
@click.option("--limit", default=10, type=click.IntRange(1, 1000), help="How many mentions.")
@click.pass_obj
def compare(app: App, model_id: int, other_id: int | None, limit: int) -> None:
    """Show what a model would change: newest mentions it would flag, or no longer flag."""
    kept, body = models.find(app.store, model_id)
    before = learning.in_force(app.store) if other_id is None else _loaded(app, other_id)
    after = load(body, subject=f"model {model_id}")
    read, changes = _changes(app, kept.language, before=before, after=after)
    if app.is_json:
        app.print_json({"read": read, "changes": [each._asdict() for each in changes[:limit]]})
        return
    flagged = sum(each.after <= -0.05 for each in changes)
    app.out.print(
        f"Of the newest {read} mentions in {kept.language}, {flagged} become negative and "
        f"{len(changes) - flagged} no longer are."
    )
    table = plain_table("", "Before", "After", "What they say")
    for each in changes[:limit]:
        scores = (f"{each.before:+.2f}", f"{each.after:+.2f}")
        table.add_row(str(each.mention_id), *scores, Text(short(each.text)))
    if changes:
        app.out.print(table)


def _loaded(app: App, model_id: int) -> Mapping[str, Learned]:
    return load(models.find(app.store, model_id)[1], subject=f"model {model_id}")


def _changes(
    app: App, language: str, *, before: Mapping[str, Learned], after: Mapping[str, Learned]
) -> tuple[int, list[Change]]:
    """Return how many newest mentions were read, and those whose flag would change, most first."""
    old, new = Judge(learned=before), Judge(learned=after)
    read, changes = 0, []
    for each in models.newest_texts(app.store, language, limit=RECENT):
        scores: list[float] = [
            judge.text(each.text, title=each.title, language=language).score for judge in (old, new)
        ]
        read += 1
        if (scores[0] <= -0.05) != (scores[1] <= -0.05):
            changes.append(Change(each.mention_id, scores[0], scores[1], each.text))
    return read, sorted(changes, key=lambda each: -abs(each.after - each.before))


@command.command("promote")
@click.argument("model_id", type=int)
@click.pass_obj
def promote(app: App, model_id: int) -> None:
    """Put a model in force, whatever its figures say."""
    _done(app, models.promote(app.store, model_id, now=scheduler.utc_now()))


@command.command("rollback")
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Needed if both have a model.")
@click.pass_obj
def rollback(app: App, lang: str | None) -> None:
    """Go back to the model that was in force before, or to the word lists alone."""
    if lang is None:
        held = sorted(models.champions(app.store))
        if len(held) != 1:
            what = "both languages have a model" if held else "no learned model is in force"
            step = "add --lang vi or --lang en" if held else "see `earful models`"
            raise ConfigError(what, next_step=step)
        lang = held[0]
    kept = models.rollback(app.store, lang, now=scheduler.utc_now())
    if kept is not None:
        _done(app, kept)
    elif app.is_json:
        app.print_json({"language": lang, "in_force": False})
    else:
        app.out.print(f"{lang}: from now on the word lists judge alone.")


command.add_command(rescore)


def _done(app: App, kept: Kept) -> None:
    if app.is_json:
        app.print_json(_told(kept))
    else:
        app.out.print(
            f"In force for {kept.language}: model {kept.id}, {kept.name}",
            markup=False,
            soft_wrap=True,
        )
