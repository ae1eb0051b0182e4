"""The judge: one verdict from language, sentiment, kind, aspects, stars, damage and speaker."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.mention import FeedbackKind, Mention, Speaker
from ingest.text import fold
from scoring.english import EnglishScorer
from scoring.judge import CALIBRATIONS, Calibration, Chance, Judge, score_of
from scoring.measure import average_precision, counts, f1
from scoring.scored import Scored
from scoring.verdict import Kind, Label
from scoring.vietnamese import VietnameseScorer

JUDGE = Judge()
TREE = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("The lid broke after a week and nobody answers", "en", Label.NEGATIVE),
        ("great, another crash", "en", Label.NEGATIVE),
        ("Love it, works perfectly", "en", Label.POSITIVE),
        ("insanely good", "en", Label.POSITIVE),
        ("The parcel is blue", "en", Label.NEUTRAL),
        ("Great motor, lovely design, but the lid broke and support is useless", "en", Label.MIXED),
        ("Giao hàng quá chậm, nhân viên thô lỗ", "vi", Label.NEGATIVE),
        ("khong dung duoc, that vong qua", "vi", Label.NEGATIVE),
        ("Không chê vào đâu được", "vi", Label.POSITIVE),
        ("chết mê luôn", "vi", Label.POSITIVE),
        ("Cho mình hỏi khi nào có hàng lại vậy shop?", "vi", Label.NEUTRAL),
        ("Nồi hai lít, màu trắng", "vi", Label.NEUTRAL),
        ("😡😡😡", "other", Label.NEGATIVE),
        ("😍", "other", Label.POSITIVE),
        ("Produit arrivé hier matin", "other", Label.UNCLEAR),
        (".", "other", Label.UNCLEAR),
        ("12345", "other", Label.UNCLEAR),
        ("", "other", Label.UNCLEAR),
    ],
)
def test_language_and_label_of_a_text(text: str, language: str, label: Label) -> None:
    verdict = JUDGE.text(text)
    assert (verdict.language, verdict.label) == (language, label)


@pytest.mark.parametrize(
    "text",
    [
        "Terrible support, but a lovely kettle 😍",
        "Nồi tốt nhưng giao hàng quá lâu 😡, app thì crash, worst app ever, so bad",
        "giao hang cham, dong goi dep",
        "I’m still waiting…\nNobody answers!!",
    ],
)
def test_reasons_and_aspects_stand_where_they_say(text: str) -> None:
    verdict = JUDGE.text(text, title="Lúa Mây")
    whole = f"Lúa Mây\n{text}"
    assert verdict.reasons
    for each in (*verdict.reasons, *verdict.aspects):
        assert whole[each.start : each.end] == each.words


def test_the_title_is_judged_too() -> None:
    assert JUDGE.text("I bought it in May", title="Total waste of money").label is Label.NEGATIVE


def test_both_languages_of_a_mixed_post_are_heard() -> None:
    text = "Shop ơi mình mua hôm qua mà it is the worst blender ever, totally broken"
    words = {each.words for each in JUDGE.text(text, language="vi").reasons}
    assert any("worst" in each for each in words)
    assert JUDGE.text(text, language="vi").label is Label.NEGATIVE


@pytest.mark.parametrize("text", ["Nồi đẹp nhưng giao hàng chậm", "Nice pan, late delivery", ""])
def test_a_verdict_is_ready_for_json(text: str) -> None:
    verdict = json.loads(json.dumps(JUDGE.text(text).as_json()))
    assert list(verdict) == [
        *("lang", "score", "p_negative", "label", "kind", "aspects", "causes", "reasons"),
        *("damaged", "model", "mismatch", "spam", "spam_sign"),
    ]
    assert all(set(each) == {"words", "weight", "start", "end"} for each in verdict["reasons"])


@pytest.mark.parametrize(
    ("stars", "label", "kind"),
    [
        (1.0, Label.NEGATIVE, Kind.COMPLAINT),
        (2.0, Label.NEGATIVE, Kind.COMPLAINT),
        (3.0, Label.MIXED, Kind.OTHER),
        (4.0, Label.POSITIVE, Kind.PRAISE),
        (5.0, Label.POSITIVE, Kind.PRAISE),
    ],
)
def test_stars_judge_only_where_there_are_no_words(stars: float, label: Label, kind: Kind) -> None:
    bare = JUDGE.text("", stars=stars)
    assert (bare.label, bare.kind, bare.model) == (label, kind, "stars")
    for text in ("Quá tệ, hỏng rồi", "Broken and useless", "😡"):
        assert JUDGE.text(text, stars=stars).score == JUDGE.text(text).score
        assert JUDGE.text(text, stars=stars).label is JUDGE.text(text).label


def test_fewer_stars_give_a_lower_score() -> None:
    scores = [JUDGE.text("", stars=stars).score for stars in (1, 1.5, 2, 3, 4, 5)]
    assert scores == sorted(scores)
    assert scores[3] <= -0.05 < 0.05 <= scores[4]


@pytest.mark.parametrize("text", ["S?n ph?m r?t t?, th?t v?ng", "Awful. I want my money back"])
@pytest.mark.parametrize("damage", ["lossy", "mojibake", "legacy"])
def test_damaged_text_ranks_but_is_never_judged(text: str, damage: str) -> None:
    verdict = JUDGE.text(text, damage=damage)
    assert verdict.damaged
    assert verdict.label is Label.UNCLEAR
    assert verdict.p_negative is None
    assert verdict.score == JUDGE.text(text).score


def test_staff_lines_are_not_judged_as_customers() -> None:
    line = Mention(source="desk", key="1", text="Sorry for the terrible delay", language="en")
    said = Mention(
        source="desk",
        key="2",
        text="Xin lỗi anh vì giao hàng quá chậm",
        speaker=Speaker.STAFF,
        language="vi",
    )
    assert JUDGE(line).label is Label.NEGATIVE
    verdict = JUDGE(said)
    assert (verdict.label, verdict.kind, verdict.model) == (Label.NEUTRAL, Kind.OTHER, "staff")
    assert (verdict.language, verdict.score, verdict.p_negative) == ("vi", 0.0, None)


@pytest.mark.parametrize(
    "text",
    [
        "Lua May cuts the price of its blender as demand slows, shares fall 2 percent in May",
        "Bão số 9 gây mất điện ở miền Trung, nhiều cửa hàng điện máy phải đóng cửa sớm",
    ],
)
def test_news_is_not_called_negative_lightly(text: str) -> None:
    article = Mention(source="news", key="1", text=text, feedback_kind=FeedbackKind.ARTICLE)
    assert JUDGE(article).label is Label.NEUTRAL


def test_a_plain_accusation_in_the_news_is_still_negative() -> None:
    text = "Lua May accused of fraud: customers scammed, terrible injuries, worst scandal ever"
    article = Mention(source="news", key="1", text=text, feedback_kind=FeedbackKind.ARTICLE)
    assert JUDGE(article).label is Label.NEGATIVE


@pytest.mark.parametrize("calibration", CALIBRATIONS.values(), ids=CALIBRATIONS)
def test_the_score_falls_with_the_chance_and_turns_at_the_thresholds(
    calibration: Calibration,
) -> None:
    raws = [step / 10 for step in range(-300, 301)]
    chances = [calibration.chance(raw) for raw in raws]
    scores = [score_of(chance) for chance in chances]
    assert scores == sorted(scores)
    assert [c.p_negative for c in chances] == sorted((c.p_negative for c in chances), reverse=True)
    assert -1 <= scores[0] < -0.9
    assert 0.9 < scores[-1] <= 1
    assert score_of(calibration.chance(calibration.negative_to)) == pytest.approx(-0.05)
    assert score_of(calibration.chance(calibration.positive_from)) == pytest.approx(0.05)
    assert abs(score_of(calibration.chance(calibration.neutral))) < 0.05


@dataclass
class Oracle:
    """A learned model that knows one word."""

    name: str = "oracle-7"

    def chance(self, text: str, scored: Scored) -> Chance | None:
        return Chance(0.9, 0.3, 0.2) if "móp" in text else None


def test_a_learned_model_may_know_better() -> None:
    judge = Judge(learned={"vi": Oracle()})
    verdict = judge.text("Hộp đẹp mà móp")
    assert verdict.p_negative == 0.9
    assert verdict.label is Label.NEGATIVE
    assert verdict.model.endswith("+oracle-7")
    assert judge.text("Rất tốt").score == JUDGE.text("Rất tốt").score
    assert judge.text("The lid is broken").model == JUDGE.text("The lid is broken").model


BARS = [
    ("en_airline", 0.70, 0.88),
    ("en_vader_tweets", 0.93, 0.96),
    ("en_gplay", 0.70, 0.75),
    ("en_uci", 0.80, 0.90),
    ("vi_aivivn", 0.82, 0.85),
    ("vi_viocd", 0.72, 0.85),
]


@pytest.mark.parametrize(("name", "least_f1", "least_ap"), BARS)
def test_real_posts_are_judged_as_people_judged_them(
    shared: Path, name: str, least_f1: float, least_ap: float
) -> None:
    with (shared / "labelled" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] != "mixed"]
    truth = [row["label"] in ("negative", "complaint") for row in rows]
    scores = [JUDGE.text(row["text"], language=row["lang"]).score for row in rows]
    assert f1(counts(truth, [score <= -0.05 for score in scores])) >= least_f1
    assert average_precision(truth, [-score for score in scores]) >= least_ap


# Eight words in a row; a Vietnamese word has about one and a half syllables, written apart.
RUN = {"en": 8, "vi": 12}
TREES = (
    *("ingest", "scoring", "cases", "store", "alerts", "inbox", "crawlers", "earful"),
    *("benchmarks", "docs", "tests"),
)


def _shingles(text: str, size: int) -> Iterator[str]:
    words = re.findall(r"[a-z0-9]+", fold(text))
    for at in range(len(words) - size + 1):
        yield " ".join(words[at : at + size])


def test_no_labelled_text_stands_in_the_tree(shared: Path) -> None:
    written: dict[str, str] = {}
    for folder in TREES:
        for path in (TREE / folder).rglob("*"):
            if path.suffix in {".py", ".tsv", ".md", ".json", ".csv", ".txt"}:
                text = path.read_text(encoding="utf-8", errors="replace")
                for size in RUN.values():
                    written |= dict.fromkeys(_shingles(text, size), str(path.relative_to(TREE)))
    assert written
    copied = set()
    for path in sorted((shared / "labelled").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                runs = _shingles(row["text"], RUN[row["lang"]])
                copied |= {(written[run], run) for run in runs if run in written}
    assert not copied


def test_lists_that_are_laid_out_ahead_judge_the_same() -> None:
    vietnamese = VietnameseScorer()
    vietnamese.lay_out()
    ahead = Judge(EnglishScorer(), vietnamese)
    for text in ("Giao hàng chậm, nồi ngon", "giao hang cham qua", "D?p qu?, r?t th?ch", "Late"):
        assert ahead.text(text) == JUDGE.text(text)
        assert ahead.text(text).reasons
