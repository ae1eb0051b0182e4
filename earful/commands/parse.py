"""`earful parse KIND FILE`: one saved response through that source's own reader."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

import scheduler
from crawlers.registry import source_of
from earful.app import SOURCE_BROKEN, App
from ingest.errors import ConfigError
from ingest.normalise import normalise_page
from ingest.page import Fetched, Problem

TYPES = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
}


@click.command("parse")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--url", help="The address that answered, when it matters to the reader.")
@click.option("--content-type", help="The Content-Type that was sent.")
@click.pass_obj
def command(app: App, kind: str, file: Path, url: str | None, content_type: str | None) -> None:
    """Read one saved response of a source, without network or store.

    Prints one JSON object per mention; exit code 3 when the content is damaged
    or not what the source should send.
    """
    source = source_of(kind)
    fetched = Fetched(
        url=url or f"https://source.example/{file.name}",
        headers={"content-type": content_type or TYPES.get(file.suffix.lower(), "")},
        body=_bytes_of(file),
        fetched_at=scheduler.utc_now(),
    )
    page = source.read(fetched)
    mentions, of_items = normalise_page(page, fetched_at=fetched.fetched_at)
    problems = [*page.problems, *of_items]
    for mention in mentions:
        sys.stdout.write(json.dumps(mention.as_json(), ensure_ascii=False) + "\n")
    app.note(_summary(kind, file, len(mentions), problems))
    for problem in problems:
        app.note(f"  {problem.code} {problem.key}: {problem.words}")
    if any(problem.is_fatal for problem in page.problems):
        app.exit_code = SOURCE_BROKEN


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be read", subject=str(file), next_step="name a file that is there"
        ) from e


def _summary(kind: str, file: Path, count: int, problems: list[Problem]) -> str:
    found = f"{count} mention" if count == 1 else f"{count} mentions"
    wrong = f", {len(problems)} problems" if problems else ""
    return f"{kind} {file.name}: {found}{wrong}"
