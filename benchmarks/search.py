"""What an inbox asks, among many mentions: words without marks, the newest negative, a page."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from benchmarks.filled import filled
from benchmarks.measure import middle
from benchmarks.posts import BRAND
from scoring.verdict import Label
from store.engine import Store
from store.mentions import Filter, count, find

TIMES = 15


def main(arguments: list[str]) -> None:
    """Print the middle CPU time of each question."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks search")
    parser.add_argument("--mentions", type=int, default=200_000)
    chosen = parser.parse_args(arguments)
    with filled(chosen.mentions) as store:
        for name, ask in questions(store).items():
            print(f"{name:44} {middle([_cpu_ms(ask) for _ in range(TIMES)]):8.2f} CPU ms")


def questions(store: Store) -> dict[str, Callable[[], object]]:
    """Return each question by its name."""
    rare, phrase = Filter(search="#777"), Filter(search='"khong ai tra loi"')
    of_source = Filter(brand=BRAND, source="luamay.example")
    negative = Filter(brand=BRAND, label=Label.NEGATIVE)
    return {
        "newest 50 of all": lambda: find(store, Filter(brand=BRAND), limit=50),
        "newest 50 negative": lambda: find(store, negative, limit=50),
        "newest 50 flagged": lambda: find(store, Filter(brand=BRAND, is_flagged=True), limit=50),
        "newest 50 of one source": lambda: find(store, of_source, limit=50),
        "newest 50 with a phrase, typed without marks": lambda: find(store, phrase, limit=50),
        "one rare word": lambda: find(store, rare, limit=50),
        "how many hold a phrase": lambda: count(store, phrase),
    }


def _cpu_ms(ask: Callable[[], object]) -> float:
    start = time.process_time()
    ask()
    return (time.process_time() - start) * 1000
