"""English: VADER's scores to the last digit, and the complaint cues on top of them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from vaderSentiment import vaderSentiment as original  # noqa: N813

from scoring.vader import Vader

ANALYSER = original.SentimentIntensityAnalyzer()
OURS = Vader()
GLUE = [
    *("but", "BUT", "But", "kind", "KIND", "of", "Of", "sort", "just", "enough", "no", "NO", "nor"),
    *("or", "not", "never", "so", "this", "without", "doubt", "least", "at", "very", "the", "a"),
    *("and", "is", "was", "I", "YOU", "it's", "can't", "n't", "wasn't", "WON'T", "yeah", "right"),
    *("shit", "bad", "ass", "bus", "stop", "kiss", "death", "to", "die", "for", "beating", "heart"),
    *("bomb", "despite", "rarely"),
]
ODD = [
    *("...", "!!!", "?", "??", "????", ":)", ":(", ":D", ";-)", "<3", "8)", "(:", ">:(", "'", '"'),
    *("\u00a0", "\u200b", "\t", "\n", "", "日本", "không", "ĐẸP", "İstanbul", "ß", "ǆ", "-", "é"),
    *("(great)", "'good'", '"BAD"', "-hate-", "*love*", "no,", "good!bad", "x-rated", "143"),
    *("😡", "😍", "👍", "💔", "❤", "\ufe0f", "😂😂", "a😡b"),
]
SENTENCES = (
    "",
    "   ",
    "!",
    "Not bad at all, but the app is the WORST!!",
    "It was never so good, no no no.",
    "At least it isn't a horrible blender.",
    "The least helpful desk I know",
    "Least loved lamp",
    "kind of good, sort of BAD, just enough great",
    "Without a doubt, an excellent idea",
    "great great great but great",
    "good bad but bad good good",
    "Hàng đẹp lắm 😍 but ship LÂU 😡😡!!!",
    "ok👍thanks",
)


def _texts(count: int, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    banks = (list(ANALYSER.lexicon), list(original.BOOSTER_DICT), GLUE, ODD, list(ANALYSER.emojis))
    for _ in range(count):
        words = []
        for _ in range(rng.randint(0, 14)):
            word = rng.choice(rng.choices(banks, weights=(4, 2, 4, 2, 1))[0])
            shape = rng.random()
            word = word.upper() if shape < 0.15 else word.title() if shape < 0.25 else word
            words.append(word + rng.choice(("", "", "", ",", "!", "?", ".", "!?")))
        yield rng.choice(("", " ")) + rng.choice((" ", " ", "  ", "\n")).join(words)


def _assert_equal(text: str) -> None:
    assert OURS.polarity(text)._asdict() == ANALYSER.polarity_scores(text), text


@pytest.mark.parametrize("text", SENTENCES)
def test_the_four_scores_are_those_of_the_original(text: str) -> None:
    _assert_equal(text)


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_generated_texts_score_as_in_the_original(seed: int) -> None:
    for text in _texts(2_500, seed):
        _assert_equal(text)


@pytest.mark.parametrize("name", ["en_vader_tweets", "en_airline", "en_uci", "vi_shopee"])
def test_real_posts_score_as_in_the_original(shared: Path, name: str) -> None:
    with (shared / "labelled" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in list(csv.DictReader(file))[:1_000]:
            _assert_equal(row["text"])
