"""Every bar of scoring on labelled texts: as shipped, and after learning from stars.

`python -m benchmarks quality --labelled FOLDER` prints the tables of docs/scoring.md; FOLDER holds
labelled sets as CSV with id, lang, text, label, stars and extra. Earful ships none of them.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.learning import COPIES, FIGURES, STARS, judged, stripped, with_span
from cases.flag import decide
from ingest.brand import Brand
from ingest.mention import Mention
from scoring.contest import Review, cross_checked
from scoring.evaluation import NEGATIVE_LABELS
from scoring.judge import Judge
from scoring.learned import save
from scoring.measure import Counts, precision, recall, wilson
from scoring.verdict import NOT_A_REVIEW, Kind, Verdict

Row = dict[str, str]

LOSSY = COPIES[", lost beyond ASCII"]


class Bar(NamedTuple):
    """A figure that must be reached on a set: `least`, better `goal`, as the plan says."""

    set: str
    of: str
    figure: str
    least: float
    goal: float
    copy: Callable[[str], str] = str


class Sign(NamedTuple):
    """A bar on another answer than the sentiment: what is true of a row, told by a verdict."""

    set: str
    of: str
    least: float
    is_true: Callable[[Row], bool]
    is_told: Callable[[Verdict], bool]


SHIPPED = (
    Bar("vi_aivivn", "negatives", "F1", 0.82, 0.86),
    Bar("vi_aivivn", "negatives, marks stripped (within .02)", "F1", 0.80, 0.84, stripped),
    Bar("vi_aivivn", "negatives, letters lost", "F1", 0.0, 0.0, LOSSY),
    Bar("vi_viocd", "complaints", "F1", 0.72, 0.78),
    Bar("vi_viocd", "complaints, marks stripped (within .02)", "F1", 0.70, 0.76, stripped),
    Bar("vi_visfd", "has a negative aspect", "AP", 0.85, 0.85),
    Bar("en_airline", "negatives", "F1", 0.70, 0.70),
    Bar("en_vader_tweets", "negatives", "F1", 0.93, 0.93),
)
SIGNS = (
    Sign(
        set="en_suggestion",
        of="suggestions",
        least=0.6,
        is_true=lambda row: row["label"] == "suggestion",
        is_told=lambda verdict: verdict.kind is Kind.SUGGESTION,
    ),
    Sign(
        set="en_maalej",
        of="problems",
        least=0.5,
        is_true=lambda row: row["label"] == "problem",
        is_told=lambda verdict: verdict.kind is Kind.BUG,
    ),
    Sign(
        set="vi_vispam",
        of="not a review",
        least=0.55,
        is_true=lambda row: row["label"] == "spam-3-not-a-review",
        is_told=lambda verdict: verdict.spam >= NOT_A_REVIEW,
    ),
)
LEARNED = {
    "vi": (
        Bar("vi_aivivn", "negatives", "F1", 0.86, 0.875),
        Bar("vi_aivivn", "negatives", "R@80", 0.94, 0.95),
        Bar("vi_aivivn", "negatives, marks stripped (within .015)", "F1", 0.845, 0.86, stripped),
        Bar("vi_aivivn", "negatives, letters lost", "AP", 0.85, 0.87, LOSSY),
        Bar("vi_viocd", "complaints", "AP", 0.89, 0.89),
        Bar("vi_viocd", "complaints", "F1", 0.78, 0.82),
    ),
    "en": (
        Bar("en_airline", "negatives", "F1", 0.79, 0.82),
        Bar("en_vader_tweets", "negatives", "F1", 0.90, 0.90),
    ),
}
FLAGGED = {"vi_visfd": ("4", "5"), "vi_aivivn": ("",), "vi_viocd": ("",)}


def main(arguments: list[str]) -> None:
    """Print the bars as a table, then what the flags come to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality")
    parser.add_argument("--labelled", type=Path, help="The folder of labelled sets.")
    parser.add_argument("--shipped-only", action="store_true", help="Learn nothing.")
    chosen = parser.parse_args(arguments)
    if chosen.labelled is None:
        print("nothing measured: name the folder of labelled sets with --labelled")
        return
    print(
        "| bar | texts | VADER | figure (95 %) | wanted (goal) |\n| --- | --- | --- | --- | --- |"
    )
    judge = Judge()
    for bar in SHIPPED:
        print_bar(chosen.labelled, bar, judge)
    for sign in SIGNS:
        print_sign(chosen.labelled, sign, judge)
    if not chosen.shipped_only:
        print_learned(chosen.labelled)
    print_flags(chosen.labelled, judge)


