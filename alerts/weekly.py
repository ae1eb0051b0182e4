"""The weekly digest of one brand: totals, trend, sides and figures against usual weeks; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, log10
from zoneinfo import ZoneInfo

from alerts.cards import NAME_CAP, shown
from alerts.changes import changes, theme_name
from alerts.digest import MAX_WINS, good_post
from alerts.facts import DayFacts
from alerts.figures import in_range, kpis, whole
from alerts.health import sources
from alerts.sheet import Bar, Digest, Figure, Side, Tone
from alerts.totals import totals_line
from cases.usual import Against, Usual
from ingest.words import Words, later
from scoring.verdict import Polarity

MAX_SIDES = 6
MAX_FIGURES = 6
LEVELS = 8  # heights of a small bar
_SHARE = later("Share of negative mentions")
_A_DAY = later("{metric}, mean a day")


@dataclass(frozen=True, slots=True)
class Series:
    """One figure by week, the oldest first: the mean of its days, None where there is none."""

    name: str
    weeks: tuple[float | None, ...]
    usual: Usual | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """Everything a weekly digest is made of.

    `of` holds the seven days up to `of.day` as if they were one: its window, its counts
    beside those of the eight weeks before, the cases and sources as of now.
    `negative_weeks` are the negative mentions of nine weeks, None for a week that is not
    covered; `share` their share of all, `figures` the brand's behaviour figures.
    """

    of: DayFacts
    negative_weeks: tuple[tuple[date, int | None], ...]
    share: Series
    figures: tuple[Series, ...] = ()

    @property
    def first_day(self) -> date:
        """The first of the seven days."""
        return self.of.day - timedelta(days=6)


def compose_week(facts: WeekFacts) -> Digest:
    """Return the digest of a week in the brand's language; its day is the last of the week."""
    of = facts.of
    words, zone = Words(of.language), ZoneInfo(of.zone)
    bars, caption = _chart(facts, words)
    head, tone, lines = sources(of.sources, words, now=of.now, zone=zone)
    counted = totals_line(of.sources, words, is_weekly=True)
    return Digest(
        brand=shown(of.brand, NAME_CAP),
        language=of.language,
        period="week",
        day=of.day,
        written_at=of.now,
        subject=_subject(facts, words),
        preheader=_waiting(of, words),
        title=words("Weekly digest, {days}", days=_days(facts, words)),
        zone=words.zone(of.zone, of.start),
        headline=f"{_headline(facts, words)} {_waiting(of, words)}",
        tone=Tone.NEG if _is_high(of) or tone is Tone.NEG else Tone.PLAIN,
        is_quiet=False,
        kpis=kpis(of, words),
        waiting=of.waiting,
        needs="",
        cards=(),
        earlier=_earlier(of, words),
        bars=bars,
        chart=caption,
        changes=changes(of, words),
        sides=_sides(of, words),
        figures=_figures(facts, words),
        wins=tuple(good_post(each, words) for each in of.wins[:MAX_WINS]),
        answers="",
        sources_head=head,
        sources_tone=tone,
        sources=(*lines, counted) if counted else lines,
        covers=_covers(facts, words),
    )


def _days(facts: WeekFacts, words: Words) -> str:
    return words.days(facts.first_day, facts.of.day)


def _is_high(of: DayFacts) -> bool:
    usual = whole(of.negatives_usual)
    return bool(usual and usual.against(of.negatives) is Against.HIGH)


def _headline(facts: WeekFacts, words: Words) -> str:
    of = facts.of
    usual = whole(of.negatives_usual)
    n, bad = words.number(of.mentions), words.number(of.negatives)
    if not of.mentions:
        return words("No mention in this week.")
    if usual is None:
        return words("{n} mentions in this week, {bad} of them negative.", n=n, bad=bad)
    text = {
        Against.HIGH: later("{n} mentions, {bad} negative: more than usual ({usual})."),
        Against.LOW: later("{n} mentions, {bad} negative: fewer than usual ({usual})."),
        Against.USUAL: later("{n} mentions, {bad} negative, as usual ({usual})."),
    }[usual.against(of.negatives)]
    return words(text, n=n, bad=bad, usual=in_range(usual, words))


def _waiting(of: DayFacts, words: Words) -> str:
    if not of.waiting:
        return words("Nothing needs an answer.")
    return words.many(
        "1 mention needs an answer now.", "{n} mentions need an answer now.", of.waiting
    )


def _subject(facts: WeekFacts, words: Words) -> str:
    of = facts.of
    usual = whole(of.negatives_usual)
    news = words("{n} mentions, {bad} negative", n=words.number(of.mentions),
                 bad=words.number(of.negatives))  # fmt: skip
    if usual:
        news += words(", usually {usual}", usual=in_range(usual, words))
    week = words("week of {days}", days=_days(facts, words))
    return f"{news} · {shown(of.brand, NAME_CAP)}, {week}"


