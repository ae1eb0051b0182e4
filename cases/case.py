"""The state of a case: a fold of what happened to it, in the order it happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a case stands; `mine` means somebody took it, `waiting` for the customer."""

    NEEDS_ANSWER = "needs_answer"
    MINE = "mine"
    SNOOZED = "snoozed"
    WAITING = "waiting"
    RESOLVED = "resolved"


class EventKind(StrEnum):
    """What can happen to a case.

    `answered` and `told` are words to the customer; `reopened` is a new word
    from the customer or from us; `dismissed` a flag that was wrong; `undone`
    takes back the last event that is not itself taken back.
    """

    OPENED = "opened"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    TOLD = "told"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; `until` belongs to `snoozed`, `who` to `assigned` too."""

    at: datetime
    kind: EventKind
    who: str = ""
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The fold of a case's events; all times aware UTC.

    `answered_at` is the first answer, `resolved_at` the last resolution.
    """

    state: State
    opened_at: datetime
    assignee: str = ""
    snoozed_until: datetime | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None

    def state_at(self, now: datetime) -> State:
        """Return the state at `now`: a snooze that has run out needs an answer again."""
        if self.state is State.SNOOZED and self.snoozed_until and self.snoozed_until <= now:
            return _open_state(self.assignee)
        return self.state


def fold(events: Iterable[Event]) -> Case:
    """Return the case its events make. Raises ValueError unless they begin with `opened`."""
    standing = _without_undone(events)
    if not standing or standing[0].kind is not EventKind.OPENED:
        raise ValueError("a case begins with the event 'opened'")
    case = Case(state=State.NEEDS_ANSWER, opened_at=standing[0].at)
    for event in standing[1:]:
        case = _after(case, event)
    return case


def _without_undone(events: Iterable[Event]) -> list[Event]:
    standing: list[Event] = []
    for event in events:
        if event.kind is not EventKind.UNDONE:
            standing.append(event)
        elif len(standing) > 1:
            standing.pop()
    return standing


def _after(case: Case, event: Event) -> Case:
    match event.kind:
        case EventKind.ASSIGNED:
            return replace(case, assignee=event.who, state=_open_state(event.who))
        case EventKind.SNOOZED:
            return replace(case, state=State.SNOOZED, snoozed_until=event.until)
        case EventKind.ANSWERED | EventKind.TOLD:
            answered_at = case.answered_at or event.at
            return replace(case, state=State.WAITING, answered_at=answered_at)
        case EventKind.RESOLVED | EventKind.DISMISSED:
            return replace(case, state=State.RESOLVED, resolved_at=event.at)
        case EventKind.REOPENED:
            return replace(case, state=_open_state(case.assignee), resolved_at=None)
    raise ValueError(f"{event.kind!r} cannot follow an open case")


def _open_state(assignee: str) -> State:
    return State.MINE if assignee else State.NEEDS_ANSWER
