"""The measures against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from scoring.measure import (
    Bin,
    Counts,
    Span,
    average_precision,
    bootstrap,
    calibration_error,
    counts,
    f1,
    macro_f1,
    precision,
    recall,
    recall_at_precision,
    reliability,
    wilson,
)

TRUTH = [True, True, False, True, False]


def test_counts_tell_hits_false_alarms_and_misses() -> None:
    assert counts(TRUTH, [True, False, True, True, False]) == Counts(2, 1, 1)


def test_rows_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        counts([True, False], [True])


@pytest.mark.parametrize(
    ("found", "values"),
    [
        (Counts(2, 1, 1), (2 / 3, 2 / 3, 2 / 3)),
        (Counts(1, 3, 0), (0.25, 1.0, 0.4)),
        (Counts(0, 0, 4), (0.0, 0.0, 0.0)),
        (Counts(0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_precision_recall_and_f1(found: Counts, values: tuple[float, float, float]) -> None:
    assert (precision(found), recall(found), f1(found)) == pytest.approx(values)


def test_macro_f1_weighs_every_class_alike() -> None:
    truth = ["khen", "khen", "khen", "chê"]
    assert macro_f1(truth, ["khen", "khen", "khen", "khen"]) == pytest.approx((6 / 7 + 0) / 2)
    assert macro_f1([], []) == 0.0


def test_average_precision_of_a_ranking() -> None:
    assert average_precision(TRUTH, [5, 4, 3, 2, 1]) == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert average_precision(TRUTH, [1, 1, 1, 0, 0]) == pytest.approx(2 / 3 * 2 / 3 + 3 / 5 / 3)


def test_a_constant_rank_earns_only_the_share_of_the_true() -> None:
    assert average_precision(TRUTH, [0.0] * 5) == pytest.approx(0.6)
    assert average_precision([False, False], [1, 2]) == 0.0


def test_recall_at_precision_names_its_threshold() -> None:
    assert recall_at_precision(TRUTH, [5, 4, 3, 2, 1], wanted=0.75) == (1.0, 2)
    assert recall_at_precision(TRUTH, [5, 4, 3, 2, 1], wanted=0.9) == (pytest.approx(2 / 3), 4)
    assert recall_at_precision(TRUTH, [1, 2, 5, 4, 3], wanted=0.8) == (0.0, None)
    assert recall_at_precision([False], [1.0]) == (0.0, None)


def test_calibration_is_the_mean_gap_over_the_texts() -> None:
    truth, chances = [True, False, True, True], [0.2, 0.2, 0.9, 1.0]
    assert reliability(truth, chances) == [
        Bin(pytest.approx(0.2), 0.5, 2),
        Bin(pytest.approx(0.95), 1.0, 2),
    ]
    assert calibration_error(truth, chances) == pytest.approx((0.3 * 2 + 0.05 * 2) / 4)
    assert calibration_error([], []) == 0.0


def test_the_wilson_interval_of_a_share() -> None:
    low, high = wilson(188, 214)
    assert (round(low, 3), round(high, 3)) == (0.828, 0.916)
    assert wilson(0, 0) == Span(0.0, 1.0)
    assert wilson(0, 10).low == 0.0
    assert wilson(10, 10).high == 1.0


def test_the_bootstrap_holds_the_true_share_and_repeats_itself() -> None:
    rows = [index % 4 == 0 for index in range(400)]

    def share(drawn: object) -> float:
        assert isinstance(drawn, list)
        return sum(rows[index] for index in drawn) / len(drawn)

    low, high = bootstrap(len(rows), share)
    assert low < 0.25 < high
    assert high - low < 6 * math.sqrt(0.25 * 0.75 / 400)
    assert bootstrap(len(rows), share) == (low, high)
    assert bootstrap(0, share) == Span(0.0, 0.0)
