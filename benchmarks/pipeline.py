"""The whole job, feeds to flags, against the Saturday script in the same run.

Passes: first (everything is new), again with 304 answers, again without
validators (the same bytes come back). Real Scrapy in real crawl children; each
mention is normalised, matched, scored, flagged, indexed, kept with its capture,
and every visit is written into the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import scheduler
from benchmarks import bare
from benchmarks.feedserver import Served, serving
from benchmarks.measure import Meter, middle
from benchmarks.posts import BRAND
from crawlers.run import warm_up
from crawlers.settings import CrawlSettings
from ingest.brand import Brand
from store import watches
from store.engine import open_store

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SETTINGS = CrawlSettings(contact="bench@luamay.example", delay_s=0, retries=0, allow_private=True)
PASSES = ("first", "304", "same bytes")


@dataclass(frozen=True, slots=True)
class Round:
    """CPU seconds of one round: Earful and the script by pass, and the floor of a 304."""

    earful: list[float]
    script: list[float]
    bare_304: float
    new: int


def one_round(feeds: int, *, entries: int = 30) -> Round:
    """Run both over the same feeds, three passes each."""
    with serving(feeds, entries=entries) as served, tempfile.TemporaryDirectory() as folder:
        earful, new = _earful(served, Path(folder))
        served.set_validators(on=True)
        script = _script(served, Path(folder))
        bare_304 = bare.cpu_s_of_304(served)
    return Round(earful, script, bare_304, new)


def _earful(served: Served, folder: Path) -> tuple[list[float], int]:
    url = f"sqlite:///{folder / 'earful.db'}"
    store = open_store(url)
    for each in served.urls:
        watches.add(store, "feed", each, now=NOW)
    spent, new = [], 0
    for nth in range(len(PASSES)):
        served.set_validators(on=nth < 2)
        now = NOW + timedelta(hours=nth)
        collector = scheduler.Collector(
            url, [Brand(name=BRAND)], SETTINGS, clock=scheduler.FixedClock(now)
        )
        listed = watches.listing(store, now=now)
        meter = Meter(without=[served.pid])
        visited = asyncio.run(collector.visit(listed))
        spent.append(meter.cpu_s())
        collector.close()
        new += sum(each.counts.new for each in visited)
        wrong = {each.facts.outcome for each in visited} - {("ok", "unchanged", "unchanged")[nth]}
        if wrong:
            print(f"  pass {PASSES[nth]}: some visits ended {', '.join(sorted(wrong))}")
    store.close()
    return spent, new


def _script(served: Served, folder: Path) -> list[float]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.saturday", str(folder / "script.db"), "2"],
        input="\n".join(served.urls), capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return [float(line.split()[1]) for line in run.stdout.splitlines()]


def main(arguments: list[str]) -> None:
    """Measure some rounds and print the middle one of each figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pipeline")
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    starting = Meter()
    warm_up(*scheduler.WARM)
    bare.wait_until_warm()
    print(f"start of the service, once: {starting.cpu_s():.2f} CPU s", flush=True)
    report([one_round(chosen.feeds) for _ in range(chosen.rounds)], chosen.feeds)


def report(rounds: list[Round], feeds: int) -> None:
    """Print CPU seconds per 1,000 new mentions and CPU ms a feed, with ratios."""
    first = [each.earful[0] / each.new * 1000 for each in rounds]
    script = [each.script[0] / each.new * 1000 for each in rounds]
    ratios = [theirs / ours for theirs, ours in zip(script, first, strict=True)]
    print(f"first pass, CPU s per 1,000 new: Earful {middle(first):.3f}", end="")
    print(f", the script {middle(script):.3f}: {middle(ratios):.1f} times as much")
    bare_ms = middle([each.bare_304 / feeds * 1000 for each in rounds])
    print(f"a bare Scrapy request answered 304: {bare_ms:.2f} CPU ms")
    for nth, name in ((1, "304"), (2, "the same bytes")):
        ours = middle([each.earful[nth] / feeds * 1000 for each in rounds])
        again = middle([each.script[1] / each.earful[nth] for each in rounds])
        print(
            f"unchanged feed, {name}: {ours:.2f} CPU ms,"
            f" {ours / bare_ms:.2f} of the bare request; the script takes {again:.0f} times as much"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
