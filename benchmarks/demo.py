"""Where `earful demo` spends its time: CPU and wall seconds of the command and its children."""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Meter, middle

STEPS = ("-c", "import scheduler, earful.app, store.export")


def main(arguments: list[str]) -> None:
    """Print the middle of some runs, each in a folder of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks demo")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    adopt_orphans()
    for name, asked in (("imports alone", STEPS), ("earful demo", ("-m", "earful", "demo"))):
        rounds = [_run(asked) for _ in range(chosen.rounds)]
        cpu_s, wall_s = (middle([each[nth] for each in rounds]) for nth in (0, 1))
        print(f"{name:14} {cpu_s:.1f} CPU s, {wall_s:.1f} s on the clock", flush=True)


def adopt_orphans() -> None:
    """Become the parent of what a program leaves behind, so that it is counted (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def _wait_for_orphans() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def _run(asked: tuple[str, ...]) -> tuple[float, float]:
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        meter, start = Meter(), time.monotonic()
        subprocess.run(
            [sys.executable, *asked], check=True, cwd=folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        wall_s = time.monotonic() - start
        _wait_for_orphans()
        return meter.cpu_s(), wall_s
