"""The composed digest: every word is chosen; only the layout is left to the renderers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Tone(StrEnum):
    """What a colour says: neg is negative or late, warn is soon, pos is good."""

    PLAIN = ""
    NEG = "neg"
    WARN = "warn"
    POS = "pos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One figure against its usual range: `arrow` is ▲, ▼, = or empty."""

    label: str
    value: str
    arrow: str = ""
    word: str = ""
    usual: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One open case to answer; text and url are from outside, cut but not escaped."""

    case_id: int
    mention_id: int
    severity: str
    is_late: bool
    tone: Tone
    target: str
    source: str
    stars: str
    posted: str
    text: str
    language: str
    why: str
    url: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart; `count` is None where the day is not covered."""

    day: str
    count: int | None
    is_high: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed: a head in a tone, a sentence, and the theme whose posts it is about.

    `posts` are the ids of those posts where the theme is in people's own words,
    none where it is a side of product or service.
    """

    tone: Tone
    head: str
    sentence: str
    theme: str
    posts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A side of product or service in a week: how many speak ill and well of it."""

    name: str
    negative: str
    positive: str
    usual: str
    is_high: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of nine weeks: the last against the usual, and heights of 1 to 8."""

    name: str
    value: str
    arrow: str
    usual: str
    levels: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodPost:
    """A post worth sharing, quoted, and where it stands."""

    mention_id: int
    quote: str
    language: str
    line: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One brand's day or week in words, ready to be laid out as text, HTML, terminal or JSON.

    `period` is "day" or "week"; `day` the day, or the last day of the week.
    """

    brand: str
    language: str
    day: date
    written_at: datetime
    subject: str
    preheader: str
    title: str
    zone: str
    headline: str
    tone: Tone
    is_quiet: bool
    kpis: tuple[Kpi, ...]
    waiting: int
    needs: str
    cards: tuple[Card, ...]
    earlier: str
    bars: tuple[Bar, ...]
    chart: str
    changes: tuple[Change, ...]
    wins: tuple[GoodPost, ...]
    answers: str
    sources_head: str
    sources_tone: Tone
    sources: tuple[str, ...]
    covers: str
    period: str = "day"
    sides: tuple[Side, ...] = ()
    figures: tuple[Figure, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return JSON-ready values that `from_json` makes the same digest of."""
        values = asdict(self)
        values["day"] = self.day.isoformat()
        values["written_at"] = self.written_at.isoformat()
        return values

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Digest:
        """Return the digest that was stored. Raises KeyError or TypeError for other values."""
        own = dict(values)
        own["day"] = date.fromisoformat(own["day"])
        own["written_at"] = datetime.fromisoformat(own["written_at"])
        own["tone"], own["sources_tone"] = Tone(own["tone"]), Tone(own["sources_tone"])
        for name, kind in (("kpis", Kpi), ("cards", Card), ("changes", Change)):
            own[name] = tuple(kind(**{**each, "tone": Tone(each["tone"])}) for each in own[name])
        own["changes"] = tuple(replace(each, posts=tuple(each.posts)) for each in own["changes"])
        own["bars"] = tuple(Bar(**each) for each in own["bars"])
        own["wins"] = tuple(GoodPost(**each) for each in own["wins"])
        own["sources"] = tuple(own["sources"])
        own["sides"] = tuple(Side(**each) for each in own.get("sides", ()))
        figures = (Figure(**each) for each in own.get("figures", ()))
        own["figures"] = tuple(replace(each, levels=tuple(each.levels)) for each in figures)
        return Digest(**own)
