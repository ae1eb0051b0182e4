"""A lexicon of words and phrases, found in a text by longest match, with or without marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

from scoring.memo import Memo
from scoring.phrases import Parts
from scoring.pieces import Piece, Syllables, once
from scoring.shelf import NOWHERE, Found, Line, Shelf, Step, longest
from scoring.syllables import Reading, bare, cut, key_of, lost

_INNER: Final = frozenset("\"'“”‘’-_/&()+*%#")
# How many syllables a phrase has at least to be found without its marks, and one in ASCII: a
# single one means too many other things, and among marked ones two do.
_CLEAR: Final = (2, 1)
_LONG: Final = (3, 3)
_STOPS: Final = frozenset(".!?\n;…")


class Role(StrEnum):
    """What an entry does in its sentence; docs/vietnamese-lexicon.md has examples."""

    FEELING = "feeling"  # carries its own weight
    BOOSTER = "booster"  # multiplies the feeling after it
    LIFTER = "lifter"  # multiplies the feeling before it ("đẹp lắm")
    NEGATION = "negation"
    ABSENCE = "absence"  # "ít", "chống": denies the blame after it, never praise
    ABLE = "able"  # stays open for a second feeling when negated ("không được đẹp")
    CONTRAST = "contrast"  # what follows weighs more than what went before
    DEMAND = "demand"  # weighs three times as much at the start of a clause ("cần thêm ...")
    SAYING = "saying"  # by many others, of what follows: "mọi người chê pin yếu"
    WISH = "wish"  # praise after it is wished for, not given
    ELSEWHERE = "elsewhere"  # what follows is said of another thing, an older one, or feared
    HERE = "here"  # back to the thing itself, after ELSEWHERE
    SYMBOL = "symbol"  # emoji and kaomoji, looked for inside runs of signs
    MUTE = "mute"  # a fixed phrase that keeps its words from counting
    PAUSE = "pause"  # signs that end a clause, perhaps with an emoji; never in the word list
    STOP = "stop"  # such that end a sentence


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


Phrases: TypeAlias = Iterable[tuple[Parts, object]]
"""Patterns of another book with their entries, in lower case and with their marks."""

Weighted: TypeAlias = tuple[Entry, float]
"""An entry with its weight in the way of writing it was found in."""


class Lexicon:
    """Entries and other books of phrases, found in one walk over a text.

    Texts are read with marks, without marks, or with letters lost. Where there are
    marks, phrases of other books are also found without them if they have three
    words and more: "nen co" may be "nền có" there, "neu co them" only "nếu có thêm".
    """

    def __init__(self, lines: Iterable[Entry], *others: Phrases) -> None:
        lines = list(lines)
        self._signs = [entry for entry in lines if entry.role is Role.SYMBOL]
        lines = [entry for entry in lines if entry.role is not Role.SYMBOL]
        self._readable = [entry for entry in lines if entry.unmarked is not None]
        self._books = [list(each) for each in others]
        written = [_written(book) + _bared(book, _LONG) for book in self._books]
        self._marked = Shelf(_rows(lines, key_of, _as_written), *written)
        self._runs = Memo(self._head_of_run, room=5_000)
        self._bare_shelf: Shelf | None = None
        self._lossy_shelf: Shelf | None = None

    def lay_out(self) -> None:
        """Lay out ahead of any text what is else laid out with the first that needs it."""
        self._bare()
        self._lossy()

    def _bare(self) -> Shelf:
        """Return the books without their marks."""
        if self._bare_shelf is None:
            unmarked = _rows(self._readable, _bare_key, _unmarked)
            books = [_bared(book, _CLEAR) for book in self._books]
            self._bare_shelf = Shelf(unmarked, *books)
        return self._bare_shelf

    def _lossy(self) -> Shelf:
        """Return the entries as they look in damaged texts; no other book."""
        if self._lossy_shelf is None:
            no_books: list[list[Line]] = [[] for _ in self._books]
            self._lossy_shelf = Shelf(_rows(self._readable, lost, _unmarked), *no_books)
        return self._lossy_shelf

    def find(self, reading: Reading) -> list[list[Found]]:
        """Return the entries, and book by book the phrases of the others, in their order.

        The longest are found, none overlapping another of its book. Entries come
        `Weighted`; the ends of clauses and sentences stand among them.
        """
        if reading.is_lossy:
            return self._find_lossy(reading.keys)
        heads = [step for part in reading.parts for step in part.heads or self._led(part)]
        if reading.is_bare:
            return self._find_bare(reading, heads)
        return self._marked.find(reading.keys, heads)

    def _find_lossy(self, keys: list[str]) -> list[list[Found]]:
        """Find entries where letters were lost."""
        shelf = self._lossy()
        led = [shelf.root.lead(key) for key in keys]
        heads = [
            _ends_lossy(key) if step is NOWHERE else step
            for key, step in zip(keys, led, strict=True)
        ]
        return shelf.find(keys, heads)

    def _find_bare(self, reading: Reading, heads: list[Step]) -> list[list[Found]]:
        """Find entries as they are written, or longer ones without their marks."""
        shelf = self._bare()
        bare_heads = [
            step for part in reading.parts for step in part.bare_heads or self._led_bare(part)
        ]
        keys, folded, marked = reading.keys, reading.folded, reading.marked
        found = shelf.find(folded, bare_heads)
        entries: list[Found] = []
        place = 0
        for at, head in enumerate(heads):
            bare_head = bare_heads[at]
            if at < place or (head is NOWHERE and bare_head is NOWHERE):
                continue
            stop, entry = longest(head, keys, at)
            if not marked[at]:
                further, other = longest(bare_head, folded, at)
                if further > stop:
                    stop, entry = further, other
            if stop > at:
                entries.append((at, stop, entry))
                place = stop
        return [entries, *found[1:]]

    def _led(self, part: Syllables) -> tuple[Step, ...]:
        """Return where the syllables of a piece lead, and leave it with them."""
        part.heads = once(tuple([self._head(key) for key in part.keys]))
        return part.heads

    def _led_bare(self, part: Syllables) -> tuple[Step, ...]:
        """Return where they lead without marks."""
        root = self._bare().root
        part.bare_heads = once(tuple([root.lead(key) for key in part.folded]))
        return part.bare_heads

    def _head(self, key: str) -> Step:
        """Return where a syllable or a run of signs leads."""
        return self._marked.root.lead(key) if key.isalnum() else self._runs[key]

    def _head_of_run(self, key: str) -> Step:
        """Return where a run of signs leads: it is the emoji in it, or an end, or both."""
        step = self._marked.root.lead(key)
        known = step.entries[0][1] if step.entries and step.entries[0][0] == 0 else None
        symbol: Entry | None = known[0] if known else self._symbol(key)
        role = Role.STOP if not _STOPS.isdisjoint(key) else Role.PAUSE
        if role is Role.STOP or not _INNER.issuperset(key):
            end = Entry("", role, 0.0, 0.0, None) if symbol is None else replace(symbol, role=role)
            return Step(((0, (end, end.weight)),))
        return step if symbol is None or known else Step(((0, (symbol, symbol.weight)),))

    def _symbol(self, run: str) -> Entry | None:
        """Return the strongest emoji or kaomoji in a run of signs."""
        if run[0].isalnum() or "//" in run:  # "://" is no sad face
            return None
        strongest: Entry | None = None
        for entry in self._signs:
            if entry.words in run and (strongest is None or entry.weight < strongest.weight):
                strongest = entry
        return strongest


def _ends_lossy(run: str) -> Step:
    """Return the end of a sentence where `run` is signs, some of which end one."""
    is_word = run[0].isalnum() or run[-1].isalpha()
    if is_word or _STOPS.isdisjoint(run):
        return NOWHERE
    return Step(((0, (Entry("", Role.STOP, 0.0, 0.0, None), 0.0)),))


def _written(book: Sequence[tuple[Parts, object]]) -> list[Line]:
    """Return a book's lines as they are written; these win over those without marks."""
    return [Line(parts, entry, _keys, (1, row)) for row, (parts, entry) in enumerate(book)]


