"""`earful models rescore`: what is stored judged anew, shown before it is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

import scheduler
from cases.flag import Flag, decide
from earful.app import App
from earful.commands.replay import read_since
from earful.show import plain_table, short
from ingest.brand import Brand, aspects_of
from ingest.mention import Mention
from scoring.judge import Judge
from scoring.learned import load
from scoring.verdict import Verdict
from store import learning, models, rescoring
from store.rescoring import Change, Rescored


@click.command("rescore")
@click.option("--model", "model_id", type=int, help="Judge by this model; else by those in force.")
@click.option("--since", help="Only what is listed since then: 2026-11-03, or 7d.")
@click.option("--all", "is_all", is_flag=True, help="Also what these models judged before.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Show what would change, change nothing.")
@click.pass_obj
def command(app: App, model_id: int | None, since: str | None, is_all: bool, is_dry: bool) -> None:
    """Judge again what is stored; the verdicts of other models are kept.

    Flags are decided anew where nobody said or did anything. Posts older than the brand's
    old_after_days get no case. If it is cut, it goes on where it was. After a change of a brand's
    aspects: --all.
    """
    now = scheduler.utc_now()
    began = read_since(since, now) if since else None
    learned = learning.in_force(app.store)
    if model_id is not None:
        kept, body = models.find(app.store, model_id)
        learned[kept.language] = load(body, subject=f"model {model_id}")[kept.language]
    names = {} if is_all else rescoring.model_names(learned)
    brands = {each.name: each for each in app.brands()}

    def flag(mention: Mention, verdict: Verdict, name: str) -> Flag | None:
        return decide(mention, verdict, brands.get(name, Brand(name=name)))

    judge = Judge(learned=learned, aspects=aspects_of(brands.values()))
    with _progress(app) as progress:
        total = rescoring.waiting(app.store, names, since=began)
        task = progress.add_task(app.words("Judging again"), total=total)
        found = rescoring.rescore(
            app.store, names, judge=judge, flag=flag, now=now, since=began,
            is_dry=is_dry, told=lambda count: progress.advance(task, count),
        )  # fmt: skip
    _print(app, found, is_dry=is_dry)


def _progress(app: App) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=app.err,
        transient=True,
        disable=not app.err.is_terminal,
    )


def _print(app: App, found: Rescored, *, is_dry: bool) -> None:
    if app.is_json:
        told = asdict(found)
        for name in ("worse", "better"):
            told[name] = [each._asdict() for each in getattr(found, name)]
        app.print_json({**told, "applied": not is_dry})
        return
    words = app.words
    _examples(app, words("Become negative"), found.worse)
    _examples(app, words("No longer negative"), found.better)
    said = words(
        "{read} mentions judged again, {judged} verdicts differ: {flagged} flags set, {unflagged} "
        "taken back; {opened} cases opened, {closed} closed",
        read=words.number(found.read), judged=words.number(found.judged),
        flagged=words.number(found.flagged), unflagged=words.number(found.unflagged),
        opened=words.number(found.opened), closed=words.number(found.closed),
    )  # fmt: skip
    app.out.print(said, markup=False, soft_wrap=True)
    if is_dry:
        app.note(words("Nothing was changed. To apply it: leave out --dry-run"))


def _examples(app: App, title: str, changes: Sequence[Change]) -> None:
    if not changes:
        return
    words = app.words
    app.out.print(title, markup=False)
    table = plain_table("", words("Before"), words("After"), words("What they say"))
    for each in changes:
        scores = (words.number(each.before, 2), words.number(each.after, 2))
        table.add_row(str(each.mention_id), *scores, Text(short(each.text)))
    app.out.print(table)
