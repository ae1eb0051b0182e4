"""Vietnamese sentiment from a hand-written lexicon and the rules of the sentence around it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from scoring.aspects import aspect_words, cause_words
from scoring.kinds import heard_cues, kind_cues
from scoring.lexicon import Lexicon, entries
from scoring.scored import NOTHING, Heard, Scored, Side
from scoring.spam import spam_words
from scoring.syllables import read
from scoring.verdict import Reason
from scoring.vietnamese_rules import Weighed, weigh
from scoring.words import Words

__all__ = ["LOGISTIC", "THRESHOLD", "VietnameseScorer"]

THRESHOLD: Final = 0.0
"""A review whose raw score is at most this is negative."""

LOGISTIC: Final = (-0.75, -0.25)
"""`(a, b)`: p_negative = 1 / (1 + exp(-(a * raw + b)))."""

_HERE = Path(__file__).parent
_WORDINESS: Final = 0.03  # taken off for each word: complaints are longer than praise
_NO_EVIDENCE: Final = 0.05  # just above the threshold: nothing found is no complaint


class VietnameseScorer:
    """Scores Vietnamese texts; made once, then pure and safe to share."""

    def __init__(self) -> None:
        lines = entries(_HERE / "vietnamese.tsv")
        books = kind_cues(), aspect_words(), cause_words(), spam_words()
        self._lexicon = Lexicon(lines, *books)

    def score(self, text: str | Words) -> Scored:
        """Return the evidence in `text` (NFC plain text); offsets are into `text`."""
        return self.hear(text if isinstance(text, Words) else Words(text)).scored

    def hear(self, words: Words) -> Heard:
        """Return the evidence in a text with the cues, aspects and causes that it names."""
        reading = read(words)
        found, cues, sides, causes, signs = self._lexicon.find(reading)
        weighed = weigh(found, reading)
        spans = reading.spans(
            [(each.first, each.stop) for each in weighed] + [side[:2] for side in sides]
        )
        silent = _SILENT if reading.keys else NOTHING
        names = [name for _, _, name in sides]
        return Heard(
            _scored(words.text, weighed, spans, size=reading.words) if weighed else silent,
            heard_cues(cues, reading.keys),
            [Side(name, *span) for name, span in zip(names, spans[len(weighed) :], strict=True)],
            [cause for _, _, cause in causes],
            [sign for _, _, sign in signs],
            len(reading.keys),
            len(set(reading.keys)),
        )


def _scored(
    text: str, weighed: Sequence[Weighed], spans: Sequence[tuple[int, int]], *, size: int
) -> Scored:
    weights = [each.base * each.factor for each in weighed]
    positive = sum([weight for weight in weights if weight > 0])
    negative = -sum([weight for weight in weights if weight < 0])
    return Scored(
        raw=round(positive - negative - _WORDINESS * size, 4),
        positive=round(positive, 4),
        negative=round(negative, 4),
        reasons=tuple(
            [
                Reason(text[start:end], _rounded(weight), start, end)
                for weight, (start, end) in zip(weights, spans, strict=False)
            ]
        ),
    )


_SILENT: Final = Scored(raw=_NO_EVIDENCE)


@lru_cache(maxsize=10_000)
def _rounded(weight: float) -> float:
    """Return `weight` to two digits; few different ones are met, and rounding is slow."""
    return round(weight, 2)
