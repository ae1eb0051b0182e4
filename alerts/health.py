"""The sources in words: who was heard, who was not, and what that does to the counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.cards import NAME_CAP, shown
from alerts.facts import EngineTrouble, SourceHealth
from alerts.sheet import Tone
from ingest.visit import Outcome
from ingest.words import Words, later

MAX_LINES = 6
_BROKEN = {
    Outcome.EMPTY: later("{name}: empty since {since}, so this count is too low."),
    Outcome.BLOCKED: later("{name}: refusing us since {since}, so this count is too low."),
    Outcome.CHANGED: later("{name}: in another shape since {since}, so this count is too low."),
    Outcome.DOWN: later("{name}: out of reach since {since}, so this count is too low."),
}


def sources(
    facts: Sequence[SourceHealth], words: Words, *, now: datetime, zone: ZoneInfo
) -> tuple[str, Tone, tuple[str, ...]]:
    """Return the head of the sources line, its tone, and a sentence for each trouble."""
    ours = [each for each in facts if not each.is_forbidden]
    heard = [each for each in ours if each.is_asked]
    healthy = [each for each in heard if each.is_healthy]
    lines = [line for each in facts if (line := _line(each, words, now=now, zone=zone))]
    if len(lines) > MAX_LINES:
        more = len(lines) - MAX_LINES + 1
        lines[MAX_LINES - 1 :] = [words.many("And {n} more.", "And {n} more.", more)]
    if not facts:
        return words("No source is listened to yet."), Tone.WARN, ()
    if len(healthy) == len(ours):
        head = words.many("The one source was reached.", "All {n} sources were reached.", len(ours))
        return head, Tone.PLAIN, tuple(lines)
    good, every = words.number(len(healthy)), words.number(len(ours))
    head = words("Sources: {good} of {every} healthy.", good=good, every=every)
    broken = any(each.outcome in _BROKEN for each in heard)
    return head, Tone.NEG if broken else Tone.WARN, tuple(lines)


def second_opinions(
    facts: EngineTrouble | None, words: Words, *, now: datetime, zone: ZoneInfo
) -> str:
    """Return what keeps second opinions away, "" for nothing."""
    if facts is None or not facts.waiting:
        return ""
    if facts.silent_since is not None:
        text = later(
            "The second opinion is not heard since {at}, mentions that wait for it: {n}; "
            "earful doctor says why."
        )
        at = facts.silent_since
    elif facts.spent_at is not None:
        text = later(
            "The budget for second opinions was spent at {at}, mentions left without one: {n}; "
            "engine.daily_calls sets it."
        )
        at = facts.spent_at
    else:
        return ""
    return words(text, at=_moment(at, words, now=now, zone=zone), n=words.number(facts.waiting))


def broken_names(facts: Sequence[SourceHealth]) -> list[str]:
    """Return the names of the sources that fail now."""
    return [
        shown(each.name, NAME_CAP) for each in facts if each.outcome in _BROKEN and each.is_asked
    ]


def _line(each: SourceHealth, words: Words, *, now: datetime, zone: ZoneInfo) -> str:
    name = shown(each.name, NAME_CAP)
    if each.is_paused:
        return words("{name} is paused, so this count leaves it out.", name=name)
    if each.is_forbidden:
        return words("{name}: robots.txt forbids this address, so we leave it alone.", name=name)
    if each.outcome is Outcome.DUE:
        return _due(each, name, words)
    if each.outcome is None:
        return words("{name} has not been visited yet.", name=name)
    if each.outcome in _BROKEN:
        since = each.failing_since or each.last_success_at
        when = _moment(since, words, now=now, zone=zone) if since else words("the beginning")
        return words(_BROKEN[each.outcome], name=name, since=when)
    if each.gap is not None:
        since, until = each.gap
        ends = _moment(until, words, now=now, zone=zone)
        if since is None:
            return words("{name} may miss posts before {until}.", name=name, until=ends)
        starts = _moment(since, words, now=now, zone=zone)
        text = later("{name} may miss posts from {since} to {until}.")
        return words(text, name=name, since=starts, until=ends)
    if each.key_ends is not None:
        return _key_ends(name, each.key_ends, words, today=now.astimezone(zone).date())
    if each.has_caught_up:
        return words("{name} could not be heard for a time; it has caught up.", name=name)
    return ""


def _key_ends(name: str, day: date, words: Words, *, today: date) -> str:
    ended = later("{name}: its key ended on {day}; connect it again.")
    ends = later("{name}: its key ends on {day}; connect it again before that.")
    return words(ended if day < today else ends, name=name, day=words.day(day))


def _due(each: SourceHealth, name: str, words: Words) -> str:
    if each.heard_to is None:
        return words("{name}: no file yet, so this count is too low.", name=name)
    heard_to = words.day(each.heard_to)
    if each.due_since is None:
        text = later("{name}: heard to {day}; a new file is due, so this count is too low.")
        return words(text, name=name, day=heard_to)
    is_same_month = each.due_since.replace(day=1) == each.heard_to.replace(day=1)
    due = words.day_of_month(each.due_since) if is_same_month else words.day(each.due_since)
    text = later("{name}: heard to {day}; file due since {due}, so this count is too low.")
    return words(text, name=name, day=heard_to, due=due)


def _moment(at: datetime, words: Words, *, now: datetime, zone: ZoneInfo) -> str:
    """Return the time of day for today and yesterday, else the day and the time."""
    local = at.astimezone(zone)
    if (now.astimezone(zone).date() - local.date()).days == 0:
        return f"{local:%H:%M}"
    return f"{words.day(local.date())} {local:%H:%M}"
