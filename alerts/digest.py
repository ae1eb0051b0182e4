"""The daily digest of one brand: what was counted becomes what people read; pure."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.cards import NAME_CAP, card, safe_link, short_stars, shown
from alerts.changes import changes, is_spike, main_theme
from alerts.facts import Answered, DayCount, DayFacts, OpenCase, SourceHealth, Theme, Win
from alerts.figures import chart, in_range, kpis, whole
from alerts.health import broken_names, second_opinions, sources
from alerts.sheet import Bar, Card, Change, Digest, GoodPost, Kpi, Tone
from alerts.totals import totals_line
from cases.order import place
from cases.usual import Against, Usual
from ingest.words import Words, later

__all__ = [
    "Answered",
    "Bar",
    "Card",
    "Change",
    "DayCount",
    "DayFacts",
    "Digest",
    "GoodPost",
    "Kpi",
    "OpenCase",
    "SourceHealth",
    "Theme",
    "Tone",
    "Win",
    "compose",
    "good_post",
]

MAX_CARDS = 5
MAX_WINS = 2
WIN_CAP = 220
_FAR = 4.0  # times the usual; what is more is said in words, not in a number that boasts
_TIMES = (
    (3.5, later("four times the usual")),
    (2.5, later("three times the usual")),
    (1.75, later("twice the usual")),
    (0.0, later("above the usual")),
)
_ABOUT = (
    (0.75, later(", nearly all about {theme}")),
    (0.5, later(", mostly about {theme}")),
    (1 / 3, later(", many about {theme}")),
)


def compose(facts: DayFacts) -> Digest:
    """Return the digest of a local day in the brand's language.

    Cases are told as of `facts.now`, urgent first and at most five; figures
    stand beside their usual range, or say that there is too little to compare.
    """
    words, zone = Words(facts.language), ZoneInfo(facts.zone)
    bars, caption = chart(facts, words)
    sources_head, sources_tone, lines = sources(facts.sources, words, now=facts.now, zone=zone)
    told = (
        totals_line(facts.sources, words, is_weekly=False),
        second_opinions(facts.second, words, now=facts.now, zone=zone),
    )
    first = sorted(
        facts.open_cases,
        key=lambda c: place(c.severity, c.reasons, c.target_at, case_id=c.case_id),
    )
    spikes = [each for each in facts.groups if is_spike(each, facts)]
    changed = changes(facts, words)
    is_quiet = _is_quiet(facts) and not changed
    return Digest(
        brand=shown(facts.brand, NAME_CAP),
        language=facts.language,
        day=facts.day,
        written_at=facts.now,
        subject=_subject(facts, words),
        preheader=_preheader(facts, words),
        title=words("Daily digest, {day}", day=words.long_day(facts.day)),
        zone=words.zone(facts.zone, facts.start),
        headline=_headline(facts, words, is_quiet=is_quiet),
        tone=Tone.NEG if facts.waiting or sources_tone is Tone.NEG else Tone.PLAIN,
        is_quiet=is_quiet,
        kpis=() if is_quiet else kpis(facts, words),
        waiting=facts.waiting,
        needs=_needs(facts, words),
        cards=tuple(
            card(each, words, now=facts.now, zone=zone, spikes=spikes) for each in first[:MAX_CARDS]
        ),
        earlier=_earlier(facts, words),
        bars=bars,
        chart=caption,
        changes=changed,
        wins=() if is_quiet else tuple(good_post(each, words) for each in facts.wins[:MAX_WINS]),
        answers=_answers(facts.answered, words),
        sources_head=_quiet_sources(facts, words) if is_quiet else sources_head,
        sources_tone=sources_tone,
        sources=(*lines, *filter(None, told)),
        covers=_covers(facts, words),
    )


def _is_quiet(facts: DayFacts) -> bool:
    """Return whether nothing waits, nothing bad was heard, and every source asked was heard."""
    asked = [each for each in facts.sources if each.is_asked]
    all_heard = all(each.is_healthy and not each.has_caught_up for each in asked)
    is_calm = not (facts.waiting or facts.negatives or facts.earlier)
    return is_calm and bool(asked) and all_heard and len(asked) == len(_ours(facts))


def _ours(facts: DayFacts) -> list[SourceHealth]:
    """Return the sources but for those that robots.txt forbids."""
    return [each for each in facts.sources if not each.is_forbidden]


def _headline(facts: DayFacts, words: Words, *, is_quiet: bool) -> str:
    if is_quiet:
        return words("A quiet day. {sentence}", sentence=_quiet_sentence(facts, words))
    n = facts.waiting
    first = words.many("1 mention needs an answer.", "{n} mentions need an answer.", n)
    parts = [first if n else words("Nothing needs an answer.")]
    parts += _negatives(facts, words)
    broken = len(broken_names(facts.sources))
    if broken and not _exceeded(facts):
        parts.append(words.many("1 source is not heard.", "{n} sources are not heard.", broken))
    return " ".join(parts)


def _negatives(facts: DayFacts, words: Words) -> list[str]:
    n = facts.negatives
    exceeded = _exceeded(facts)
    about = _about(facts, words) if exceeded else ""
    if how := _against_usual(facts, words):
        return [words("Negative posts are {how}{about}.", how=how, about=about)]
    if exceeded:
        usual = _range(exceeded, words)
        return [
            words.many(
                "1 negative post, where {usual} are usual{about}.",
                "{n} negative posts, where {usual} are usual{about}.",
                n,
                usual=usual,
                about=about,
            )
        ]
    if n:
        return [
            words.many("1 post of the day is negative.", "{n} posts of the day are negative.", n)
        ]
    return []


def _quiet_sentence(facts: DayFacts, words: Words) -> str:
    counted = words.many("1 mention", "{n} mentions", facts.mentions)
    usual = whole(facts.mentions_usual)
    if usual:
        span = words.between(words.number(usual.low), words.number(usual.high))
        counted = f"{counted}, {words('usually {usual}', usual=span)}"
    return words("{counted}, none negative.", counted=counted)


def _quiet_sources(facts: DayFacts, words: Words) -> str:
    return words.many(
        "The one source was reached, so quiet means quiet.",
        "All {n} sources were reached, so quiet means quiet.",
        len(_ours(facts)),
    )


def _against_usual(facts: DayFacts, words: Words) -> str:
    """Return "twice the usual" and the like when negative posts are more than usual.

    Empty where fewer than one post is usual: times of nearly nothing say nothing.
    """
    usual = _exceeded(facts)
    if usual is None or usual.middle < 1:
        return ""
    times = facts.negatives / usual.middle
    if times > _FAR:
        return words("far above the usual")
    return words(next(text for least, text in _TIMES if times >= least))


def _exceeded(facts: DayFacts) -> Usual | None:
    """Return the usual range when the negative posts of the day are above it, else None."""
    usual = whole(facts.negatives_usual)
    return usual if usual and usual.against(facts.negatives) is Against.HIGH else None


def _range(usual: Usual, words: Words) -> str:
    return in_range(usual, words) if usual.high else words("none")


def _about(facts: DayFacts, words: Words, *, in_brackets: bool = False) -> str:
    name, share = main_theme(facts, words)
    for least, text in _ABOUT:
        if name and share >= least:
            quoted = f"“{name}”" if facts.groups else name
            return f" ({name})" if in_brackets else words(text, theme=quoted)
    return ""


def _subject(facts: DayFacts, words: Words) -> str:
    n = facts.waiting
    news = [words.many("{n} to answer", "{n} to answer", n) if n else words("Nothing to answer")]
    if exceeded := _exceeded(facts):
        how, about = _against_usual(facts, words), _about(facts, words, in_brackets=True)
        short = later("{n} negative, usually {usual}")
        count, usual = words.number(facts.negatives), _range(exceeded, words)
        news.append(words("negative {how}", how=how) if how else words(short, n=count, usual=usual))
        news[-1] += about
    elif broken := len(broken_names(facts.sources)):
        news.append(words.many("1 source not heard", "{n} sources not heard", broken))
    elif not n and not facts.negatives:
        news.append(words("a quiet day"))
    day = words.weekday_day(facts.day)
    return f"{', '.join(news)} · {shown(facts.brand, NAME_CAP)}, {day}"


def _preheader(facts: DayFacts, words: Words) -> str:
    """Return what the subject does not say: what is late, what is not heard, or the count."""
    parts = []
    late = sum(1 for each in facts.open_cases if each.target_at < facts.now) + facts.more_late
    if late:
        parts.append(words.many("1 is past its target.", "{n} are past their target.", late))
    if names := broken_names(facts.sources):
        parts.append(words("Not heard: {names}.", names=", ".join(names[:3])))
    if not parts:
        n = facts.mentions
        parts.append(words.many("1 mention on the day.", "{n} mentions on the day.", n))
    return " ".join(parts)


def _needs(facts: DayFacts, words: Words) -> str:
    n = facts.waiting
    if not n:
        return ""
    target = words.duration(timedelta(hours=facts.answer_within_h))
    aim = words("Target: first answer within {time}.", time=target)
    if n <= MAX_CARDS:
        return aim
    shown_n, every = words.number(MAX_CARDS), words.number(n)
    return words("The {shown} most urgent of {every}.", shown=shown_n, every=every) + f" {aim}"


def _earlier(facts: DayFacts, words: Words) -> str:
    if not facts.earlier:
        return ""
    n, bad = facts.earlier, words.number(facts.earlier_negatives)
    return words.many(
        "Posted earlier: 1 older post became known on this day, negative: {bad}.",
        "Posted earlier: {n} older posts became known on this day, {bad} of them negative.",
        n,
        bad=bad,
    )


def good_post(win: Win, words: Words) -> GoodPost:
    """Return a post worth sharing, quoted whole."""
    where = shown(win.source, NAME_CAP)
    if win.stars is not None:
        stars = short_stars(win.stars, words)
        where = words("{stars} of 5 stars on {source}", stars=stars, source=where)
    product = shown(win.product, NAME_CAP)
    return GoodPost(
        mention_id=win.mention_id,
        quote=f"“{shown(win.text, WIN_CAP)}”",
        language=win.language if win.language in ("vi", "en") else "",
        line=f"{where}, {product}." if product else f"{where}.",
        url=safe_link(win.url),
    )


def _answers(answered: Answered | None, words: Words) -> str:
    if answered is None or not answered.sent or answered.median_min is None:
        return ""
    half = words.duration(timedelta(minutes=answered.median_min))
    parts = [
        words.many(
            "Your answers: 1 sent on this day, within {half}.",
            "Your answers: {n} sent on this day, half of them within {half}.",
            answered.sent,
            half=half,
        )
    ]
    if answered.raised:
        steps = ", ".join(
            words("{before} to {after} stars", before=before, after=after)
            for before, after in answered.raised[:3]
        )
        parts.append(
            words.many(
                "1 customer raised the rating afterwards ({steps}).",
                "{n} customers raised their rating afterwards ({steps}).",
                len(answered.raised),
                steps=steps,
            )
        )
    return " ".join(parts)


def _covers(facts: DayFacts, words: Words) -> str:
    zone = words.zone(facts.zone, facts.start)
    written = facts.now.astimezone(ZoneInfo(facts.zone))
    when = f"{words.weekday_day(written.date())} {written:%H:%M}"
    day = words.day(facts.day)
    return words(
        "Covers 00:00–24:00 on {day}, {zone}; written {when}.", day=day, zone=zone, when=when
    )
