"""What a customer wants to say: praise, complaint, suggestion, question, bug or other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from scoring.phrases import Parts, parts_of, read_rows
from scoring.scored import KindCue
from scoring.shelf import Found
from scoring.verdict import Kind, Label

ENOUGH = 1.0  # points from which a text is of a kind
_ASKED = 0.5  # what a question mark adds
_ANGRY = 0.7  # what a question in anger keeps: "why is my order late?" is a complaint
_FAINT = 0.8  # evidence of a feeling below which it is no praise and no complaint
_PRAISED = 0.5  # what a fault named in praise keeps
_NO_POINTS: Mapping[Kind, float] = dict.fromkeys((Kind.SUGGESTION, Kind.QUESTION, Kind.BUG), 0.0)
_FEELING = {
    Label.NEGATIVE: Kind.COMPLAINT,
    Label.MIXED: Kind.COMPLAINT,
    Label.POSITIVE: Kind.PRAISE,
}


def kind_cues() -> Iterator[tuple[Parts, KindCue]]:
    """Yield the patterns of kinds.tsv with their cues."""
    for kind, weight, pattern in read_rows("kinds.tsv"):
        is_opener, is_closer = pattern.startswith("^"), pattern.endswith(" $")
        cue = KindCue(Kind(kind), float(weight), is_opener=is_opener, is_closer=is_closer)
        yield parts_of(pattern.replace("^", "").removesuffix(" $")), cue


def heard_cues(found: Sequence[Found], words: Sequence[str]) -> list[KindCue]:
    """Return the cues among the phrases `found` in `words` that stand where they must."""
    if not found:
        return []
    return [
        cue
        for first, stop, cue in found
        if (not cue.is_opener or first == 0)
        and (not cue.is_closer or stop == len(words) or not words[stop][0].isalnum())
    ]


def kind_points(cues: Sequence[KindCue], text: str) -> Mapping[Kind, float]:
    """Return how strongly the cues found in `text` speak for suggestion, question and bug."""
    if not cues and "?" not in text:
        return _NO_POINTS
    points = dict(_NO_POINTS)
    for cue in cues:
        points[cue.kind] += cue.weight
    if "?" in text:
        points[Kind.QUESTION] += _ASKED
    return points


def kind_of(points: Mapping[Kind, float], label: Label, *, strength: float = math.inf) -> Kind:
    """Return the kind of a customer's text with these `points` whose sentiment is `label`.

    `strength` is that of the stronger side: a faint feeling is neither praise nor complaint.
    """
    feeling = Kind.OTHER if strength < _FAINT else _FEELING.get(label, Kind.OTHER)
    if points is _NO_POINTS or max(points.values()) < ENOUGH:
        return feeling
    weighed = dict(points)
    if label is Label.POSITIVE:
        weighed[Kind.BUG] *= _PRAISED
    elif label is Label.NEGATIVE:
        weighed[Kind.QUESTION] *= _ANGRY
    kind = max(weighed, key=lambda each: weighed[each])
    return kind if weighed[kind] >= ENOUGH else feeling
