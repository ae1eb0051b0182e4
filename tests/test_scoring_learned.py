"""Models learned from stars: what they learn, keep, refuse, and how they are judged."""

from __future__ import annotations

import csv
import random
import sys
import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from star_reviews import star_reviews

from ingest.errors import ConfigError
from ingest.text import clean, repair
from scoring.contest import Contest, Review, contest, cross_checked, held_back, newest, unlearnable
from scoring.judge import Judge
from scoring.learned import _CODES, BUCKETS, LearnedModel, buckets, load, save, sides
from scoring.measure import average_precision, calibration_error, counts, f1, recall_at_precision
from scoring.scored import NOTHING, Scored
from scoring.training import (
    FEWEST,
    Lesson,
    fit,
    lesson_of_opinion,
    lesson_of_stars,
    missing,
    threshold_for,
)

LANGUAGES = ("vi", "en")


def blank(language: str = "vi", **changes: object) -> LearnedModel:
    """Return a model that knows no word."""
    plain: dict[str, object] = {
        "language": language, "weights": array("b", bytes(BUCKETS)), "scale": 0.001, "bias": 0.0,
        "praise": 1.0, "blame": 1.0, "threshold": 0.5,
        "learned_from": {"negative": 40, "other": 50},
    }  # fmt: skip
    return LearnedModel(**{**plain, **changes})  # type: ignore[arg-type]


@cache
def learned(language: str) -> Contest:
    """Return what 60 bad and 60 good reviews teach."""
    return cross_checked(star_reviews(language, bad=60, good=60), language, wanted=None)


def weighted(text: str, weight: int, language: str = "vi") -> LearnedModel:
    """Return a model in which every word and pair of `text` weighs `weight`."""
    weights = array("b", bytes(BUCKETS))
    for place in buckets(text, language):
        weights[place] = weight
    return blank(language, weights=weights)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Đẹpppp", "đẹp"), ("ko", "không"), ("hoà", "hòa"), ("SẢN PHẨM", "sản phẩm"), ("12", "345")],
)
def test_spellings_of_one_word_are_one_feature(one: str, other: str) -> None:
    assert buckets(one, "vi") == buckets(other, "vi")


def test_a_word_without_marks_shares_its_second_place_with_the_marked_one() -> None:
    assert set(buckets("hỏng", "vi")) & set(buckets("hong", "vi"))
    assert not set(buckets("hỏng", "en")) & set(buckets("hong", "en"))


def test_the_order_of_two_words_is_told_apart() -> None:
    assert sorted(buckets("not good", "en")) != sorted(buckets("good not", "en"))
    assert len(buckets("not good", "en")) == 3


def test_words_forgotten_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Nồi cơm điện Lúa Mây kêu rè rè"
    known = buckets(text, "vi")
    monkeypatch.setattr(_CODES["vi"], "room", 0)
    assert buckets("hộp móp", "vi") != known
    assert buckets(text, "vi") == known


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_without_words_has_no_features(language: str) -> None:
    assert buckets("", language) == []


@pytest.mark.parametrize(
    ("text", "language"), [("chập chờn", "vi"), ("flickers", "en"), ("😡", "vi"), ("t?t", "vi")]
)
def test_weights_move_the_chance_their_way(text: str, language: str) -> None:
    even = blank(language).p_negative(text, NOTHING)
    assert even == pytest.approx(0.5)
    assert weighted(text, 100, language).p_negative(text, NOTHING) > 0.9
    assert weighted(text, -100, language).p_negative(text, NOTHING) < 0.1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_lists_opinion_moves_the_chance(language: str) -> None:
    found = [Scored(up - down, up, down) for up, down in ((9, 0), (3, 0), (0, 0), (0, 3), (0, 9))]
    chances = [blank(language).p_negative("", each) for each in found]
    assert chances == sorted(set(chances))
    assert chances[2] == 0.5


