"""Which texts are near copies of one another: one voice heard in several places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ingest.fingerprint import NEAR_COPY, sketch


def first_copies(texts: Sequence[str]) -> list[int]:
    """Return for each text the index of the first text that it is a near copy of, itself at first.

    Texts under 40 characters are copies of none: short praise by many people is many people.
    """
    firsts: list[int] = []
    met: dict[int, list[int]] = {}  # a value of a sketch -> the first copies that have it
    for at, text in enumerate(texts):
        values = sketch(text)
        shared = Counter(first for value in values for first in met.get(value, ()))
        alike = [first for first, count in shared.items() if count >= NEAR_COPY]
        if alike:
            firsts.append(min(alike))
            continue
        firsts.append(at)
        for value in values:
            met.setdefault(value, []).append(at)
    return firsts
