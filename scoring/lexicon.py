"""A lexicon of words and phrases, found in a text by longest match, with or without marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from scoring.syllables import Reading, Syllable, bare, key_of, lost


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
        readable = [entry for entry in lines if entry.unmarked is not None]
        self._marked = _trie(lines, key_of)
        self._bare = _trie(readable, lambda word: bare(key_of(word)))
        self._lossy = _trie(readable, lost)

    def find(self, reading: Reading) -> list[Found]:
        """Return the entries in the order of the text, longest first, never overlapping."""
        syllables = reading.syllables
        found: list[Found] = []
        place = 0
        while place < len(syllables):
            if not syllables[place].key[0].isalnum() and not reading.is_lossy:
                sign = self._sign(syllables[place].key)
                if sign is not None:
                    found.append(Found(sign, sign.weight, place, place + 1))
                place += 1
                continue
            hit = self._longest(reading, syllables, place)
            if hit is None:
                place += 1
            else:
                found.append(hit)
                place = hit.stop
        return found

    def _sign(self, run: str) -> Entry | None:
        """Return the strongest emoji or kaomoji in a run of signs."""
        if run not in self._runs:
            inside = [self._single[char] for char in run if char in self._single]
            inside += [entry for entry in self._drawn if entry.words in run]
            self._runs[run] = min(inside, key=lambda entry: entry.weight, default=None)
        return self._runs[run]

    def _longest(self, reading: Reading, syllables: Sequence[Syllable], place: int) -> Found | None:
        if reading.is_lossy:
            return _walk(self._lossy, syllables, place, by_key=False)
        hit = _walk(self._marked, syllables, place, by_key=True)
        if reading.is_bare and syllables[place].key == syllables[place].folded:
            unmarked = _walk(self._bare, syllables, place, by_key=False)
            if unmarked and (hit is None or unmarked.stop > hit.stop):
                return unmarked
        return hit


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
    """Return the entries by their syllables; of two that look alike the weaker one stays."""
    root = _Node()
    for entry in lines:
        node = root
        for word in entry.words.split():
            node = node.next.setdefault(form(word), _Node())
        rival = node.entry
        if rival is None or abs(entry.unmarked or 0.0) < abs(rival.unmarked or 0.0):
            node.entry = entry
    return root
