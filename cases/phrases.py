"""Finds listed phrases in a text, with or without Vietnamese marks, and knows "not"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from scoring.memo import Memo

_WORD = re.compile(r"[^\W_\u0300-\u036f][^\W_]*(?:[\u0300-\u036f]+[^\W_]*)*")
_BREAK = re.compile(r"[.,;:!?…\n()]")
_STRETCHED = re.compile(r"(\D)\1{2,}")
_KHONG = frozenset({"khong", "ko", "k", "kh", "hok", "hem", "hong", "hk", "khum"})
_CIRCUMFLEX = "\u0302"
_FOLDED_MARKS = {"\u0303": "\u0309"}  # ngã is often typed for hỏi
_ANY_MARKS = "*"
_BARE_SHARE = 0.1
GRAMMAR = frozenset({"harmless", "filler", "not", "promise"})
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
    """A list of phrases, looked up by the letters of their first two words.

    `ones` are the phrases' only words, `pairs` the first two words of the longer
    ones: sets say fast of most texts that no phrase begins there.
    """

    by_start: Mapping[tuple[str, ...], tuple[_Phrase, ...]]
    ones: frozenset[str]
    pairs: frozenset[tuple[str, ...]]

    def only(self, codes: Collection[str]) -> Phrases:
        """Return the phrases of these codes alone."""
        every = (phrase for phrases in self.by_start.values() for phrase in phrases)
        return _listed(phrase for phrase in every if phrase.code in codes)

    def begin_in(self, letters: Sequence[str]) -> bool:
        """Return whether the first words of a phrase are among those of a text."""
        return not (self.ones.isdisjoint(letters) and self.pairs.isdisjoint(pairwise(letters)))

    def find(self, text: str, words: tuple[Word, ...]) -> list[Found]:
        """Return every phrase found in `words` of `text`, in order of the first word."""
        letters = tuple([word.letters for word in words])
        pairs = [*pairwise(letters), ()]
        ones = self.ones.intersection(letters)
        longer = self.pairs.intersection(pairs)
        found = []
        for first, (start, pair) in enumerate(zip(letters, pairs, strict=False)):
            if start not in ones and pair not in longer:
                continue
            begun = (*self.by_start.get((start,), ()), *self.by_start.get(pair, ()))
            for phrase in begun:
                end = first + len(phrase.letters)
                if letters[first:end] == phrase.letters and _fits(phrase, words, first):
                    own = text[words[first].start : words[end - 1].end]
                    found.append(Found(phrase.code, own, first, end - 1))
        return found


def split(text: str) -> tuple[Word, ...]:
    """Return the words of NFC `text`; clauses end at punctuation and line ends."""
    words = []
    clause = last = 0
    for each in _WORD.finditer(text):
        start, end = each.span()
        if start - last != 1 or text[last] != " ":  # most words stand one blank apart
            clause += _BREAK.search(text, last, start) is not None
        words.append(Word._make((*_SPELLED[text[start:end]], start, end, clause)))
        last = end
    return tuple(words)


def letters_of(text: str) -> list[str]:
    """Return the letters of the words of NFC `text`, as `split` does, and nothing else of them."""
    return [letters for piece in text.split() for letters in _PIECES[piece]]


def read_phrases(path: Path) -> Phrases:
    """Return the phrases of a table `code <tab> phrase [<tab> no]`; # starts a comment."""
    phrases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        code, written, *bare = line.split("\t")
        spelled = [_SPELLED[word] for word in written.split()]
        phrase = _Phrase(
            code,
            tuple(letters for letters, _ in spelled),
            tuple(marks for _, marks in spelled),
            bare != ["no"],
        )
        phrases.append(phrase)
    return _listed(phrases)


def _listed(phrases: Iterable[_Phrase]) -> Phrases:
    by_start: dict[tuple[str, ...], tuple[_Phrase, ...]] = {}
    for phrase in phrases:
        start = phrase.letters[:2]
        by_start[start] = (*by_start.get(start, ()), phrase)
    ones = frozenset(start[0] for start in by_start if len(start) == 1)
    return Phrases(by_start, ones, frozenset(start for start in by_start if len(start) > 1))


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
        if each.code in GRAMMAR or not hidden.isdisjoint(range(each.first, each.last + 1)):
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


def _fits(phrase: _Phrase, words: tuple[Word, ...], first: int) -> bool:
    """Return whether words with the right letters stand together and have the right marks."""
    here = words[first : first + len(phrase.letters)]
    if here[0].clause != here[-1].clause:
        return False
    marks = [word.marks for word in here]
    if all(
        own in (_ANY_MARKS, wanted) or wanted == _ANY_MARKS
        for own, wanted in zip(marks, phrase.marks, strict=True)
    ):
        return True
    is_said_bare = phrase.is_bare_safe and all(own in ("", _ANY_MARKS) for own in marks)
    return is_said_bare and _is_bare(words)


def _is_bare(words: tuple[Word, ...]) -> bool:
    marked = sum(1 for word in words if word.marks not in ("", _ANY_MARKS))
    return marked <= _BARE_SHARE * len(words)


def _spell(word: str) -> tuple[str, str]:
    """Return the letters and the sorted marks of a word; every "không" is one word."""
    spelled = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).casefold())
    if spelled.isascii():
        letters, marks = spelled, set()
    else:
        letters = "".join("d" if c == "đ" else c for c in spelled if not unicodedata.combining(c))
        marks = {_FOLDED_MARKS.get(c, c) for c in spelled if unicodedata.combining(c) or c == "đ"}
    letters = _STRETCHED.sub(_one_of_them, letters)
    if letters in _KHONG and marks <= {_CIRCUMFLEX}:
        return "khong", _ANY_MARKS
    return letters, "".join(sorted(marks))


def _one_of_them(run: re.Match[str]) -> str:
    return run[1]


def _letters_of_piece(piece: str) -> tuple[str, ...]:
    return tuple([_SPELLED[word][0] for word in _WORD.findall(piece)])


_SPELLED = Memo(_spell)
_PIECES = Memo(_letters_of_piece)  # what stands between two blanks, signs and all
