"""English: VADER's rules with complaint cues of our own (english.tsv) where VADER is blind.

`EnglishScorer.vader` gives VADER's own scores to the digit; `score` walks the same rules over
VADER's lexicon as english.tsv changes it, after the longest phrases of english.tsv are taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from mypy_extensions import mypyc_attr

from scoring.aspects import aspect_words, cause_words, sides_at
from scoring.kinds import heard_cues, kind_cues
from scoring.phrases import Parts, parts_of, read_rows
from scoring.pieces import English, Piece, once
from scoring.scored import NOTHING, Heard, Scored, scored_of
from scoring.shelf import NEVER, Found, Line, Shelf
from scoring.spam import spam_words
from scoring.vader import IDIOM_WORDS, Vader, emphasis, is_negation
from scoring.verdict import Reason, reason
from scoring.words import Words

MODEL: Final = "vader-3.3.2+cues-3"
_TURNS: Final = ("but", "however", "though", "although", "except", "unfortunately")
_BEFORE_TURN: Final = 0.6
_AFTER_TURN: Final = 1.25
_TURNED: Final = -0.5  # what a negation before a phrase leaves of it
_REPEATED: Final = 0.3  # what the second and third copy of an emoji add
_REASON_FROM: Final = 0.5
_REASONS: Final = 8
_CLEAR: Final = -2.0  # a phrase this strong is heard over VADER's reading of its single words
# How much our cues and VADER's own total count, by the number of words of trade (0 to 3 and more).
_SHARES: Final = ((0.6, 1.0), (0.6, 1.0), (1.0, 0.4), (1.0, 0.0))
_PHRASE: Final = (NEVER, 2)  # the least words of a phrase: it is in ASCII
_ENGLISH: Final = (NEVER, 1)
_TOP: Final = 12.0  # where VADER's total is cut off: beyond it the compound hardly moves


class _Cues(NamedTuple):
    """english.tsv: the weights of `single` words, `phrases` and the words these begin with."""

    single: dict[str, float]
    phrases: list[Line]
    heads: set[str]
    trade: frozenset[str]
    spoken_to: frozenset[str]


def _cues() -> _Cues:
    groups: dict[str, set[str]] = {"trade": set(), "spoken to": set()}
    cues = _Cues({}, [], set(), *map(frozenset, groups.values()))
    for row, (pattern, weight) in enumerate(read_rows("english.tsv")):
        parts = parts_of(pattern)
        singles = [words for words in _shortest(parts) if " " not in words]
        if weight in groups:
            groups[weight].update(singles)
            continue
        cues.single.update(dict.fromkeys(singles, float(weight)))
        cues.phrases.append(Line(parts, float(weight), str.split, (0, row), _PHRASE))
        cues.heads.update(_heads(parts))
    return cues._replace(trade=frozenset(groups["trade"]), spoken_to=frozenset(groups["spoken to"]))


def _shortest(parts: Parts) -> Iterator[str]:
    """Yield the phrases of `parts` that leave out all they may but for one part."""
    needed = [at for at, choices in enumerate(parts) if "_" not in choices]
    if len(needed) < 2:
        for choices in [parts[at] for at in needed] or parts:
            yield from (choice for choice in choices if choice != "_")


def _heads(parts: Parts) -> Iterator[str]:
    """Yield the first words of the phrases of two words and more."""
    for at, choices in enumerate(parts):
        more = any(choice != "_" for others in parts[at + 1 :] for choice in others)
        for choice in choices:
            if choice != "_" and (more or " " in choice):
                yield choice.split(" ", 1)[0]
        if "_" not in choices:
            return


def _english_only(phrases: Iterable[tuple[Parts, object]]) -> list[Line]:
    """Return those that are written in ASCII."""
    rows = enumerate(phrases)
    return [Line(parts, entry, str.split, (0, row), _ENGLISH) for row, (parts, entry) in rows]


@mypyc_attr(acyclic=True)
class _Marks:
    """What some word of a text is, as in `English`."""

    __slots__ = ("is_idiom", "is_known", "is_trade", "is_turn")

    def __init__(self, read: list[English]) -> None:
        self.is_known = self.is_trade = self.is_turn = self.is_idiom = False
        for each in read:
            if each.is_known:
                self.is_known = True
            if each.is_trade:
                self.is_trade = True
            if each.is_turn:
                self.is_turn = True
            if each.is_idiom:
                self.is_idiom = True


class EnglishScorer:
    """Finds what speaks for and against in an English text."""

    def __init__(self) -> None:
        self.vader = Vader()
        cues = _cues()
        self._trade, self._spoken_to, single = cues.trade, cues.spoken_to, cues.single
        lexicon = dict(self.vader.lexicon) | {
            word: weight for word, weight in single.items() if not is_negation(word)
        }
        self._walk = Vader({word: weight for word, weight in lexicon.items() if weight})
        self._refusals = {word: weight for word, weight in single.items() if is_negation(word)}
        others = map(_english_only, (kind_cues(), aspect_words(), cause_words(), spam_words()))
        self._shelf = Shelf(cues.phrases, *others)
        self._known = frozenset((*self._walk.hits, *cues.heads, *self._refusals))
        self._emoji = _emoji_weights(self.vader, single)
        self._emoji_marks = frozenset(self._emoji)

    def score(self, text: str | Words) -> Scored:
        """Return the evidence in `text`; `raw` is on VADER's scale before its squeeze."""
        return self.hear(text if isinstance(text, Words) else Words(text)).scored

    def hear(self, words: Words, *, is_english: bool = True) -> Heard:
        """Return the evidence in a text with the cues, aspects and causes that it names.

        Where the text is in another language only emoji are evidence.
        """
        low = words.low
        read = [piece.english or self._read(piece) for piece in words.pieces]
        heads = [step for each in read for step in each.heads]
        marks = _Marks(read)
        phrases, cues, sides, causes, signs = self._shelf.find(low, heads)
        return Heard(
            self._scored(words, phrases, marks) if is_english else self.emoji(words.text),
            low,
            cues=heard_cues(cues, low) if cues else [],
            sides=sides_at(words.places(), sides),
            causes=[cause for _, _, cause in causes],
            signs=[sign for _, _, sign in signs],
        )

    def _read(self, piece: Piece) -> English:
        """Return a piece as English words, and leave them with it."""
        low, root = piece.low, self._shelf.root
        is_known = is_trade = is_turn = is_idiom = False
        for word in low:
            is_known |= word in self._known
            is_trade |= word in self._trade or word in self._spoken_to
            is_turn |= word in _TURNS
            is_idiom |= word in IDIOM_WORDS
        piece.english = English(
            once(tuple([root.lead(word) for word in low])),
            tuple([self.vader.token(spelled) for spelled in piece.text.split()]),
            is_known=is_known,
            is_trade=is_trade,
            is_turn=is_turn,
            is_idiom=is_idiom,
        )
        return piece.english

    def _scored(self, words: Words, phrases: list[Found], marks: _Marks) -> Scored:
        found = self._found(words, phrases, marks) if marks.is_known else []
        seen = self._emoji_seen(words.text)
        if not seen and not marks.is_known:
            return NOTHING
        own, vader = _SHARES[self._trade_words(words, found, marks)]
        stress = emphasis(words.text)
        if vader:
            if self.vader.has_emoji(words.text):
                spelled_out = self.vader.spelled_out(words.text)
                total = self.vader.total(self.vader.read(spelled_out), stress=emphasis(spelled_out))
            else:
                total = self.vader.total(words.tokens(), stress=stress)
            vader *= max(-_TOP, min(_TOP, total))
        return _weigh(words, found, seen, own=own, vader=vader, stress=stress)

    def _trade_words(self, words: Words, found: list[tuple[int, int, float]], marks: _Marks) -> int:
        """Return 0 to 3: how far the text speaks to or of a company."""
        for first, last, weight in found:
            if first < last and weight <= _CLEAR:
                return 2
        if not marks.is_trade:
            return 0
        is_spoken_to = not self._spoken_to.isdisjoint(words.low)
        return min(3, len(self._trade.intersection(words.low)) + is_spoken_to)

    def emoji(self, text: str) -> Scored:
        """Return the evidence of the emoji in `text` alone, whatever its language."""
        seen = self._emoji_seen(text)
        if not seen:
            return NOTHING
        return _weigh(Words(text), [], seen, own=1.0, vader=0.0, stress=emphasis(text))

    def _found(
        self, words: Words, phrases: list[Found], marks: _Marks
    ) -> list[tuple[int, int, float]]:
        """Return (first word, last word, weight) of everything that counts."""
        low = words.low
        found: list[tuple[int, int, float]] = []
        if phrases:
            low = low.copy()
            for first, stop, entry in phrases:
                weight = _in_place(entry, first, low)
                low[first:stop] = [""] * (stop - first)
                if weight:
                    found.append((first, stop - 1, weight))
        hits, refusals = self._walk.hits, self._refusals
        left = [at for at, word in enumerate(low) if word in hits]
        if left:
            has_idioms = marks.is_idiom and not IDIOM_WORDS.isdisjoint(low)
            found += [
                (at, at, valence)
                for at, valence in self._walk.valences(
                    low, left, words.shouts(), has_idioms=has_idioms
                )
            ]
        found += [(at, at, refusals[word]) for at, word in enumerate(low) if word in refusals]
        return _contrast(found, words.low) if marks.is_turn else found

    def _emoji_seen(self, text: str) -> list[tuple[int, float]]:
        """Return (offset, weight) of each emoji; copies after the first count for less."""
        if text.isascii() or self._emoji_marks.isdisjoint(text):
            return []
        seen: list[tuple[int, float]] = []
        copies: Counter[str] = Counter()
        for at, mark in enumerate(text):
            weight = self._emoji.get(mark)
            if weight and copies[mark] < 3:
                seen.append((at, weight * (_REPEATED if copies[mark] else 1.0)))
                copies[mark] += 1
        return seen


