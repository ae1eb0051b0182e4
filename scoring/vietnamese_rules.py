"""How the words around a feeling change it: negation, boosters, contrast, wishes, questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scoring.lexicon import Entry, Role
from scoring.shelf import Found
from scoring.syllables import Reading
from scoring.vietnamese_grammar import (
    ANY,
    ASKING_ENDS,
    BRIDGE,
    JOINERS,
    MANY,
    OTHER_MATTERS,
    OTHERS,
    PEOPLE,
    WORST,
)

# Reading a member of an enumeration takes longer than comparing it.
_FEELING, _ABLE, _PAUSE, _STOP = Role.FEELING, Role.ABLE, Role.PAUSE, Role.STOP
_NEGATION, _ABSENCE = Role.NEGATION, Role.ABSENCE
_NEGATION_REACH: Final = 2  # syllables between a negation and the praise it denies
_BLAME_REACH: Final = 5  # and the blame: but only words of `BRIDGE` may stand between
_EXPECTED_REACH: Final = 3  # but any words after "không bị", which is said of faults alone
_LIST_REACH: Final = 3  # syllables between two faults of one denied list
_BOOST_REACH: Final = 1
_BEFORE_CONTRAST: Final = 0.7
_AFTER_CONTRAST: Final = 1.1
_WISHED: Final = 0.3
_ELSEWHERE: Final = 0.3  # said of another shop, an older thing, by others, or only feared
_ASKED: Final = 0.4
_DENIED_DEGREE: Final = 0.8  # "không đẹp lắm"
_REPEATED: Final = 0.4
_SAYING_REACH: Final = 5  # syllables before "chê", "nói" in which they are many others
_MOST_ASKING_ENDS: Final = 4
_DEMANDED: Final = 3.0
_NOWHERE: Final = -1


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
        take = _TAKES.get(each[2][0].role)
        if take is not None:
            take(sentence, each)
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
        self._denied_to = _NOWHERE
        self._contrast = 1.0
        self._is_elsewhere = False

    def _begin_clause(self) -> None:
        self._negation: Found | None = None
        self._is_spent = False
        self._booster: Found | None = None
        self._is_wish = False

    def pause(self, found: Found) -> None:
        """End a clause, or a sentence."""
        entry, weight = found[2]
        if weight:
            self.feel(found)
        denial = self._negation
        if denial and not self._is_spent and denial[2][1] > 0 and entry.role is _PAUSE:
            self._denied_to = found[0]  # "không gây bóng, nhờn": a list whose first we do not know
        self.end_clause()
        self._first_of_clause = len(self.weighed)
        if entry.role is _STOP:
            self._begin_sentence()

    def boost(self, found: Found) -> None:
        """Have the next feeling weigh more or less."""
        self._booster = found

    def wish(self, found: Found) -> None:
        """Have praise in the rest of the clause be wished for."""
        self._is_wish = True
        self._add(found, found[2][1])

    def demand(self, found: Found) -> None:
        """Take in what weighs more at the start of a clause: "cần thêm ..."."""
        first, stop, (entry, weight) = found
        share = _DEMANDED if self._starts_clause(first) else 1.0
        self.feel((first, stop, (entry, weight * share)))

    def go_elsewhere(self, found: Found) -> None:
        """Have the rest of the sentence be said of another thing."""
        self._add(found, found[2][1])
        self._is_elsewhere = True

    def come_back(self, found: Found) -> None:
        """Have what follows `found` be said of the thing itself again."""
        self._is_elsewhere = False

    def say(self, found: Found) -> None:
        """Take in "chê", "nói": what others say is not the writer's word."""
        if self._is_said_by_others(found[0]):
            self._is_elsewhere = True
        elif found[2][1]:
            self.feel(found)

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
        if self._is_elsewhere:
            one.factor *= _ELSEWHERE
        self.weighed.append(one)
        return one

    def feel(self, found: Found) -> None:
        """Take in a feeling with what is open before it."""
        one = self._felt(found)
        if one is None:
            return
        booster = self._booster
        if booster is not None and found[0] - booster[1] <= _BOOST_REACH:
            one.factor *= _DENIED_DEGREE if one.is_negated else booster[2][1]
            one.first = min(one.first, booster[0])
        self._booster = None
        if self._is_wish and one.base > 0:
            one.factor *= _WISHED

    def _felt(self, found: Found) -> Weighed | None:
        """Add a feeling, turned round where it is denied."""
        stop, (entry, weight) = found[1:]
        denial = self._negation
        if denial is not None and self._reaches(denial, found):
            is_able = entry.role is _ABLE
            one = self._add(found, entry.negated if weight or is_able else 0.0)
            self._is_spent = True
            if not is_able and entry.words != "bị":
                self._negation = None
            if weight < 0:
                self._denied_to = stop
            if one:
                one.first = denial[0]
                one.is_negated = True
            return one
        if weight < 0 and entry.role is _FEELING and self._is_listed(found):
            self._denied_to = stop
            one = self._add(found, entry.negated)
            if one:
                one.is_negated = True
            return one
        return self._add(found, weight)

    def _reaches(self, denial: Found, found: Found) -> bool:
        """Whether a negation denies a feeling; blame only close by or over words of `BRIDGE`."""
        stop, (entry, weight) = denial[1:]
        between = self._keys[stop : found[0]]
        expects_blame = weight > 0 or entry.role is _ABSENCE  # "không bị", "chống"
        if found[2][1] >= 0:
            return not expects_blame and len(between) <= _NEGATION_REACH
        if weight > 0 and len(between) <= _EXPECTED_REACH:
            return True
        if len(between) > _BLAME_REACH or not BRIDGE.issuperset(between):
            return False
        is_worst = not WORST.isdisjoint(self._keys[found[1] : found[1] + 1])
        is_of_all = entry.words.startswith("chưa") or not ANY.isdisjoint(between)
        return not (is_worst and is_of_all)

    def _is_listed(self, found: Found) -> bool:
        """Whether a fault goes on with a list of denied ones: "không móp hay trầy"."""
        between = self._keys[self._denied_to : found[0]]
        if self._denied_to < 0 or len(between) > _LIST_REACH:
            return False
        if "," in between and found[2][0].words.split(" ", 1)[0] in OTHER_MATTERS:
            return False
        return all(key in JOINERS or key in BRIDGE for key in between)

    def lift(self, found: Found) -> None:
        """Have the feeling just before weigh more, else the next."""
        last = self._last()
        if last is not None and last.stop == found[0]:
            last.factor *= _DENIED_DEGREE if last.is_negated else found[2][1]
            last.stop = found[1]
        else:
            self._booster = found

    def deny(self, found: Found) -> None:
        """Open a denial, or see that it only asks."""
        if found[2][0].role is _NEGATION and self._ends_clause(found[1]):
            for asked in self.weighed[self._first_of_clause :]:
                asked.factor *= _ASKED
            return
        if self._negation is not None and not self._is_spent:
            self._add(self._negation, self._negation[2][1])
        self._negation = found
        self._is_spent = False

    def turn(self, found: Found) -> None:
        """Have what came before weigh less, and what follows more."""
        self.end_clause()
        for earlier in self.weighed[self._first_of_sentence :]:
            earlier.factor *= _BEFORE_CONTRAST
        self._first_of_sentence = len(self.weighed)
        self._contrast = _AFTER_CONTRAST
        self._is_elsewhere = False
        self._add(found, found[2][1])

    def _last(self) -> Weighed | None:
        """Return the last feeling of this clause."""
        return self.weighed[-1] if len(self.weighed) > self._first_of_clause else None

    def _is_said_by_others(self, place: int) -> bool:
        """Whether "nhiều người" or the like stands before: what they say is not the writer's."""
        before = self._keys[max(0, place - _SAYING_REACH) : place]
        if not OTHERS.isdisjoint(before):
            return True
        return any(one in MANY and other in PEOPLE for one, other in pairwise(before))

    def _starts_clause(self, place: int) -> bool:
        return place == 0 or not self._keys[place - 1][0].isalnum()

    def _ends_clause(self, place: int) -> bool:
        """Whether only particles, vocatives or nothing follow: "đẹp không ạ"."""
        keys = self._keys
        end = place + _MOST_ASKING_ENDS
        while place < len(keys) and place < end and keys[place] in ASKING_ENDS:
            place += 1
        return place >= len(keys) or not keys[place][0].isalnum()


_TAKES: Final[Mapping[Role, Callable[[_Sentence, Found], None]]] = {
    Role.FEELING: _Sentence.feel,
    Role.ABLE: _Sentence.feel,
    Role.SYMBOL: _Sentence.feel,
    Role.PAUSE: _Sentence.pause,
    Role.STOP: _Sentence.pause,
    Role.BOOSTER: _Sentence.boost,
    Role.LIFTER: _Sentence.lift,
    Role.NEGATION: _Sentence.deny,
    Role.ABSENCE: _Sentence.deny,
    Role.CONTRAST: _Sentence.turn,
    Role.WISH: _Sentence.wish,
    Role.DEMAND: _Sentence.demand,
    Role.SAYING: _Sentence.say,
    Role.ELSEWHERE: _Sentence.go_elsewhere,
    Role.HERE: _Sentence.come_back,
}


def _soften_repeats(weighed: Sequence[Weighed]) -> None:
    seen = {one.entry.words for one in weighed}
    if len(seen) == len(weighed):
        return
    seen.clear()
    for one in weighed:
        if one.entry.words in seen:
            one.factor *= _REPEATED
        seen.add(one.entry.words)