def _bared(book: Sequence[tuple[Parts, object]], least: tuple[int, int]) -> list[Line]:
    """Return a book's lines without their marks."""
    lines = enumerate(book)
    return [Line(parts, entry, _folded, (0, row), least) for row, (parts, entry) in lines]


def _keys(words: str) -> list[str]:
    return [key for word in words.split(" ") for key in cut(Piece(word)).keys]


def _folded(words: str) -> list[str]:
    return [key for word in words.split(" ") for key in cut(Piece(word)).folded]


def _bare_key(word: str) -> str:
    return bare(key_of(word))


def _as_written(entry: Entry) -> float:
    return entry.weight


def _unmarked(entry: Entry) -> float:
    return entry.unmarked or 0.0


def _rows(
    lines: Iterable[Entry], form: Callable[[str], str], weight: Callable[[Entry], float]
) -> list[Line]:
    """Return the entries by their syllables; those that look alike share one line."""
    rows: dict[tuple[str, ...], Entry] = {}
    for entry in lines:
        words = tuple(map(form, entry.words.split()))
        rows[words] = _shared(rows[words], entry) if words in rows else entry
    return [
        Line(((" ".join(words),),), (entry, weight(entry)), str.split)
        for words, entry in rows.items()
    ]


def _shared(one: Entry, other: Entry) -> Entry:
    """Return what stands for two entries written alike: their mean, or the weaker of two roles."""
    mine, theirs = one.unmarked or 0.0, other.unmarked or 0.0
    if one.role is not other.role:
        return one if abs(mine) <= abs(theirs) else other
    return replace(one, unmarked=(mine + theirs) / 2, negated=(one.negated + other.negated) / 2)
