"""How the words around a feeling change it: negation, boosters, contrast, wishes, questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scoring.lexicon import Entry, Found, Role
from scoring.syllables import Reading, Syllable, key_of

_NEGATION_REACH: Final = 2  # syllables between a negation and what it denies
_BLAME_REACH: Final = 0
_BOOST_REACH: Final = 1
_BEFORE_CONTRAST: Final = 0.7
_AFTER_CONTRAST: Final = 1.1
_WISHED: Final = 0.3
_ASKED: Final = 0.4
_DENIED_DEGREE: Final = 0.8  # "không đẹp lắm"
_REPEATED: Final = 0.4
_ASKING_ENDS: Final = frozenset(map(key_of, ("ạ", "vậy", "nhỉ", "hả", "ta", "nè", "thế", "shop")))


@dataclass(slots=True)
class Weighed:
    """A feeling in its sentence: `weight` is its own times `factor`.

    `first` and `stop` bound its syllables, the negation or booster included.
    """

    entry: Entry
    base: float
    first: int
    stop: int
    clause: int
    factor: float = 1.0
    is_negated: bool = False

    @property
    def weight(self) -> float:
        return self.base * self.factor


def weigh(found: Sequence[Found], reading: Reading) -> list[Weighed]:
    """Return the feelings among `found`, each with its sentence taken in."""
    sentence = _Sentence(reading.syllables)
    for each in found:
        sentence.take(each)
    sentence.end_clause()
    _soften_repeats(sentence.weighed)
    return sentence.weighed


class _Sentence:
    """What is still open at a place of the text: a negation, a booster, a wish, a contrast."""

    def __init__(self, syllables: Sequence[Syllable]) -> None:
        self.weighed: list[Weighed] = []
        self._syllables = syllables
        self._clause = self._number = -1
        self._begin_sentence()
        self._begin_clause()

    def _begin_sentence(self) -> None:
        self._first_of_sentence = len(self.weighed)
        self._contrast = 1.0

    def _begin_clause(self) -> None:
        self._negation: Found | None = None
        self._is_spent = False
        self._booster: Found | None = None
        self._is_wish = False

    def take(self, found: Found) -> None:
        """Take the next entry of the text in."""
        syllable = self._syllables[found.first]
        if syllable.clause != self._clause:
            self.end_clause()
            self._clause = syllable.clause
            if syllable.sentence != self._number:
                self._number = syllable.sentence
                self._begin_sentence()
        role = found.entry.role
        if role is Role.FEELING or role is Role.ABLE or role is Role.SYMBOL:
            self._feel(found)
        elif role is Role.BOOSTER:
            self._booster = found
        elif role is Role.LIFTER:
            self._lift(found)
        elif role is Role.NEGATION:
            self._deny(found)
        elif role is Role.CONTRAST:
            self._turn(found)
        elif role is Role.WISH:
            self._is_wish = True
            self._add(found, found.weight)

    def end_clause(self) -> None:
        """Let a negation that denied nothing we know count by itself."""
        if self._negation is not None and not self._is_spent:
            self._add(self._negation, self._negation.weight)
        self._begin_clause()

    def _add(self, found: Found, base: float) -> Weighed | None:
        if not base:
            return None
        one = Weighed(found.entry, base, found.first, found.stop, self._clause, self._contrast)
        self.weighed.append(one)
        return one

    def _feel(self, found: Found) -> None:
        denial = self._negation
        if denial is not None and _reaches(denial, found):
            one = self._add(
                found, found.entry.negated if found.weight or found.entry.role is Role.ABLE else 0.0
            )
            self._is_spent = True
            if found.entry.role is not Role.ABLE:
                self._negation = None
            if one:
                one.first = denial.first
                one.is_negated = True
        else:
            one = self._add(found, found.weight)
        if one is None:
            return
        booster = self._booster
        if booster is not None and found.first - booster.stop <= _BOOST_REACH:
            one.factor *= _DENIED_DEGREE if one.is_negated else booster.weight
            one.first = min(one.first, booster.first)
        self._booster = None
        if self._is_wish and one.base > 0:
            one.factor *= _WISHED

    def _lift(self, found: Found) -> None:
        last = self._last()
        if last is not None and last.stop == found.first:
            last.factor *= _DENIED_DEGREE if last.is_negated else found.weight
            last.stop = found.stop
        else:
            self._booster = found

    def _deny(self, found: Found) -> None:
        if self._ends_clause(found.stop):
            last = self._last()
            if last is not None:
                last.factor *= _ASKED
            return
        if self._negation is not None and not self._is_spent:
            self._add(self._negation, self._negation.weight)
        self._negation = found
        self._is_spent = False

    def _turn(self, found: Found) -> None:
        self.end_clause()
        for earlier in self.weighed[self._first_of_sentence :]:
            earlier.factor *= _BEFORE_CONTRAST
        self._first_of_sentence = len(self.weighed)
        self._contrast = _AFTER_CONTRAST
        self._add(found, found.weight)

    def _last(self) -> Weighed | None:
        if self.weighed and self.weighed[-1].clause == self._clause:
            return self.weighed[-1]
        return None

    def _ends_clause(self, place: int) -> bool:
        """Whether only a particle or nothing follows: "đẹp không ạ"."""
        if place < len(self._syllables) and self._syllables[place].key in _ASKING_ENDS:
            place += 1
        if place >= len(self._syllables):
            return True
        after = self._syllables[place]
        return after.clause != self._clause or not after.key[0].isalnum()


def _reaches(denial: Found, found: Found) -> bool:
    """Whether a negation denies a feeling; blame is denied only close by."""
    gap = found.first - denial.stop
    return gap <= (_NEGATION_REACH if found.weight > 0 else _BLAME_REACH)


def _soften_repeats(weighed: Sequence[Weighed]) -> None:
    seen: set[str] = set()
    for one in weighed:
        if one.entry.words in seen:
            one.factor *= _REPEATED
        seen.add(one.entry.words)