def _emoji_weights(vader: Vader, cues: Mapping[str, float]) -> dict[str, float]:
    named = {
        mark: sum(vader.lexicon.get(word, 0.0) for word in name.split())
        for mark, name in vader.emojis.items()
        if len(mark) == 1
    }
    own = {mark: weight for mark, weight in cues.items() if mark in named}
    return {mark: weight for mark, weight in (named | own).items() if weight}


def _in_place(weight: float, first: int, low: list[str]) -> float:
    """Return a phrase's weight after a negation close before it, if there is one."""
    before = low[max(0, first - 2) : first]
    if is_negation(low[first]) or low[first] == "no":
        return weight
    return weight * _TURNED if any(map(is_negation, before)) or "no" in before[-1:] else weight


def _contrast(found: list[tuple[int, int, float]], low: list[str]) -> list[tuple[int, int, float]]:
    turn = max((low.index(word) for word in _TURNS if word in low), default=-1)
    if turn < 1:
        return found
    return [
        (first, last, weight * (_BEFORE_TURN if last < turn else _AFTER_TURN))
        for first, last, weight in found
    ]


def _weigh(
    words: Words,
    found: list[tuple[int, int, float]],
    seen: list[tuple[int, float]],
    *,
    own: float,
    vader: float,
    stress: float,
) -> Scored:
    """Return the evidence: our share of the sums, and VADER's total on its side."""
    up = down = 0.0
    for _, _, weight in found:
        if weight > 0:
            up += weight
        else:
            down -= weight
    for _, weight in seen:
        if weight > 0:
            up += weight
        else:
            down -= weight
    positive, negative = own * up + max(vader, 0.0), own * down - min(vader, 0.0)
    if positive > negative:
        positive += own * stress
    elif positive < negative:
        negative += own * stress
    reasons = _reasons(words, found, seen)
    return scored_of(positive - negative, positive, negative, reasons)


def _reasons(
    words: Words, found: list[tuple[int, int, float]], seen: list[tuple[int, float]]
) -> tuple[Reason, ...]:
    """Return the strongest reasons in the order of the text."""
    places = words.places()
    spans = [
        (places.start(first), places.end(last), weight)
        for first, last, weight in found
        if weight >= _REASON_FROM or weight <= -_REASON_FROM
    ]
    spans += [(at, at + 1, weight) for at, weight in seen]
    if len(spans) > _REASONS:
        spans = sorted(spans, key=_strength)[:_REASONS]
    spans.sort()
    return tuple([reason(words.text, weight, start, end) for start, end, weight in spans])


def _strength(span: tuple[int, int, float]) -> float:
    return -abs(span[2])
