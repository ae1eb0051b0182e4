"""`earful init`: four questions, then a commented settings file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from alerts.mail import plain_mail
from earful.app import App
from earful.commands.collect import visit
from earful.keyless import (
    add_keyless,
    ask_for_feeds,
    chosen_feeds,
    news_feeds,
    tell_who_answered,
)
from earful.settings import DEFAULT_FILE
from earful.template import Answers, settings_text
from ingest.errors import ConfigError, DeliveryError

SHORT_NAME = 4  # letters below which a name stands in many other words


@click.command("init")
@click.option("--force", is_flag=True, help="Write over an earful.toml that is there.")
@click.option("--news", help="News feeds to hear: all, none, vi, en; else you are asked.")
@click.pass_obj
def command(app: App, force: bool, news: str | None) -> None:
    """Ask four questions and write `earful.toml`; everything can be changed there later.

    Then sends a test mail, and tries the public sources that are wanted.
    """
    file = app.config or Path(DEFAULT_FILE)
    if file.exists() and not force:
        raise ConfigError(
            "is there already", subject=str(file), next_step="edit it, or add --force"
        )
    answers = _ask(app)
    file.write_text(settings_text(answers), encoding="utf-8")
    words = app.words
    click.echo("✓ " + words("Wrote {file}; no secret is in it.", file=file), err=True)
    if answers.mail_host:
        said = words("Put the mail password into the environment: EARFUL_MAIL_PASSWORD")
        click.echo("  " + said, err=True)
        _try_mail(app, file, answers.recipient)
    if any(len(name) < SHORT_NAME for name in answers.names):
        said = words("So short a name is found in many words: add queries to {file}", file=file)
        click.echo("!! " + said, err=True)
    configured = replace(app, config=file)
    _try_sources(configured, news, language=answers.language)
    click.echo(configured.words("Next:") + "  earful doctor   earful add   earful run", err=True)


def _try_sources(app: App, typed: str | None, *, language: str) -> None:
    """Add the news feeds that are wanted with the other keyless sources, and visit each once."""
    feeds = news_feeds()
    if typed is not None:
        wanted = chosen_feeds(typed, feeds)
    else:
        wanted = ask_for_feeds(app, feeds, usual=language) if app.can_ask else []
    if wanted:
        brand = app.brands()[0]
        app.keep_brand(brand)
        tell_who_answered(app, visit(app, add_keyless(app, brand, wanted)))


def _try_mail(app: App, file: Path, recipient: str) -> None:
    """Send a test mail with the settings just written, and say how that went."""
    words = app.words
    plan = replace(app, config=file).plan()
    message = plain_mail(
        recipient,
        sender=plan.sender,
        subject=words("A test from Earful"),
        text=words("If you can read this, digests will reach you."),
    )
    try:
        where = plan.delivery.send(message) if plan.delivery else ""
    except DeliveryError as e:
        click.echo(f"✕ {e}", err=True)
    else:
        said = words("A test mail for {address} went to {where}", address=recipient, where=where)
        click.echo("✓ " + said, err=True)


def _ask(app: App) -> Answers:
    words = app.words
    names = _asked("1/4", words("What do people call you? Several names: with commas"))
    language = _asked("2/4", words("Language of digests"), default="vi", choice=["vi", "en"])
    zone = _zone(_asked("   ", words("Time zone"), default="Asia/Ho_Chi_Minh"))
    recipient = _asked("3/4", words("Send the daily digest to? (empty: into a folder)"), default="")
    server = _asked("   ", words("Mail server, host:port"), default="") if recipient else ""
    host, _, port = server.partition(":")
    hours = _asked("4/4", words("Answer negative posts within how many hours?"), default="4")
    return Answers(
        names=tuple(name.strip() for name in names.split(",") if name.strip()),
        language=language,
        zone=zone,
        recipient=recipient,
        mail_host=host,
        mail_port=_number(port or "587", "port", low=1, high=65_535),
        answer_within_h=float(_number(hours, "hours", low=1, high=240)),
        database=app.database or "sqlite:///earful.db",
    )


def _asked(
    step: str, question: str, *, default: str | None = None, choice: list[str] | None = None
) -> str:
    kind = click.Choice(choice) if choice else str
    answer: str = click.prompt(f"{step} {question}", default=default, type=kind, err=True)
    return answer.strip()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise ConfigError(
            "no such time zone", subject=name, next_step="write an IANA name: Asia/Ho_Chi_Minh"
        ) from e
    return name


def _number(typed: str, name: str, *, low: int, high: int) -> int:
    if not typed.isdecimal() or not low <= int(typed) <= high:
        raise ConfigError(
            f"not a number of {name}", subject=typed, next_step=f"write {low} to {high}"
        )
    return int(typed)
