"""`earful models`: the learned models; which judges, what changed, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click
from rich.text import Text

import scheduler
from earful.app import App
from earful.commands.rescore import command as rescore
from earful.contests import LANGUAGE_NAMES, changes_table, sides, why
from earful.show import plain_table, when
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.words import Words
from scoring.judge import Judge, Learned
from scoring.learned import load
from store import learning, models
from store.models import Kept
from store.rescoring import NEGATIVE, Change

RECENT = 2000
SHOWN = 5  # mentions a side, before a model is promoted


@click.group("models", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the learned models; compare, promote, rollback, rescore."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@command.command("list", short_help="the models, newest first, and which judges")
@click.pass_obj
def list_models(app: App) -> None:
    """List the models, newest first; the champion of each language judges."""
    kept = models.listing(app.store)
    if app.is_json:
        app.print_json([_told(each) for each in kept])
        return
    if not kept:
        app.note(
            app.words("No learned model yet: the word lists judge alone. Learn one: earful train")
        )
        return
    words = app.words
    zone = next(iter(app.brands()), Brand(name="")).zone
    heads = ("", words("Model"), words("Learned from"), "F1", "AP", words("State"))
    table = plain_table(*heads)
    for each in kept:
        table.add_row(*_cells(each, words, zone))
    app.out.print(table)


def _cells(each: Kept, words: Words, zone: str) -> tuple[str | Text, ...]:
    figures = each.figures["overall"]["challenger"]
    state, made = _state(each, words), when(each.made_at, words, zone)
    return (
        str(each.id),
        Text(f"{each.name}\n").append(made, style="dim"),
        words.number(sum(each.figures["learned_from"].values())),
        words.number(figures["f1"], 3),
        words.number(figures["average_precision"], 3),
        Text(state, style="bold" if each.is_champion else "").append(
            f"\n{why(each.figures, words)}", style="dim"
        ),
    )


def _state(each: Kept, words: Words) -> str:
    if each.is_champion:
        return words("in force")
    return words("was in force") if each.promoted_at else words("never in force")


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


@command.command("compare", short_help="what a model would change, on real mentions")
@click.argument("model_id", type=int)
@click.option("--with", "other_id", type=int, help="Another model; otherwise the one in force.")
@click.option("--limit", default=10, type=click.IntRange(1, 1000), help="How many mentions a side.")
@click.pass_obj
def compare(app: App, model_id: int, other_id: int | None, limit: int) -> None:
    """Show what a model would change: newest mentions it would flag, or no longer flag."""
    found = _differences(app, model_id, other_id)
    if app.is_json:
        app.print_json(found.as_json(limit))
    else:
        _show(app, found, limit)


class Differences(NamedTuple):
    """What a model changes on the newest `read` mentions in its language; most moved first."""

    kept: Kept
    read: int
    worse: Sequence[Change]
    better: Sequence[Change]

    @property
    def sides(self) -> tuple[int, int]:
        """Return how many of the changes have stars, and how many of these agree."""
        return sides([*self.worse, *self.better])

    def as_json(self, limit: int) -> dict[str, object]:
        """Return JSON-ready values with at most `limit` mentions a side."""
        rated, agreeing = self.sides
        return {
            "read": self.read,
            "become_negative": len(self.worse),
            "no_longer_negative": len(self.better),
            "with_stars": rated,
            "stars_agree": agreeing,
            "worse": [each._asdict() for each in self.worse[:limit]],
            "better": [each._asdict() for each in self.better[:limit]],
        }


def _differences(app: App, model_id: int, other_id: int | None = None) -> Differences:
    """Return what model `model_id` says otherwise than the other one, or the one in force."""
    kept, body = models.find(app.store, model_id)
    before: Mapping[str, Learned]
    if other_id is None:
        before = learning.in_force(app.store)
    else:
        before = load(models.find(app.store, other_id)[1], subject=f"model {other_id}")
    old, new = Judge(learned=before), Judge(learned=load(body, subject=f"model {model_id}"))
    texts = models.newest_texts(app.store, kept.language, limit=RECENT)
    changes = []
    for each in texts:
        was, now = (
            judge.text(each.text, title=each.title, language=kept.language).score
            for judge in (old, new)
        )
        if (was <= NEGATIVE) != (now <= NEGATIVE):
            changes.append(Change(each.mention_id, was, now, each.text or each.title, each.stars))
    changes.sort(key=lambda each: -abs(each.after - each.before))
    worse = [each for each in changes if each.after <= NEGATIVE]
    better = [each for each in changes if each.after > NEGATIVE]
    return Differences(kept, len(texts), worse, better)


def _show(app: App, found: Differences, limit: int) -> None:
    words, number = app.words, app.words.number
    for title, changes in (
        (words("Become negative"), found.worse),
        (words("No longer negative"), found.better),
    ):
        if changes:
            app.out.print(f"{title} ({number(len(changes))})", markup=False)
            app.out.print(changes_table(app, changes[:limit]))
    told = words(
        "{language}: of the newest {read} mentions {worse} become negative, {better} no longer "
        "are.",
        language=words(LANGUAGE_NAMES[found.kept.language]), read=number(found.read),
        worse=number(len(found.worse)), better=number(len(found.better)),
    )  # fmt: skip
    app.out.print(told, markup=False, soft_wrap=True)
    rated, agreeing = found.sides
    if rated:
        told = words(
            "Stars stand on {rated} of these: {agreeing} times they side with model {id}.",
            rated=number(rated), agreeing=number(agreeing), id=found.kept.id,
        )  # fmt: skip
        app.out.print(told, markup=False, soft_wrap=True)


@command.command("promote", short_help="put a model in force")
@click.argument("model_id", type=int)
@click.option("--yes", "is_sure", is_flag=True, help="Without showing what changes, and asking.")
@click.pass_obj
def promote(app: App, model_id: int, is_sure: bool) -> None:
    """Put a model in force, whatever its figures say; shows first what that changes, and asks."""
    if app.can_ask and not (is_sure or app.is_json):
        _show(app, _differences(app, model_id), SHOWN)
        if not click.confirm(app.words("Put it in force?"), default=False, err=True):
            app.note(app.words("Nothing was changed."))
            return
    _done(app, models.promote(app.store, model_id, now=scheduler.utc_now()))


@command.command("rollback", short_help="back to the model before, or the word lists")
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
        words = app.words
        name = words(LANGUAGE_NAMES[lang])
        app.out.print(words("{language}: the word lists judge alone from now on.", language=name))
        _say_next(app)


command.add_command(rescore)


def _done(app: App, kept: Kept) -> None:
    if app.is_json:
        app.print_json(_told(kept))
        return
    words = app.words
    told = words(
        "{language}: model {id}, {name}, is in force.",
        language=words(LANGUAGE_NAMES[kept.language]), id=kept.id, name=kept.name,
    )  # fmt: skip
    app.out.print(told, markup=False, soft_wrap=True)
    _say_next(app)


def _say_next(app: App) -> None:
    command = "earful models rescore --dry-run"
    app.note(app.words("What is stored keeps its verdicts until {command}", command=command))
