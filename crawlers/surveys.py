"""What survey forms declare: a question's metric and scale, carried along to its answers.

Answers name questions by number only; the form says what they ask and on which
scale. So a visit reads the form first, and what it declares travels in the
fragment of the answers' address, which is kept with the page but never sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urldefrag

from ingest.mention import Answer, Scale
from ingest.page import Ask
from ingest.text import fold

_METRICS = (
    ("nps", re.compile(r"gioi thieu|recommend|\bnps\b")),
    ("ces", re.compile(r"de dang|no luc|\beffort|\beasy\b|\bease\b|\bces\b")),
    ("csat", re.compile(r"hai long|satisf|\bcsat\b")),
)
_FREE_NAME = 60


@dataclass(frozen=True, slots=True)
class Question:
    """What one question asks: its words, the scale of its answers (None: not rated).

    `values` are the values of its choices by their numbers, `labels` their words.
    """

    title: str
    scale: Scale | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def answer(self, value: float) -> Answer | None:
        """Return `value` as a measured answer, None when the question has no scale."""
        if self.scale is None:
            return None
        return Answer(metric_of(self.title), float(value), self.scale, question=self.title)


def metric_of(title: str) -> str:
    """Return csat, nps or ces when a question's words ask for it, else its words as a name."""
    words = fold(title)
    return next((name for name, asks in _METRICS if asks.search(words)), title[:_FREE_NAME])


def carrying(ask: Ask, questions: Mapping[str, Question]) -> Ask:
    """Return `ask` with what the form declares in its fragment."""
    told = {
        name: [
            each.title,
            [each.scale.low, each.scale.high] if each.scale else None,
            dict(each.values),
            dict(each.labels),
        ]
        for name, each in questions.items()
    }
    packed = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return replace(ask, url=f"{urldefrag(ask.url)[0]}#{quote(packed)}")


def carried(url: str) -> dict[str, Question]:
    """Return what the form declares as it stands in an address; {} when nothing does."""
    packed = unquote(urldefrag(url)[1])
    if not packed.startswith("{"):
        return {}
    return {
        name: Question(title, Scale(*scale) if scale else None, values, labels)
        for name, (title, scale, values, labels) in json.loads(packed).items()
    }


def as_sent(ask: Ask) -> Ask:
    """Return `ask` as it goes over the wire, without its fragment."""
    return replace(ask, url=urldefrag(ask.url)[0])
