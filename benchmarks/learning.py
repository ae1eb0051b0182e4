"""What stars teach: `python -m benchmarks.learning FOLDER` prints the figures of docs/learning.md.

FOLDER holds labelled sets as CSV with lang, text, label and stars: vi_shopee and en_gplay to
learn from, the others to judge by. Earful ships none of them.
"""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from ingest.text import clean, repair
from scoring.contest import Review, cross_checked
from scoring.evaluation import NEGATIVE_LABELS
from scoring.judge import Judge
from scoring.learned import LearnedModel, save
from scoring.measure import (
    average_precision,
    bootstrap,
    calibration_error,
    counts,
    f1,
    recall_at_precision,
)
from scoring.scored import NOTHING

STARS = {"vi": "vi_shopee", "en": "en_gplay"}
SETS = {
    "vi": ("vi_aivivn", "vi_viocd", "vi_visfd"),
    "en": ("en_airline", "en_vader_tweets", "en_complaints"),
}
CURVE = (100, 300, 1000, 3000)
ROUNDS = 200
Figure = Callable[[Sequence[bool], Sequence[float]], float]
Row = dict[str, str]


def main(arguments: list[str]) -> int:
    """Print every figure of both languages."""
    folder = Path(arguments[0])
    for language in STARS:
        taught = [
            Review(language, each["text"], float(each["stars"]))
            for each in read(folder, STARS[language])
        ]
        began = process_time()
        model = cross_checked(taught, language, wanted=None).model
        print(f"{language}: {len(taught)} stars, {len(save([model])) / 1000:.0f} kB, ", end="")
        print(f"learned in {process_time() - began:.0f} CPU s")
        for name in SETS[language]:
            print_set(name, read(folder, name), language, model)
        for size in (*CURVE, len(taught)):
            print_step(folder, taught, language, size)
    return 0


def read(folder: Path, name: str) -> list[Row]:
    """Return the rows of one set."""
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["label"] != "mixed"]


def print_set(name: str, rows: Sequence[Row], language: str, model: LearnedModel) -> None:
    """Print the figures of VADER, the word lists and the model on one set, and on broken copies."""
    truth = [row["label"] in NEGATIVE_LABELS for row in rows]
    copies = COPIES if name == "vi_aivivn" else {"": str}
    vader = SentimentIntensityAnalyzer()
    judges = {"word lists": Judge(), "learned": Judge(learned={language: model})}
    for copy, broken in copies.items():
        texts = [broken(row["text"]) for row in rows]
        head = f"  {name + copy:28} {len(rows):5}"
        if not copy:
            compounds = [vader.polarity_scores(text)["compound"] for text in texts]
            print(f"{head} VADER       {figures_of(truth, compounds)}", flush=True)
        for who, judge in judges.items():
            scores, chances = judged(judge, texts, language)
            told = [pair for pair in zip(truth, chances, strict=True) if pair[1] is not None]
            error = f"{calibration_error(*zip(*told, strict=True)):.2f}" if told else "-"
            print(f"{head} {who:10}  {figures_of(truth, scores)}  ECE {error}", flush=True)


def figures_of(truth: Sequence[bool], scores: Sequence[float]) -> str:
    """Return every figure with its interval, on one line."""
    found = (f"{name} {with_span(each, truth, scores)}" for name, each in FIGURES.items())
    return "  ".join(found)


def print_step(folder: Path, taught: Sequence[Review], language: str, size: int) -> None:
    """Print what `size` of the stars come to: one step of the learning curve."""
    model = cross_checked(spread(taught, size), language, wanted=None).model
    told = []
    for name in SETS[language][:2]:
        rows = read(folder, name)
        truth = [row["label"] in NEGATIVE_LABELS for row in rows]
        texts = [row["text"] for row in rows]
        scores, _ = judged(Judge(learned={language: model}), texts, language)
        alone = [-each for each in words_alone(model, texts)]
        told.append(
            f"{name} "
            + " ".join(f"{each} {FIGURES[each](truth, scores):.3f}" for each in FIGURES)
            + f" (words alone R@80 {FIGURES['R@80'](truth, alone):.2f}"
            + f" AP {FIGURES['AP'](truth, alone):.3f})"
        )
    print(f"  {size:5} stars, {len(save([model])) / 1000:3.0f} kB: {'; '.join(told)}", flush=True)


def spread(taught: Sequence[Review], size: int) -> list[Review]:
    """Return `size` reviews from all over the set."""
    return [taught[place * len(taught) // size] for place in range(size)]


def judged(
    judge: Judge, texts: Sequence[str], language: str
) -> tuple[list[float], list[float | None]]:
    """Return score and chance of each text, read as `earful score` reads it."""
    scores, chances = [], []
    for text in texts:
        repaired = repair(text)
        verdict = judge.text(clean(repaired.text), language=language, damage=repaired.damage)
        scores.append(verdict.score)
        chances.append(verdict.p_negative)
    return scores, chances


def words_alone(model: LearnedModel, texts: Sequence[str]) -> list[float]:
    """Return what the model thinks without the word list, as chances."""
    return [model.p_negative(clean(repair(text).text), NOTHING) for text in texts]


def with_span(figure: Figure, truth: Sequence[bool], scores: Sequence[float]) -> str:
    """Return a figure with its 95 % interval over resamples of the texts."""

    def drawn(rows: Sequence[int]) -> float:
        return figure([truth[row] for row in rows], [scores[row] for row in rows])

    span = bootstrap(len(truth), drawn, rounds=ROUNDS)
    return f"{figure(truth, scores):.3f} ({span.low:.3f}-{span.high:.3f})"


def stripped(text: str) -> str:
    """Return `text` typed without marks."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


COPIES: dict[str, Callable[[str], str]] = {
    "": str,
    ", no marks": stripped,
    ", lost beyond Latin": lambda text: text.encode("latin-1", "replace").decode("latin-1"),
    ", lost beyond ASCII": lambda text: text.encode("ascii", "replace").decode("ascii"),
}
FIGURES: dict[str, Figure] = {
    "F1": lambda truth, scores: f1(counts(truth, [score <= -0.05 for score in scores])),
    "AP": lambda truth, scores: average_precision(truth, [-score for score in scores]),
    "R@80": lambda truth, scores: recall_at_precision(truth, [-score for score in scores])[0],
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
