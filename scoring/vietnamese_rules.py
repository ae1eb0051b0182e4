"""How the words around a feeling change it: negation, boosters, contrast, wishes, questions."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, cast

from mypy_extensions import mypyc_attr

from scoring.lexicon import Entry, Role, Weighted
from scoring.shelf import Found
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
_FEELING: Final = Role.FEELING
_ABLE: Final = Role.ABLE
_SYMBOL: Final = Role.SYMBOL
_PAUSE: Final = Role.PAUSE
_STOP: Final = Role.STOP
_CONTRAST: Final = Role.CONTRAST
_BOOSTER: Final = Role.BOOSTER
_LIFTER: Final = Role.LIFTER
_NEGATION: Final = Role.NEGATION
_ABSENCE: Final = Role.ABSENCE
_WISH: Final = Role.WISH
_DEMAND: Final = Role.DEMAND
_SAYING: Final = Role.SAYING
_AWAY: Final = Role.ELSEWHERE
_HERE: Final = Role.HERE
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


@mypyc_attr(acyclic=True)
class Weighed:
    """A feeling in its sentence: its weight there is `base` times `factor`.

    `first` and `stop` bound its syllables, the negation or booster included.
    """

    __slots__ = ("base", "factor", "first", "is_negated", "stop", "words")

    def __init__(self, words: str, base: float, first: int, stop: int, factor: float) -> None:
        self.words = words
        self.base = base
        self.first = first
        self.stop = stop
        self.factor = factor
        self.is_negated = False


@mypyc_attr(acyclic=True)
class _Met:
    """An entry of the lexicon where it stands, with its weight in the text's way of writing."""

    __slots__ = ("entry", "first", "role", "stop", "weight")

    def __init__(self, entry: Entry, weight: float, first: int, stop: int) -> None:
        self.entry = entry
        self.role = entry.role
        self.weight = weight
        self.first = first
        self.stop = stop


def weigh(found: list[Found], keys: list[str]) -> list[Weighed]:
    """Return the feelings among `found`, each with its sentence taken in."""
    sentence = _Sentence(keys)
    for first, stop, told in found:
        entry, weight = cast(Weighted, told)
        sentence.take(_Met(entry, weight, first, stop))
    sentence.end_clause()
    if len(sentence.weighed) > 1:
        _soften_repeats(sentence.weighed)
    return sentence.weighed


