"""Vietnamese sentiment from a hand-written lexicon and the rules of the sentence around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from scoring.lexicon import Lexicon, entries
from scoring.scored import NOTHING, Scored
from scoring.syllables import Reader, Syllable, spellings
from scoring.verdict import Reason
from scoring.vietnamese_rules import Weighed, weigh

__all__ = ["LOGISTIC", "THRESHOLD", "VietnameseScorer"]

THRESHOLD: Final = 0.0
"""A review whose raw score is at most this is negative."""

LOGISTIC: Final = (-0.75, -0.25)
"""`(a, b)`: p_negative = 1 / (1 + exp(-(a * raw + b)))."""

_HERE = Path(__file__).parent
_WORDINESS: Final = 0.025  # taken off for each word: complaints are longer than praise
_NO_EVIDENCE: Final = 0.05  # just above the threshold: nothing found is no complaint


class VietnameseScorer:
    """Scores Vietnamese texts; made once, then pure and safe to share."""

    def __init__(self) -> None:
        self._lexicon = Lexicon(entries(_HERE / "vietnamese.tsv"))
        self._reader = Reader(spellings(_HERE / "vietnamese_spelling.tsv"))

    def score(self, text: str) -> Scored:
        """Return the evidence in `text` (NFC plain text); offsets are into `text`."""
        reading = self._reader.read(text)
        if not reading.syllables:
            return NOTHING
        weighed = weigh(self._lexicon.find(reading), reading)
        positive = sum(each.weight for each in weighed if each.weight > 0)
        negative = -sum(each.weight for each in weighed if each.weight < 0)
        raw = positive - negative - _WORDINESS * reading.words
        return Scored(
            raw=round(raw, 4) if weighed else _NO_EVIDENCE,
            positive=round(positive, 4),
            negative=round(negative, 4),
            reasons=tuple(_reasons(text, weighed, reading.syllables)),
        )


def _reasons(
    text: str, weighed: Iterable[Weighed], syllables: Sequence[Syllable]
) -> Iterable[Reason]:
    for each in weighed:
        start, end = syllables[each.first].start, syllables[each.stop - 1].end
        yield Reason(text[start:end], round(each.weight, 2), start, end)
