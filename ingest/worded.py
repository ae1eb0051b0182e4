"""Ratings that are written in words or as a part of a whole: "rất hài lòng", "năm sao", "9/10"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingest.grid import Cell
from ingest.mention import Scale
from ingest.text import fold, tokens

# The five steps of forms and shops, the worst first.
_STEPS = (
    "rat khong hai long|cuc ki khong hai long|cuc ky khong hai long|rat te|qua te|rat kem|mot sao"
    "|very dissatisfied|very unsatisfied|extremely dissatisfied|terrible|very bad|very poor|awful"
    "|one star|one|extremely unhappy|very unhappy|strongly disagree|hoan toan khong dong y",
    "khong hai long|chua hai long|te|kem|hai sao|dissatisfied|unsatisfied|bad|poor|not good"
    "|unhappy|two stars|two|disagree|khong dong y",
    "binh thuong|trung binh|trung lap|tam on|tam duoc|ba sao|neutral|average|okay|ok|fair"
    "|three stars|three|neither satisfied nor dissatisfied",
    "hai long|tot|kha tot|bon sao|satisfied|good|happy|four stars|four|agree|dong y",
    "rat hai long|cuc ki hai long|cuc ky hai long|rat tot|tuyet voi|xuat sac|nam sao"
    "|very satisfied|extremely satisfied|excellent|very good|great|extremely happy|very happy"
    "|five stars|five|strongly agree|hoan toan dong y",
)
_BY_WORDS = {words: n for n, step in enumerate(_STEPS, start=1) for words in step.split("|")}
_NAMED = re.compile(
    r"\s*(?:rat(?:ed|ing)|score|stars?|đánh giá|điểm|sao)\s*:?\s*(\d(?:[.,]\d+)?)\b.*"
)
_PART = re.compile(
    r"\s*\d+(?:[.,]\d+)?\s*(?:/|of|out of|trên)\s*(\d{1,3})(?:[.,]0+)?\b.*",
    re.IGNORECASE | re.DOTALL,
)


def worded_rating(cell: Cell) -> float | None:
    """Return 1 to 5 for a rating in words ("Rất hài lòng", "Rated 4"), None for other words."""
    if not isinstance(cell, str) or len(cell) > 60:
        return None
    named = _NAMED.fullmatch(cell.casefold())
    if named:
        return float(named[1].replace(",", "."))
    step = _BY_WORDS.get(" ".join(tokens(fold(cell))))
    return float(step) if step else None


def told_scale(cells: Sequence[Cell]) -> Scale | None:
    """Return the scale that most cells tell themselves ("9/10"), None when they do not."""
    told = [each for each in cells if each not in (None, "")]
    if told and sum(str(each).strip().endswith("%") for each in told) * 2 > len(told):
        return Scale(0, 100)
    wholes = Counter(int(part[1]) for each in told if (part := _PART.fullmatch(str(each))))
    if not wholes:
        return None
    whole, times = wholes.most_common(1)[0]
    if times * 2 <= len(told) or whole < 3:
        return None
    return Scale(0 if whole > 10 else 1, whole)
