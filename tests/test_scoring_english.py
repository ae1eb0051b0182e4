"""English: VADER's scores to the last digit, and the complaint cues on top of them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from vaderSentiment import vaderSentiment as original  # noqa: N813

from scoring import language, pieces, syllables
from scoring.english import EnglishScorer
from scoring.language import guess
from scoring.scored import NOTHING
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
    "great but good but bad",
    "but great",
    "without a doubt great, without any doubt bad",
    "Never this good and never so bad",
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


SCORER = EnglishScorer()
COMPLAINTS = [
    "Still waiting for my refund",
    "My order was cancelled without any notice",
    "Delayed again, 3 hours on hold and no response",
    "The app crashes as soon as I open it",
    "It doesn't work any more",
    "I can't log in since the update",
    "They lost my luggage",
    "The lid was broken when it arrived",
    "The kettle stopped working after two weeks",
    "Complete waste of money",
    "What a rip-off",
    "I was charged twice for one blender",
    "Worst blender I have owned",
    "Great, another crash",
    "Thanks for nothing",
    "Never again",
    "I’ve tried everything and nobody answers",
    "If I could give zero stars I would",
    "delivered to the wrong address 😡",
    "soooo slow and the staff is rude",
    "Nothing but problems since day one",
]
PRAISE = [
    "No problems so far, works perfectly",
    "Can't wait to use it again",
    "Easy to set up and worth every penny",
    "This rice cooker is insanely good",
    "Not a single delay, shout out to the driver",
    "Highly recommend, arrived on time",
    "looooove it 😍",
    "Keep up the good work, thank you so much",
    "Not bad at all, I expected worse",
]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint_weighs_below_zero(text: str) -> None:
    assert SCORER.score(text).raw < -0.2


@pytest.mark.parametrize("text", PRAISE)
def test_praise_weighs_above_zero(text: str) -> None:
    assert SCORER.score(text).raw > 0.2


@pytest.mark.parametrize("text", ["", "The parcel is blue", "BX500 vs BX700", "Hàng về chiều nay"])
def test_words_without_feeling_weigh_nothing(text: str) -> None:
    assert SCORER.score(text).raw == 0
    assert SCORER.score(text).reasons == ()


@pytest.mark.parametrize("text", [*COMPLAINTS, *PRAISE])
def test_reasons_stand_where_they_say_in_the_texts_own_spelling(text: str) -> None:
    reasons = SCORER.score(text).reasons
    assert reasons
    for reason in reasons:
        assert text[reason.start : reason.end] == reason.words
        assert reason.words == reason.words.strip()
    assert list(reasons) == sorted(reasons, key=lambda each: each.start)


def test_what_follows_but_weighs_more() -> None:
    last_good = SCORER.score("The blender is slow but lovely")
    last_bad = SCORER.score("The blender is lovely but slow")
    assert last_good.raw > last_bad.raw
    assert last_bad.negative > last_good.negative


def test_copies_of_an_emoji_add_little() -> None:
    one, many = SCORER.score("late 😡").raw, SCORER.score("late " + "😡" * 40).raw
    assert many < one
    assert many > 2 * one


def test_emoji_alone_speak_in_any_language() -> None:
    assert SCORER.emoji("จัดส่งช้า 😡").raw < 0
    assert SCORER.emoji("จัดส่งช้า") == NOTHING


def test_evidence_is_split_into_its_two_sides() -> None:
    scored = SCORER.score("Lovely handle, but the motor broke and support ignored me")
    assert scored.positive > 1
    assert scored.negative > 2
    assert scored.raw == pytest.approx(scored.positive - scored.negative)


def test_words_met_long_ago_are_forgotten_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = list(_texts(60, seed=9))
    before = [(OURS.polarity(text), SCORER.score(text), guess(text)) for text in texts]
    for memo in (OURS.tokens, pieces.PIECES, language._TOKENS, syllables._FORMS):
        memo.clear()
        monkeypatch.setattr(memo, "room", 3)
    assert [(OURS.polarity(text), SCORER.score(text), guess(text)) for text in texts] == before
