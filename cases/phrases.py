"""Finds listed phrases in a text, with or without Vietnamese marks, and knows "not"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_WORD = re.compile(r"[^\W_\u0300-\u036f][^\W_]*(?:[\u0300-\u036f]+[^\W_]*)*")
_BREAK = re.compile(r"[.,;:!?…\n()]")
_STRETCHED = re.compile(r"(\D)\1{2,}")
_KHONG = frozenset({"khong", "ko", "k", "kh", "hok", "hem", "hong", "hk", "khum"})
_CIRCUMFLEX = "\u0302"
_FOLDED_MARKS = {"\u0303": "\u0309"}  # ngã is often typed for hỏi
_ANY_MARKS = "*"
_BARE_SHARE = 0.1
_GRAMMAR = frozenset({"harmless", "filler", "not", "promise"})
_FILLERS = 5
_PROMISE_REACH = 5


class Word(NamedTuple):
    """One word of a text: its letters a-z0-9, its marks, where it stands, in which clause."""

    letters: str
    marks: str
    start: int
    end: int
    clause: int


class Found(NamedTuple):
    """A phrase found: its code, the text's own words, the first and the last word's index."""

    code: str
    words: str
    first: int
    last: int


class _Phrase(NamedTuple):
    code: str
    letters: tuple[str, ...]
    marks: tuple[str, ...]
    is_bare_safe: bool


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list of phrases, looked up by the letters of their first two words."""

    by_start: Mapping[tuple[str, ...], tuple[_Phrase, ...]]

    def find(self, text: str, words: tuple[Word, ...]) -> list[Found]:
        """Return every phrase found in `words` of `text`, in order of the first word."""
        is_bare = _is_bare(words)
        letters = tuple(word.letters for word in words)
        found = []
        for first, start in enumerate(letters):
            pair = letters[first : first + 2]
            longer = self.by_start.get(pair, ()) if len(pair) > 1 else ()
            for phrase in (*self.by_start.get((start,), ()), *longer):
                end = first + len(phrase.letters)
                if letters[first:end] != phrase.letters:
                    continue
                here = words[first:end]
                if _fits(phrase, here, is_bare=is_bare):
                    own = text[here[0].start : here[-1].end]
                    found.append(Found(phrase.code, own, first, end - 1))
        return found


def split(text: str) -> tuple[Word, ...]:
    """Return the words of NFC `text`; clauses end at punctuation and line ends."""
    words = []
    clause = last = 0
    for each in _WORD.finditer(text):
        if each.start() - last != 1 or text[last] != " ":  # most words stand one blank apart
            clause += _BREAK.search(text, last, each.start()) is not None
        letters, marks = _spell(each.group())
        words.append(Word(letters, marks, each.start(), each.end(), clause))
        last = each.end()
    return tuple(words)


def read_phrases(path: Path) -> Phrases:
    """Return the phrases of a table `code <tab> phrase [<tab> no]`; # starts a comment."""
    by_start: dict[tuple[str, ...], list[_Phrase]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        code, written, *bare = line.split("\t")
        spelled = [_spell(word) for word in written.split()]
        phrase = _Phrase(
            code,
            tuple(letters for letters, _ in spelled),
            tuple(marks for _, marks in spelled),
            bare != ["no"],
        )
        by_start.setdefault(phrase.letters[:2], []).append(phrase)
    return Phrases({start: tuple(phrases) for start, phrases in by_start.items()})


def kept(found: Iterable[Found], words: tuple[Word, ...]) -> list[Found]:
    """Return what is really said: without what is negated, promised or hidden as harmless."""
    every = list(found)
    hidden = {i for f in every if f.code == "harmless" for i in range(f.first, f.last + 1)}
    fillers = {i for f in every if f.code == "filler" for i in range(f.first, f.last + 1)}
    turns = {f.last for f in every if f.code == "not"}
    promises = [f for f in every if f.code == "promise"]
    turned: set[int] = set()
    really = []
    for each in every:
        if each.code in _GRAMMAR or not hidden.isdisjoint(range(each.first, each.last + 1)):
            continue
        is_listed = each.first - 1 in turned  # "không hàng giả, hàng nhái": the list goes on
        if is_listed or _is_turned(each, turns, fillers, words):
            turned.add(each.last)
        elif not any(_reaches(promise, each, words) for promise in promises):
            really.append(each)
    return really


def follows(earlier: Found, later: Found, words: tuple[Word, ...], *, within: int) -> bool:
    """Return whether `later` starts at most `within` words after `earlier`, in its clause."""
    gap = later.first - earlier.last
    return 0 < gap <= within and words[later.first].clause == words[earlier.last].clause


def _reaches(promise: Found, found: Found, words: tuple[Word, ...]) -> bool:
    return follows(promise, found, words, within=_PROMISE_REACH)


def _is_turned(found: Found, turns: set[int], fillers: set[int], words: tuple[Word, ...]) -> bool:
    at, clause = found.first - 1, words[found.first].clause
    for _ in range(_FILLERS):
        if at < 0 or words[at].clause != clause:
            return False
        if at in turns:
            return True
        if at not in fillers:
            return False
        at -= 1
    return False


def _fits(phrase: _Phrase, here: tuple[Word, ...], *, is_bare: bool) -> bool:
    """Return whether words with the right letters stand together and have the right marks."""
    if here[0].clause != here[-1].clause:
        return False
    marks = [word.marks for word in here]
    if all(
        own in (_ANY_MARKS, wanted) or wanted == _ANY_MARKS
        for own, wanted in zip(marks, phrase.marks, strict=True)
    ):
        return True
    return is_bare and phrase.is_bare_safe and all(own in ("", _ANY_MARKS) for own in marks)


def _is_bare(words: tuple[Word, ...]) -> bool:
    marked = sum(1 for word in words if word.marks not in ("", _ANY_MARKS))
    return marked <= _BARE_SHARE * len(words)


@lru_cache(maxsize=65536)
def _spell(word: str) -> tuple[str, str]:
    """Return the letters and the sorted marks of a word; every "không" is one word."""
    spelled = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).casefold())
    letters = "".join("d" if c == "đ" else c for c in spelled if not unicodedata.combining(c))
    letters = _STRETCHED.sub(r"\1", letters)
    marks = {_FOLDED_MARKS.get(c, c) for c in spelled if unicodedata.combining(c) or c == "đ"}
    if letters in _KHONG and marks <= {_CIRCUMFLEX}:
        return "khong", _ANY_MARKS
    return letters, "".join(sorted(marks))
