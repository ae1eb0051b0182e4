"""`earful feedback ID`: what people think of a flag."""

from __future__ import annotations

import getpass

import click

import scheduler
from earful.app import App
from ingest.errors import ConfigError
from store import cases
from store.cases import Opinion


@click.command("feedback")
@click.argument("mention_id", type=int)
@click.option(
    "--useful", "opinion", flag_value=str(Opinion.USEFUL), help="It was right to flag it."
)
@click.option(
    "--not-negative", "opinion", flag_value=str(Opinion.NOT_NEGATIVE), help="It is no complaint."
)
@click.option(
    "--not-us", "opinion", flag_value=str(Opinion.NOT_US), help="It is about somebody else."
)
@click.option("--late", "opinion", flag_value=str(Opinion.LATE), help="It came too late to help.")
@click.option("--brand", help="For one brand only.")
@click.option("--note", default="", help="In your words.")
@click.pass_obj
def command(app: App, mention_id: int, opinion: str | None, brand: str | None, note: str) -> None:
    """Say what you think of a flag; ID is the mention's, as `earful mentions` shows it.

    --not-negative and --not-us take the flag back: its case closes, and digests
    and exports leave it out.
    """
    if opinion is None:
        allowed = ", ".join(f"--{each}" for each in Opinion)
        raise ConfigError("no opinion given", subject=str(mention_id), next_step=f"add {allowed}")
    name = app.brand(brand).name if brand else None
    now = scheduler.utc_now()
    cases.correct(
        app.store, mention_id, opinion, who=getpass.getuser(), now=now, brand=name, note=note
    )
    said = app.words("Noted: {opinion} for mention {id}", opinion=opinion, id=mention_id)
    if app.is_json:
        app.print_json({"id": mention_id, "opinion": opinion})
    else:
        app.out.print(said, markup=False)
