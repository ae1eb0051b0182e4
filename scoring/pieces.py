"""What stands between two blanks of a text, with all that is known of it wherever it stands.

Most pieces of a new text were met before. So what is found out about a piece is left with it, by
the module that finds it out, and most of the work on a text is putting its pieces together.
"""

from __future__ import annotations

import re
import string
from typing import Any, Final, TypeVar

from mypy_extensions import mypyc_attr

from scoring.memo import Memo
from scoring.shelf import Step

__all__ = ["PIECES", "English", "Piece", "Points", "Signs", "Spread", "Syllables", "Token", "once"]

T = TypeVar("T")

_MOST_ONCE: Final = 20_000

_GAPS: Final = ',.!?"*~|'
_BLANKS: Final = {
    **dict.fromkeys(map(ord, _GAPS + "…“”«»—–•·\u200b\ufe0f\u200d"), " "),
    **dict.fromkeys(
        (*range(0x2600, 0x27C0), *range(0x2B00, 0x2C00), *range(0x1F000, 0x1FB00)), " "
    ),
    **dict.fromkeys(map(ord, "’‘´"), "'"),
}
_GAP_MARKS: Final = frozenset(map(chr, _BLANKS))
_COUNTED: Final = re.compile(r"[$£€]?\d+(?:k|tr|đ|d|\$|%)?", re.ASCII | re.IGNORECASE)
_WITH_UNIT: Final = re.compile(
    r"\d+\+?(hours?|hrs?|h|minutes?|mins?|days?|weeks?|wks?|months?|times|x|stars?)"
)
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_ENDINGS: Final = ".,!?…"
_FIRST: Final = (0,)


@mypyc_attr(acyclic=True)
class Points:
    """What speaks for each language, in twentieths of a word, and how many letters were lost.

    `sure_vi` and `sure_en` count the words that are surely of the language, those of
    addresses and tags among them. Found by scoring/language.py.
    """

    __slots__ = ("en", "lost", "other", "sure_en", "sure_vi", "vi")

    def __init__(
        self, vi: int, en: int, other: int, *, lost: int = 0, sure_vi: int = 0, sure_en: int = 0
    ) -> None:
        self.vi = vi
        self.en = en
        self.other = other
        self.lost = lost
        self.sure_vi = sure_vi
        self.sure_en = sure_en

    @property
    def is_silent(self) -> bool:
        """Return whether nothing speaks for any language."""
        return not (self.vi or self.en or self.other)


@mypyc_attr(acyclic=True)
class Signs:
    """What a piece is made of: letters, among them capitals and those of no word, and so on.

    `noise` are letters in what no Vietnamese would take for a word, `mash` in what is
    no word in any language. Found by scoring/spam.py. `is_plain` says that there is
    nothing but letters of usual words.
    """

    __slots__ = (
        *("adverts", "bullets", "capitals", "digits", "is_plain", "letters", "mash", "noise"),
        "words",
    )

    def __init__(
        self, letters: int, capitals: int, words: int, *, noise: int = 0, mash: int = 0,
        digits: int = 0, adverts: int = 0, bullets: int = 0,
    ) -> None:  # fmt: skip
        self.letters = letters
        self.capitals = capitals
        self.words = words
        self.noise = noise
        self.mash = mash
        self.digits = digits
        self.adverts = adverts
        self.bullets = bullets
        self.is_plain = not (noise or mash or digits or adverts or bullets)


@mypyc_attr(acyclic=True)
class Spread:
    """Words or syllables of a piece: the offsets in it at which each `starts`, and `ends`."""

    __slots__ = ("ends", "starts")

    def __init__(self, starts: tuple[int, ...], ends: tuple[int, ...]) -> None:
        self.starts = starts
        self.ends = ends


