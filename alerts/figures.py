"""The day's figures against their usual range, and the chart."""

from __future__ import annotations

from math import ceil, floor

from alerts.facts import DayFacts
from alerts.sheet import Bar, Kpi, Tone
from cases.usual import Against, Usual
from ingest.words import Words, later

_ARROWS = {Against.HIGH: "▲", Against.LOW: "▼", Against.USUAL: "="}
_SPEAKS_UP = {Against.HIGH: later("high"), Against.LOW: later("low")}


def whole(usual: Usual | None) -> Usual | None:
    """Return a range of counts rounded outwards, as it is shown and compared."""
    return usual and Usual(floor(usual.low), ceil(usual.high), usual.n, usual.median)


def kpis(facts: DayFacts, words: Words) -> tuple[Kpi, ...]:
    """Return the figures that there are: none is invented, none has no base unsaid."""
    found = [
        _kpi(words, words("Mentions"), facts.mentions, whole(facts.mentions_usual), bad=None),
        _kpi(
            words,
            words("Negative"),
            facts.negatives,
            whole(facts.negatives_usual),
            bad=Against.HIGH,
        ),
    ]
    if facts.answered and facts.answered.due:
        found.append(_answered(facts.answered.in_time / facts.answered.due, facts, words))
    if facts.stars_mean is not None:
        usual = facts.stars_usual
        rounded = usual and Usual(round(usual.low, 2), round(usual.high, 2), usual.n)
        label = words("Mean stars, 7 days")
        found.append(
            _kpi(words, label, round(facts.stars_mean, 2), rounded, bad=Against.LOW, digits=2)
        )
    return tuple(found)


def chart(facts: DayFacts, words: Words) -> tuple[tuple[Bar, ...], str]:
    """Return the bars of negative mentions per day and the sentence that says what they show."""
    days = [each for each in facts.negative_days if each.count is not None]
    if not any(each.count for each in days):
        return (), ""
    usual = whole(facts.negatives_usual)
    bars = tuple(
        Bar(
            words.day(each.day),
            each.count,
            bool(usual and each.count is not None and each.count > usual.high),
        )
        for each in facts.negative_days
    )
    span = words.days(facts.negative_days[0].day, facts.negative_days[-1].day)
    parts = [words("Negative mentions per day, {days}.", days=span)]
    if usual:
        parts.append(words("Usual range {usual}.", usual=in_range(usual, words)))
    highest = max(days, key=lambda each: (each.count or 0, each.day))
    on = words.number(highest.count or 0)
    parts.append(words("Highest: {n} on {day}.", n=on, day=words.day(highest.day)))
    if missing := len(facts.negative_days) - len(days):
        parts.append(words.many("{n} day is not covered.", "{n} days are not covered.", missing))
    return bars, " ".join(parts)


def _answered(share: float, facts: DayFacts, words: Words) -> Kpi:
    usual = facts.answered.usual if facts.answered else None
    points = usual and Usual(round(usual.low * 100), round(usual.high * 100), usual.n)
    label = words("Answered in time")
    return _kpi(words, label, round(share * 100), points, bad=Against.LOW, unit="%")


def _kpi(
    words: Words,
    label: str,
    value: float,
    usual: Usual | None,
    *,
    bad: Against | None,
    digits: int = 0,
    unit: str = "",
) -> Kpi:
    """Return the figure against its range; `bad` is the side that is bad news, None for neither."""
    number = words.number(value, digits) + unit
    if usual is None:
        return Kpi(label=label, value=number, usual=words("too few to compare"))
    stands = usual.against(value)
    tone = Tone.PLAIN
    if bad is not None and stands is not Against.USUAL:
        tone = Tone.NEG if stands is bad else Tone.POS
    return Kpi(
        label=label,
        value=number,
        arrow=_ARROWS[stands],
        word=words(_SPEAKS_UP[stands]) if bad is not None and stands in _SPEAKS_UP else "",
        usual=words("usually {usual}", usual=in_range(usual, words, digits=digits) + unit),
        tone=tone,
    )


def in_range(usual: Usual, words: Words, *, digits: int = 0) -> str:
    """Return a range as 7–15, or the one number."""
    return words.between(words.number(usual.low, digits), words.number(usual.high, digits))
