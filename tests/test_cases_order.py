"""Which case comes first: people in danger, then what is grave, then reach, then the oldest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.flag import FlagReason, Severity
from cases.order import place

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((Severity.URGENT, "safety", 1), (Severity.URGENT, "fraud", 60)),
        ((Severity.URGENT, "poison", 1), (Severity.URGENT, "legal", 60)),
        ((Severity.URGENT, "leak", 1), (Severity.URGENT, "reach", 60)),
        ((Severity.URGENT, "news", 1), (Severity.URGENT, "reach", 60)),
        ((Severity.URGENT, "reach", 1), (Severity.URGENT, "negative-words", 60)),
        ((Severity.URGENT, "boycott", 60), (Severity.URGENT, "press", 1)),
        ((Severity.URGENT, "negative-words", 1), (Severity.HIGH, "safety", 60)),
        ((Severity.HIGH, "refund", 60), (Severity.HIGH, "refund", 1)),
        ((Severity.HIGH, "refund", 1), (Severity.NORMAL, "fault", 60)),
    ],
)
def test_the_first_comes_before_the_second(
    first: tuple[Severity, str, int], second: tuple[Severity, str, int]
) -> None:
    def at(case: tuple[Severity, str, int], case_id: int) -> tuple[object, ...]:
        severity, code, late_min = case
        target = NOW - timedelta(minutes=late_min)
        return place(severity, [FlagReason(code, "x")], target, case_id=case_id)

    assert at(first, 2) < at(second, 1)


def test_the_older_of_two_alike_comes_first() -> None:
    assert place(Severity.HIGH, (), NOW, case_id=1) < place(Severity.HIGH, (), NOW, case_id=2)
