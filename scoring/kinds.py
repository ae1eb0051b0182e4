"""What a customer wants to say: praise, complaint, suggestion, question, bug or other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.phrases import Bilingual, Words, read_rows, spellings
from scoring.verdict import Kind, Label

_ENOUGH = 1.0
_ASKED = 0.5  # what a question mark adds
_ANGRY = 0.7  # what a question in anger keeps: "why is my order late?" is a complaint
_PRAISED = 0.5  # what a fault named in praise keeps
_FEELING = {
    Label.NEGATIVE: Kind.COMPLAINT,
    Label.MIXED: Kind.COMPLAINT,
    Label.POSITIVE: Kind.PRAISE,
}


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: Kind
    weight: float


def _rows() -> Iterable[tuple[str, _Cue]]:
    for kind, weight, pattern in read_rows("kinds.tsv"):
        cue = _Cue(Kind(kind), float(weight))
        for phrase in spellings(pattern):
            yield phrase, cue


class Kinds:
    """Tells the kind of a text from the cues of kinds.tsv and from its sentiment."""

    def __init__(self) -> None:
        rows = list(_rows())
        self._book = Bilingual((words, cue) for words, cue in rows if words[0] != "^")
        self._openers = {words[1:]: cue for words, cue in rows if words[0] == "^"}

    def points(self, words: Words, language: str) -> dict[Kind, float]:
        """Return how strongly the words speak for suggestion, question and bug; 1 is enough."""
        points = dict.fromkeys((Kind.SUGGESTION, Kind.QUESTION, Kind.BUG), 0.0)
        cues = [found.entry for found in self._book.find(words, language)]
        opener = self._openers.get(words.low[0]) if words.low else None
        for cue in (*cues, opener) if opener else cues:
            points[cue.kind] += cue.weight
        if "?" in words.text:
            points[Kind.QUESTION] += _ASKED
        return points

    def is_question(self, words: Words, language: str) -> bool:
        """Say whether the words themselves ask something."""
        return self.points(words, language)[Kind.QUESTION] >= _ENOUGH

    def tell(self, words: Words, label: Label, *, language: str) -> Kind:
        """Return the kind of a customer's text whose sentiment is `label`."""
        points = self.points(words, language)
        if label is Label.POSITIVE:
            points[Kind.BUG] *= _PRAISED
        elif label is Label.NEGATIVE:
            points[Kind.QUESTION] *= _ANGRY
        kind = max(points, key=lambda each: points[each])
        return kind if points[kind] >= _ENOUGH else _FEELING.get(label, Kind.OTHER)
