"""The steps of `earful connect`: what is typed, the consent, the exchange, and what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
from rich.text import Text

import scheduler
from crawlers.base import Source
from crawlers.exchange import Sender, walk
from crawlers.google import key_of_file
from crawlers.grants import Choose, Grant, Granted, Steps, Typed
from earful.app import App
from earful.consent import (
    PATIENCE_S,
    Landed,
    checked,
    home_address,
    landed_at,
    listening,
    new_consent,
)
from earful.keyring import as_secrets, home_of, typed_for
from earful.secrets import Secret
from ingest.errors import ConfigError
from ingest.words import later

__all__ = ["Way", "by_file", "by_grant", "by_hand"]

LABELS = {
    "client_id": later("App id"),
    "client_secret": later("App secret"),
    "identifier": later("Your name there, such as luamay.bsky.social"),
    "password": later("Password"),
    "partner_id": later("Partner id"),
    "partner_key": later("Partner key"),
    "app_key": later("App key"),
    "app_secret": later("App secret"),
    "api_key": later("API key"),
    "key": later("API key"),
    "token": later("Access token"),
    "email": later("Your mail address there"),
}
HANDED_OUT = frozenset({"token", "refresh_token", "account", "scopes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a consent comes back: to a port here, or to an address that is pasted."""

    port: int
    redirect: str | None
    is_headless: bool


def by_hand(app: App, source: Source, account: str, *, until: date | None) -> str:
    """Ask for the keys that a visit takes; return the section they are kept in."""
    section = f"{source.kind}:{account}" if account else source.kind
    wanted = tuple(Typed(name, is_hidden=name != "email") for name in typed_for(source))
    typed = _asked(app, wanted, app.secrets.values(section), kind=source.kind)
    if typed:
        _keep(app, section, {name: Secret(value, until) for name, value in typed.items()})
    else:
        app.note(app.words("Nothing was changed."))
    return section


def by_file(app: App, source: Source, file: Path) -> str:
    """Take the key file of a service account, and try it once; return where it is kept."""
    grant = source.grant
    if grant is None or grant.section != "google":
        raise ConfigError(
            "takes no key file", subject=source.kind, next_step=f"earful connect {source.kind}"
        )
    known = key_of_file(file.read_bytes())
    granted = _walked(app, source, grant.renew(known, now=scheduler.utc_now()), known)
    _keep(app, source.kind, _as_typed(known) | as_secrets(granted))
    return source.kind


def by_grant(app: App, source: Source, grant: Grant, account: str, way: Way) -> str:
    """Walk through typing, consent and exchange; return the section that is kept."""
    words, steps = app.words, 3 if grant.asks_person else 2
    home = home_of(source)
    section = f"{source.kind}:{account}" if account else home
    known = app.secrets.values(section) or _without_tokens(app.secrets.values(home))
    _step(app, 1, steps, words("The keys of your app") if grant.asks_person else words("Your keys"))
    if grant.asks_person:
        address = way.redirect or home_address(grant, way.port)
        app.note("    " + words("Register this redirect address there: {address}", address=address))
    known = known | _asked(app, grant.typed, known, kind=source.kind)
    _check_whole(source, grant, known)
    typed = {each.name: known[each.name] for each in grant.typed}
    if grant.asks_person:
        app.secrets.save(section, _as_typed(typed))  # not to be typed again if the consent fails
    granted = _granted(app, source, grant, known, account, way)
    if not account and _is_another(known, granted):
        section = f"{source.kind}:{granted.account}"
    _keep(app, section, _as_typed(typed) | as_secrets(granted))
    _tell_account(app, source, granted)
    return section


def _granted(
    app: App, source: Source, grant: Grant, known: Mapping[str, str], account: str, way: Way
) -> Granted:
    """Return what the site hands out, after a person consented where one has to."""
    words, steps = app.words, 3 if grant.asks_person else 2
    consent = new_consent(grant, port=way.port, redirect=way.redirect)
    address = grant.address(known, consent, now=scheduler.utc_now())
    landed: Mapping[str, str] = {}
    if address:
        _step(app, 2, steps, words("Your consent, in the browser"))
        landed = checked(_landed(app, address, way), grant, consent, kind=source.kind)
    _step(app, steps, steps, words("The site hands out its keys"))
    errand = grant.obtain(known, landed, consent, now=scheduler.utc_now())
    granted = _walked(app, source, errand, {**known, **landed}, account=account)
    if account.isdecimal() and granted.account.isdecimal() and granted.account != account:
        raise ConfigError(
            f"the consent is for {granted.account}, so nothing was kept",
            subject=f"{source.kind}:{account}",
            next_step=f"log in as {account} and consent again",
        )
    return granted


