"""`earful add TARGET...`: watch an address, a product, a tag or a folder of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

import scheduler
from earful.app import App
from earful.targets import (
    Target,
    needs_consent,
    read_every,
    read_list,
    read_target,
    watch_name,
)
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind
from store import watches


@click.command("add")
@click.argument("targets", nargs=-1)
@click.option("--brand", help="For which brand; needed when there are several.")
@click.option("--every", help="How often to look: 30m, 1h, 2d.")
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A list of targets, one a line, or an OPML file.",
)
@click.option(
    "--as",
    "feedback_kind",
    type=click.Choice([str(each) for each in FeedbackKind]),
    help="What its items are, when the source cannot tell: a forum's feed has social posts.",
)
@click.option("--own", is_flag=True, help="Everything there is about the brand: no query needed.")
@click.option("--opt-in", is_flag=True, help="Say yes to a source whose terms are unclear.")
@click.pass_obj
def command(
    app: App,
    targets: tuple[str, ...],
    brand: str | None,
    every: str | None,
    file: Path | None,
    feedback_kind: str | None,
    own: bool,
    opt_in: bool,
) -> None:
    """Watch targets: any address (the source is recognised), `kind:target`, or a folder."""
    typed = [*targets, *(read_list(file) if file else [])]
    if not typed:
        raise ConfigError("nothing to add", next_step="earful add https://...")
    chosen = app.brand(brand)
    every_min = read_every(every) if every else None
    read = [read_target(each) for each in typed]
    refused = [each.source.kind for each in read if needs_consent(each.source) and not opt_in]
    if refused:
        raise ConfigError(
            "its terms of use are unclear, so you must say yes to it",
            subject=refused[0],
            next_step="read docs/sources.md, then add --opt-in",
        )
    options = {"feedback_kind": feedback_kind} if feedback_kind else {}
    added = [
        _add(app, each, brand=chosen, every_min=every_min, is_own=own, options=options)
        for each in read
    ]
    if app.is_json:
        app.print_json(added)
    for each in added if not app.is_json else []:
        app.out.print(
            app.words(
                "Added {id}  {kind}:{target} for {brand}",
                **{**each, "brand": chosen.name},
            ),
            markup=False,
        )
    app.note(app.words("Next: earful collect"))


def _staff(brand: Brand, target: str) -> str:
    """Return who answers in a mailbox: its own address, and the brand's own hosts and authors."""
    user = target.partition("/")[0].rpartition("@")[0]
    named = [each for each in (user, *brand.own_authors) if "@" in each and " " not in each]
    return " ".join(dict.fromkeys([*named, *(f"@{host}" for host in brand.own_hosts)]))


def _add(
    app: App,
    each: Target,
    *,
    brand: Brand,
    every_min: int | None,
    is_own: bool,
    options: Mapping[str, str],
) -> dict[str, object]:
    """Keep one watch; for files --every says how often one is expected."""
    is_file = each.source.kind == "file"
    expected = {"every_days": str(every_min / 1440)} if is_file and every_min else {}
    if is_file:
        expected |= {"zone": brand.zone, "columns": str(app.columns_file)}
    if each.source.kind == "mail":
        expected |= {"staff": _staff(brand, each.target)}
    if every_min:
        expected["fixed"] = "yes"  # the rhythm somebody chose is not adapted
    watch_id = watches.add(
        app.store,
        each.source.kind,
        each.target,
        now=scheduler.utc_now(),
        brand=app.keep_brand(brand),
        is_own=is_own or each.source.matches_by_construction,
        name=watch_name(each.source, each.target),
        options={**expected, **options},
        every_min=(None if is_file else every_min) or each.source.default_every_min,
    )
    return {
        "id": watch_id,
        "kind": each.source.kind,
        "target": each.source.public_name(each.target).removeprefix(f"{each.source.kind}:"),
    }