def print_bar(folder: Path, bar: Bar, judge: Judge, *, head: str = "") -> None:
    """Print the row of one bar, VADER's figure beside ours."""
    any_negative = bar.of == "has a negative aspect"
    rows = [row for row in read(folder, bar.set) if any_negative or row["label"] != "mixed"]
    truth = [
        ":neg" in row["extra"] if any_negative else row["label"] in NEGATIVE_LABELS for row in rows
    ]
    texts = [bar.copy(row["text"]) for row in rows]
    scores, _ = judged(judge, texts, bar.set[:2])
    compound = SentimentIntensityAnalyzer().polarity_scores
    vader = [compound(text)["compound"] for text in texts]
    figure = FIGURES[bar.figure]
    print(
        f"| {head}`{bar.set}` {bar.of}, {bar.figure} | {len(rows):,} | {figure(truth, vader):.3f} "
        f"| {with_span(figure, truth, scores)} | {_wanted(bar.least, bar.goal)} |",
        flush=True,
    )


def print_sign(folder: Path, sign: Sign, judge: Judge) -> None:
    """Print the row of a bar on kinds or spam."""
    rows = read(folder, sign.set)
    truth = [sign.is_true(row) for row in rows]
    told = [sign.is_told(judge.text(row["text"], language=sign.set[:2])) for row in rows]
    found = with_span(FIGURES["F1"], truth, [-1.0 if each else 1.0 for each in told])
    print(f"| `{sign.set}` {sign.of}, F1 | {len(rows):,} | - | {found} | {sign.least:.2f} |")


def print_learned(folder: Path) -> None:
    """Print the bars of the models that the stars of one set per language teach."""
    for language, bars in LEARNED.items():
        taught = [
            Review(language, row["text"], float(row["stars"]))
            for row in read(folder, STARS[language])
            if row["label"] != "mixed"
        ]
        model = cross_checked(taught, language, wanted=None).model
        for bar in bars:
            print_bar(folder, bar, Judge(learned={language: model}), head="learned: ")
        size = len(save([model])) / 1000
        print(f"| learned: size of the {language} model | {len(taught):,} | - | {size:.0f} kB | ")


def print_flags(folder: Path, judge: Judge) -> None:
    """Print how many flags people's labels bear out, and how many of what they name is flagged."""
    print(
        "\n| flags | posts | flagged | precision (95 %) | recall |\n| --- | --- | --- | --- | --- |"
    )
    for name, stars, rows in _flagged(folder):
        truth = [
            ":neg" in row["extra"] if name == "vi_visfd" else row["label"] in NEGATIVE_LABELS
            for row in rows
        ]
        told = [_is_flagged(row, judge) for row in rows]
        hits = sum(a and b for a, b in zip(truth, told, strict=True))
        found = Counts(hits, sum(told) - hits, sum(truth) - hits)
        span = wilson(hits, sum(told))
        print(
            f"| `{name}`{f', {stars} stars' if stars else ''} | {len(rows):,} | {sum(told):,} "
            f"| {precision(found):.2f} ({span.low:.2f}-{span.high:.2f}) | {recall(found):.2f} |",
            flush=True,
        )


def read(folder: Path, name: str) -> list[Row]:
    """Return the rows of one set."""
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _flagged(folder: Path) -> Iterator[tuple[str, str, Sequence[Row]]]:
    for name, groups in FLAGGED.items():
        rows = read(folder, name)
        for stars in groups:
            yield name, stars, [row for row in rows if row["stars"] == stars]


def _is_flagged(row: Row, judge: Judge) -> bool:
    stars = float(row["stars"]) if row["stars"] else None
    mention = Mention(source="labelled", key=row["id"], text=row["text"], stars=stars)
    return decide(mention, judge(mention), Brand(name="Lúa Mây")) is not None


def _wanted(least: float, goal: float) -> str:
    if not least:
        return "-"
    return f"{least:g}" if goal == least else f"{least:g} ({goal:g})"
