"""The whole verdict beside vaderSentiment alone, on the same texts in the same run.

Language, sentiment, kind, aspects, causes, spam, mismatch and reasons against VADER's four
numbers. Every text is judged once, after others have warmed both up: no whole text is
remembered, words are.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import process_time

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.measure import middle
from benchmarks.posts import EN, VI, Parts, dice, sentence
from scoring.judge import Judge

BLOCK = 50  # texts of one turn: short, so that both meet the same noise
ROUND = 500
SLIPS = 12  # every so many words is spelled as nobody else spells it


def main(arguments: Sequence[str] = ()) -> None:
    """Print texts per CPU second and CPU against VADER, in each language."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks verdict", description=__doc__)
    parser.add_argument("--labelled", type=Path, help="a folder of CSV files with text and lang")
    parser.add_argument("--rounds", type=int, default=7, help="of 500 texts in each language")
    parser.add_argument("--warm", type=int, default=3_000, help="texts judged before, uncounted")
    chosen = parser.parse_args(arguments)
    began = process_time()
    judge = Judge()
    print(f"a judge is made in {process_time() - began:.2f} CPU s")
    vader = SentimentIntensityAnalyzer()
    texts = {name: _texts(name, chosen.labelled) for name in ("vi", "en")}
    began = process_time()
    for each in texts.values():
        for text in islice(each, chosen.warm // 2):
            judge.text(text)
    print(f"the first {chosen.warm} texts: {chosen.warm / (process_time() - began):,.0f} a CPU s")
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in texts}
    for _ in range(chosen.rounds):
        for name, each in texts.items():
            some = list(islice(each, ROUND))
            if len(some) == ROUND:
                rounds[name].append(_paired(some, judge.text, vader.polarity_scores))
    for name, costs in rounds.items():
        _print(name, costs)
    _print("both", [_sum(pair) for pair in zip(*rounds.values(), strict=False)], texts=2 * ROUND)


def _paired(
    texts: Sequence[str], ours: Callable[[str], object], theirs: Callable[[str], object]
) -> tuple[float, float]:
    """Return the CPU seconds of both over `texts`, in turns."""
    spent = [0.0, 0.0]
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        for who, score in enumerate((ours, theirs)):
            began = process_time()
            for text in block:
                score(text)
            spent[who] += process_time() - began
    return spent[0], spent[1]


def _sum(pair: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(ours for ours, _ in pair), sum(theirs for _, theirs in pair)


def _print(name: str, costs: Sequence[tuple[float, float]], *, texts: int = ROUND) -> None:
    if costs:
        ours, theirs = (middle([texts / cost[who] for cost in costs]) for who in (0, 1))
        ratio = middle([cost[0] / cost[1] for cost in costs])
        print(
            f"{name:5} {ours:8,.0f} texts a CPU s, VADER {theirs:8,.0f}: {ratio:.2f} times its CPU"
        )


def _texts(language: str, folder: Path | None) -> Iterator[str]:
    """Yield different texts of one language: labelled ones, each file in turn, or made ones."""
    if folder is None:
        return (made(language, number) for number in range(10**9))
    seen: dict[str, None] = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            seen |= {row["text"]: None for row in csv.DictReader(lines) if row["lang"] == language}
    kept = list(seen)
    step = 7_919  # a prime: neighbours in a file come far apart
    return (kept[number * step % len(kept)] for number in range(len(kept)))


def made(language: str, number: int) -> str:
    """Return a review of one to three sentences (30 to 200 letters) with slips of its own."""
    parts: Parts = VI if language == "vi" else EN
    thrown = dice(number)
    chosen = {name: parts[name][next(thrown) % len(parts[name])] for name in ("thing", "place")}
    said = " ".join(sentence(parts, "form", thrown, chosen) for _ in range(1 + next(thrown) % 3))
    words = said.split(" ")
    for at in range(next(thrown) % SLIPS, len(words), SLIPS):
        letter = "abcdefghiklmnopqrstuvxy"[next(thrown) % 23]
        cut = next(thrown) % (len(words[at]) + 1)
        words[at] = words[at][:cut] + letter + words[at][cut:]
    return " ".join(words)
