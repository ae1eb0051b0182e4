"""`earful digest`: what became known on a local day, and what needs an answer."""

from __future__ import annotations

import sys
from datetime import date
from functools import partial

import click

import scheduler
from alerts import render
from alerts.outgoing import deliver_due, digest_of, write_digest
from alerts.owed import latest_due_day, latest_due_week
from alerts.terminal import terminal
from earful.app import App
from ingest.brand import Brand
from ingest.errors import ConfigError
from store.digests import DAY, WEEK


@click.command("digest")
@click.option("--brand", help="Which brand; needed when there are several.")
@click.option(
    "--date", "typed", metavar="DAY", help="A local day, 2026-11-20 (yesterday if left out)."
)
@click.option(
    "--weekly", is_flag=True, help="The week that ends on that day (the last whole week)."
)
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]))
@click.option("--send", is_flag=True, help="Send it to the brand's recipients; never twice.")
@click.pass_obj
def command(
    app: App, brand: str | None, typed: str | None, weekly: bool, form: str | None, send: bool
) -> None:
    """Show the digest of a local day, or of a week, in the brand's own language."""
    chosen = app.brand(brand)
    app.keep_brand(chosen)
    now = scheduler.utc_now()
    period, latest = (WEEK, latest_due_week) if weekly else (DAY, latest_due_day)
    day = _day(typed) if typed else latest(now, chosen)
    if send:
        _send(app, chosen, day, period)
        return
    key_ends = partial(app.keyring.ends, now=now)
    digest = digest_of(app.store, chosen, day, now=now, key_ends=key_ends, period=period)
    public_url = app.settings.public_url
    if form == "json" or app.is_json:
        sys.stdout.write(render.as_json(digest) + "\n")
    elif form == "html":
        sys.stdout.write(render.html(digest, public_url=public_url))
    elif form == "text" or not app.out.is_terminal:
        sys.stdout.write(render.text(digest, public_url=public_url))
    else:
        app.out.print(terminal(digest, width=app.out.width))


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as e:
        raise ConfigError("not a day", subject=typed, next_step="write 2026-11-20") from e


def _send(app: App, brand: Brand, day: date, period: str) -> None:
    plan = app.plan()
    if plan.delivery is None:
        raise ConfigError(
            "no mail server and no folder",
            subject="[mail]",
            next_step="set mail.host or mail.folder",
        )
    recipients = app.recipients(brand)
    now = scheduler.utc_now()
    fresh = write_digest(
        app.store,
        brand,
        day,
        recipients=recipients,
        channel=plan.channel,
        sender=plan.sender,
        public_url=plan.public_url,
        now=now,
        key_ends=partial(app.keyring.ends, now=now),
        period=period,
    )
    sent = deliver_due(app.store, plan.delivery, holder="digest --send", now=now)
    if not fresh:
        app.note(app.words("{day} was sent already; nothing is sent twice.", day=day))
    app.note(app.words("{n} sent", n=sent))
