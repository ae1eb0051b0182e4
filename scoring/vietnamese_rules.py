"""How the words around a feeling change it: negation, boosters, contrast, wishes, questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scoring.lexicon import Entry, Role
from scoring.shelf import Found
from scoring.syllables import Reading, key_of

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


@dataclass(slots=True, eq=False)
class Weighed:
    """A feeling in its sentence: its weight there is `base` times `factor`.

    `first` and `stop` bound its syllables, the negation or booster included.
    """

    entry: Entry
    base: float
    first: int
    stop: int
    factor: float = 1.0
    is_negated: bool = False


def weigh(found: Sequence[Found], reading: Reading) -> list[Weighed]:
    """Return the feelings among `found`, each with its sentence taken in."""
    sentence = _Sentence(reading.keys)
    for each in found:
        sentence.take(each)
    sentence.end_clause()
    _soften_repeats(sentence.weighed)
    return sentence.weighed


class _Sentence:
    """What is still open at a place of the text: a negation, a booster, a wish, a contrast."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.weighed: list[Weighed] = []
        self._keys = keys
        self._first_of_clause = 0
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
        entry, weight = found[2]
        role = entry.role
        if role is Role.FEELING or role is Role.ABLE or role is Role.SYMBOL:
            self._feel(found)
        elif role is Role.PAUSE or role is Role.STOP:
            if weight:
                self._feel(found)
            self.end_clause()
            self._first_of_clause = len(self.weighed)
            if role is Role.STOP:
                self._begin_sentence()
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
            self._add(found, weight)

    def end_clause(self) -> None:
        """Let a negation that denied nothing we know count by itself."""
        if self._negation is not None and not self._is_spent:
            self._add(self._negation, self._negation[2][1])
        self._begin_clause()

    def _add(self, found: Found, base: float) -> Weighed | None:
        if not base:
            return None
        first, stop, (entry, _) = found
        one = Weighed(entry, base, first, stop, self._contrast)
        self.weighed.append(one)
        return one

    def _feel(self, found: Found) -> None:
        first, _, (entry, weight) = found
        denial = self._negation
        if denial is not None and _reaches(denial, found):
            is_able = entry.role is Role.ABLE
            one = self._add(found, entry.negated if weight or is_able else 0.0)
            self._is_spent = True
            if not is_able:
                self._negation = None
            if one:
                one.first = denial[0]
                one.is_negated = True
        else:
            one = self._add(found, weight)
        if one is None:
            return
        booster = self._booster
        if booster is not None and first - booster[1] <= _BOOST_REACH:
            one.factor *= _DENIED_DEGREE if one.is_negated else booster[2][1]
            one.first = min(one.first, booster[0])
        self._booster = None
        if self._is_wish and one.base > 0:
            one.factor *= _WISHED

    def _lift(self, found: Found) -> None:
        last = self._last()
        if last is not None and last.stop == found[0]:
            last.factor *= _DENIED_DEGREE if last.is_negated else found[2][1]
            last.stop = found[1]
        else:
            self._booster = found

    def _deny(self, found: Found) -> None:
        if self._ends_clause(found[1]):
            last = self._last()
            if last is not None:
                last.factor *= _ASKED
            return
        if self._negation is not None and not self._is_spent:
            self._add(self._negation, self._negation[2][1])
        self._negation = found
        self._is_spent = False

    def _turn(self, found: Found) -> None:
        self.end_clause()
        for earlier in self.weighed[self._first_of_sentence :]:
            earlier.factor *= _BEFORE_CONTRAST
        self._first_of_sentence = len(self.weighed)
        self._contrast = _AFTER_CONTRAST
        self._add(found, found[2][1])

    def _last(self) -> Weighed | None:
        """Return the last feeling of this clause."""
        return self.weighed[-1] if len(self.weighed) > self._first_of_clause else None

    def _ends_clause(self, place: int) -> bool:
        """Whether only a particle or nothing follows: "đẹp không ạ"."""
        keys = self._keys
        if place < len(keys) and keys[place] in _ASKING_ENDS:
            place += 1
        return place >= len(keys) or not keys[place][0].isalnum()


def _reaches(denial: Found, found: Found) -> bool:
    """Whether a negation denies a feeling; blame is denied only close by."""
    reach = _NEGATION_REACH if found[2][1] > 0 else _BLAME_REACH
    return found[0] - denial[1] <= reach


def _soften_repeats(weighed: Sequence[Weighed]) -> None:
    seen: set[str] = set()
    for one in weighed:
        if one.entry.words in seen:
            one.factor *= _REPEATED
        seen.add(one.entry.words)
