"""docs/evidence.md: every source is in it, and what it says was read is read again."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.registry import all_sources, source_of
from ingest.errors import SourceError
from ingest.normalise import normalise_page
from ingest.page import Fetched

PAGE = Path(__file__).resolve().parents[1] / "docs" / "evidence.md"
SEEN = datetime(2026, 11, 22, tzinfo=UTC)
TYPES = {"json": "application/json", "jsonl": "application/json", "xml": "text/xml",
         "html": "text/html", "csv": "text/csv"}  # fmt: skip
SAVED = "https://saved.example/"


def rows() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Return {kind: (access, [(file, mentions)])} as the page tells them."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        row = re.fullmatch(r"\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", line)
        if row:
            files = re.findall(
                r"`(\S+/\S+)` (\d+|refused) \((?:raw|objects|reshaped|cut)\)", row[3]
            )
            found[row[1]] = (row[2], files)
    return found


@pytest.mark.parametrize("kind", [source.kind for source in all_sources()])
def test_every_source_says_its_evidence(kind: str) -> None:
    access, files = rows()[kind]
    source = source_of(kind)
    assert access == source.access.value
    assert source.evidence
    if files:
        assert "read on" in source.evidence or "tested on" in source.evidence


def test_no_source_is_told_that_is_none() -> None:
    assert rows().keys() == {source.kind for source in all_sources()}


@pytest.mark.parametrize("kind", [kind for kind, row in rows().items() if row[1]])
def test_what_was_read_is_read_again(shared: Path, kind: str) -> None:
    told = (shared / "captures" / "EXPECTED.tsv").read_text(encoding="utf-8").splitlines()
    addresses = {row["file"]: row["url"] for row in csv.DictReader(told, delimiter="\t")}
    for file, count in rows()[kind][1]:
        fetched = Fetched(
            url=addresses.get(file, _address(kind, file)),
            headers={"content-type": TYPES[file.rpartition(".")[2]]},
            body=(shared / "captures" / file).read_bytes(),
            fetched_at=SEEN,
        )
        assert (file, _count(kind, fetched)) == (file, count)


def _address(kind: str, file: str) -> str:
    host = {"freshdesk": "luamay.freshdesk.com", "zendesk": "luamay.zendesk.com"}.get(kind)
    return f"https://{host}/" if host else f"{SAVED}{file}"


def _count(kind: str, fetched: Fetched) -> str:
    try:
        page = source_of(kind).read(fetched)
    except SourceError:
        return "refused"
    return str(len(normalise_page(page, fetched_at=SEEN)[0]))
