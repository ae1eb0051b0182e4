"""A lexicon of words and phrases, found in a text by longest match, with or without marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from scoring.memo import Memo
from scoring.syllables import Reading, bare, key_of, lost

_INNER = frozenset("\"'“”‘’-_/&()+*%#")
_STOPS = frozenset(".!?\n;…")


class Role(StrEnum):
    """What an entry does in its sentence; docs/vietnamese-lexicon.md has examples."""

    FEELING = "feeling"  # carries its own weight
    BOOSTER = "booster"  # multiplies the feeling after it
    LIFTER = "lifter"  # multiplies the feeling before it ("đẹp lắm")
    NEGATION = "negation"
    ABLE = "able"  # stays open for a second feeling when negated ("không được đẹp")
    CONTRAST = "contrast"  # what follows weighs more than what went before
    WISH = "wish"  # praise after it is wished for, not given
    SYMBOL = "symbol"  # emoji and kaomoji, looked for inside runs of signs
    MUTE = "mute"  # a fixed phrase that keeps its words from counting
    PAUSE = "pause"  # a sign that ends a clause; never in the word list
    STOP = "stop"  # one that ends a sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the lexicon.

    `weight` is -4 to 4 in halves (a factor for boosters and lifters), `negated`
    the weight in the scope of a negation, `unmarked` the weight when the words
    are written without diacritics and may mean something else (None: not read so).
    """

    words: str
    role: Role
    weight: float
    negated: float
    unmarked: float | None


Found: TypeAlias = tuple[Entry, float, int, int]
"""An entry with its weight here, found at syllables `first` up to, not including, `stop`."""


class _Node:
    """What may follow the syllables read so far; `number` follows any number."""

    __slots__ = ("entry", "next", "number", "weight")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.number: _Node | None = None
        self.entry: Entry | None = None
        self.weight = 0.0


_Head: TypeAlias = "_Node | tuple[tuple[Entry, float], ...] | None"
_PAUSE = (Entry("", Role.PAUSE, 0.0, 0.0, None), 0.0)
_STOP = (Entry("", Role.STOP, 0.0, 0.0, None), 0.0)


