"""What a customer wants to say: praise, complaint, suggestion, question, bug or other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from mypy_extensions import mypyc_attr

from scoring.phrases import Parts, parts_of, read_rows
from scoring.scored import KindCue
from scoring.shelf import Found
from scoring.verdict import Kind, Label

ENOUGH: Final = 1.0  # points from which a text is of a kind
_ASKED: Final = 0.5  # what a question mark adds
_ANGRY: Final = 0.7  # what a question in anger keeps: "why is my order late?" is a complaint
_FAINT: Final = 0.8  # evidence of a feeling below which it is no praise and no complaint
_PRAISED: Final = 0.5  # what a fault named in praise keeps
# Reading a member of an enumeration takes longer than comparing it.
_SUGGESTION: Final = Kind.SUGGESTION
_QUESTION: Final = Kind.QUESTION
_BUG: Final = Kind.BUG
_PRAISE: Final = Kind.PRAISE
_COMPLAINT: Final = Kind.COMPLAINT
_OTHER: Final = Kind.OTHER
_POSITIVE: Final = Label.POSITIVE
_NEGATIVE: Final = Label.NEGATIVE
_MIXED: Final = Label.MIXED


def kind_cues() -> Iterator[tuple[Parts, KindCue]]:
    """Yield the patterns of kinds.tsv with their cues."""
    for kind, weight, pattern in read_rows("kinds.tsv"):
        is_opener, is_closer = pattern.startswith("^"), pattern.endswith(" $")
        cue = KindCue(Kind(kind), float(weight), is_opener=is_opener, is_closer=is_closer)
        yield parts_of(pattern.replace("^", "").removesuffix(" $")), cue


def heard_cues(found: list[Found], words: list[str]) -> list[KindCue]:
    """Return the cues among the phrases `found` in `words` that stand where they must."""
    if not found:
        return []
    return [
        cue
        for first, stop, cue in found
        if (not cue.is_opener or first == 0)
        and (not cue.is_closer or stop == len(words) or not words[stop][0].isalnum())
    ]


@mypyc_attr(acyclic=True)
class Wishes:
    """How strongly a text speaks for a suggestion, a question and a bug; ENOUGH is surely."""

    __slots__ = ("bug", "question", "suggestion")

    def __init__(self, suggestion: float = 0.0, question: float = 0.0, bug: float = 0.0) -> None:
        self.suggestion = suggestion
        self.question = question
        self.bug = bug

    @property
    def are_clear(self) -> bool:
        """Return whether the text is surely one of them."""
        return self.suggestion >= ENOUGH or self.question >= ENOUGH or self.bug >= ENOUGH


NO_WISHES: Final = Wishes()


def wishes_of(cues: list[KindCue], text: str) -> Wishes:
    """Return what the cues found in `text` speak for."""
    is_asked = "?" in text
    if not cues and not is_asked:
        return NO_WISHES
    wishes = Wishes(question=_ASKED if is_asked else 0.0)
    for cue in cues:
        if cue.kind is _SUGGESTION:
            wishes.suggestion += cue.weight
        elif cue.kind is _QUESTION:
            wishes.question += cue.weight
        elif cue.kind is _BUG:
            wishes.bug += cue.weight
    return wishes


def kind_of(wishes: Wishes, label: Label, *, strength: float = math.inf) -> Kind:
    """Return the kind of a customer's text with these `wishes` whose sentiment is `label`.

    `strength` is that of the stronger side: a faint feeling is neither praise nor complaint.
    """
    feeling = _OTHER
    if strength >= _FAINT:
        if label is _NEGATIVE or label is _MIXED:
            feeling = _COMPLAINT
        elif label is _POSITIVE:
            feeling = _PRAISE
    if not wishes.are_clear:
        return feeling
    kind, points = _SUGGESTION, wishes.suggestion
    question = wishes.question * _ANGRY if label is _NEGATIVE else wishes.question
    if question > points:
        kind, points = _QUESTION, question
    bug = wishes.bug * _PRAISED if label is _POSITIVE else wishes.bug
    if bug > points:
        kind, points = _BUG, bug
    return kind if points >= ENOUGH else feeling