@mypyc_attr(acyclic=True)
class Syllables(Spread):
    """A piece as Vietnamese syllables and runs of signs, teencode undone.

    `keys` are their normal forms, `folded` the same without marks, `marked` says of each
    whether it was written with diacritics. `words`, `marked_words` and `numbers` count
    what was written. The `heads` are where they lead in the books of phrases, `bare_heads`
    where without marks.
    Found by scoring/syllables.py and scoring/lexicon.py.
    """

    __slots__ = (
        *("bare_heads", "folded", "heads", "keys", "marked", "marked_words", "numbers"),
        "words",
    )

    def __init__(
        self, keys: tuple[str, ...], folded: tuple[str, ...], marked: tuple[bool, ...], *,
        starts: tuple[int, ...], ends: tuple[int, ...], words: int, marked_words: int,
        numbers: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(starts, ends)
        self.keys = keys
        self.folded = folded
        self.marked = marked
        self.words = words
        self.marked_words = marked_words
        self.numbers = numbers
        self.heads: tuple[Step, ...] | None = None
        self.bare_heads: tuple[Step, ...] | None = None


@mypyc_attr(acyclic=True)
class Token:
    """A word as VADER reads it: bare and in lower case, with what it does there.

    `is_hit`: it weighs something alone; `is_idiom`: it may stand in an idiom;
    `is_upper`: it is spelled in capitals. Found by scoring/vader.py.
    """

    __slots__ = ("is_hit", "is_idiom", "is_upper", "low", "spelled")

    def __init__(
        self, spelled: str, low: str, *, is_hit: bool, is_idiom: bool, is_upper: bool
    ) -> None:
        self.spelled = spelled
        self.low = low
        self.is_hit = is_hit
        self.is_idiom = is_idiom
        self.is_upper = is_upper


@mypyc_attr(acyclic=True)
class English:
    """A piece as English words.

    `heads` are where its words lead in the books of phrases, `tokens` are they as VADER
    reads them. Some of its words: `is_known` weigh something or begin what does,
    `is_trade` speak of or to a company, `is_turn` are a "but", `is_idiom` may stand in an
    idiom. Found by scoring/english.py.
    """

    __slots__ = ("heads", "is_idiom", "is_known", "is_trade", "is_turn", "tokens")

    def __init__(
        self, heads: tuple[Step, ...], tokens: tuple[Token, ...], *, is_known: bool,
        is_trade: bool, is_turn: bool, is_idiom: bool,
    ) -> None:  # fmt: skip
        self.heads = heads
        self.tokens = tokens
        self.is_known = is_known
        self.is_trade = is_trade
        self.is_turn = is_turn
        self.is_idiom = is_idiom


@mypyc_attr(acyclic=True)
class Piece(Spread):
    """What stands between two blanks.

    `core` is its word where it is one word of letters, perhaps with marks of a sentence's
    end; else "". `spelled` are its words, `low` the same bare and in lower case; the
    offsets are those of the bare words. `capitals` counts those all in capitals. The rest
    is None until it is first asked for; `reviewed` counts the words that reviews are made
    of (-1: not counted).
    """

    __slots__ = (
        *("capitals", "core", "english", "low", "points", "reviewed", "signs", "spelled"),
        *("syllables", "text"),
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.points: Points | None = None
        self.signs: Signs | None = None
        self.syllables: Syllables | None = None
        self.english: English | None = None
        self.reviewed = -1
        core = text if text.isalpha() else text.rstrip(_ENDINGS)
        if core.isalpha():
            low = stretched_once(core.lower())
            self.core = core
            self.spelled: tuple[str, ...] = (core,)
            self.low: tuple[str, ...] = self.spelled if low == core else (low,)
            self.capitals = int(core.isupper())
            super().__init__(_FIRST, once((len(core),)))
        else:
            tidy = text if _GAP_MARKS.isdisjoint(text) else text.translate(_BLANKS)
            spelled = tidy.split()
            self.core = ""
            self.spelled = tuple(spelled)
            self.low = tuple([_bare(word) for word in spelled])
            self.capitals = sum([word.isupper() for word in spelled])
            starts, ends = _bare_places(tidy, spelled)
            super().__init__(starts, ends)


def _bare_places(tidy: str, spelled: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where in `tidy` each of its words starts and ends without the signs around it."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for word in spelled:
        at = tidy.find(word, at)
        starts.append(at + _lead(word))
        at += len(word)
        ends.append(at - _trail(word))
    return once(tuple(starts)), once(tuple(ends))


_ONCE: Final[dict[Any, Any]] = {}


def once(value: T) -> T:
    """Return the first value met that equals `value`: what is equal in many pieces is kept once."""
    if len(_ONCE) > _MOST_ONCE:
        _ONCE.clear()
    same: T = _ONCE.setdefault(value, value)
    return same


def _bare(spelling: str) -> str:
    stripped = spelling.strip(string.punctuation)
    word = (stripped if len(stripped) > 1 or stripped.isalnum() else spelling).lower()
    if word[:1] in "$£€" or word[:1].isdigit():
        if _COUNTED.fullmatch(word):
            return "#"
        unit = _WITH_UNIT.fullmatch(word)
        return f"#{unit[1]}" if unit else word
    return stretched_once(word)


def stretched_once(word: str) -> str:
    """Return a word in which three or more equal letters in a row stand once."""
    last, run = "", 1
    for letter in word:
        run = run + 1 if letter == last else 1
        if run > 2:
            return _STRETCHED.sub(r"\1", word)
        last = letter
    return word


def _lead(spelling: str) -> int:
    """Return how many signs stand before the bare word, 0 where there is none."""
    bare = spelling.lstrip(string.punctuation)
    return len(spelling) - len(bare) if bare else 0


def _trail(spelling: str) -> int:
    """Return how many signs stand after the bare word, 0 where there is none."""
    bare = spelling.rstrip(string.punctuation)
    return len(spelling) - len(bare) if bare else 0


PIECES: Final = Memo(Piece)
