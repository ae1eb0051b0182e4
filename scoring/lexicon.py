"""A lexicon of words and phrases, found in a text by longest match, with or without marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from scoring.syllables import Reading, Syllable, bare, key_of, lost

_RUNS_KEPT = 10_000


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


class Found(NamedTuple):
    """An entry found at syllables `first` up to, not including, `stop`."""

    entry: Entry
    weight: float
    first: int
    stop: int


class _Node:
    __slots__ = ("entry", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.entry: Entry | None = None


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
    """Entries, ready to be found in texts with marks, without marks and with letters lost."""

    def __init__(self, lines: Iterable[Entry]) -> None:
        lines = list(lines)
        signs = [entry for entry in lines if entry.role is Role.SYMBOL]
        lines = [entry for entry in lines if entry.role is not Role.SYMBOL]
        self._single = {entry.words: entry for entry in signs if len(entry.words) == 1}
        self._drawn = [entry for entry in signs if len(entry.words) > 1]
        self._runs: dict[str, Entry | None] = {}
        self._readable = [entry for entry in lines if entry.unmarked is not None]
        self._marked = _trie(lines, key_of)
        self._bare = _trie(self._readable, lambda word: bare(key_of(word)))

    @cached_property
    def _lossy(self) -> _Node:
        """The entries as they look in damaged texts, which are few."""
        return _trie(self._readable, lost)

    def find(self, reading: Reading) -> list[Found]:
        """Return the entries in the order of the text, longest first, never overlapping."""
        syllables = reading.syllables
        root = self._lossy if reading.is_lossy else self._marked
        is_bare = reading.is_bare and not reading.is_lossy
        starts = root.next
        found: list[Found] = []
        place = 0
        for index, syllable in enumerate(syllables):
            if index < place:
                continue
            key = syllable.key
            hit = None
            if key in starts or (key[0].isdigit() and "#" in starts):
                hit = _walk(root, syllables, index, by_key=not reading.is_lossy)
            elif not key[0].isalnum():
                hit = self._sign(key, index)
            if is_bare and not syllable.is_marked:
                unmarked = _walk(self._bare, syllables, index, by_key=False)
                if unmarked and (hit is None or unmarked.stop > hit.stop):
                    hit = unmarked
            if hit is not None:
                found.append(hit)
                place = hit.stop
        return found

    def _sign(self, run: str, place: int) -> Found | None:
        """Return the strongest emoji or kaomoji in a run of signs."""
        if run not in self._runs:
            if len(self._runs) > _RUNS_KEPT:
                self._runs.clear()
            inside = [self._single[char] for char in run if char in self._single]
            inside += [entry for entry in self._drawn if entry.words in run]
            self._runs[run] = min(inside, key=lambda entry: entry.weight, default=None)
        entry = self._runs[run]
        return None if entry is None else Found(entry, entry.weight, place, place + 1)


def _walk(root: _Node, syllables: Sequence[Syllable], place: int, *, by_key: bool) -> Found | None:
    """Return the longest entry that starts at `place`, by normal or by folded forms."""
    node = root
    best: Found | None = None
    stop = place
    while stop < len(syllables):
        word = syllables[stop].key if by_key else syllables[stop].folded
        below = node.next.get(word)
        if below is None and word.isdigit():
            below = node.next.get("#")
        if below is None:
            break
        node = below
        stop += 1
        if node.entry is not None:
            entry = node.entry
            weight = entry.weight if by_key else entry.unmarked
            best = Found(entry, weight or 0.0, place, stop)
    return best


def _trie(lines: Iterable[Entry], form: Callable[[str], str]) -> _Node:
    """Return the entries by their syllables; those that look alike share one node."""
    root = _Node()
    for entry in lines:
        node = root
        for word in entry.words.split():
            node = node.next.setdefault(form(word), _Node())
        node.entry = entry if node.entry is None else _shared(node.entry, entry)
    return root


def _shared(one: Entry, other: Entry) -> Entry:
    """Return what stands for two entries written alike: their mean, or the weaker of two roles."""
    mine, theirs = one.unmarked or 0.0, other.unmarked or 0.0
    if one.role is not other.role:
        return one if abs(mine) <= abs(theirs) else other
    return replace(one, unmarked=(mine + theirs) / 2, negated=(one.negated + other.negated) / 2)
