"""`earful connect SOURCE`: consent and keys, step by step; kept without a trace of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from rich.text import Text

from crawlers.base import Source
from crawlers.registry import source_of
from earful.app import App
from earful.connecting import Way, by_file, by_grant, by_hand
from earful.consent import PORT
from earful.keyring import home_of, section_of
from earful.keys_shown import print_all, print_section
from ingest.errors import ConfigError


@click.command("connect")
@click.argument("source", required=False)
@click.option("--list", "is_list", is_flag=True, help="List the keys of this source, or of all.")
@click.option("--no-browser", is_flag=True, help="Paste the address that a browser landed on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=PORT,
    show_default=True,
    help="Where the browser comes back to, on this machine's loopback.",
)
@click.option("--redirect", metavar="URL", help="Another address that the site has for your app.")
@click.option("--paste", is_flag=True, help="Type the keys of a visit themselves.")
@click.option("--login", "is_login", is_flag=True, help="Log in where a plain key is usual.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The key file of a Google service account.",
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which typed keys serve."
)
@click.option("--forget", is_flag=True, help="Drop the keys kept for this source.")
@click.pass_obj
def command(
    app: App,
    source: str | None,
    is_list: bool,
    no_browser: bool,
    port: int,
    redirect: str | None,
    paste: bool,
    is_login: bool,
    key_file: Path | None,
    until: datetime | None,
    forget: bool,
) -> None:
    """Connect a source: consent and keys; or list which are set and when they end.

    SOURCE is a kind such as reddit, or facebook:PAGE where several accounts have
    keys of their own. Secrets are typed unseen and kept beside the settings, mode
    600; nothing is ever printed of them. In the environment they are called
    EARFUL_SECRET_<SOURCE>_<KEY>.
    """
    if app.secrets.is_open_to_others():
        said = app.words("{file} can be read by others. Next: chmod 600 it", file=app.secrets.file)
        app.err.print(Text(said, style="red"))
    if source is None:
        print_all(app)
        return
    chosen, account = _chosen(source)
    if not chosen.keys:
        app.note(app.words("{source} needs no key.", source=chosen.kind))
        return
    section = source if account else section_of(app.secrets, chosen, "") or home_of(chosen)
    grant = chosen.grant
    if forget:
        _forget(app, section)
    elif key_file is not None:
        section = by_file(app, chosen, key_file)
    elif is_list:
        pass
    elif grant is None or paste or (grant.is_second and not is_login):
        _head(app, chosen)
        section = by_hand(app, chosen, account, until=until.date() if until else None)
    else:
        _head(app, chosen)
        way = Way(port=port, redirect=redirect, is_headless=no_browser or bool(redirect))
        section = by_grant(app, chosen, grant, account, way)
    print_section(app, chosen, section)


def _chosen(typed: str) -> tuple[Source, str]:
    """Return the source and the account that SOURCE names, "" for the only one."""
    kind, _, account = typed.partition(":")
    source = source_of(kind)
    if source.keys_by_account and not account:
        raise ConfigError(
            "each of its servers has keys of its own",
            subject=kind,
            next_step=f"earful connect {kind}:SERVER",
        )
    return source, account


def _forget(app: App, section: str) -> None:
    app.secrets.forget(section)
    said = app.words("Forgotten: {section}. Withdraw the consent on the site too.", section=section)
    app.note(said)


def _head(app: App, source: Source) -> None:
    """Say what is being connected, and where its keys are found."""
    is_vi = app.words.language == "vi"
    name, found = (source.name_vi, source.keys_vi) if is_vi else (source.name_en, source.keys_en)
    app.err.print(Text(name, style="bold"), Text(f"({source.kind})", style="dim"))
    if found:
        app.err.print(Text(f"{found}.", style="dim"))
    app.err.print()
