"""The reply loop: states, the clock, what is usual, and the measures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cases.case import Event, EventKind, State, fold
from cases.clock import left, target_at
from cases.flag import Severity
from cases.measures import ces, csat, nps, time_to_resolution
from cases.usual import Against, Usual, usual
from ingest.mention import FIVE_STARS, Scale

T0 = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def events(*kinds: str) -> list[Event]:
    return [
        Event(
            at=T0 + n * HOUR,
            kind=EventKind(kind),
            who="Hà" if kind == "assigned" else "",
            until=T0 + 24 * HOUR if kind == "snoozed" else None,
        )
        for n, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["opened"], State.NEEDS_ANSWER),
        (["opened", "assigned"], State.MINE),
        (["opened", "snoozed"], State.SNOOZED),
        (["opened", "answered"], State.WAITING),
        (["opened", "told"], State.WAITING),
        (["opened", "answered", "resolved"], State.RESOLVED),
        (["opened", "dismissed"], State.RESOLVED),
        (["opened", "resolved", "reopened"], State.NEEDS_ANSWER),
        (["opened", "assigned", "resolved", "reopened"], State.MINE),
        (["opened", "resolved", "undone"], State.NEEDS_ANSWER),
        (["opened", "assigned", "answered", "undone", "undone"], State.NEEDS_ANSWER),
        (["opened", "undone"], State.NEEDS_ANSWER),
    ],
)
def test_the_state_is_the_fold_of_what_happened(kinds: list[str], state: State) -> None:
    assert fold(events(*kinds)).state is state


def test_a_snooze_that_has_run_out_needs_an_answer_again() -> None:
    case = fold(events("opened", "snoozed"))
    assert case.state_at(T0 + 23 * HOUR) is State.SNOOZED
    assert case.state_at(T0 + 24 * HOUR) is State.NEEDS_ANSWER
    taken = fold(events("opened", "assigned", "snoozed"))
    assert taken.state_at(T0 + 24 * HOUR) is State.MINE


def test_the_first_answer_and_the_last_resolution_are_kept() -> None:
    case = fold(events("opened", "answered", "resolved", "reopened", "answered", "resolved"))
    assert case.answered_at == T0 + HOUR
    assert case.resolved_at == T0 + 5 * HOUR
    assert fold(events("opened", "resolved", "reopened")).resolved_at is None


@pytest.mark.parametrize("kinds", [[], ["answered"], ["opened", "opened"]])
def test_a_case_that_does_not_begin_with_opened_is_refused(kinds: list[str]) -> None:
    with pytest.raises(ValueError, match="opened"):
        fold(events(*kinds))


@pytest.mark.parametrize(
    ("severity", "within_h", "hours"),
    [("urgent", 4, 1), ("urgent", 0.5, 0.5), ("high", 4, 4), ("normal", 24, 24)],
)
def test_the_target_runs_from_when_the_post_became_known(
    severity: str, within_h: float, hours: float
) -> None:
    due = target_at(T0, Severity(severity), answer_within_h=within_h)
    assert due == T0 + hours * HOUR


def test_time_left_is_in_whole_minutes_and_negative_when_late() -> None:
    assert left(T0 + timedelta(minutes=80, seconds=59), T0) == timedelta(minutes=80)
    assert left(T0, T0 + timedelta(minutes=130)) == -timedelta(minutes=130)


def fridays(*counts: float) -> dict[date, float]:
    day = date(2026, 11, 20)
    return {day - timedelta(weeks=n + 1): count for n, count in enumerate(counts)}


def test_usual_is_the_middle_of_the_same_weekday_on_covered_days() -> None:
    day = date(2026, 11, 20)
    covered = {**fridays(7, 9, 10, 11, 12, 13, 15, 8), day - timedelta(days=1): 500.0}
    found = usual(covered, day)
    assert found is not None
    assert (found.low, found.high, found.n) == (pytest.approx(7.7), pytest.approx(13.6), 8)
    assert usual({**covered, day - timedelta(weeks=9): 900.0, day: 700.0}, day) == found


def test_fewer_than_four_days_are_too_few_to_compare() -> None:
    day = date(2026, 11, 20)
    assert usual(fridays(7, 9, 10), day) is None
    assert usual(fridays(7, 9, 10, 10), day) is not None


def test_a_figure_stands_high_low_or_usual() -> None:
    week = Usual(7, 15, 8)
    stands = [week.against(n) for n in (6.9, 7, 15, 15.1)]
    assert stands == [Against.LOW, Against.USUAL, Against.USUAL, Against.HIGH]


def test_measures_come_with_their_n_and_interval() -> None:
    satisfied = csat([5, 4, 4, 2], FIVE_STARS)
    assert satisfied is not None
    assert (satisfied.value, satisfied.n) == (0.75, 4)
    assert (satisfied.low, satisfied.high) == (
        pytest.approx(0.301, abs=0.001),
        pytest.approx(0.954, abs=0.001),
    )
    promoters = nps([10, 9, 8, 6, 0])
    assert promoters is not None
    assert (promoters.value, promoters.n) == (0.0, 5)
    assert promoters.low is not None
    assert promoters.low == -promoters.high  # type: ignore[operator]
    effort = ces([5, 6, 7], Scale(1, 7))
    assert effort is not None
    assert (effort.value, effort.high) == (6.0, 7.0)


def test_time_to_resolution_is_the_median_in_minutes() -> None:
    found = time_to_resolution([timedelta(minutes=m) for m in (10, 30, 20, 600)])
    assert found is not None
    assert (found.value, found.low, found.high, found.n) == (25.0, 10.0, 600.0, 4)


def test_without_answers_there_is_no_measure_and_one_answer_has_no_interval() -> None:
    assert csat([], FIVE_STARS) is nps([]) is ces([], FIVE_STARS) is time_to_resolution([]) is None
    assert ces([5], FIVE_STARS).low is None  # type: ignore[union-attr]
    assert time_to_resolution([HOUR]).high is None  # type: ignore[union-attr]