def _walked(
    app: App, source: Source, steps: Steps, known: Mapping[str, str], *, account: str = ""
) -> Granted:
    def choose(open_question: Choose) -> str:
        if account in open_question.labels:
            return account
        return _chosen(app, open_question)

    return walk(
        steps, Sender(app.crawl_settings()), kind=source.kind, hidden=known.values(),
        now=scheduler.utc_now(), choose=choose,
    )  # fmt: skip


def _landed(app: App, address: str, way: Way) -> Landed:
    """Return where the browser came back to, heard by ourselves or pasted."""
    words = app.words
    if not way.is_headless:
        thanks = words("Earful has its answer. You can close this window.")
        with listening(way.port, thanks=thanks) as wait:
            if app.open_page(address):
                app.note("    " + words("A browser opens. If it does not, open this address:"))
                app.note(f"    {address}")
                with app.err.status(words("Waiting for your consent; Ctrl+C to stop")):
                    landed = wait(PATIENCE_S)
                if landed is not None:
                    return landed
    app.note("    " + words("Open this address in a browser anywhere, and consent:"))
    app.note(f"    {address}")
    asked = words("The browser then lands on an address that it may not find. Paste it here")
    return landed_at(click.prompt(f"    {asked}", err=True))


def _asked(
    app: App, wanted: tuple[Typed, ...], known: Mapping[str, str], *, kind: str
) -> dict[str, str]:
    """Return what is typed; secrets unseen. An empty answer leaves what is known as it is."""
    words, typed = app.words, {}
    for each in wanted:
        label = words(LABELS[each.name]) if each.name in LABELS else each.name
        shown = f"    {label} [{each.name}]"
        if each.name in known:
            shown += " " + words("(empty: keep it)")
        value = str(
            click.prompt(shown, default="", hide_input=each.is_hidden, show_default=False, err=True)
        ).strip()
        if any(not letter.isprintable() for letter in value):
            raise ConfigError(
                "holds letters that cannot be typed",
                subject=f"{kind} {each.name}",
                next_step="copy the key again",
            )
        if value:
            typed[each.name] = value
    return typed


def _check_whole(source: Source, grant: Grant, known: Mapping[str, str]) -> None:
    lacking = [each.name for each in grant.typed if not known.get(each.name)]
    if lacking:
        raise ConfigError(
            f"{', '.join(lacking)} was left empty",
            subject=source.kind,
            next_step=f"earful connect {source.kind}; add --paste if you have a token already",
        )


def _chosen(app: App, choose: Choose) -> str:
    """Return which of several accounts a person chooses, by its place in the list."""
    values = list(choose.labels)
    for place, value in enumerate(values, start=1):
        app.note(f"    {place}  {choose.labels[value]} ({value})")
    asked = "    " + app.words("Which of them? Its number")
    return values[int(click.prompt(asked, type=click.IntRange(1, len(values)), err=True)) - 1]


def _keep(app: App, section: str, named: Mapping[str, Secret]) -> None:
    app.secrets.save(section, named)
    said = app.words(
        "Kept in {file}. A running service takes them with its next visit.", file=app.secrets.file
    )
    app.err.print(Text("✓ ", style="green").append(said, style=""), soft_wrap=True)


def _tell_account(app: App, source: Source, granted: Granted) -> None:
    if not granted.account:
        return
    called = granted.called or granted.account
    named = called if called == granted.account else f"{called} ({granted.account})"
    app.note(app.words("They are for {account}.", account=named))
    try:
        source.check_target(granted.account)
    except ConfigError:
        return  # the account alone is no target there
    app.note(app.words("Next:") + f" earful add {source.kind}:{granted.account}")


def _step(app: App, number: int, steps: int, words: str) -> None:
    app.err.print(Text(f"{number}/{steps} {words}", style="bold"))


def _is_another(known: Mapping[str, str], granted: Granted) -> bool:
    """Return whether keys for another account are kept where these would go."""
    return bool(granted.account) and known.get("account", granted.account) != granted.account


def _as_typed(typed: Mapping[str, str]) -> dict[str, Secret]:
    return {name: Secret(value) for name, value in typed.items()}


def _without_tokens(known: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in known.items() if name not in HANDED_OUT}
