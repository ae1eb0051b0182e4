"""Every source has a sample of what its site sends, and reads it as expected."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.base import shortfall
from crawlers.registry import all_sources, source_of
from ingest.errors import SourceError
from ingest.normalise import normalise_page
from ingest.page import Fetched

SAMPLES = Path(__file__).parent / "samples"
SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)  # of what does not say when it was read
KINDS = [source.kind for source in all_sources()]


def sample(kind: str) -> tuple[Fetched, dict[str, Any]]:
    expected = json.loads((SAMPLES / kind / "page1.expected.json").read_text(encoding="utf-8"))
    bodies = [path for path in (SAMPLES / kind).glob("page1.*") if ".expected" not in path.name]
    assert len(bodies) == 1, f"tests/samples/{kind} needs one page1.json (or .xml, .html, .csv)"
    headers = {"content-type": expected["content_type"]}
    at = datetime.fromisoformat(expected["fetched_at"]) if "fetched_at" in expected else SEEN
    body = bodies[0].read_bytes()
    return Fetched(url=expected["url"], headers=headers, body=body, fetched_at=at), expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_reads_its_sample(kind: str) -> None:
    fetched, expected = sample(kind)
    page = source_of(kind).read(fetched)
    mentions, problems = normalise_page(page, fetched_at=fetched.fetched_at)
    said = [f"{each.code}: {each.words}" for each in (*page.problems, *problems)]
    assert not said, f"read as of {fetched.fetched_at}, the sample has problems: {said}"
    keys = [mention.key for mention in mentions]
    assert len(keys) == len(expected["mentions"]), f"read were, in this order: {keys}"
    for mention, wanted in zip(mentions, expected["mentions"], strict=True):
        told = mention.as_json()
        assert wanted.keys() <= told.keys(), f"a mention has only the fields {', '.join(told)}"
        assert {name: told[name] for name in wanted} == wanted, f"this is read for {mention.key}"
    assert (page.next.url if page.next else None) == expected["next"]
    assert page.is_end == expected.get("is_end", page.is_end)
    assert page.total == expected.get("total", page.total)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_is_a_good_page_by_the_sources_own_word(kind: str) -> None:
    fetched, _ = sample(kind)
    source = source_of(kind)
    page = source.read(fetched)
    assert len(page.items) >= source.expect.min_items
    assert shortfall(page, source.expect) is None


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_of_a_page_holds_no_secret(kind: str) -> None:
    fetched, expected = sample(kind)
    source = source_of(kind)
    kept = source.scrub(fetched)
    told = repr((kept, source.read(fetched), source.public_name(expected["url"])))
    for secret in expected.get("secrets", ()):
        assert secret in repr(fetched)
        assert secret not in told
    assert source.read(kept).items == source.read(fetched).items


def test_real_answers_are_read_as_counted_by_hand(shared: Path) -> None:
    table = shared / "captures" / "EXPECTED.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t"))
    ours = [row for row in rows if row["kind"] in KINDS and row["mentions"].isdecimal()]
    assert len(ours) > 20
    wrong = [f"{row['file']}: {_difference(shared, row)}" for row in ours]
    assert [line for line in wrong if not line.endswith(": ")] == []


def _difference(shared: Path, row: dict[str, str]) -> str:
    types = {"json": "application/json", "xml": "text/xml", "html": "text/html"}
    body = (shared / "captures" / row["file"]).read_bytes()
    headers = {"content-type": types[row["file"].rpartition(".")[2]]}
    fetched = Fetched(url=row["url"], headers=headers, body=body, fetched_at=SEEN)
    is_refusal = "exit 3" in row["note"]
    try:
        page = source_of(row["kind"]).read(fetched)
    except SourceError as fault:
        return "" if is_refusal else str(fault)
    mentions, _ = normalise_page(page, fetched_at=SEEN)
    keys = row["first_native_ids"].split()
    found = len(mentions), [item.key for item in page.items[: len(keys)]]
    if found == (int(row["mentions"]), keys) and not is_refusal:
        return ""
    return f"{found}, wanted {row['mentions']} {row['note']}"
