"""The store's one door alone: CPU per mention that is new, known, or edited."""

from __future__ import annotations

import argparse

from benchmarks.filled import PAGE, Opinions, filled, page_of, taken
from benchmarks.measure import Meter


def main(arguments: list[str]) -> None:
    """Print CPU ms per 1,000 mentions for each case; verdicts are remembered beforehand."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks intake")
    parser.add_argument("--mentions", type=int, default=10_000)
    chosen = parser.parse_args(arguments)
    opinions = Opinions()
    with filled(0) as store:
        taken(store, page_of(10**6, size=1_000), opinions=opinions)
        for name, edited in (("new", ""), ("known", ""), ("edited", " Sửa lại.")):
            meter = Meter()
            for start in range(0, chosen.mentions, PAGE):
                taken(store, page_of(start, edited=edited), opinions=opinions)
            print(f"{name:7} {meter.cpu_s() / chosen.mentions * 1e6:6.0f} CPU ms per 1,000")
