"""The page on writing a source: its example is a source that reads its own sample."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawlers.base import Source, shortfall
from ingest.errors import ConfigError, SourceChanged
from ingest.normalise import normalise_page
from ingest.page import Fetched
from ingest.visit import Order

PAGE = (Path(__file__).parents[1] / "docs" / "writing-a-source.md").read_text(encoding="utf-8")
SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def source() -> Source:
    """Return the source that the page shows, run as it stands there."""
    module = ModuleType("example")
    (code,) = blocks("python")
    exec(compile(code, "writing-a-source.md", "exec"), module.__dict__)
    found: Source = module.SOURCE
    return found


def answer(body: bytes, url: str = "https://hoibep.example/api/questions?page=1") -> Fetched:
    return Fetched(url=url, body=body, fetched_at=SEEN)


def test_the_example_reads_its_sample(source: Source) -> None:
    body, written = blocks("json")
    expected: dict[str, Any] = json.loads(written)
    page = source.read(answer(body.encode(), expected["url"]))
    found, problems = normalise_page(page, fetched_at=SEEN)
    assert (page.problems, problems) == ((), [])
    assert page.next is not None
    assert (page.next.url, page.is_end, page.total) == (
        expected["next"],
        expected["is_end"],
        expected["total"],
    )
    told = [each.as_json() for each in found]
    wanted = expected["mentions"]
    assert [{name: t[name] for name in w} for t, w in zip(told, wanted, strict=True)] == wanted
    assert shortfall(page, source.expect) is None


def test_the_example_says_what_it_does_not_take(source: Source) -> None:
    assert source.recognise("https://hoibep.example/search?q=n%E1%BB%93i") == "nồi"
    assert source.recognise("https://other.example/search?q=pot") is None
    with pytest.raises(ConfigError, match="nothing to search for"):
        source.check_target(" ")
    with pytest.raises(SourceChanged, match="no field 'page'"):
        source.read(answer(b'{"questions": []}'))
    ask = source.first(Order(watch_id=1, kind="hoibep", target="lúa mây"))
    assert ask.url.endswith("?q=l%C3%BAa%20m%C3%A2y&sort=new&page=1")


def test_the_page_names_what_exists() -> None:
    root = Path(__file__).parents[1]
    for name in re.findall(r"`((?:crawlers|ingest|tests)/[\w/]+\.\w+)`", PAGE):
        assert (root / name).exists() or "KIND" in name or "hoibep" in name, name
    for name in re.findall(r"`((?:crawlers|ingest)\.[\w.]+)`", PAGE):
        module, _, function = name.rpartition(".")
        path = root / (module.replace(".", "/") + ".py")
        is_module = (root / (name.replace(".", "/") + ".py")).exists()
        assert is_module or f"def {function}(" in path.read_text(encoding="utf-8"), name
