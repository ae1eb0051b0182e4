"""The quality figures of predictions, and the reliability diagram."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from scoring.diagram import reliability_svg
from scoring.evaluation import Judged, Told, evaluate, steps, truth_of


def rows(name: str, *, hits: int, misses: int, alarms: int, rests: int) -> list[Judged]:
    """Return texts of one slice by how they were told."""
    told = ((True, -0.8, hits), (True, 0.4, misses), (False, -0.3, alarms), (False, 0.9, rests))
    return [
        Judged(truth, Told(score, (1 - score) / 2), (name,))
        for truth, score, count in told
        for _ in range(count)
    ]


TEXTS = rows("lang vi", hits=8, misses=2, alarms=2, rests=88) + rows(
    "lang en", hits=5, misses=5, alarms=5, rests=5
)


def test_figures_come_overall_and_by_slice() -> None:
    overall, english, vietnamese = evaluate(TEXTS, wanted=0.9)
    assert [each.slice for each in (overall, english, vietnamese)] == ["", "lang en", "lang vi"]
    assert (vietnamese.texts, vietnamese.negatives) == (100, 10)
    assert vietnamese.precision.value == vietnamese.recall.value == vietnamese.f1.value == 0.8
    assert english.f1.value == 0.5
    assert overall.recall.value == 0.65


def test_every_figure_lies_in_its_span() -> None:
    for each in evaluate(TEXTS, wanted=0.9):
        for share in (each.precision, each.recall, each.f1, each.average_precision):
            assert share.span.low <= share.value <= share.span.high
            assert share.span.low < share.span.high


def test_the_suggested_threshold_has_the_wanted_precision() -> None:
    vietnamese = evaluate(TEXTS, wanted=0.9)[2]
    assert (vietnamese.threshold, vietnamese.recall_there) == (-0.8, 0.8)
    assert evaluate(rows("x", hits=1, misses=0, alarms=0, rests=1), wanted=1.0)[0].recall_there == 1


def test_no_threshold_is_suggested_where_none_is_good_enough() -> None:
    alike = [Judged(n % 2 == 0, Told(score=-0.5)) for n in range(8)]
    (found,) = evaluate(alike, wanted=0.9)
    assert (found.threshold, found.recall_there) == (None, 0.0)
    assert found.calibration_error is None


@pytest.mark.parametrize(
    ("told", "is_told"),
    [
        (Told(score=-0.05), True),
        (Told(score=-0.04), False),
        (Told(score=0.3, label="negative"), False),
        (Told(label="Complaint"), True),
        (Told(label="khen"), False),
        (Told(p_negative=0.5), True),
        (Told(p_negative=0.49), False),
        (Told(), False),
    ],
)
def test_what_counts_as_called_negative(told: Told, is_told: bool) -> None:
    texts = [Judged(True, told), Judged(False, Told(score=0.9))]
    assert evaluate(texts, wanted=0.8)[0].recall.value == float(is_told)


def test_texts_without_a_prediction_count_as_missed() -> None:
    texts = [Judged(True, Told()), Judged(True, Told(score=-1.0)), Judged(False, Told(score=1.0))]
    (found,) = evaluate(texts, wanted=0.8)
    assert found.answered == pytest.approx(2 / 3)
    assert found.recall.value == 0.5


def test_nothing_to_judge_gives_no_figures() -> None:
    assert evaluate([], wanted=0.8) == []


@pytest.mark.parametrize(
    ("label", "truth"),
    [("Negative", True), ("complaint", True), ("positive", False), ("other", False),
     ("mixed", None), ("", None), ("bực mình", False)],
)  # fmt: skip
def test_true_labels_are_read(label: str, truth: bool | None) -> None:
    assert truth_of(label) is truth
    assert truth_of("Bực mình", {"bực mình"}) is True


def test_figures_are_json_ready() -> None:
    told = evaluate(TEXTS, wanted=0.9)[0].as_json()
    assert told["negatives"] == 20
    assert isinstance(told["f1"], (dict, tuple, list))


NAMED = "{http://www.w3.org/2000/svg}"


def test_the_diagram_is_a_picture_with_a_dot_for_each_bin() -> None:
    drawn = reliability_svg({"": steps(TEXTS)}, title="Nồi & <chảo>")
    root = ElementTree.fromstring(drawn)
    assert len(root.findall(f"{NAMED}circle")) == 4
    assert root.findtext(f"{NAMED}title") == "Nồi & <chảo>"
    assert "90 texts" not in drawn
    assert "93 texts: told 0.05, true 0.00" in drawn


def test_several_lines_are_told_apart_by_colour_and_name() -> None:
    halves = {"tiếng <Việt>": steps(TEXTS[:100]), "English": steps(TEXTS[100:])}
    root = ElementTree.fromstring(reliability_svg(halves, title="x"))
    lines = root.findall(f"{NAMED}polyline")
    assert len({each.get("stroke") for each in lines}) == 2
    said = [each.text for each in root.findall(f"{NAMED}text")]
    assert {"tiếng <Việt>", "English"} <= set(said)


def test_a_diagram_of_nothing_is_still_a_picture() -> None:
    ElementTree.fromstring(reliability_svg({"": []}, title="trống"))
