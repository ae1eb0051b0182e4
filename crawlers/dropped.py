"""Visits a folder (or one file) of exports: reads what changed, and says when one is due."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlers.base import is_address
from crawlers.registry import recognise, source_of
from crawlers.remembered import recall
from crawlers.saved import is_markup, read_as, read_saved
from ingest.errors import ConfigError, EarfulError, SourceError
from ingest.files import Table, file_space, read_table
from ingest.mention import FeedbackKind, Scale
from ingest.page import Fetched, Page
from ingest.visit import Order, Outcome, Receiver, VisitFacts

ENDINGS = frozenset(
    {
        ".csv",
        ".tsv",
        ".xlsx",
        ".xls",
        ".json",
        ".jsonl",
        ".txt",
        ".html",
        ".htm",
        ".xml",
        ".eml",
        ".mbox",
    }
)
GRACE = timedelta(hours=12)  # a file that is due each day is not late after 24 hours


def visit_dropped(order: Order, receiver: Receiver, *, now: datetime) -> VisitFacts:
    """Visit the files at `order.target`, tell `receiver`, and return how that ended.

    Options: kind, scale ("1-10"), zone, map ("column=field;..."), source, reader (whose
    answer it is: a kind of source, or the address it came from), columns (the file of
    `crawlers.remembered`), and every_days (how often a file is expected; without it
    none is ever due).
    """
    try:
        facts = _visit(order, receiver, now)
    except OSError as fault:
        words = f"{order.target} cannot be read: {fault.strerror}"
        facts = VisitFacts(outcome=Outcome.DOWN, reason=words)
    receiver.end(order, facts)
    return facts


def read_file(body: bytes, name: str, options: Mapping[str, str], *, now: datetime) -> Table:
    """Return what is in a file: as a known source reads it, else as `options` say.

    What was told once of a file with the same columns (`options["columns"]` is where
    that is kept) holds until told otherwise. Raises ConfigError for a wrong option.
    """
    if options.get("reader"):
        return _read_by(options["reader"], body, name, options, now=now)
    saved = None if options.get("map") else read_saved(body, now=now)
    if saved is not None:
        return _saved_table(saved, name, options)
    return _table(body, name, options)


def _table(body: bytes, name: str, options: Mapping[str, str]) -> Table:
    """Return a table's rows, as was told once of one with the same columns."""
    table = _read(body, name, options)
    if options.get("map") or not options.get("columns"):
        return table
    known = recall(Path(options["columns"]), table.head)
    return _read(body, name, {**known, **options}) if known else table


def _read_by(
    reader: str, body: bytes, name: str, options: Mapping[str, str], *, now: datetime
) -> Table:
    """Return what the source that is named, or whose address it is, reads in a body.

    A table is no answer of a site: its columns are read as any table's, its ids
    are the source's.
    """
    url = reader if is_address(reader) else ""
    known = recognise(url) if url else (reader, "")
    if known is None:
        raise ConfigError(
            "no source knows this address", subject=reader, next_step="name a kind of source"
        )
    try:
        page = read_saved(body, now=now, url=url) if url else None
        page = page or read_as(source_of(known[0]), url, body, now=now)
    except SourceError:
        if is_markup(body):
            raise
        return _table(body, name, {"source": known[0], **options})
    return _saved_table(page, name, options)


def _saved_table(page: Page, name: str, options: Mapping[str, str]) -> Table:
    told = page.of_kind(FeedbackKind(options["kind"])) if options.get("kind") else page
    told = replace(told, next=None, source=options.get("source") or page.source or file_space(name))
    return Table(
        name=name,
        rows_in=len(told.items),
        source=told.source,
        items=told.items,
        problems=told.problems,
        parts=(told,),
    )


def _read(body: bytes, name: str, options: Mapping[str, str]) -> Table:
    return read_table(
        body,
        name=name,
        mapping=read_mapping(options.get("map", "")),
        scale=read_scale(options["scale"]) if options.get("scale") else None,
        kind=FeedbackKind(options["kind"]) if options.get("kind") else None,
        zone=options.get("zone"),
        source=options.get("source"),
    )


def read_mapping(typed: str) -> dict[str, str] | None:
    """Return {column: field} of "column=field;...", None when nothing is said."""
    pairs = (each.rpartition("=") for each in typed.split(";") if each.strip())
    return {column.strip(): field.strip() for column, _, field in pairs} or None


def read_scale(typed: str) -> Scale:
    """Return the scale of "1-10" or "-100-100". Raises ValueError for another text."""
    low, _, high = typed.rpartition("-")
    return Scale(float(low), float(high))


def _visit(order: Order, receiver: Receiver, now: datetime) -> VisitFacts:
    paths = _files(Path(order.target))
    marked = _mark(paths)
    late = _late(paths, order.options, now)
    if paths and marked == order.etag:
        outcome = Outcome.DUE if late else Outcome.UNCHANGED
        return VisitFacts(outcome=outcome, reason=late, is_complete=True, etag=marked)
    faults = [fault for path in paths if (fault := _take(path, order, receiver, now))]
    if faults:
        return VisitFacts(outcome=Outcome.CHANGED, reason="; ".join(faults), pages=len(paths))
    if not paths:
        return VisitFacts(outcome=Outcome.DUE if late else Outcome.UNCHANGED, reason=late)
    return VisitFacts(outcome=Outcome.OK, pages=len(paths), is_complete=True, etag=marked)


def _files(target: Path) -> list[Path]:
    """Return the file, or the folder's readable files, oldest first."""
    if target.is_file():
        return [target]
    if not target.exists():
        return []
    found = [each for each in target.iterdir() if each.suffix.lower() in ENDINGS]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def _mark(paths: Iterable[Path]) -> str:
    """Return a hash that changes when a file is added, changed or taken away."""
    seen = [f"{path.name}:{(stat := path.stat()).st_size}:{stat.st_mtime_ns}" for path in paths]
    return hashlib.blake2b("\n".join(seen).encode(), digest_size=16).hexdigest()


def _late(paths: list[Path], options: Mapping[str, str], now: datetime) -> str:
    """Return in words that a file is due, "" when none is expected or it is early."""
    if not options.get("every_days"):
        return ""
    if not paths:
        return "no file has come yet"
    newest = datetime.fromtimestamp(max(path.stat().st_mtime for path in paths), UTC)
    due_at = newest + timedelta(days=float(options["every_days"]))
    if now < due_at + GRACE:
        return ""
    return f"the last file came on {newest:%Y-%m-%d}; one was due on {due_at:%Y-%m-%d}"


def _take(path: Path, order: Order, receiver: Receiver, now: datetime) -> str:
    """Take one file in; return in words what is wrong with it, "" when nothing is."""
    body = path.read_bytes()
    fetched = Fetched(url=path.resolve().as_uri(), body=body, fetched_at=now)
    whose = {} if order.kind == "file" else {"reader": order.kind}
    try:
        table = read_file(body, path.name, {**whose, **order.options}, now=now)
    except (EarfulError, ValueError) as fault:
        return f"{path.name}: {fault}"
    for page in table.pages():
        receiver.page(order, fetched, page)
    fatal = [problem.words for problem in table.problems if problem.is_fatal]
    return f"{path.name}: {fatal[0]}" if fatal else ""