def test_praise_and_blame_weigh_apart_in_english_and_what_outweighs_in_vietnamese() -> None:
    both = Scored(1.0, positive=4.0, negative=3.0)
    assert sides(both, "en") == pytest.approx((1.609, 1.386), abs=0.001)
    assert sides(both, "vi") == pytest.approx((0.693, 0.0), abs=0.001)
    assert sides(Scored(-1.0, 3.0, 4.0), "vi") == pytest.approx((0.0, 0.693), abs=0.001)
    stern = {each: blank(each, blame=2.0) for each in LANGUAGES}
    assert stern["en"].p_negative("", both) > 0.5 > stern["vi"].p_negative("", both)


def test_the_score_turns_at_the_models_own_threshold() -> None:
    judge = Judge(learned={"vi": blank(threshold=0.7, bias=0.8)})
    assert judge.text("Nồi cơm điện Lúa Mây").score > -0.05
    sure = Judge(learned={"vi": blank(threshold=0.7, bias=0.9)})
    verdict = sure.text("Nồi cơm điện Lúa Mây")
    assert verdict.score <= -0.05
    assert verdict.model.endswith("+" + blank(threshold=0.7, bias=0.9).name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_comes_back_from_its_file_as_it_was(language: str) -> None:
    model = learned(language).model
    body = save([model])
    again = load(body)[language]
    assert again == model
    assert again.name == model.name
    assert len(body) < 1_000_000
    assert save([again]) == body


def test_no_model_grows_beyond_its_table_however_much_it_learned() -> None:
    noise = random.Random(1).randbytes(BUCKETS)
    assert len(save([blank(weights=array("b", noise))])) < 265_000


def test_one_file_holds_both_languages() -> None:
    models = [learned("vi").model, learned("en").model]
    assert list(load(save(models)).values()) == models


def test_a_file_holds_no_word_of_a_review() -> None:
    body = save([learned("vi").model])
    assert not any(word.encode() in body for word in ("chập", "shop", "Nồi"))


def _with_digest_of(body: bytes) -> bytes:
    import hashlib

    return body[:13] + hashlib.blake2b(body[29:], digest_size=16).digest() + body[29:]


BODY = save([blank()])
DAMAGED = {
    "nothing": (b"", "not a model"),
    "a table": (b"lang,text,stars\nvi,Hong,1\n", "not a model"),
    "another version": (BODY[:12] + b"\x09" + BODY[13:], "another version"),
    "the version before": (BODY[:12] + b"\x01" + BODY[13:], "another version"),
    "cut short": (BODY[:-5], "damaged"),
    "one bit": (BODY[:-5] + bytes([BODY[-5] ^ 1]) + BODY[-4:], "damaged"),
    "a field more": (_with_digest_of(BODY.replace(b'"bias"', b'"bist"')), "another version"),
    "another language": (_with_digest_of(BODY.replace(b'"vi"', b'"fr"')), "another version"),
    "no header": (_with_digest_of(BODY[:29] + b"\0\0\0\x02{]"), "another version"),
    "fewer weights": (save([blank(weights=array("b", bytes(8)))]), "another version"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_file_that_is_no_whole_model_is_refused_in_words(case: str) -> None:
    body, words = DAMAGED[case]
    with pytest.raises(ConfigError, match=rf"nhà\.model: .*{words}.*earful train"):
        load(body, subject="nhà.model")


@pytest.mark.parametrize("language", LANGUAGES)
def test_stars_teach_what_the_word_lists_do_not_know(language: str) -> None:
    result = learned(language)
    assert result.comparison.overall.gain > 0
    assert result.comparison.overall.challenger.f1 > 0.95
    text = {"vi": "Quạt chập chờn suốt", "en": "The fan flickers all day"}[language]
    assert result.model.p_negative(text, NOTHING) > 0.6
    praise = {"vi": "Quạt chạy êm ru", "en": "The fan runs quietly"}[language]
    assert result.model.p_negative(praise, NOTHING) < 0.4


@pytest.mark.parametrize("text", ["Quat chap chon suot", "Qu?t ch?p ch?n su?t"])
def test_broken_copies_of_a_complaint_are_known_too(text: str) -> None:
    assert learned("vi").model.p_negative(text, NOTHING) > 0.55


def test_learning_twice_gives_the_same_model() -> None:
    lessons = [lesson_of_stars(each.text, each.stars or 0) for each in star_reviews(
        "vi", bad=35, good=35)]  # fmt: skip
    lessons.append(lessons[0])
    assert save([fit(lessons, "vi").model]) == save([fit(lessons, "vi").model])


@pytest.mark.parametrize(
    ("bad", "good", "words"),
    [
        (FEWEST - 1, 400, "29 reviews with 1-3 stars and 400 with 4-5: 1 more with 1-3 stars"),
        (400, 0, "30 more with 4-5 stars"),
        (3, 10, "27 more with 1-3 stars and 20 more with 4-5 stars"),
    ],
)
def test_too_few_lessons_are_refused_and_counted(bad: int, good: int, words: str) -> None:
    lessons = [Lesson("Hỏng rồi", True)] * bad + [Lesson("Tốt lắm", False)] * good
    assert words in missing(lessons)
    with pytest.raises(ConfigError, match=r"vi: .* are needed"):
        fit(lessons, "vi")


def test_enough_lessons_miss_nothing() -> None:
    assert unlearnable(star_reviews("en", bad=FEWEST, good=FEWEST)) == ""


@pytest.mark.parametrize(
    ("stars", "is_negative", "weight"),
    [(1, True, 1), (2, True, 1), (2.6, True, 0.5), (3, True, 0.5), (4, False, 1), (5, False, 1)],
)
def test_three_stars_are_negative_at_half_weight(
    stars: float, is_negative: bool, weight: float
) -> None:
    assert lesson_of_stars("Tạm được", stars) == Lesson("Tạm được", is_negative, weight)


def test_a_persons_word_weighs_more_than_stars() -> None:
    told = lesson_of_opinion("Not a complaint", is_negative=False)
    assert told.weight > lesson_of_stars("Not a complaint", 1).weight
    assert not told.is_negative


def test_corrections_win_over_stars() -> None:
    """Twenty five-star reviews say "the lid hums"; people called twelve such flags right."""
    rows = star_reviews("en", bad=40, good=40)
    rows += [Review("en", f"The lid hums ({n})", 5.0) for n in range(20)]
    said = [Review("en", f"The lid hums ({n + 20})", 5.0, is_negative=True) for n in range(12)]
    before = cross_checked(rows, "en", wanted=None).model.p_negative("The lid hums", NOTHING)
    after = cross_checked(rows + said, "en", wanted=None).model.p_negative("The lid hums", NOTHING)
    assert before < 0.5 < after


CHANCES = [0.97, 0.9, 0.8, 0.7, 0.65, 0.6, 0.55, 0.3, 0.2, 0.1]
TRUTH = [True, True, True, False, True, False, False, False, False, False]
LESSONS = [Lesson("x", truth) for truth in TRUTH]


@pytest.mark.parametrize(
    ("wanted", "threshold"), [(0.5, 0.5), (0.6, 0.56), (0.8, 0.61), (0.9, 0.71), (None, 0.61)]
)
def test_the_threshold_keeps_the_wanted_precision(wanted: float | None, threshold: float) -> None:
    assert threshold_for(LESSONS, CHANCES, wanted=wanted) == threshold


def test_without_a_wish_precision_costs_little_recall() -> None:
    """Precision .85 would be reached at .96 only, where nearly all negatives are lost."""
    lessons = [Lesson("x", n % 3 != 0) for n in range(90)] + [Lesson("x", True)]
    chances = [0.6] * 90 + [0.95]
    assert threshold_for(lessons, chances, wanted=0.9) == 0.61
    assert threshold_for(lessons, chances) == 0.5


def test_a_precision_out_of_reach_gives_the_most_precise_threshold() -> None:
    lessons = [Lesson("x", n == 1) for n in range(4)]
    assert threshold_for(lessons, [0.9, 0.8, 0.7, 0.6], wanted=0.95) == 0.71


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_challenger_meets_the_model_in_force_on_reviews_neither_saw(language: str) -> None:
    rows = star_reviews(language, bad=150, good=150)
    older, newer = newest(rows)
    assert (len(older), len(newer)) == (240, 60)
    first = contest(older, newer, language, champions={}, wanted=None)
    assert first.comparison.is_promoted
    again = contest(
        older, newer, language, champions={language: first.model}, wanted=None
    ).comparison
    assert not again.is_promoted
    assert "not better" in again.why


@pytest.mark.parametrize(
    ("stars", "judged_on"),
    [([1, 5], 40), ([1, 5, 5, 5], 80), ([1] + [5] * 4, 100), ([1] + [5] * 9, 40)],
)
def test_where_one_kind_is_rare_more_of_the_newest_are_judged_on(
    stars: list[int], judged_on: int
) -> None:
    """Twenty of each kind are wanted, in at most half of 200; else a fifth must do."""
    rows = [Review("vi", f"Nồi {n}", stars[n % len(stars)]) for n in range(200)]
    older, newer = newest(rows)
    assert len(newer) == judged_on
    assert [*older, *newer] == rows


def test_reviews_without_dates_are_held_back_by_their_text() -> None:
    rows = star_reviews("vi", bad=100, good=100)
    older, newer = held_back([*rows, *rows])
    assert 20 <= len(newer) / 2 <= 60
    assert not {each.text for each in older} & {each.text for each in newer}


def test_learning_without_scikit_learn_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    lessons = [Lesson("Hỏng", True)] * FEWEST + [Lesson("Tốt", False)] * FEWEST
    with pytest.raises(ConfigError, match=r"earful\[train\]"):
        fit(lessons, "vi")


def test_prediction_needs_no_numpy() -> None:
    import subprocess

    code = "import sys, scoring.learned, scoring.judge; print('numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_a_changed_model_has_another_name() -> None:
    model = blank()
    assert replace(model, name="", threshold=0.6).name != model.name
    assert replace(model, name="vi-stars-0").name == "vi-stars-0"


# Figures on the shared half: the goals of docs/learning.md, each a little below what was measured.
# Nothing is kept of these texts.


def stripped(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def lossy(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")


def f1_of(truth: list[bool], scores: list[float]) -> float:
    return f1(counts(truth, [score <= -0.05 for score in scores]))


def precision_of_ranks(truth: list[bool], scores: list[float]) -> float:
    return average_precision(truth, [-score for score in scores])


def recall_at_80(truth: list[bool], scores: list[float]) -> float:
    return recall_at_precision(truth, [-score for score in scores])[0]


BARS: dict[str, list[tuple[str, Callable[[str], str], dict[Callable[..., float], float]]]] = {
    "vi": [
        ("vi_aivivn", str, {f1_of: 0.875, recall_at_80: 0.955}),
        ("vi_aivivn", stripped, {f1_of: 0.865}),
        ("vi_aivivn", lossy, {precision_of_ranks: 0.88}),
        ("vi_viocd", str, {f1_of: 0.84, precision_of_ranks: 0.93}),
    ],
    "en": [
        ("en_airline", str, {f1_of: 0.82}),
        ("en_vader_tweets", str, {f1_of: 0.905}),
    ],
}


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with open(folder / "labelled" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.soak
@pytest.mark.parametrize(("language", "stars"), [("vi", "vi_shopee"), ("en", "en_gplay")])
def test_a_model_of_stars_alone_passes_the_bars(shared: Path, language: str, stars: str) -> None:
    taught = [Review(language, r["text"], float(r["stars"])) for r in rows_of(shared, stars)]
    result = cross_checked(taught, language, wanted=None)
    assert result.comparison.is_promoted
    judge = Judge(learned={language: result.model})
    for name, broken, bars in BARS[language]:
        rows = rows_of(shared, name)
        truth = [row["label"] in ("negative", "complaint") for row in rows]
        texts = [repair(broken(row["text"])) for row in rows]
        verdicts = [
            judge.text(clean(each.text), language=language, damage=each.damage) for each in texts
        ]
        for figure, bar in bars.items():
            assert figure(truth, [each.score for each in verdicts]) >= bar, (name, figure.__name__)
        told = [(true, each.p_negative) for true, each in zip(truth, verdicts, strict=True)]
        sure = [(true, chance) for true, chance in told if chance is not None]
        if len(sure) > 100:
            assert calibration_error(*zip(*sure, strict=True)) < 0.2, name
