"""A conversation or interview written as lines "speaker: words" to one `RawItem` a turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Problem
from ingest.rows import speaker_of
from ingest.text import fold, tokens

_TURN = re.compile(
    r"\s*(?:[-*•]\s*)?(?:\[(?P<boxed>[^\]\n]{4,30})\]\s*|(?P<plain>\d{1,2}:\d{2}(?::\d{2})?)\s*[-–]?\s+)?"
    r"(?P<who>[^\W\d_][^:\n()\[\]?!.,;|\t]{0,39}?)\s*(?:\((?P<role>[^()\n]{1,30})\))?"
    r"\s*:(?!//|\d\d\b)\s*(?P<said>.*)"
)
_BREAK = re.compile(r"\s*(?:[-=_*#]{3,}\s*|[#=*]{1,6}\s*(?P<name>[^#=*]{1,80}?)\s*[#=*]*\s*)")
_DAY = re.compile(r"\s*(?:ngày|date)\s*:?\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})\s*", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_ASKS = {"hoi", "q", "question", "interviewer", "pv", "phong van vien", "nguoi phong van", "mc",
         "moderator"}  # fmt: skip
_ANSWERS = {"dap", "a", "answer", "respondent", "interviewee", "nguoi tra loi", "tl", "tra loi",
            "nguoi duoc phong van"}  # fmt: skip


@dataclass(slots=True)
class _Turn:
    line: int
    who: str
    speaker: Speaker
    clock: str
    day: str
    said: list[str] = field(default_factory=list)


def is_transcript(text: str) -> bool:
    """Return whether a text is told in turns: two speakers, one of them known by role."""
    lines = [line for line in text.split("\n")[:200] if line.strip()]
    turns = [turn for line in lines if (turn := _TURN.fullmatch(line)) and _is_spoken(turn)]
    speakers = {_words(turn["who"]) for turn in turns}
    is_known = any(_speaker(turn) is not None for turn in turns)
    return is_known and len(speakers) >= 2 and len(turns) * 4 >= len(lines)


def read_transcript(
    text: str, *, name: str, kind: FeedbackKind | None, zone: str | None
) -> tuple[tuple[RawItem, ...], tuple[Problem, ...]]:
    """Return one item a turn, and a Problem for each line that belongs to no turn.

    `parent` is `name` with the number of the conversation in the file; a line of
    dashes or a heading begins the next one. Names without a role are customers.
    """
    conversations, problems = _conversations(text)
    is_interview = any(_is_interview(turn) for turns in conversations for turn in turns)
    told = FeedbackKind.INTERVIEW if is_interview else FeedbackKind.CONVERSATION
    items: list[RawItem] = []
    for n, turns in enumerate(conversations, start=1):
        parent = name if len(conversations) == 1 else f"{name}/{n}"
        items += _items(turns, parent=parent, kind=kind or told, zone=zone)
    return tuple(items), tuple(problems)


def _conversations(text: str) -> tuple[list[list[_Turn]], list[Problem]]:
    conversations: list[list[_Turn]] = [[]]
    problems: list[Problem] = []
    day = ""
    for n, line in enumerate(text.split("\n"), start=1):
        turn = _TURN.fullmatch(line)
        if not line.strip():
            continue
        if told_day := _DAY.fullmatch(line):
            day = told_day[1]
        elif _BREAK.fullmatch(line):
            conversations.append([])
        elif turn and _is_spoken(turn):
            conversations[-1].append(_begun(turn, line=n, day=day))
        elif conversations[-1]:
            conversations[-1][-1].said.append(line.strip())
        else:
            words = f"line {n}: no speaker: left out"
            problems.append(Problem(code="bad-item", words=words))
    return [turns for turns in conversations if turns], problems


def _begun(turn: re.Match[str], *, line: int, day: str) -> _Turn:
    clock = (turn["boxed"] or turn["plain"] or "").strip()
    speaker = _speaker(turn) or Speaker.CUSTOMER
    return _Turn(line, turn["who"].strip(), speaker, clock, day, [turn["said"].strip()])


def _items(
    turns: list[_Turn], *, parent: str, kind: FeedbackKind, zone: str | None
) -> Iterator[RawItem]:
    for n, turn in enumerate(turns, start=1):
        said = "\n".join(each for each in turn.said if each)
        if said:
            yield RawItem(
                key=f"{parent}/{n}",
                text=said,
                author=turn.who,
                posted=_posted(turn),
                zone=zone,
                feedback_kind=kind,
                speaker=turn.speaker,
                parent=parent,
            )


def _posted(turn: _Turn) -> str | None:
    """Return a turn's time; an hour without its day tells nothing."""
    if _CLOCK.fullmatch(turn.clock):
        return f"{turn.day} {turn.clock}" if turn.day else None
    return turn.clock or turn.day or None


def _words(written: str) -> str:
    return " ".join(tokens(fold(written)))


def _is_spoken(turn: re.Match[str]) -> bool:
    return bool(turn["role"]) or _is_name(turn["who"])


def _is_name(who: str) -> bool:
    """Return whether words before a colon name a speaker: a role, or up to three capitals."""
    parts = who.split()
    is_titled = len(parts) <= 4 and all(part[:1].isupper() for part in parts)
    return is_titled or _known(who) is not None


def _speaker(turn: re.Match[str]) -> Speaker | None:
    return _known(turn["role"] or "") or _known(turn["who"])


def _known(written: str) -> Speaker | None:
    words = _words(written)
    if words in _ASKS:
        return Speaker.STAFF
    if words in _ANSWERS:
        return Speaker.CUSTOMER
    try:
        return speaker_of(written)
    except ValueError:
        return None


def _is_interview(turn: _Turn) -> bool:
    return _words(turn.who) in _ASKS
