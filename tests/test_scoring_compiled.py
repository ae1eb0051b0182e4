"""Compiled or not, scoring/ says the same; what was compiled never hides a changed source."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from zipfile import ZipFile

import pytest

import compile_scoring
import scoring
from benchmarks.verdict import made
from scoring.compiled import LIBRARY, MODULES, TRUSTED, Standing, built
from scoring.judge import Judge

ROOT = Path(__file__).resolve().parents[1]
SUFFIX = EXTENSION_SUFFIXES[0]
HARD = [
    "",
    " ",
    "?",
    "Tệ",
    "ok",
    "😡😡😡",
    "👍👍 tuyệt vời 😍",
    "Ko thik, sp hỏg r, mn đừg mua nhaaaa",
    "shop rep chậm vl, đc cái rẻ",
    "nguyen con hang bi vo, khong ai tra loi",
    "Kh?ng h?i l?ng, m?y h?ng sau 2 ng?y",
    "N\ufffdi c\u01a1m ch\ufffdp ch\ufffdn, tr\ufffd h\ufffdng",
    "Sản phẩm tốt nhÆ°ng giao trá»…",
    "Not bad at all, but I'd NEVER buy it again!!! :(",
    "Great... if you like leaks 😂 Máy đẹp but the motor died, thất vọng",
    "Why would anyone pay 2.500.000đ for this? Có bảo hành không?",
    "<b>Sold out</b> https://luamay.example/noi-com?x=1 @luamay #luamay",
    "đẹp" + "x" * 500,
    "Nồi kêu rè rè, nắp lỏng. " * 100,
    "The lid cracked and nobody answers. " * 100,
    "مرحبا 你好 どうも",
    "e\u0301 \u0302ma \u200b\ud83d",
]
ASKED = """
import json, sys
import scoring
from scoring.judge import Judge
judge = Judge()
said = [judge.text(text, title=title, stars=stars).as_json()
        for text, title, stars in json.load(sys.stdin)]
