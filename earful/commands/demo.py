"""`earful demo`: the whole job on a small sample web, without internet."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import click
from rich.table import Table

from alerts import render
from alerts.digest import Digest
from alerts.outgoing import digest_of
from alerts.owed import latest_due_day
from alerts.terminal import terminal
from earful import coverage
from earful.app import App
from earful.commands.mentions import mentions_table
from earful.show import plain_table
from ingest.words import Words, later
from store import kinds
from store.engine import Store, open_store
from store.export import Format, export
from store.mentions import Filter, find
from store.watches import listing

DATABASE = "earful-demo.db"
TRACKER = {"bug": "bug report", "suggestion": "feature request"}
TEN_KINDS = (
    (later("Survey answers"), ("survey answer",)),
    (later("Reviews"), ("review",)),
    (later("Bug reports"), ("bug report",)),
    (later("Feature requests"), ("feature request",)),
    (later("Star ratings"), ("star rating",)),
    (later("Support conversations"), ("support conversation",)),
    (later("In-app feedback"), ("in-app feedback",)),
    (later("Interviews"), ("interview",)),
    (later("Social posts, forums and news"), ("social post", "comment", "article")),
)


@click.command("demo")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("earful-demo"),
    help="Where the digest, the table and the database go.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Keep the database, to look around in afterwards.")
@click.pass_obj
def command(app: App, out: Path, keep: bool) -> None:
    """Crawl a sample web, score, flag, digest and export: the whole job in some seconds."""
    from earful.demo.play import play
    from earful.demo.story import BRAND, NOW

    out.mkdir(parents=True, exist_ok=True)
    _clear(out)
    url = f"sqlite:///{out / DATABASE}"
    with app.err.status(app.words("Crawling the sample web …")) as status:
        played = play(url, out / "files", say=lambda at: status.update(f"{BRAND.name}: {at}"))
    store = open_store(url)
    try:
        digest = digest_of(store, BRAND, latest_due_day(NOW, BRAND), now=NOW)
        rows = _write(app, store, out, digest)
        if app.is_json:
            app.print_json({"requests": len(played.asked), "rows": rows, "out": str(out)})
        else:
            _print(app, store, digest)
    finally:
        store.close()
    if not keep:
        _clear(out, only_database=True)
    _say_what_is_where(app, out, rows=rows, is_kept=keep)


def _clear(out: Path, *, only_database: bool = False) -> None:
    for ending in ("", "-wal", "-shm"):
        (out / f"{DATABASE}{ending}").unlink(missing_ok=True)
    if not only_database and (out / "files").is_dir():
        shutil.rmtree(out / "files")


def _write(app: App, store: Store, out: Path, digest: Digest) -> int:
    """Write the digest and the tables into `out`; return how many rows a table has."""
    from earful.demo.story import BRAND, NOW

    heard = listing(store, now=NOW, brand=BRAND.name)
    complete = coverage.rows(heard, app.words, {BRAND.name: BRAND.zone}, now=NOW)
    (out / "digest.html").write_text(render.html(digest), encoding="utf-8")
    (out / "digest.txt").write_text(render.text(digest), encoding="utf-8")
    with (out / "mentions.xlsx").open("wb") as book:
        export(store, Filter(with_copies=True), book, form=Format.XLSX, coverage=complete)
    with (out / "mentions.csv").open("wb") as table:
        return export(store, Filter(with_copies=True), table, form=Format.CSV)


def _print(app: App, store: Store, digest: Digest) -> None:
    from earful.demo.story import BRAND, NOW

    app.out.print(kinds_table(store, BRAND.name, app.words))
    rows = find(store, Filter(brand=BRAND.name), limit=12)
    app.out.print(mentions_table(rows, words=app.words, now=NOW, zone=BRAND.zone))
    app.out.print(terminal(digest, width=min(app.out.width, 110)))


def kinds_table(store: Store, brand: str, words: Words) -> Table:
    """Return the ten kinds of feedback with how many of each a brand was given.

    What came from a tracker is a bug report, a feature request or a support
    conversation, by what it says.
    """
    found = kinds.feedback_counts(store, brand)
    by_kind = Counter[str]()
    for (kind, judged), number in found.items():
        by_kind[TRACKER.get(judged, "support conversation") if kind == "ticket" else kind] += number
    table = plain_table(words("Kind of feedback"), words("Heard"), ratio_last=False)
    for name, counted in TEN_KINDS:
        table.add_row(words(name), words.number(sum(by_kind[kind] for kind in counted)))
    figures = kinds.figure_count(store, brand)
    table.add_row(words("Behaviour figures"), words.number(figures))
    return table


def _say_what_is_where(app: App, out: Path, *, rows: int, is_kept: bool) -> None:
    words = app.words
    app.note(words("{n} mentions, the digest and the tables are in {out}/", n=rows, out=out))
    app.note("  digest.html  digest.txt  mentions.csv  mentions.xlsx")
    if is_kept:
        url = f"sqlite:///{out / DATABASE}"
        app.note(words("Look around:  earful --db {url} mentions", url=url))
    app.note(words('Your own brand:  earful listen "Your brand"'))
