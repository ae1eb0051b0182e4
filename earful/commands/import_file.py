"""`earful import FILE`: a review file, survey, chat, interview or figures into the store."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

import scheduler
from crawlers.base import is_address
from crawlers.dropped import read_file, visit_dropped
from crawlers.registry import all_sources
from crawlers.remembered import remember
from earful.app import App
from earful.show import plain_table, short
from earful.targets import read_every
from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.files import Table
from ingest.mention import FeedbackKind
from store import watches

SHOWN_PROBLEMS = 20
NEXT = {
    "no-scale": "add --scale, such as --scale 1-10",
    "empty": "export it again, with rows in it",
    "not-a-table": "say what its columns are: --map COLUMN=FIELD",
}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--brand", help="For which brand; needed when there are several.")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="What a column is.")
@click.option("--scale", help="The scale of its ratings, such as 1-10.")
@click.option("--kind", type=click.Choice([str(each) for each in FeedbackKind]))
@click.option("--zone", help="The IANA zone of its times (the brand's if left out).")
@click.option(
    "--source",
    help="Whose answer it is (a kind of source, or the address it came from), or what to call "
    "it; files with the same name share their ids.",
)
@click.option("--every", help="How often such a file is expected: 7d. A late one is told.")
@click.option("--yes", is_flag=True, help="Take it in without asking.")
@click.pass_obj
def command(
    app: App,
    file: Path,
    brand: str | None,
    mapping: tuple[str, ...],
    scale: str | None,
    kind: str | None,
    zone: str | None,
    source: str | None,
    every: str | None,
    yes: bool,
) -> None:
    """Take a file in: CSV, XLSX, JSON, JSON lines, a transcript, a saved page.

    A preview comes first. Every row that is left out is listed with its reason.
    What you say of its columns is kept for the next file that has the same.
    """
    chosen = app.brand(brand)
    options = {
        "columns": str(app.columns_file),
        "map": ";".join(mapping),
        "scale": scale or "",
        "kind": kind or "",
        "zone": zone or chosen.zone,
        **_whose(source),
        "every_days": str(read_every(every) / 1440) if every else "",
    }
    told = {name: value for name, value in options.items() if value}
    table = _read(file, told)
    _preview(app, table)
    _refuse_if_unreadable(file, table)
    if not yes and not _is_wanted(app):
        app.note(app.words("Nothing was taken in."))
        return
    remember(app.columns_file, table.head, told)
    _take_in(app, chosen, file, told)


def _whose(source: str | None) -> dict[str, str]:
    """Return whose reader takes the file, or what its ids' space is called."""
    if not source:
        return {}
    kinds = {each.kind for each in all_sources() if each.kind != "file"}
    is_known = source in kinds or is_address(source)
    return {"reader": source} if is_known else {"source": f"file:{source}"}


def _read(file: Path, options: dict[str, str]) -> Table:
    try:
        return read_file(file.read_bytes(), file.name, options, now=scheduler.utc_now())
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be read", subject=str(file), next_step="name a file that is there"
        ) from e
    except ValueError as e:
        raise ConfigError(str(e), subject=str(file), next_step="mend that option") from e


def _preview(app: App, table: Table) -> None:
    """Print what each column is taken for, some cells of it, and the rows left out."""
    words = app.words
    if table.head:
        shown = plain_table(words("Column"), words("Taken for"), words("For example"))
        for place, name in enumerate(table.head):
            cells = [row[place] for row in table.preview if place < len(row) and row[place]]
            meant = table.columns.fields.get(name)
            example = short(" | ".join(str(cell) for cell in cells[:3]), 60)
            shown.add_row(Text(name), Text(meant or words("(left out)")), Text(example))
        app.err.print(shown)
    app.note(
        words(
            "{n} mentions and {figures} figures in {rows} rows",
            n=words.number(len(table.items)),
            figures=words.number(len(table.figures)),
            rows=words.number(table.rows_in),
        )
    )
    for problem in table.problems[:SHOWN_PROBLEMS]:
        app.note(f"  {problem.key} {problem.words}")
    if len(table.problems) > SHOWN_PROBLEMS:
        app.note(words("  … and {n} more", n=len(table.problems) - SHOWN_PROBLEMS))


def _refuse_if_unreadable(file: Path, table: Table) -> None:
    fatal = [problem for problem in table.problems if problem.is_fatal]
    if fatal:
        raise ConfigError(
            fatal[0].words,
            subject=str(file),
            next_step=NEXT.get(fatal[0].code, NEXT["not-a-table"]),
        )


def _is_wanted(app: App) -> bool:
    if not app.err.is_terminal:
        raise ConfigError("nobody to ask", next_step="add --yes to take it in")
    return click.confirm(app.words("Take it in?"), default=True, err=True)


def _take_in(app: App, brand: Brand, file: Path, options: dict[str, str]) -> None:
    """Visit the file as a source of its own, so that its span and rhythm are known."""
    now = scheduler.utc_now()
    watch_id = watches.add(
        app.store,
        "file",
        str(file.resolve()),
        now=now,
        brand=app.keep_brand(brand),
        is_own=True,
        name=options.get("source", f"file:{file.name}").removeprefix("file:"),
        options=options,
        every_min=24 * 60,
    )
    watch = watches.find(app.store, str(watch_id), now=now)
    listener = scheduler.Listener(app.database_url, [brand])
    try:
        listener.begin(watch)
        order = watches.order_for(app.store, watch.id)
        with app.err.status(app.words("Taking {file} in …", file=file.name)):
            facts = visit_dropped(order, listener, now=now)
        counts = listener.counts(watch.id)[watch.id]
    finally:
        listener.close()
    if app.is_json:
        app.print_json({"new": counts.new, "edited": counts.edited, "outcome": facts.outcome})
        return
    said = app.words(
        "{new} new, {edited} edited, {same} known already",
        new=counts.new, edited=counts.edited, same=counts.same,
    )  # fmt: skip
    app.out.print(said, markup=False)
    app.note(app.words("Next:  earful cases   earful digest   earful mentions"))
