"""Vietnamese sentiment from a hand-written lexicon and the rules of the sentence around it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from scoring.lexicon import Lexicon, entries
from scoring.scored import NOTHING, Scored
from scoring.syllables import read
from scoring.verdict import Reason
from scoring.vietnamese_rules import weigh
from scoring.words import Words

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

    def score(self, text: str | Words) -> Scored:
        """Return the evidence in `text` (NFC plain text); offsets are into `text`."""
        words = text if isinstance(text, Words) else Words(text)
        reading = read(words)
        if not reading.keys:
            return NOTHING
        weighed = weigh(self._lexicon.find(reading), reading)
        if not weighed:
            return _SILENT
        weights = [each.base * each.factor for each in weighed]
        positive = sum([weight for weight in weights if weight > 0])
        negative = -sum([weight for weight in weights if weight < 0])
        spans = reading.spans([(each.first, each.stop) for each in weighed])
        text = words.text
        return Scored(
            raw=round(positive - negative - _WORDINESS * reading.words, 4),
            positive=round(positive, 4),
            negative=round(negative, 4),
            reasons=tuple(
                [
                    Reason(text[start:end], _rounded(weight), start, end)
                    for weight, (start, end) in zip(weights, spans, strict=True)
                ]
            ),
        )


_SILENT: Final = Scored(raw=_NO_EVIDENCE)


@lru_cache(maxsize=10_000)
def _rounded(weight: float) -> float:
    """Return `weight` to two digits; few different ones are met, and rounding is slow."""
    return round(weight, 2)
