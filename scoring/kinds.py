"""What a customer wants to say: praise, complaint, suggestion, question, bug or other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scoring.phrases import read_rows, spellings
from scoring.scored import KindCue
from scoring.verdict import Kind, Label

ENOUGH = 1.0  # points from which a text is of a kind
_ASKED = 0.5  # what a question mark adds
_ANGRY = 0.7  # what a question in anger keeps: "why is my order late?" is a complaint
_PRAISED = 0.5  # what a fault named in praise keeps
_FEELING = {
    Label.NEGATIVE: Kind.COMPLAINT,
    Label.MIXED: Kind.COMPLAINT,
    Label.POSITIVE: Kind.PRAISE,
}


def kind_cues() -> Iterable[tuple[str, KindCue]]:
    """Yield the phrases of kinds.tsv with their cues."""
    for kind, weight, pattern in read_rows("kinds.tsv"):
        cue = KindCue(Kind(kind), float(weight))
        opener = replace(cue, is_opener=True)
        for phrase in spellings(pattern):
            yield phrase.lstrip("^"), opener if phrase.startswith("^") else cue


def kind_points(cues: Iterable[KindCue], text: str) -> dict[Kind, float]:
    """Return how strongly the cues found in `text` speak for suggestion, question and bug."""
    points = dict.fromkeys((Kind.SUGGESTION, Kind.QUESTION, Kind.BUG), 0.0)
    for cue in cues:
        points[cue.kind] += cue.weight
    if "?" in text:
        points[Kind.QUESTION] += _ASKED
    return points


def kind_of(points: Mapping[Kind, float], label: Label) -> Kind:
    """Return the kind of a customer's text with these `points` whose sentiment is `label`."""
    if max(points.values()) < ENOUGH:
        return _FEELING.get(label, Kind.OTHER)
    weighed = dict(points)
    if label is Label.POSITIVE:
        weighed[Kind.BUG] *= _PRAISED
    elif label is Label.NEGATIVE:
        weighed[Kind.QUESTION] *= _ANGRY
    kind = max(weighed, key=lambda each: weighed[each])
    return kind if weighed[kind] >= ENOUGH else _FEELING.get(label, Kind.OTHER)
