"""`python -m benchmarks` runs every benchmark; `python -m benchmarks NAME ...` runs one."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = {
    "pipeline": "feeds to flags beside a Saturday script; unchanged feeds beside bare Scrapy",
    "intake": "the store's one door alone: new, again, edited",
    "export": "100,000 rows as csv and xlsx, and the memory that takes",
    "search": "folded search and the newest negative among 200,000 mentions",
    "verdict": "the whole verdict beside vaderSentiment alone, on the same texts",
    "demo": "where `earful demo` spends its time",
    "quality": "every bar of scoring on labelled texts: name their folder with --labelled",
}


def main(arguments: list[str]) -> int:
    """Run what is named, or all."""
    if arguments and arguments[0] not in BENCHMARKS:
        for name, words in BENCHMARKS.items():
            print(f"  {name:10} {words}")
        return 2 if arguments[0] not in ("--list", "--help", "-h") else 0
    for name in arguments[:1] or BENCHMARKS:
        if "--one" not in arguments:
            print(f"== {name}: {BENCHMARKS[name]}", flush=True)
        import_module(f"benchmarks.{name}").main(arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