@mypyc_attr(acyclic=True)
class _Sentence:
    """What is still open at a place of the text: a negation, a booster, a wish, a contrast."""

    def __init__(self, keys: list[str]) -> None:
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
        self._negation: _Met | None = None
        self._is_spent = False
        self._booster: _Met | None = None
        self._is_wish = False

    def take(self, met: _Met) -> None:
        """Take in what the lexicon knows of the next words, by its role."""
        role = met.role
        if role is _FEELING or role is _ABLE or role is _SYMBOL:
            self.feel(met)
        elif role is _PAUSE or role is _STOP:
            self.pause(met)
        elif role is _BOOSTER:
            self._booster = met
        elif role is _NEGATION or role is _ABSENCE:
            self.deny(met)
        elif role is _LIFTER:
            self.lift(met)
        elif role is _CONTRAST:
            self.turn(met)
        elif role is _WISH:
            self.wish(met)
        elif role is _DEMAND:
            self.demand(met)
        elif role is _SAYING:
            self.say(met)
        elif role is _AWAY:
            self.go_elsewhere(met)
        elif role is _HERE:
            self._is_elsewhere = False

    def pause(self, met: _Met) -> None:
        """End a clause, or a sentence."""
        if met.weight:
            self.feel(met)
        denial = self._negation
        is_open = denial is not None and not self._is_spent and denial.weight > 0
        if is_open and met.role is _PAUSE:
            self._denied_to = met.first  # "không gây bóng, nhờn": a list whose first we do not know
        self.end_clause()
        self._first_of_clause = len(self.weighed)
        if met.role is _STOP:
            self._begin_sentence()

    def wish(self, met: _Met) -> None:
        """Have praise in the rest of the clause be wished for."""
        self._is_wish = True
        self._add(met, met.weight)

    def demand(self, met: _Met) -> None:
        """Take in what weighs more at the start of a clause: "cần thêm ..."."""
        if self._starts_clause(met.first):
            met.weight *= _DEMANDED
        self.feel(met)

    def go_elsewhere(self, met: _Met) -> None:
        """Have the rest of the sentence be said of another thing."""
        self._add(met, met.weight)
        self._is_elsewhere = True

    def say(self, met: _Met) -> None:
        """Take in "chê", "nói": what others say is not the writer's word."""
        if self._is_said_by_others(met.first):
            self._is_elsewhere = True
        elif met.weight:
            self.feel(met)

    def end_clause(self) -> None:
        """Let a negation that denied nothing we know count by itself."""
        self._count_open_negation()
        self._begin_clause()

    def _count_open_negation(self) -> None:
        denial = self._negation
        if denial is not None and not self._is_spent:
            self._add(denial, denial.weight)

    def _add(self, met: _Met, base: float) -> Weighed | None:
        if not base:
            return None
        factor = self._contrast * _ELSEWHERE if self._is_elsewhere else self._contrast
        one = Weighed(met.entry.words, base, met.first, met.stop, factor)
        self.weighed.append(one)
        return one

    def feel(self, met: _Met) -> None:
        """Take in a feeling with what is open before it."""
        one = self._felt(met)
        if one is None:
            return
        booster = self._booster
        if booster is not None and met.first - booster.stop <= _BOOST_REACH:
            one.factor *= _DENIED_DEGREE if one.is_negated else booster.weight
            one.first = min(one.first, booster.first)
        self._booster = None
        if self._is_wish and one.base > 0:
            one.factor *= _WISHED

    def _felt(self, met: _Met) -> Weighed | None:
        """Add a feeling, turned round where it is denied."""
        entry, denial = met.entry, self._negation
        if denial is not None and self._reaches(denial, met):
            is_able = met.role is _ABLE
            one = self._add(met, entry.negated if met.weight or is_able else 0.0)
            self._is_spent = True
            if not is_able and entry.words != "bị":
                self._negation = None
            if met.weight < 0:
                self._denied_to = met.stop
            if one:
                one.first = denial.first
                one.is_negated = True
            return one
        if met.weight < 0 and met.role is _FEELING and self._is_listed(met):
            self._denied_to = met.stop
            one = self._add(met, entry.negated)
            if one:
                one.is_negated = True
            return one
        return self._add(met, met.weight)

    def _reaches(self, denial: _Met, met: _Met) -> bool:
        """Whether a negation denies a feeling; blame only close by or over words of `BRIDGE`."""
        apart = met.first - denial.stop
        if met.weight >= 0:
            expects_blame = denial.weight > 0 or denial.role is _ABSENCE  # "không bị", "chống"
            return not expects_blame and apart <= _NEGATION_REACH
        if denial.weight > 0 and apart <= _EXPECTED_REACH:
            return True
        if apart > _BLAME_REACH:
            return False
        between = self._keys[denial.stop : met.first]
        if not BRIDGE.issuperset(between):
            return False
        is_worst = not WORST.isdisjoint(self._keys[met.stop : met.stop + 1])
        is_of_all = denial.entry.words.startswith("chưa") or not ANY.isdisjoint(between)
        return not (is_worst and is_of_all)

    def _is_listed(self, met: _Met) -> bool:
        """Whether a fault goes on with a list of denied ones: "không móp hay trầy"."""
        if self._denied_to < 0 or met.first - self._denied_to > _LIST_REACH:
            return False
        between = self._keys[self._denied_to : met.first]
        if "," in between and met.entry.words.split(" ", 1)[0] in OTHER_MATTERS:
            return False
        return all(key in JOINERS or key in BRIDGE for key in between)

    def lift(self, met: _Met) -> None:
        """Have the feeling just before weigh more, else the next."""
        last = self._last()
        if last is not None and last.stop == met.first:
            last.factor *= _DENIED_DEGREE if last.is_negated else met.weight
            last.stop = met.stop
        else:
            self._booster = met

    def deny(self, met: _Met) -> None:
        """Open a denial, or see that it only asks."""
        if met.role is _NEGATION and self._ends_clause(met.stop):
            for asked in self.weighed[self._first_of_clause :]:
                asked.factor *= _ASKED
            return
        self._count_open_negation()
        self._negation = met
        self._is_spent = False

    def turn(self, met: _Met) -> None:
        """Have what came before weigh less, and what follows more."""
        self.end_clause()
        for earlier in self.weighed[self._first_of_sentence :]:
            earlier.factor *= _BEFORE_CONTRAST
        self._first_of_sentence = len(self.weighed)
        self._contrast = _AFTER_CONTRAST
        self._is_elsewhere = False
        self._add(met, met.weight)

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


def _soften_repeats(weighed: list[Weighed]) -> None:
    seen: set[str] = set()
    for one in weighed:
        if one.words in seen:
            one.factor *= _REPEATED
        seen.add(one.words)
