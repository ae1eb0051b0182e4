"""One open case in words: how soon, where, when, what it says and why it is here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerts.facts import OpenCase
from alerts.sheet import Card, Tone
from cases.clock import left
from cases.flag import FlagReason
from cases.groups import Group
from cases.order import DANGER
from ingest.mention import FeedbackKind, Precision
from ingest.words import Words, later

TEXT_CAP = 280
_MAX_ALSO = 3
NAME_CAP = 60
_SOON = timedelta(hours=2)
_RECENT = timedelta(days=6)
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)

_HARM_WORDS = {
    "safety": later("danger to people"),
    "poison": later("food that makes ill"),
    "fake": later("fakes"),
    "fraud": later("fraud"),
    "money": later("money taken"),
    "leak": later("leaked data"),
    "legal": later("law or authorities"),
    "press": later("making it public"),
    "boycott": later("a boycott"),
    "news": later("bad news"),
}
_OTHER_WORDS = {
    "question": later("a question for you"),
    "fault": later("reports a fault"),
    "damaged": later("the text arrived damaged"),
}
_SHOWN_BY_STARS = frozenset({"low-stars", "middling-stars"})
KIND_WORDS = {
    FeedbackKind.SURVEY: later("survey answer"),
    FeedbackKind.REVIEW: later("review"),
    FeedbackKind.STARS: later("star rating"),
    FeedbackKind.TICKET: later("ticket"),
    FeedbackKind.CONVERSATION: later("support conversation"),
    FeedbackKind.IN_APP: later("in-app feedback"),
    FeedbackKind.INTERVIEW: later("interview"),
    FeedbackKind.SOCIAL: later("social post"),
    FeedbackKind.COMMENT: later("comment"),
    FeedbackKind.ARTICLE: later("article"),
}


def card(
    case: OpenCase, words: Words, *, now: datetime, zone: ZoneInfo, spikes: Sequence[Group] = ()
) -> Card:
    """Return the card of an open case as of `now`; it says of which of `spikes` it is a part."""
    time = left(case.target_at, now)
    is_late = time < timedelta(0)
    pattern = later("{time} late") if is_late else later("{time} left")
    return Card(
        case_id=case.case_id,
        mention_id=case.mention_id,
        severity=case.severity.value,
        is_late=is_late,
        tone=Tone.NEG if is_late else Tone.WARN if time <= _SOON else Tone.PLAIN,
        target=words(pattern, time=words.duration(time)),
        source=_place(case, words),
        stars="" if case.stars is None else short_stars(case.stars, words),
        posted=posted(case, words, now=now, zone=zone),
        text=shown(_text(case)) or words("No text, only stars."),
        language=case.language if case.language in ("vi", "en") else "",
        why="; ".join((why(case.reasons, words), *_part_of(case, spikes, words))),
        url=safe_link(case.url),
        also=_also(case, words),
    )


def shown(text: str, cap: int = TEXT_CAP) -> str:
    """Return text from outside on one line, without invisible characters, cut at a word."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) <= cap:
        return line
    head = line[:cap]
    return (head.rsplit(" ", 1)[0] if " " in head[cap // 2 :] else head).rstrip(" ,;:") + "…"


def safe_link(url: str) -> str:
    """Return `url` when it is a plain http or https address, else an empty text."""
    if _UNSEEN.search(url) or any(c in url for c in " \"'<>\\`"):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def short_stars(stars: float, words: Words) -> str:
    """Return a rating without its scale: 1 or 3.5."""
    return words.number(stars, 0 if float(stars).is_integer() else 1)


def posted(case: OpenCase, words: Words, *, now: datetime, zone: ZoneInfo) -> str:
    """Return when it was posted: weekday and time, or the day when it is older."""
    if case.posted_at is None:
        return words("no date")
    local = case.posted_at.astimezone(zone)
    if not timedelta(0) <= now - case.posted_at < _RECENT:
        return words("posted {when}", when=words.day(local.date()))
    when = words.weekday(local.date())
    if case.precision is not Precision.DAY:
        when = f"{when} {local:%H:%M}"
    return words("posted {when}", when=when)


def why(reasons: Sequence[FlagReason], words: Words) -> str:
    """Return the reasons of a flag as one line, the text's own words in quotation marks."""
    parts = []
    for code, name in _HARM_WORDS.items():
        if quoted := _quoted(r for r in reasons if r.code == code):
            parts.append(words("speaks of {harm}: {quoted}", harm=words(name), quoted=quoted))
    said = [r for r in reasons if r.words and r.code not in _HARM_WORDS and r.code != "reach"]
    if said:
        parts.append(words("says {quoted}", quoted=_quoted(said)))
    codes = {r.code for r in reasons}
    parts += [words(text) for code, text in _OTHER_WORDS.items() if code in codes]
    if not parts and codes & _SHOWN_BY_STARS:
        parts.append(words("few stars"))
    for reason in reasons:
        if reason.code == "reach":
            parts.append(words("reach {reach}", reach=words.number(int(reason.words or 0))))
    return "; ".join(parts) or words("negative")


def _part_of(case: OpenCase, spikes: Sequence[Group], words: Words) -> list[str]:
    """Return the spike that a post belongs to; danger to people is a matter of its own."""
    if any(reason.code in DANGER for reason in case.reasons):
        return []
    names = [shown(each.phrase, NAME_CAP) for each in spikes if case.mention_id in each.posts]
    return [words("part of the spike “{theme}”", theme=name) for name in names[:1]]


def _quoted(reasons: object) -> str:
    return ", ".join(f"“{shown(r.words, 40)}”" for r in reasons)  # type: ignore[attr-defined]


def _text(case: OpenCase) -> str:
    if case.title and not case.text.startswith(case.title):
        return f"{case.title}. {case.text}" if case.text else case.title
    return case.text


def _place(case: OpenCase, words: Words) -> str:
    parts = [shown(case.source, NAME_CAP)]
    if case.stars is not None:
        parts.append(words("{stars} of 5 stars", stars=short_stars(case.stars, words)))
    elif case.feedback_kind is not FeedbackKind.SOCIAL:
        parts.append(words(KIND_WORDS[case.feedback_kind]))
    if case.reach and not any(r.code == "reach" for r in case.reasons):
        parts.append(words("reach {reach}", reach=words.number(case.reach)))
    return ", ".join(parts)


def _also(case: OpenCase, words: Words) -> str:
    also = ", ".join(shown(name, NAME_CAP) for name in case.also[:_MAX_ALSO])
    said = [words("also on {sources}", sources=also)] if also else []
    return " · ".join([*said, words("no longer shown there")] if case.is_gone else said)
