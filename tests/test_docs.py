"""Docs that cannot rot: what exists is documented, and what is documented exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from crawlers.registry import all_sources
from earful.__main__ import COMMANDS
from earful.pages import PAGES
from earful.settings import BrandSettings, setting_names

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_up_to_date(name: str) -> None:
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert page == PAGES[name](), "run: python -m earful.pages"


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for key, variable, words in setting_names():
        assert f"| `{key}` | `{variable}` |" in page
        assert words in page
    for name in BrandSettings.model_fields:
        assert f"| `{name}` |" in page


def test_the_readme_shows_the_way_in() -> None:
    for words in ("make demo", "make test", "earful listen", "earful import", "earful run"):
        assert words in README


def test_every_command_that_a_page_names_exists() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"^(?:\$ )?earful ([a-z]+)", text, re.MULTILINE):
            assert name in COMMANDS, f"{page.name}: earful {name}"


def test_every_source_is_named_in_the_readme_or_on_its_page() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    for source in all_sources():
        assert f"`{source.kind}`" in page


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"], ids=lambda p: p.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        assert page.name in listed


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text(encoding="utf-8")
    for line in project["dependencies"]:
        name = re.split(r"[<>=\[ ]", line)[0]
        assert name.casefold() in page.casefold(), name
