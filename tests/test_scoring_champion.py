"""Champion and challenger: who is promoted, who is not, and why."""

from __future__ import annotations

import json

import pytest

from scoring.champion import Trial, compare, figures


def trials(
    source: str, *, before: int, after: int, size: int = 100, false_alarms: int = 0
) -> list[Trial]:
    """Return `size` negatives and as many others of which each model finds so many negatives."""
    rows = [
        Trial(source, True, -0.9 if n < before else 0.5, -0.9 if n < after else 0.5)
        for n in range(size)
    ]
    return rows + [
        Trial(source, False, 0.6, -0.5 if n < false_alarms else 0.6) for n in range(size)
    ]


def test_a_better_challenger_is_promoted() -> None:
    found = compare(trials("tiki", before=70, after=80) + trials("appstore", before=80, after=84))
    assert found.is_promoted
    assert found.why.startswith("better by ")
    assert [each.source for each in found.slices] == ["appstore", "tiki"]
    assert found.gain.low > 0
    assert found.gain.low <= found.overall.gain <= found.gain.high


@pytest.mark.parametrize(("before", "after"), [(80, 80), (80, 60)])
def test_a_challenger_that_is_no_better_is_not_promoted(before: int, after: int) -> None:
    found = compare(trials("tiki", before=before, after=after))
    assert not found.is_promoted
    assert "not better overall" in found.why


def test_a_challenger_that_is_better_but_for_one_source_is_not_promoted() -> None:
    found = compare(trials("tiki", before=60, after=90) + trials("survey", before=90, after=85))
    assert not found.is_promoted
    assert found.why.endswith("on survey")
    assert found.overall.gain > 0


def test_a_loss_of_less_than_a_point_in_one_source_is_borne() -> None:
    rows = trials("tiki", before=60, after=90) + trials("survey", before=950, after=945, size=1000)
    assert compare(rows).is_promoted


def test_a_source_with_few_texts_decides_nothing() -> None:
    found = compare(
        trials("tiki", before=60, after=90) + trials("forum", before=9, after=0, size=9)
    )
    assert found.is_promoted
    assert [each.source for each in found.slices] == ["tiki"]


@pytest.mark.parametrize("rows", [[], trials("tiki", before=2, after=9, size=9)])
def test_too_few_held_out_texts_promote_nothing(rows: list[Trial]) -> None:
    found = compare(rows)
    assert not found.is_promoted
    assert "are needed" in found.why


def test_false_alarms_count_against_a_challenger() -> None:
    assert not compare(trials("tiki", before=80, after=82, false_alarms=40)).is_promoted


def test_a_comparison_can_be_kept_as_json() -> None:
    told = json.loads(json.dumps(compare(trials("tiki", before=70, after=80)).as_json()))
    assert told["overall"]["negatives"] == 100
    assert told["overall"]["challenger"]["recall"] == 0.8


def test_figures_by_hand() -> None:
    found = figures([True, True, False, False], [-0.9, 0.4, -0.05, 0.9])
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert found.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert found.quality == pytest.approx((0.5 + found.average_precision) / 2)
