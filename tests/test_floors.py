"""The walls of the house: imports point down, and each room keeps to what it may touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "ingest": set(),
    "scoring": {"ingest"},
    "cases": {"ingest", "scoring"},
    "store": {"ingest", "scoring", "cases"},
    "crawlers": {"ingest"},
    "alerts": {"ingest", "scoring", "cases", "store"},
    "inbox": {"ingest", "scoring", "cases", "store", "alerts"},
    "scheduler": {"ingest", "scoring", "cases", "store", "crawlers", "alerts", "inbox"},
    "earful": {"ingest", "scoring", "cases", "store", "crawlers", "alerts", "inbox", "scheduler"},
}
PURE = ("ingest", "scoring", "cases", "alerts/digest.py")
IMPURE_MODULES = {
    "socket", "ssl", "http", "urllib.request", "requests", "aiohttp", "httpx", "sqlite3",
    "sqlalchemy", "scrapy", "twisted", "smtplib", "subprocess", "asyncio", "threading", "psycopg",
}  # fmt: skip


def sources(room: str) -> list[Path]:
    place = ROOT / room
    if place.is_dir():
        return sorted(place.rglob("*.py"))
    return [place if place.suffix else place.with_suffix(".py")]


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written in full"
            yield node.module or ""


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_down(room: str) -> None:
    files = sources(room)
    assert files
    for file in files:
        for name in imports(file):
            top = name.partition(".")[0]
            if top in MAY_IMPORT and top != room:
                assert top in MAY_IMPORT[room], f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_touch_no_network_database_or_process(room: str) -> None:
    for file in sources(room):
        for name in imports(file):
            touched = {name, name.partition(".")[0]} & IMPURE_MODULES
            assert not touched, f"{file.relative_to(ROOT)} imports {name}"


def _called_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def _files_where(found: set[str]) -> set[str]:
    everywhere = [file for room in MAY_IMPORT for file in sources(room)]
    return {str(file.relative_to(ROOT)) for file in everywhere if found & set(_called_names(file))}


def test_only_the_scheduler_asks_the_time() -> None:
    clock = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    assert _files_where(clock) == {"scheduler.py"}


def test_only_the_settings_read_the_environment() -> None:
    assert _files_where({"os.environ", "os.getenv"}) == {"earful/settings.py"}


def test_the_broad_except_lives_in_the_scheduler_alone() -> None:
    places = set()
    for file in [file for room in MAY_IMPORT for file in sources(room)]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                if caught in {"Exception", "BaseException", "everything"}:
                    places.add(str(file.relative_to(ROOT)))
    assert places == {"scheduler.py"}
