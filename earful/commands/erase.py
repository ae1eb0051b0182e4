"""`earful erase`: what a person wrote goes for good, and a receipt says so."""

from __future__ import annotations

from dataclasses import asdict

import click

import scheduler
from earful.app import App
from ingest.errors import ConfigError
from store import erasure


@click.command("erase")
@click.argument("mention_ids", type=int, nargs=-1)
@click.option("--author", help="All that this author wrote, the name as the source spells it.")
@click.option("--source", help="Of the author's, only from this kind of source, or this one.")
@click.option("--yes", "is_sure", is_flag=True, help="Erase; without it, only count.")
@click.pass_obj
def command(
    app: App, mention_ids: tuple[int, ...], author: str | None, source: str | None, is_sure: bool
) -> None:
    """Erase mentions for good, by their ids or by author, and print a receipt.

    Facts, earlier versions, verdicts, cases and search words go, and with them all kept
    answers of the sources that showed them. Only a hash stays, so that no visit brings
    them back. Messages that were sent already cannot be called back; copies of them
    here go with the other old messages.
    """
    if bool(mention_ids) == bool(author):
        raise ConfigError(
            "say what to erase", subject="erase", next_step="give ids, or --author NAME"
        )
    ids = erasure.by_author(app.store, author, source=source) if author else list(mention_ids)
    ids = erasure.found(app.store, ids)
    if not is_sure:
        said = app.words.many(
            "{n} mention would be erased; add --yes", "{n} mentions would be erased; add --yes",
            len(ids),
        )  # fmt: skip
        return _tell(app, {"erased": False, "mentions": len(ids)}, said)
    now = scheduler.utc_now()
    receipt = asdict(erasure.erase(app.store, ids, now=now))
    said = app.words(
        "Erased on {at} UTC: {mentions} mentions, {versions} earlier versions, {cases} cases,"
        " {captures} kept answers",
        at=f"{now:%Y-%m-%d %H:%M}", **receipt,
    )  # fmt: skip
    return _tell(app, {"erased": True, "at": now.isoformat(timespec="seconds"), **receipt}, said)


def _tell(app: App, receipt: dict[str, object], said: str) -> None:
    if app.is_json:
        app.print_json(receipt)
    else:
        app.out.print(said, markup=False)
