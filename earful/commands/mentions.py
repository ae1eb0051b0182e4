"""`earful mentions`: the newest mentions as a table on screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.table import Table
from rich.text import Text

import scheduler
from earful.app import App
from earful.filters import filter_options, read_filter
from earful.show import SEVERITY_STYLES, ago, plain_table, sentiment, short, stars_text
from ingest.words import Words, later
from scoring.verdict import NOT_A_REVIEW
from store.mentions import MentionRow, count, find

SPAM_SIGNS = {
    "gibberish": later("gibberish"),
    "advert": later("advert"),
    "repeated": later("repeated words"),
    "off topic": later("off topic"),
    "no content": later("no content"),
    "coins": later("written for coins"),
    "brand only": later("product not used"),
    "copies": later("the same text under several names"),
    "foreign": later("foreign language"),
}


@click.command("mentions")
@filter_options
@click.option("--limit", default=20, type=click.IntRange(1, 10_000), help="How many rows.")
@click.pass_obj
def command(app: App, /, limit: int, **chosen: Any) -> None:
    """Show the newest mentions that pass the filters."""
    wanted = read_filter(app, chosen)
    rows = find(app.store, wanted, limit=limit)
    if app.is_json:
        app.print_json([asdict(row) for row in rows])
        return
    zone = next((brand.zone for brand in app.brands()), "UTC")
    app.out.print(mentions_table(rows, words=app.words, now=scheduler.utc_now(), zone=zone))
    total = count(app.store, wanted)
    said = app.words("{shown} of {total} mentions", shown=len(rows), total=app.words.number(total))
    app.note(said + (". " + app.words("All of them: earful export") if total > len(rows) else ""))


def mentions_table(
    rows: Sequence[MentionRow], *, words: Words, now: datetime, zone: str, width: int = 90
) -> Table:
    """Return the table of mentions: when, where, how it sounds, the flag, what they say."""
    table = plain_table("", words("When and where"), words("Feels"), words("What they say"))
    for row in rows:
        at = ago(row.posted_at or row.collected_at, now, words, zone)
        where = " ".join(filter(None, [row.source, stars_text(row.stars, words)]))
        feels = sentiment(row.label, row.score, words) if row.label else Text("")
        for doubt in doubts(row, words):
            feels.append(f"\n{doubt}", "dim")
        if row.severity:
            feels.append(f"\n{words(row.severity)}", SEVERITY_STYLES[row.severity])
        said = short(f"{row.title}. {row.text}" if row.title else row.text, width)
        place = Text(at).append(f"\n{where}", "dim")
        table.add_row(str(row.id), place, feels, Text(said or words("(stars only)")))
    return table


def doubts(row: MentionRow, words: Words) -> list[str]:
    """Return what makes one doubt a mention: its stars, or that it is a review at all."""
    said = [words("stars say the opposite")] if row.mismatch else []
    if (row.spam or 0.0) >= NOT_A_REVIEW and row.spam_sign:
        said.append(words("no review: {sign}", sign=words(SPAM_SIGNS[row.spam_sign])))
    return said
