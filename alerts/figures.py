"""The day's figures against their usual range, the chart, and what changed."""

from __future__ import annotations

from math import ceil, floor

from alerts.facts import DayFacts, Theme
from alerts.sheet import Bar, Change, Kpi, Tone
from cases.usual import Against, Usual
from ingest.words import Words, later
from scoring.verdict import Polarity

MAX_CHANGES = 3
_ARROWS = {Against.HIGH: "▲", Against.LOW: "▼", Against.USUAL: "="}
_SPEAKS_UP = {Against.HIGH: later("high"), Against.LOW: later("low")}
_FEW = 3
_SOME = 5

THEMES = {
    "app": later("the app"),
    "delivery": later("delivery"),
    "genuineness": later("being genuine"),
    "packaging": later("packaging"),
    "payment": later("payment"),
    "price": later("price"),
    "quality": later("quality"),
    "returns": later("returns"),
    "service": later("service"),
    "size": later("size"),
    "warranty": later("warranty"),
}


def theme_name(name: str, words: Words) -> str:
    """Return a theme in words; one that is not known keeps its own name."""
    return words(THEMES.get(name, name))


def whole(usual: Usual | None) -> Usual | None:
    """Return a range of counts rounded outwards, as it is shown and compared."""
    return usual and Usual(floor(usual.low), ceil(usual.high), usual.n)


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
        label = words("Mean stars")
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
        parts.append(words("Usual range {usual}.", usual=_range(usual, words)))
    highest = max(days, key=lambda each: (each.count or 0, each.day))
    on = words.number(highest.count or 0)
    parts.append(words("Highest: {n} on {day}.", n=on, day=words.day(highest.day)))
    if missing := len(facts.negative_days) - len(days):
        parts.append(words.many("{n} day is not covered.", "{n} days are not covered.", missing))
    return bars, " ".join(parts)


def changes(facts: DayFacts, words: Words) -> tuple[Change, ...]:
    """Return at most three changes against usual: spikes, then new, then up, then down."""
    found: list[tuple[int, int, Change]] = []
    for theme in facts.themes:
        if theme.usual_week is not None:
            found += _change(theme, theme.usual_week, facts, words)
    found.sort(key=lambda each: (each[0], -each[1], each[2].theme))
    return tuple(change for _, _, change in found[:MAX_CHANGES])


def _change(
    theme: Theme, usual: Usual, facts: DayFacts, words: Words
) -> list[tuple[int, int, Change]]:
    name = theme_name(theme.name, words)
    week = words.number(theme.week)
    values = {"theme": name, "week": week, "usual": _range(whole(usual) or usual, words)}
    is_negative = theme.polarity is Polarity.NEGATIVE
    if is_negative and usual.high == 0 and theme.week >= _FEW:
        head = words("New theme: {theme}.", **values)
        said = words("{week} negative mentions in 7 days, none in the weeks before.", **values)
        return [(1, theme.week, Change(tone=Tone.WARN, head=head, sentence=said, theme=theme.name))]
    if is_negative and theme.day >= _FEW and theme.day > usual.high:
        head = words("Spike: {theme}.", **values)
        day, of = words.number(theme.day), words.number(facts.negatives)
        said = words(
            "{day} of the day's {of} negative mentions, usually {usual} a week.",
            day=day,
            of=of,
            usual=values["usual"],
        )
        return [(0, theme.day, Change(tone=Tone.NEG, head=head, sentence=said, theme=theme.name))]
    if theme.week >= _SOME and theme.week > usual.high:
        head = words("Up: {theme}.", **values)
        tone, order = (Tone.NEG, 2) if is_negative else (Tone.POS, 3)
        said = _in_seven_days(is_negative=is_negative, words=words, values=values)
        return [(order, theme.week, Change(tone=tone, head=head, sentence=said, theme=theme.name))]
    if is_negative and usual.low >= _SOME and theme.week < usual.low:
        head = words("Down: {theme}.", **values)
        said = _in_seven_days(is_negative=True, words=words, values=values)
        change = Change(tone=Tone.POS, head=head, sentence=said, theme=theme.name)
        return [(4, theme.week, change)]
    return []


def _in_seven_days(*, is_negative: bool, words: Words, values: dict[str, str]) -> str:
    if is_negative:
        return words("{week} negative mentions in 7 days, usually {usual}.", **values)
    return words("{week} positive mentions in 7 days, usually {usual}.", **values)


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
        usual=words("usually {usual}", usual=_range(usual, words, digits=digits) + unit),
        tone=tone,
    )


def _range(usual: Usual, words: Words, *, digits: int = 0) -> str:
    return words.between(words.number(usual.low, digits), words.number(usual.high, digits))
