"""One term of a brand query against one text: words, marks and joined hashtags."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from ingest.mention import Mention
from ingest.text import fold

__all__ = ["Marks", "Reading", "Span", "Term", "words_of"]

_WORD = re.compile(r"[^\W_]+")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_has_marks = re.compile("[ăâđêôơưĂÂĐÊÔƠƯẠ-ỹ]").search


@lru_cache(maxsize=16_384)
def _words_of_piece(piece: str) -> tuple[str, ...]:
    """Return the folded words of what stands between two blanks: such pieces recur."""
    return tuple(map(fold, _WORD.findall(piece)))


class Marks(Enum):
    """How the diacritics of a term bind: `LIKE` also takes the words without any marks."""

    EXACT = "exact"
    LIKE = "like"
    ANY = "any"


class Span(NamedTuple):
    """Words `first` to `last`, both included, of a reading."""

    first: int
    last: int


class Reading:
    """Title and text of one mention, made ready to be searched; works are done on demand."""

    def __init__(self, mention: Mention) -> None:
        self.mention = mention
        self.text = f"{mention.title}\n{mention.text}" if mention.title else mention.text
        self.folded = fold(self.text)
        self._places: list[tuple[int, int]] = []
        self._unread = _WORD.finditer(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words of the text, each folded."""
        return list(chain.from_iterable(map(_words_of_piece, self.text.split())))

    @cached_property
    def is_bare(self) -> bool:
        """Whether the whole text is written without Vietnamese marks."""
        return not _has_marks(self.text)

    def spelling(self, place: int) -> str:
        """Return a word as it is written."""
        start, end = self._where(place)
        return self.text[start:end]

    def is_tag(self, place: int) -> bool:
        """Return whether the word is a hashtag or a handle."""
        start = self._where(place)[0]
        return start > 0 and self.text[start - 1] in "#@＃＠"

    def words_between(self, span: Span) -> str:
        """Return the span in the text's own spelling, on one line."""
        found = self.text[self._where(span.first)[0] : self._where(span.last)[1]]
        return " ".join(found.split())

    def _where(self, place: int) -> tuple[int, int]:
        """Return where a word starts and ends; a text is read only as far as it was asked."""
        while len(self._places) <= place:
            self._places.append(next(self._unread).span())
        return self._places[place]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or an exact phrase; `folded` are its words without marks."""

    words: tuple[str, ...]
    folded: tuple[str, ...]
    marks: Marks

    @classmethod
    def of(cls, text: str, *, marks: Marks) -> Term | None:
        """Return the term of the words in `text`, None when there are none."""
        words = words_of(text)
        if not words:
            return None
        return cls(words, tuple(fold(word) for word in words), marks)

    def spans(self, reading: Reading) -> Iterator[Span]:
        """Yield every place where the term stands, a joined hashtag or handle included."""
        if self.folded[0] not in reading.folded:
            return
        size = len(self.folded)
        joined = "".join(self.folded)
        for place, word in enumerate(reading.words):
            if word == self.folded[0]:
                if self._stands_at(reading, place):
                    yield Span(place, place + size - 1)
            elif word == joined and reading.is_tag(place):
                yield Span(place, place)

    def _stands_at(self, reading: Reading, place: int) -> bool:
        if tuple(reading.words[place : place + len(self.folded)]) != self.folded:
            return False
        return self.marks is Marks.ANY or all(
            self._has_same_marks(own, reading, place + offset)
            for offset, own in enumerate(self.words)
        )

    def _has_same_marks(self, own: str, reading: Reading, place: int) -> bool:
        own_marks = _marks_of(own)
        if self.marks is Marks.LIKE and not own_marks:
            return True
        other = _marks_of(reading.spelling(place))
        if other == own_marks:
            return True
        # One bare syllable is a word of its own ("Mây" - "may"), unless nothing has marks.
        is_bare_enough = len(self.words) > 1 or reading.is_bare
        return self.marks is Marks.LIKE and not other and is_bare_enough


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a term as typed, NFC; hyphens and signs part words."""
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=8192)
def _marks_of(word: str) -> str:
    """Return the marks of a word: its letters with quality, then its tone, "" for none.

    The tone's place does not count: "hoà" and "hòa" are one word.
    """
    if word.isascii():
        return ""
    apart = unicodedata.normalize("NFD", word.casefold())
    letters = _TONES.sub("", apart)
    tones = "".join(_TONES.findall(apart))
    return f"{letters}/{tones}" if tones or not letters.isascii() else ""
