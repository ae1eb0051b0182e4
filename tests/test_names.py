"""Names speak the user's words, files can be read in one sitting, and nothing strange is kept."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "ingest",
    "scoring",
    "cases",
    "store",
    "crawlers",
    "alerts",
    "inbox",
    "earful",
    "scheduler.py",
)
BANNED = {"data", "info", "item2", "helper", "helpers", "manager", "utils", "process", "handle"}
LINES = 500
# The names that a library's interface asks for.
GIVEN = {("ingest/markup.py", "data")}


def python_files() -> list[Path]:
    found: list[Path] = []
    for room in ROOMS:
        place = ROOT / room
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return found


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("file", python_files(), ids=lambda f: str(f.relative_to(ROOT)))
def test_names_are_in_the_users_words(file: Path) -> None:
    assert file.stem not in BANNED
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_given = (str(file.relative_to(ROOT)), node.name) in GIVEN
            assert is_given or node.name.lower().strip("_") not in BANNED, f"{file}: {node.name}"
        if isinstance(node, ast.arg):
            assert node.arg not in BANNED, f"{file}: argument {node.arg}"


@pytest.mark.parametrize("file", python_files(), ids=lambda f: str(f.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(file: Path) -> None:
    if file.parent.name == "versions":  # a migration is written once, and by a machine
        return
    text = file.read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    assert len(text.splitlines()) <= LINES or f"over {LINES} lines" in said, "say why it is long"


@pytest.mark.parametrize("file", python_files(), ids=lambda f: str(f.relative_to(ROOT)))
def test_every_public_thing_says_what_it_is(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{file}: no docstring"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        said = node.name.startswith("_") or ast.get_docstring(node)
        assert said, f"{file}: {node.name} has no docstring"


def test_no_registry_address_and_no_machine_path_is_in_the_tree() -> None:
    words = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org"]
    words += ["/" + "work/", "/" + "root/"]
    unwanted = re.compile("|".join(map(re.escape, words)))
    for file in tracked():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not unwanted.search(text), f"{file.relative_to(ROOT)}"


def test_constraints_hold_names_and_versions_only() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ; .+)?", line), line
