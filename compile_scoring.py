"""Compiles the judges of scoring/ into extension modules with mypyc, where a C compiler is.

    python compile_scoring.py

Nothing is done if those that stand were made from the very sources. Ends with 1, and says why,
if they cannot be compiled: scoring/ then runs as plain Python, with the same verdicts.
`scoring/compiled.py` has the list of modules and says when they are taken.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import ModuleType
from typing import Any

__all__ = ["NotCompiledError", "compile_scoring", "lacking", "standing", "told"]

ROOT = Path(__file__).resolve().parent
OPTIMISED = "2"  # more takes longer to compile and gains nothing that can be measured
MYPY = ["--config-file=", "--cache-dir=cache", "--no-site-packages", "--ignore-missing-imports",
        "--follow-imports=silent"]  # fmt: skip
TRIAL = "#include <Python.h>\nPyMODINIT_FUNC PyInit_trial(void) { return NULL; }\n"


class NotCompiledError(Exception):
    """Why the room is not compiled, and the next step."""


def main() -> int:
    """Compile what is not compiled yet; return 0, or 1 if that fails."""
    began = perf_counter()
    if place := standing():
        print(f"scoring/ is compiled for {place.name} from these sources")
        return 0
    try:
        place = compile_scoring()
    except NotCompiledError as e:
        print(told(e))
        return 1
    print(f"scoring/ is compiled for {place.name}, in {perf_counter() - began:.0f} s")
    return 0


def told(why: NotCompiledError) -> str:
    """Return in words that it goes on without."""
    return f"scoring/ runs as plain Python: the same verdicts, but slower: {why}"


def standing() -> Path | None:
    """Return the folder of the extension modules if they are of these sources and load."""
    asked = "import sys, scoring; sys.exit(scoring.STANDING != scoring.compiled.Standing.COMPILED)"
    done = subprocess.run([sys.executable, "-P", "-c", asked], env=_with_root(), check=False)
    place: Path = _room_list(ROOT).built()
    return None if done.returncode else place


def lacking() -> str:
    """Return what is needed for compiling and not there, "" if nothing is known to be."""
    headers = Path(sysconfig.get_path("include"), "Python.h")
    if not headers.is_file():
        return f"there is no {headers}. Next: install Python's headers (python3-dev)"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "")
    if compiler and not shutil.which(compiler[0]):
        return f"there is no C compiler {compiler[0]}. Next: install one (gcc)"
    return ""


def compile_scoring() -> Path:
    """Compile the room and return the folder of the extension modules; NotCompiledError if not."""
    if why := lacking():
        raise NotCompiledError(why)
    with TemporaryDirectory(prefix="earful-") as name:
        scratch = Path(name)
        for room in ("scoring", "ingest"):  # what is compiled is what the stamp says, edits or not
            (scratch / room).mkdir()
            for source in (ROOT / room).glob("*.py"):
                shutil.copy(source, scratch / room)
        for step in STEPS:
            _run(step, scratch)
        compiled = _room_list(scratch)
        stamp = compiled.digest(scratch / "scoring")
        (scratch / "lib" / "scoring" / compiled.STAMP).write_text(f"{stamp}\n", encoding="ascii")
        place: Path = _room_list(ROOT).built()
        try:
            _put(scratch / "lib" / "scoring", place)
        except OSError as e:
            raise NotCompiledError(f"{place} cannot be written: {e}") from e
    return place


def _room_list(root: Path) -> ModuleType:
    """Return `scoring.compiled` of `root`, without the room around it."""
    spec = importlib.util.spec_from_file_location("compiled", root / "scoring" / "compiled.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(step: str, scratch: Path) -> None:
    """Take `step` in a child whose folder is `scratch`; NotCompiledError with its last words."""
    command = [sys.executable, "-P", str(Path(__file__).resolve()), step]
    done = subprocess.run(
        command, cwd=scratch, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise NotCompiledError(f"{step} failed.\n  " + "\n  ".join(said[-12:]))


def _put(made: Path, place: Path) -> None:
    """Move the folder `made` to `place` in one step for those who read there."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(made, fresh)
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)


def _with_root() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def try_the_compiler() -> None:
    """Compile two lines of C: tells within a second whether the rest can go well."""
    from setuptools import Extension

    Path("trial.c").write_text(TRIAL, encoding="ascii")
    _build([Extension("trial", ["trial.c"])], into="trial")


def compile_all() -> None:
    """Compile the modules of scoring/ in the folder that this runs in, into `lib`."""
    from mypyc.build import mypycify

    compiled = _room_list(Path())
    files = [f"scoring/{name}.py" for name in compiled.MODULES]
    group = f"scoring.{compiled.LIBRARY.removesuffix('__mypyc')}"
    extensions = mypycify(
        MYPY + files, opt_level=OPTIMISED, debug_level="0", target_dir="c", group_name=group
    )
    for each in extensions:  # another compiler may warn of more
        each.extra_compile_args = [a for a in each.extra_compile_args if a != "-Werror"]
    _build(extensions, into="lib")


def _build(extensions: list[Any], *, into: str) -> None:
    from setuptools import setup

    script = ["--quiet", "build_ext", "--build-lib", into, "--build-temp", "o"]
    setup(name="scoring", packages=[], ext_modules=extensions, script_args=script)


STEPS: dict[str, Callable[[], None]] = {
    "trying the C compiler": try_the_compiler,
    "compiling": compile_all,
}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        STEPS[sys.argv[1]]()
    else:
        sys.exit(main())
