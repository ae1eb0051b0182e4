"""Vietnamese sentiment from a hand-written lexicon and the rules of the sentence around it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scoring.aspects import aspect_words, cause_words, sides_at
from scoring.kinds import heard_cues, kind_cues
from scoring.lexicon import Lexicon, entries
from scoring.scored import NOTHING, Heard, Scored, scored_of
from scoring.spam import spam_words
from scoring.syllables import read
from scoring.verdict import Reason, reason
from scoring.vietnamese_rules import Weighed, weigh
from scoring.words import Places, Words

__all__ = ["LOGISTIC", "THRESHOLD", "VietnameseScorer"]

THRESHOLD: Final = 0.0
"""A review whose raw score is at most this is negative."""

LOGISTIC: Final = (-0.75, -0.25)
"""`(a, b)`: p_negative = 1 / (1 + exp(-(a * raw + b)))."""

_HERE: Final = Path(__file__).parent
_WORDINESS: Final = 0.03  # taken off for each word: complaints are longer than praise
_NO_EVIDENCE: Final = 0.05  # just above the threshold: nothing found is no complaint


class VietnameseScorer:
    """Scores Vietnamese texts; made once, then pure and safe to share."""

    def __init__(self) -> None:
        lines = entries(_HERE / "vietnamese.tsv")
        books = kind_cues(), aspect_words(), cause_words(), spam_words()
        self._lexicon = Lexicon(lines, *books)

    def lay_out(self) -> None:
        """Lay out the lists ahead of any text."""
        self._lexicon.lay_out()

    def score(self, text: str | Words) -> Scored:
        """Return the evidence in `text` (NFC plain text); offsets are into `text`."""
        return self.hear(text if isinstance(text, Words) else Words(text)).scored

    def hear(self, words: Words) -> Heard:
        """Return the evidence in a text with the cues, aspects and causes that it names."""
        reading = read(words)
        keys = reading.keys
        found, cues, sides, causes, signs = self._lexicon.find(reading)
        weighed = weigh(found, keys) if found else []
        places = reading.places()
        if weighed:
            scored = _scored(words.text, weighed, places, size=reading.size)
        else:
            scored = _SILENT if keys else NOTHING
        return Heard(
            scored,
            keys,
            cues=heard_cues(cues, keys) if cues else [],
            sides=sides_at(places, sides),
            causes=[cause for _, _, cause in causes],
            signs=[sign for _, _, sign in signs],
        )


def _scored(text: str, weighed: list[Weighed], places: Places, *, size: int) -> Scored:
    positive = negative = 0.0
    reasons: list[Reason] = []
    for each in weighed:
        weight = each.base * each.factor
        if weight > 0:
            positive += weight
        else:
            negative -= weight
        start, end = places.start(each.first), places.end(each.stop - 1)
        reasons.append(reason(text, weight, start, end))
    raw = round(positive - negative - _WORDINESS * size, 4)
    return scored_of(raw, round(positive, 4), round(negative, 4), tuple(reasons))


_SILENT: Final = Scored(raw=_NO_EVIDENCE)
