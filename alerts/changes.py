"""What changed: themes in people's own words, and sides of product and service, against usual."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.cards import NAME_CAP, shown
from alerts.facts import DayFacts, Theme
from alerts.figures import in_range, whole
from alerts.sheet import Change, Tone
from cases.groups import Group
from cases.usual import Usual
from ingest.words import Words, later
from scoring.verdict import Polarity

MAX_CHANGES = 3
_FEW = 3
_SOME = 5
_SPIKE_SHARE = 0.15  # of the day's negative posts
_SAME_POSTS = 1 / 3
_SPIKE, _NEW, _UP, _UP_GOOD, _DOWN = range(5)

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


_SAID = {
    _SPIKE: (
        Tone.NEG,
        later("Spike: {theme}."),
        later("{day} of the day's {of} negative mentions, usually {usual} a week."),
    ),
    _NEW: (
        Tone.WARN,
        later("New theme: {theme}."),
        later("{week} negative mentions in 7 days, none in the weeks before."),
    ),
    _UP: (
        Tone.NEG,
        later("Up: {theme}."),
        later("{week} negative mentions in 7 days, usually {usual}."),
    ),
    _UP_GOOD: (
        Tone.POS,
        later("Up: {theme}."),
        later("{week} positive mentions in 7 days, usually {usual}."),
    ),
    _DOWN: (
        Tone.POS,
        later("Down: {theme}."),
        later("{week} negative mentions in 7 days, usually {usual}."),
    ),
}


def changes(facts: DayFacts, words: Words) -> tuple[Change, ...]:
    """Return at most three changes against usual: spikes, then new, then up, then down.

    People's own words come first; a side of product or service is only named
    where most of its posts are not told of by then.
    """
    told = [news for group in facts.groups if (news := _of_group(group, facts, words))]
    seen = frozenset[int]().union(*(group.posts for group in facts.groups)) if told else frozenset()
    for theme in facts.themes:
        if len(theme.posts & seen) <= _SAME_POSTS * len(theme.posts):
            news = _of_theme(theme, facts, words)
            told += [news] if news else []
    told.sort(key=lambda news: (news.order, -news.count, news.change.theme))
    return tuple(news.change for news in told[:MAX_CHANGES])


def is_spike(group: Group, facts: DayFacts) -> bool:
    """Return whether a group is a good part of the day and above what a whole week usually has."""
    return _is_spike(group.day, group.usual_week, facts)


def main_theme(facts: DayFacts, words: Words) -> tuple[str, float]:
    """Return what most negative posts of the day are about, and their share; "" for nothing."""
    groups = [(each.day, shown(each.phrase, NAME_CAP)) for each in facts.groups]
    aspects = [
        (each.day, theme_name(each.name, words))
        for each in facts.themes
        if each.polarity is Polarity.NEGATIVE
    ]
    count, name = max(groups or aspects, default=(0, ""), key=lambda each: each[0])
    return name, count / max(1, facts.negatives)


def theme_name(name: str, words: Words) -> str:
    """Return a side of product or service in words; one that is not known keeps its own name."""
    return words(THEMES.get(name, name))


@dataclass(frozen=True, slots=True)
class _News:
    order: int
    count: int
    change: Change


def _of_group(group: Group, facts: DayFacts, words: Words) -> _News | None:
    name = shown(group.phrase, NAME_CAP)
    posts = frozenset(group.posts)
    counts = Theme(
        name=name,
        polarity=Polarity.NEGATIVE,
        day=group.day,
        week=group.week,
        usual_week=group.usual_week,
        posts=posts,
    )
    return _news(
        counts, name, facts, words, posts=group.today if is_spike(group, facts) else group.posts
    )


def _of_theme(theme: Theme, facts: DayFacts, words: Words) -> _News | None:
    return _news(theme, theme_name(theme.name, words), facts, words, posts=())


def _news(
    theme: Theme, name: str, facts: DayFacts, words: Words, *, posts: tuple[int, ...]
) -> _News | None:
    """Return what is news about a theme, None when it is as usual or nothing is usual yet."""
    usual = theme.usual_week
    order = _order(theme, facts)
    if usual is None or order is None:
        return None
    values = {
        "theme": name,
        "day": words.number(theme.day),
        "of": words.number(facts.negatives),
        "week": words.number(theme.week),
        "usual": in_range(whole(usual) or usual, words),
    }
    tone, head, sentence = _SAID[order]
    change = Change(
        tone=tone,
        head=words(head, **values),
        sentence=words(sentence, **values),
        theme=theme.name,
        posts=posts,
    )
    return _News(order, theme.day if order == _SPIKE else theme.week, change)


def _order(theme: Theme, facts: DayFacts) -> int | None:
    """Return which kind of news a theme is, None for none."""
    usual = theme.usual_week
    if usual is None or theme.polarity is Polarity.NEUTRAL:
        return None
    is_up = theme.week >= _SOME and theme.week > usual.high
    if theme.polarity is Polarity.POSITIVE:
        return _UP_GOOD if is_up else None
    if _is_spike(theme.day, usual, facts):
        return _SPIKE
    if usual.high == 0 and theme.week >= _FEW:
        return _NEW
    if is_up:
        return _UP
    return _DOWN if usual.low >= _SOME and theme.week < usual.low else None


def _is_spike(day: int, usual: Usual, facts: DayFacts) -> bool:
    return day >= _FEW and day > usual.high and day >= _SPIKE_SHARE * facts.negatives
