"""Which of several open cases comes first: danger to people before everything else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases.flag import FlagReason, Severity

_SEVERITY = {Severity.URGENT: 0, Severity.HIGH: 1, Severity.NORMAL: 2}
DANGER = frozenset({"safety", "poison"})
_GRAVE = frozenset({"fraud", "fake", "money", "leak", "legal", "boycott", "press", "news"})


def place(
    severity: Severity, reasons: Iterable[FlagReason], target_at: datetime, *, case_id: int
) -> tuple[int, int, datetime, int]:
    """Return what a case is sorted by: severity, what is at stake, then the oldest target.

    At stake: danger to people; then fraud, leaks, law, press, boycott; then reach; then the rest.
    """
    codes = {reason.code for reason in reasons}
    if codes & DANGER:
        stake = 0
    elif codes & _GRAVE:
        stake = 1
    else:
        stake = 2 if "reach" in codes else 3
    return _SEVERITY[severity], stake, target_at, case_id