print(json.dumps([scoring.STANDING, scoring.judge.__file__, said]))
"""

WHICH = """
import importlib.util
import scoring
print(scoring.STANDING, importlib.util.find_spec("scoring.judge").origin)
"""


@pytest.fixture
def compiled() -> Path:
    """Return the folder of the extension modules; skip without, but not where CI could compile."""
    if scoring.STANDING is not Standing.COMPILED:
        why = f"scoring/ runs from its sources: {scoring.STANDING} (make compiled)"
        if os.environ.get("CI") == "true" and not compile_scoring.lacking():
            pytest.fail(why)
        pytest.skip(why)
    return built()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a tree with what a build of scoring/ needs, nothing compiled in it."""
    for room in ("scoring", "ingest"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=_ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py", "compile_scoring.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _ignored(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in ("built", "__pycache__")]


def run(tree: Path, *arguments: str, given: str = "", **environment: str) -> str:
    """Return what a Python says that finds the rooms in `tree` first."""
    place = {**os.environ, "PYTHONPATH": str(tree), "PYTHONIOENCODING": "utf-8", **environment}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree, env=place, input=given, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def texts() -> list[tuple[str, str, float | None]]:
    """Return texts with titles and stars: made ones with slips of their own, and hard ones."""
    plain = [made(language, number) for language in ("vi", "en") for number in range(200)]
    cases = [(text, "", None) for text in plain]
    cases += [(text, title, stars) for text in HARD for title in ("", "Thất vọng / awful")
              for stars in (None, 1.0, 5.0)]  # fmt: skip
    return cases


def test_the_sources_alone_give_the_very_same_verdicts(compiled: Path, tree: Path) -> None:
    cases = texts()
    standing, file, theirs = json.loads(run(tree, "-c", ASKED, given=json.dumps(cases)))
    assert (standing, file) == (Standing.ABSENT, str(tree / "scoring" / "judge.py"))
    assert built().parent.parent == ROOT / "scoring"
    judge = Judge()
    for (text, title, stars), their in zip(cases, theirs, strict=True):
        ours = judge.text(text, title=title, stars=stars).as_json()
        assert json.loads(json.dumps(ours)) == their, text


def unchanged(tree: Path, place: Path) -> None:
    """Leave all as it is."""


def edited(name: str) -> Callable[[Path, Path], None]:
    """Return an edit of a source that a digest sees and no verdict."""

    def edit(tree: Path, place: Path) -> None:
        with (tree / name).open("a", encoding="utf-8") as source:
            source.write("# edited\n")

    return edit


def not_compiled(tree: Path, place: Path) -> None:
    """Take all that was compiled away."""
    shutil.rmtree(place.parent)


def of_another_python(tree: Path, place: Path) -> None:
    """Leave only what another Python could load."""
    place.rename(place.with_name("cpython-39-another"))


def in_part(tree: Path, place: Path) -> None:
    """Take one of the extension modules away."""
    (place / f"judge{SUFFIX}").unlink()


def spoiled(tree: Path, place: Path) -> None:
    """Put there what no machine can load."""
    (place / f"{LIBRARY}{SUFFIX}").write_bytes(b"not for this machine")


@pytest.mark.parametrize(
    ("happens", "standing"),
    [
        (unchanged, Standing.COMPILED),
        (edited("scoring/judge.py"), Standing.CHANGED),
        (edited("ingest/text.py"), Standing.CHANGED),
        (edited("scoring/training.py"), Standing.COMPILED),
        (not_compiled, Standing.ABSENT),
        (of_another_python, Standing.ABSENT),
        (in_part, Standing.BROKEN),
        (spoiled, Standing.BROKEN),
    ],
)
def test_what_was_compiled_is_taken_whole_and_of_these_sources_or_not_at_all(
    happens: Callable[[Path, Path], None], standing: Standing, compiled: Path, tree: Path
) -> None:
    place = tree / compiled.relative_to(ROOT)
    shutil.copytree(compiled, place)
    happens(tree, place)
    said = run(tree, "-c", WHICH)
    judge = place / f"judge{SUFFIX}"
    if standing is not Standing.COMPILED:
        judge = tree / "scoring" / "judge.py"
    assert said == f"{standing} {judge}\n"


@pytest.mark.parametrize("compiler", ["false", "no-such-compiler"])
def test_without_a_compiler_the_sources_are_packed_and_it_is_said(
    compiler: str, tree: Path
) -> None:
    said = run(tree, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist", CC=compiler)
    assert "scoring/ runs as plain Python: the same verdicts, but slower" in said
    assert compiler in said
    assert not (tree / "scoring" / "built").exists()
    (wheel,) = (tree / "dist").iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")
    with ZipFile(wheel) as packed:
        assert "scoring/judge.py" in packed.namelist()
        assert not [name for name in packed.namelist() if "built" in name]


def test_a_wheel_has_what_was_compiled_and_none_of_its_c(compiled: Path, tree: Path) -> None:
    shutil.copytree(compiled, tree / compiled.relative_to(ROOT))
    shutil.copytree(compiled, tree / "scoring" / "built" / "cpython-39-another")
    said = run(tree, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist")
    assert f"scoring/ is compiled for {compiled.name}" in said
    (wheel,) = (tree / "dist").iterdir()
    assert "none-any" not in wheel.name
    with ZipFile(wheel) as packed:
        packed.extractall(tree / "installed")
        names = [name for name in packed.namelist() if name.startswith("scoring/")]
    assert {Path(name).suffix for name in names} == {".py", ".tsv", ".digest", Path(SUFFIX).suffix}
    assert not [name for name in names if "another" in name]
    installed = tree / "installed"
    assert run(installed, "-c", "import scoring; print(scoring.STANDING)") == "compiled\n"


def sources() -> list[tuple[str, ast.Module]]:
    """Return the compiled modules by name, read."""
    room = ROOT / "scoring"
    return [(each, ast.parse((room / f"{each}.py").read_text("utf-8"))) for each in MODULES]


def test_what_compiled_modules_trust_is_part_of_the_digest() -> None:
    seen = set()
    for _, source in sources():
        for node in ast.walk(source):
            if isinstance(node, ast.ImportFrom) and node.module:
                seen.add(node.module.replace(".", "/"))
    ours = {name for name in seen if name.startswith(("scoring/", "ingest/"))}
    assert ours - {f"scoring/{name}" for name in MODULES} == set(TRUSTED)


def test_compiled_modules_remember_nothing_by_cached_property() -> None:
    # mypyc takes it for a property, made anew each time it is asked
    for name, source in sources():
        used = [node.id for node in ast.walk(source) if isinstance(node, ast.Name)]
        assert "cached_property" not in used, name
