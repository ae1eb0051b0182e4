"""`earful capture URL`: one answer of a site as a redacted sample, with a first expectation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

import scheduler
from crawlers.registry import source_of
from crawlers.run import run_child, warm_up
from earful.app import App
from earful.targets import read_target
from ingest.errors import ConfigError, EarfulError, SourceError
from ingest.normalise import normalise_page
from ingest.page import Fetched, Page
from ingest.visit import Order, VisitFacts

ENDINGS = {"json": ".json", "html": ".html", "xml": ".xml", "rss": ".xml", "atom": ".xml"}
EXPECTED = (
    "key", "url", "title", "text", "author", "posted_at", "stars", "feedback_kind", "speaker",
)  # fmt: skip
MAIL = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(rb"(?<![\w.-])(?:\+84|0)[35789](?:[ .]?\d){8}(?![\w-])")
SHORTEST_NAME = 3  # letters; shorter names stand in too many words


@dataclass(frozen=True, slots=True)
class Keeper:
    """Writes the first answer that a crawl child brings into a folder of its own."""

    folder: Path

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        """Keep the answer as it came, and stop."""
        head = {"url": fetched.url, "status": fetched.status, "headers": dict(fetched.headers)}
        told = {**head, "fetched_at": fetched.fetched_at.isoformat()}
        (self.folder / "body").write_bytes(fetched.body)
        (self.folder / "head").write_text(json.dumps(told), encoding="utf-8")
        return False

    def end(self, order: Order, facts: VisitFacts) -> None:
        """Nothing is kept of the end."""

    def kept(self) -> Fetched | None:
        """Return the answer that was kept, None when there was none."""
        if not (self.folder / "head").is_file():
            return None
        told = json.loads((self.folder / "head").read_text(encoding="utf-8"))
        told["fetched_at"] = datetime.fromisoformat(told["fetched_at"])
        return Fetched(**told, body=(self.folder / "body").read_bytes())


@click.command("capture")
@click.argument("url")
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), help="The sample file.")
@click.option("--opt-in", is_flag=True, help="Say yes to a source whose terms are unclear.")
@click.pass_obj
def command(app: App, url: str, out: Path | None, opt_in: bool) -> None:
    """Ask a site once, politely, and save its answer for the author of a source.

    Names, mail addresses and phone numbers are replaced. Beside the sample lies
    what is read in it today, as a first expectation to be checked by hand.
    """
    target = read_target(url)
    source = target.source
    if not source.is_fetched:
        raise ConfigError("is a file already", subject=url, next_step="use it as the sample")
    if source.access == "opt-in" and not opt_in:
        raise ConfigError(
            "its terms of use are unclear, so you must say yes to it",
            subject=source.kind,
            next_step="read docs/sources.md, then add --opt-in",
        )
    fetched = _fetched(app, Order(watch_id=0, kind=source.kind, target=target.target, page_cap=1))
    sample, expected = redacted(source.kind, fetched)
    file = out or Path(f"{source.kind}-page1{_ending(sample)}")
    beside = file.with_name(f"{file.stem}.expected.json")
    try:
        file.write_bytes(sample.body)
        beside.write_text(
            json.dumps(expected, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be written", subject=str(file), next_step="choose another place"
        ) from e
    read = expected["mentions"]
    count = len(read) if isinstance(read, list) else 0
    said = app.words("{file}: {size} bytes, {n} mentions read; check {expected} by hand",
                     file=file, size=len(sample.body), n=count, expected=beside)  # fmt: skip
    app.note(said)


def redacted(kind: str, fetched: Fetched) -> tuple[Fetched, dict[str, object]]:
    """Return an answer without names, mail addresses and phone numbers, and what is read in it.

    A page that today's reader cannot read is kept all the same: its expectation
    says why, and its names are left for the author to replace.
    """
    source = source_of(kind)
    body = PHONE.sub(b"0900000000", MAIL.sub(b"somebody@luamay.example", fetched.body))
    try:
        names = {item.author for item in source.read(fetched).items if item.author}
    except EarfulError as fault:
        return replace(fetched, body=body), _expected(fetched, (), str(fault))
    sample = replace(fetched, body=_without_names(body, names))
    page = source.read(sample)
    mentions, problems = normalise_page(page, fetched_at=sample.fetched_at)
    told = [each.as_json() for each in mentions]
    rows = [{name: row[name] for name in EXPECTED if row[name] not in ("", None)} for row in told]
    expected = _expected(sample, rows, "; ".join(each.words for each in problems))
    expected |= {"next": page.next.url if page.next else None, "is_end": page.is_end}
    return sample, expected | ({} if page.total is None else {"total": page.total})


def _expected(fetched: Fetched, rows: Iterable[object], problems: str) -> dict[str, object]:
    told: dict[str, object] = {
        "url": fetched.url,
        "content_type": fetched.content_type or "",
        "fetched_at": fetched.fetched_at.isoformat(timespec="seconds"),
    }
    return told | ({"problems": problems} if problems else {}) | {"mentions": list(rows)}


def _without_names(body: bytes, names: Iterable[str]) -> bytes:
    """Return `body` with each author under a made-up name, in UTF-8 and in JSON escapes."""
    long = sorted((each for each in names if len(each) >= SHORTEST_NAME), key=len, reverse=True)
    for number, name in enumerate(long, start=1):
        for written in {name.encode(), json.dumps(name)[1:-1].encode()}:
            body = body.replace(written, f"Customer {number}".encode())
    return body


def _fetched(app: App, order: Order) -> Fetched:
    """Return the one answer, asked for in a crawl child: robots.txt, limits and address checks.

    Raises SourceError when no answer came that can be kept.
    """
    now = scheduler.utc_now()
    account = app.keyring.section(order)
    signed = replace(order, options=app.keyring.keys(order, now=now), account=account)
    warm_up()
    with TemporaryDirectory(prefix="earful-") as folder:
        keeper = Keeper(Path(folder))
        ended = run_child([signed], keeper, app.crawl_settings(), now=now)
        fetched = keeper.kept()
    if fetched is None:
        facts = ended.facts.get(order.watch_id)
        raise SourceError(
            facts.reason if facts else ended.words,
            subject=order.kind,
            next_step="try again later, or save the page by hand and use earful parse",
        )
    return fetched


def _ending(fetched: Fetched) -> str:
    told = (fetched.content_type or "").lower()
    return next((ending for name, ending in ENDINGS.items() if name in told), ".txt")
