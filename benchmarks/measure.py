"""CPU seconds of this program and of every process under it, and peak memory."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from pathlib import Path

import psutil


class Meter:
    """Counts CPU seconds (user and system) from its making on, all processes included.

    A child that has ended counts in its parent's `children_*`; one that lives is
    asked. The processes `without` (a feed server) are left out, and must live
    until the last count.
    """

    def __init__(self, *, without: Sequence[int] = ()) -> None:
        self._without = frozenset(without)
        self._start = self._total()

    def cpu_s(self) -> float:
        """Return the CPU seconds spent since the start."""
        return self._total() - self._start

    def _total(self) -> float:
        own = psutil.Process()
        tree = [own, *own.children(recursive=True)]
        return sum(_spent_s(each) for each in tree if each.pid not in self._without)


def _spent_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # it ended just now: its parent counts it
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def peak_mb() -> float:
    """Return the most memory this process has held, in MB."""
    told = Path("/proc/self/status")
    if told.exists():  # getrusage would count what the program was started from
        line = next(each for each in told.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return sorted(values)[len(values) // 2]
