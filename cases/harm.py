"""What a text says that decides its urgency: words of harm, demands, faults, questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cases.phrases import (
    GRAMMAR,
    Found,
    Phrases,
    Word,
    follows,
    kept,
    letters_of,
    read_phrases,
    split,
)

HARM = ("poison", "safety", "fake", "fraud", "money", "leak", "legal", "press", "boycott")
DEMANDS = ("refund", "unanswered", "undelivered", "warranty")
_FEARED = frozenset({"fake", "fraud", "money", "leak"})
_FEAR_REACH = 4
_ASKING = frozenset({"is", "are", "was", "does", "do", "did", "can", "could", "will", "has"})
_AFTER_A_QUESTION = frozenset(
    {"a", "ad", "anh", "ban", "cac", "chi", "cho", "em", "ha", "minh", "mn", "moi", "nhi", "oi"}
    | {"shop", "ta", "the", "tu", "vay"}
)
# One of these right after "không" makes the words before it a question, whatever follows.
_ASKED_OF = frozenset({"ad", "admin", "shop", "mn", "mng", "a", "nhi", "vay", "z", "ha", "ta"})
_OPENS = frozenset({"co", "duoc", "phai", "lieu", "con"})
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found in one text; `asked` are harm words that are only asked about."""

    said: tuple[Found, ...] = ()
    asked: tuple[Found, ...] = ()
    is_question: bool = False

    def of(self, *codes: str) -> tuple[Found, ...]:
        """Return what was said under these codes, each wording once, in their order."""
        return _once(f for code in codes for f in self.said if f.code == code)


def hear(text: str, codes: tuple[str, ...] = ()) -> Heard:
    """Return what a text (NFC, plain; its first 20,000 characters) says.

    Where only `codes` will be asked for, a text that has none of their phrases is
    not read closely.
    """
    text = text[:_LONGEST]
    letters = letters_of(text)
    if not _telling(codes).begin_in(letters):
        return Heard(is_question="?" in text or _asks(letters))
    words = split(text)
    every = kept(_phrases().find(text, words), words)
    fears = [f for f in every if f.code == "fear"]
    said, asked = [], []
    for found in every:
        if found.code in _FEARED and _is_feared(found, fears, words):
            continue
        if found.code in HARM and _is_asked(found, text, words):
            asked.append(found)
        else:
            said.append(found)
    return Heard(tuple(said), tuple(asked), is_question=_has_question(text, words))


@cache
def _phrases() -> Phrases:
    return read_phrases(Path(__file__).with_name("harm.tsv"))


@cache
def _telling(codes: tuple[str, ...]) -> Phrases:
    """Return the phrases of `codes`, or all that say something by themselves."""
    every = _phrases()
    known = {phrase.code for phrases in every.by_start.values() for phrase in phrases}
    return every.only(codes or known - GRAMMAR)


def _is_feared(found: Found, fears: Iterable[Found], words: tuple[Word, ...]) -> bool:
    return any(follows(fear, found, words, within=_FEAR_REACH) for fear in fears)


def _is_asked(found: Found, text: str, words: tuple[Word, ...]) -> bool:
    """Return whether the words stand in a yes-or-no question ("có ... không", "is this ...?")."""
    clause = words[found.first].clause
    inside = [i for i, word in enumerate(words) if word.clause == clause]
    ends = text[words[inside[-1]].end :].lstrip()[:1]
    if ends == "?" and words[inside[0]].letters in _ASKING:
        return True
    before = {words[i].letters for i in inside if found.first - 5 <= i < found.first}
    after = [words[i].letters for i in inside if i > found.last]
    if "khong" not in after or not before & {"co", "phai", "lieu"}:
        return False
    rest = after[after.index("khong") + 1 :]
    return set(rest) <= _AFTER_A_QUESTION or rest[0] in _ASKED_OF


def _has_question(text: str, words: tuple[Word, ...]) -> bool:
    """Return whether a text asks: with a mark, or "có ... không" with at most vocatives after."""
    if "?" in text:
        return True
    clauses: dict[int, list[str]] = {}
    for word in words:
        clauses.setdefault(word.clause, []).append(word.letters)
    return any(map(_asks, clauses.values()))


def _asks(clause: Sequence[str]) -> bool:
    if "khong" not in clause:
        return False
    at = max(at for at, letters in enumerate(clause) if letters == "khong")
    rest = clause[at + 1 :]
    is_end = set(rest) <= _AFTER_A_QUESTION or rest[0] in _ASKED_OF or rest[:2] == ["de", "minh"]
    return is_end and (not rest or not _OPENS.isdisjoint(clause[:at]))


def _once(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return each wording once; a wording inside a longer one is left out."""
    each = list(found)
    texts = [f.words.casefold() for f in each]
    return tuple(
        f
        for i, f in enumerate(each)
        if texts[i] not in texts[:i]
        and not any(texts[i] != longer and texts[i] in longer for longer in texts)
    )
