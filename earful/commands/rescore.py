"""`earful models rescore`: what is stored judged anew, shown before it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import scheduler
from cases.flag import Flag, decide
from earful.app import App
from earful.commands.replay import read_since
from earful.contests import changes_table
from earful.engines.chosen import name_of
from ingest.brand import Brand, aspects_of
from ingest.mention import Mention
from scoring.judge import Judge, Learned
from scoring.learned import load
from scoring.verdict import Verdict
from store import learning, models, rescoring
from store.rescoring import Change, Rescored


@click.command("rescore", short_help="judge again what is stored")
@click.option("--model", "model_id", type=int, help="Judge by this model; else by those in force.")
@click.option("--since", help="Only what is listed since then: 2026-11-03, or 7d.")
@click.option("--all", "is_all", is_flag=True, help="Also what these models judged before.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", "is_sure", is_flag=True, help="Without showing what changes, and asking.")
@click.pass_obj
def command(
    app: App,
    model_id: int | None,
    since: str | None,
    is_all: bool,
    is_dry: bool,
    is_sure: bool,
) -> None:
    """Judge again what is stored; the verdicts of other models are kept.

    In a terminal it first shows what would change, and asks. Flags are decided anew where
    nobody said or did anything. Posts older than the brand's old_after_days get no case. If it
    is cut, it goes on where it was. Second opinions of [engine] stay. After a change of a
    brand's aspects: --all.
    """
    now = scheduler.utc_now()
    began = read_since(since, now) if since else None
    learned = learning.in_force(app.store)
    if model_id is not None:
        kept, body = models.find(app.store, model_id)
        learned[kept.language] = load(body, subject=f"model {model_id}")[kept.language]
    walk = _Walk(app, learned, began, now=now, is_all=is_all)
    if app.can_ask and not (is_dry or is_sure or app.is_json):
        found = walk.run(is_dry=True)
        _print(app, found)
        if not found.judged or not _is_wanted(app):
            return
    found = walk.run(is_dry=is_dry)
    _print(app, found, is_applied=not is_dry)
    if is_dry:
        app.note(app.words("Nothing was changed. To apply it: leave out --dry-run"))


def _is_wanted(app: App) -> bool:
    if click.confirm(app.words("Apply it?"), default=False, err=True):
        return True
    app.note(app.words("Nothing was changed."))
    return False


class _Walk:
    """A walk over what is stored by the `learned` models, to be run dry and then in earnest."""

    def __init__(
        self, app: App, learned: Mapping[str, Learned], since: datetime | None, *,
        now: datetime, is_all: bool,
    ) -> None:  # fmt: skip
        self._app, self._since, self._now = app, since, now
        engine = app.settings.engine
        self._engine = name_of(engine) if engine.second_opinion else ""
        self._names = {} if is_all else rescoring.model_names(learned)
        self._brands = {each.name: each for each in app.brands()}
        self._judge = Judge(learned=learned, aspects=aspects_of(self._brands.values()))

    def run(self, *, is_dry: bool) -> Rescored:
        """Judge all that waits, with a bar in a terminal."""
        store = self._app.store
        total = rescoring.waiting(store, self._names, since=self._since, engine=self._engine)
        with _progress(self._app) as progress:
            task = progress.add_task(self._app.words("Judging again"), total=total)
            return rescoring.rescore(
                store, self._names, judge=self._judge, flag=self._flag, now=self._now,
                since=self._since, engine=self._engine, is_dry=is_dry,
                told=lambda count: progress.advance(task, count),
            )  # fmt: skip

    def _flag(self, mention: Mention, verdict: Verdict, name: str) -> Flag | None:
        return decide(mention, verdict, self._brands.get(name, Brand(name=name)))


def _progress(app: App) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=app.err,
        transient=True,
        disable=not app.err.is_terminal,
    )


def _print(app: App, found: Rescored, *, is_applied: bool = False) -> None:
    if app.is_json:
        told = asdict(found)
        for name in ("worse", "better"):
            told[name] = [each._asdict() for each in getattr(found, name)]
        app.print_json({**told, "applied": is_applied})
        return
    words = app.words
    _examples(app, words("Become negative"), found.worse)
    _examples(app, words("No longer negative"), found.better)
    numbers = {
        name: words.number(getattr(found, name))
        for name in ("read", "flagged", "unflagged", "opened", "closed")
    }
    if not found.judged:
        said = words("Every verdict stays as it is.")
    elif is_applied:
        said = words(
            "{read} mentions judged again: {flagged} flags set, {unflagged} taken back; "
            "{opened} cases opened, {closed} closed",
            **numbers,
        )
    else:
        said = words(
            "It would judge {read} mentions again, set {flagged} flags, take {unflagged} back, "
            "open {opened} cases and close {closed}.",
            **numbers,
        )
    app.out.print(said, markup=False, soft_wrap=True)


def _examples(app: App, title: str, changes: Sequence[Change]) -> None:
    if changes:
        app.out.print(title, markup=False)
        app.out.print(changes_table(app, changes))