def entries(path: Path) -> list[Entry]:
    """Return the entries of a lexicon file; raises ValueError naming a wrong line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            found.append(_entry(*line.split("\t")))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path.name}, line {number}: {line!r}: {error}") from error
    return found


def _entry(words: str, role: str, weight: str, negated: str = "", unmarked: str = "") -> Entry:
    value = float(weight)
    return Entry(
        words=words,
        role=Role(role),
        weight=value,
        negated=float(negated) if negated else (-value if value > 0 else -0.5 * value),
        unmarked=None if unmarked == "-" else float(unmarked or weight),
    )


class Lexicon:
    """Entries, ready to be found in texts with marks, without marks and with letters lost.

    A head is where a syllable or a run of signs leads: to a node of the tree of all
    entries, or to the signs in it: an emoji, the end of a clause.
    """

    def __init__(self, lines: Iterable[Entry]) -> None:
        lines = list(lines)
        signs = [entry for entry in lines if entry.role is Role.SYMBOL]
        lines = [entry for entry in lines if entry.role is not Role.SYMBOL]
        self._single = {entry.words: entry for entry in signs if len(entry.words) == 1}
        self._drawn = [entry for entry in signs if len(entry.words) > 1]
        self._readable = [entry for entry in lines if entry.unmarked is not None]
        self._marked = _trie(lines, key_of, _as_written)
        self._heads: Memo[_Head] = Memo(self._head)
        unmarked = _trie(self._readable, lambda word: bare(key_of(word)), _unmarked)
        self._bare: Memo[_Node | None] = Memo(lambda word: _below(unmarked, word))

    @cached_property
    def _lossy(self) -> Memo[_Head]:
        """The entries as they look in damaged texts, which are few."""
        root = _trie(self._readable, lost, _unmarked)
        return Memo(lambda word: _below(root, word) or _ends_lossy(word))

    def find(self, reading: Reading) -> list[Found]:
        """Return the entries in the order of the text, longest first, never overlapping.

        The ends of clauses and sentences stand among them.
        """
        if reading.is_bare and not reading.is_lossy:
            return self._find_bare(reading)
        keys, place = reading.keys, 0
        found: list[Found] = []
        heads = self._lossy if reading.is_lossy else self._heads
        for at, head in enumerate(map(heads.__getitem__, keys)):
            if head is None or at < place:
                continue
            if isinstance(head, tuple):
                found += [(entry, weight, at, at + 1) for entry, weight in head]
                continue
            hit = _walk(head, keys, at)
            if hit is not None:
                found.append(hit)
                place = hit[3]
        return found

    def _find_bare(self, reading: Reading) -> list[Found]:
        """Find entries as they are written, or longer ones without their marks."""
        keys, folded, marked, place = reading.keys, reading.folded, reading.marked, 0
        found: list[Found] = []
        bare_heads = self._bare
        for at, head in enumerate(map(self._heads.__getitem__, keys)):
            if at < place:
                continue
            hit = None
            if isinstance(head, tuple):
                found += [(entry, weight, at, at + 1) for entry, weight in head]
            elif head is not None:
                hit = _walk(head, keys, at)
            unmarked = None if marked[at] else bare_heads[folded[at]]
            if unmarked is not None:
                longer = _walk(unmarked, folded, at)
                if longer and (hit is None or longer[3] > hit[3]):
                    hit = longer
            if hit is not None:
                found.append(hit)
                place = hit[3]
        return found

    def _head(self, key: str) -> _Head:
        node = _below(self._marked, key)
        return node if key.isalnum() else self._signs(key, node)

    def _signs(self, run: str, node: _Node | None) -> _Head:
        """Return the strongest emoji or kaomoji in a run of signs, and what the run ends."""
        entry = node.entry if node else None
        if entry is None and not run[0].isalnum():
            inside = [self._single[char] for char in run if char in self._single]
            inside += [entry for entry in self._drawn if entry.words in run]
            entry = min(inside, key=lambda entry: entry.weight, default=None)
        found = () if entry is None else ((entry, entry.weight),)
        if not _STOPS.isdisjoint(run):
            return (*found, _STOP)
        return (found or None) if _INNER.issuperset(run) else (*found, _PAUSE)


def _ends_lossy(run: str) -> tuple[tuple[Entry, float], ...] | None:
    """Return the end of a sentence where `run` is signs, some of which end one."""
    is_word = run[0].isalnum() or run[-1].isalpha()
    return None if is_word or _STOPS.isdisjoint(run) else (_STOP,)


def _below(node: _Node, word: str) -> _Node | None:
    below = node.next.get(word)
    return node.number if below is None and word.isdigit() else below


def _walk(node: _Node, words: Sequence[str], place: int) -> Found | None:
    """Return the longest entry that starts at `place`, whose first syllable led to `node`."""
    found = None if node.entry is None else (node.entry, node.weight, place, place + 1)
    if not node.next:
        return found
    for at in range(place + 1, len(words)):
        below = node.next.get(words[at])
        if below is None:
            if node.number is None or not words[at].isdigit():
                break
            below = node.number
        node = below
        if node.entry is not None:
            found = node.entry, node.weight, place, at + 1
    return found


def _as_written(entry: Entry) -> float:
    return entry.weight


def _unmarked(entry: Entry) -> float:
    return entry.unmarked or 0.0


def _trie(
    lines: Iterable[Entry], form: Callable[[str], str], weight: Callable[[Entry], float]
) -> _Node:
    """Return the entries by their syllables; those that look alike share one node."""
    root = _Node()
    for entry in lines:
        node = root
        for word in entry.words.split():
            node = node.next.setdefault(form(word), _Node())
        node.entry = entry if node.entry is None else _shared(node.entry, entry)
        node.weight = weight(node.entry)
    return _numbered(root)


def _numbered(node: _Node) -> _Node:
    """Return `node`, it and all below it knowing what follows a number."""
    node.number = node.next.get("#")
    for below in node.next.values():
        _numbered(below)
    return node


def _shared(one: Entry, other: Entry) -> Entry:
    """Return what stands for two entries written alike: their mean, or the weaker of two roles."""
    mine, theirs = one.unmarked or 0.0, other.unmarked or 0.0
    if one.role is not other.role:
        return one if abs(mine) <= abs(theirs) else other
    return replace(one, unmarked=(mine + theirs) / 2, negated=(one.negated + other.negated) / 2)