def _earlier(of: DayFacts, words: Words) -> str:
    if not of.earlier:
        return ""
    return words.many(
        "Posted earlier: 1 older post became known in this week, negative: {bad}.",
        "Posted earlier: {n} older posts became known in this week, {bad} of them negative.",
        of.earlier,
        bad=words.number(of.earlier_negatives),
    )


def _chart(facts: WeekFacts, words: Words) -> tuple[tuple[Bar, ...], str]:
    """Return a bar for each of the nine weeks and the sentence that says what they show."""
    known = [(day, count) for day, count in facts.negative_weeks if count is not None]
    if not any(count for _, count in known):
        return (), ""
    usual = whole(facts.of.negatives_usual)
    bars = tuple(
        Bar(
            words.days(last - timedelta(days=6), last),
            count,
            bool(usual and count is not None and count > usual.high),
        )
        for last, count in facts.negative_weeks
    )
    span = words.days(facts.negative_weeks[0][0] - timedelta(days=6), facts.of.day)
    parts = [words("Negative mentions per week, {days}.", days=span)]
    if usual:
        parts.append(words("Usual range {usual}.", usual=in_range(usual, words)))
    if missing := len(facts.negative_weeks) - len(known):
        parts.append(words.many("{n} week is not covered.", "{n} weeks are not covered.", missing))
    return bars, " ".join(parts)


def _sides(of: DayFacts, words: Words) -> tuple[Side, ...]:
    """Return the sides of product and service most spoken of, those with most negatives first."""
    by_name: dict[str, dict[Polarity, tuple[int, Usual | None]]] = {}
    for theme in of.themes:
        by_name.setdefault(theme.name, {})[theme.polarity] = (theme.week, theme.usual_week)
    none: tuple[int, Usual | None] = (0, None)
    found = []
    for name, said in by_name.items():
        negative, usual = said.get(Polarity.NEGATIVE, none)
        positive, _ = said.get(Polarity.POSITIVE, none)
        if negative or positive:
            spoken = theme_name(name, words)
            found.append((negative, positive, spoken[:1].upper() + spoken[1:], whole(usual)))
    found.sort(key=lambda each: (-each[0], -each[1], each[2]))
    return tuple(
        Side(
            name=name,
            negative=words.number(negative),
            positive=words.number(positive),
            usual=in_range(usual, words) if usual else "",
            is_high=bool(usual and negative > usual.high),
        )
        for negative, positive, name, usual in found[:MAX_SIDES]
    )


def _figures(facts: WeekFacts, words: Words) -> tuple[Figure, ...]:
    """Return the behaviour figures with the share of negative mentions on top; none without."""
    if not facts.figures:
        return ()
    share = Series(words(_SHARE), facts.share.weeks, facts.share.usual)
    return (
        _figure(share, words, unit="%"),
        *(
            _figure(Series(words(_A_DAY, metric=shown(each.name, NAME_CAP)), *_rest(each)), words)
            for each in facts.figures[:MAX_FIGURES]
        ),
    )


def _rest(series: Series) -> tuple[tuple[float | None, ...], Usual | None]:
    return series.weeks, series.usual


def _figure(series: Series, words: Words, *, unit: str = "") -> Figure:
    value, usual = series.weeks[-1], series.usual
    digits = _digits(value if value is not None else usual.middle if usual else 0)
    arrow = ""
    if value is not None and usual is not None:
        arrow = {Against.HIGH: "▲", Against.LOW: "▼", Against.USUAL: "="}[usual.against(value)]
    said = words("too few to compare")
    if usual is not None:
        said = words("usually {usual}", usual=in_range(usual, words, digits=digits) + unit)
    return Figure(
        name=series.name,
        value="—" if value is None else words.number(value, digits) + unit,
        arrow=arrow,
        usual=said,
        levels=_levels(series.weeks),
    )


def _digits(value: float) -> int:
    """Return how many digits after the point leave three that count."""
    return 0 if value == 0 else max(0, min(3, 2 - floor(log10(abs(value)))))


def _levels(weeks: tuple[float | None, ...]) -> tuple[int | None, ...]:
    """Return heights from 1 to 8, from nothing to the highest week."""
    highest = max((each for each in weeks if each is not None), default=0.0)
    if highest <= 0:
        return tuple(None if each is None else 1 for each in weeks)
    return tuple(
        None if each is None else max(1, round(LEVELS * max(each, 0.0) / highest)) for each in weeks
    )


def _covers(facts: WeekFacts, words: Words) -> str:
    of = facts.of
    written = of.now.astimezone(ZoneInfo(of.zone))
    when = f"{words.weekday_day(written.date())} {written:%H:%M}"
    first, last = words.weekday_day(facts.first_day), words.weekday_day(of.day)
    return words(
        "Covers {first} 00:00 to {last} 24:00, {zone}; written {when}.",
        first=first, last=last, zone=words.zone(of.zone, of.start), when=when,
    )  # fmt: skip
