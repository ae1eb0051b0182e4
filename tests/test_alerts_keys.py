"""The digest says a week before that a key ends, for the sources it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.facts import SourceHealth
from alerts.health import sources
from alerts.outgoing import digest_of
from alerts.sheet import Tone
from ingest.brand import Brand
from ingest.visit import Outcome, VisitFacts
from ingest.words import Words
from store import brands, ledger, watches
from store.engine import open_store

NOW = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
GOOD = VisitFacts(outcome=Outcome.OK, is_complete=True, pages=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("language", "ends", "words"),
    [
        (
            "en",
            date(2026, 11, 26),
            "Threads: its key ends on 26 Nov; connect it again before that.",
        ),
        ("en", date(2026, 11, 21), "Threads: its key ended on 21 Nov; connect it again."),
        ("vi", date(2026, 11, 26), "Threads: khoá hết hạn ngày 26/11; hãy kết nối lại trước đó."),
        ("vi", date(2026, 11, 21), "Threads: khoá đã hết hạn ngày 21/11; hãy kết nối lại."),
    ],
)  # fmt: skip
def test_a_key_that_ends_is_said_though_all_is_well(language: str, ends: date, words: str) -> None:
    fine = SourceHealth(name="Threads", key_ends=ends)
    head, tone, lines = sources([fine], Words(language), now=NOW, zone=ZONE)
    assert (tone, lines) == (Tone.PLAIN, (words,))
    assert "1" in head or "one" in head


def test_a_source_that_is_silent_already_says_only_that() -> None:
    ill = SourceHealth(name="Threads", outcome=Outcome.BLOCKED, key_ends=date(2026, 11, 21))
    _, tone, (line,) = sources([ill], Words("en"), now=NOW, zone=ZONE)
    assert tone is Tone.NEG
    assert "refusing us" in line


def test_the_digest_tells_of_the_keys_of_its_own_sources(tmp_path: Path) -> None:
    store, brand = (
        open_store(f"sqlite:///{tmp_path / 'earful.db'}"),
        Brand(name="Lúa Mây", language="vi"),
    )
    brands.save(store, brand)
    for kind, name in (("threads", "Threads"), ("feed", "VnExpress")):
        number = watches.add(store, kind, f"{name}/x", now=NOW, brand="Lúa Mây", name=name)
        visit = ledger.begin_visit(store, number, now=NOW)
        ledger.end_visit(store, visit, GOOD, now=NOW)
    asked: list[tuple[str, str]] = []

    def key_ends(kind: str, target: str) -> date | None:
        asked.append((kind, target))
        return date(2026, 11, 26) if kind == "threads" else None

    digest = digest_of(store, brand, date(2026, 11, 21), now=NOW, key_ends=key_ends)
    store.close()
    assert {kind for kind, _ in asked} == {"threads", "feed"}
    assert digest.sources == ("Threads: khoá hết hạn ngày 26/11; hãy kết nối lại trước đó.",)
