"""The phrases of a text that could name a theme: neither grammar, nor feeling, nor the brand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from cases.phrases import Word, split

Phrase = tuple[str, ...]

LONGEST = 4  # words
_FEWEST_LETTERS = 3  # of a word that stands alone
_READ = 2_000  # characters of a post; what it is about stands early


class _Role(StrEnum):
    PLAIN = "plain"
    TURN = "turn"
    FEELING = "feeling"
    LOOSE = "loose"
    CONTENT = "content"


class Wordings:
    """Reads texts of one brand; `names` are those of the brand and of its products.

    A phrase is a tuple of folded words; a Vietnamese word that stands alone keeps its marks.
    """

    def __init__(self, *, brand: Iterable[str] = (), products: Iterable[str] = ()) -> None:
        brands = [[word.letters for word in split(name)] for name in brand]
        self._brand = [each for each in brands if each]
        self._brand += [["".join(each)] for each in self._brand if len(each) > 1]
        self._products = {word.letters for name in products for word in split(name)}

    def candidates(self, text: str) -> set[Phrase]:
        """Return the phrases of `text` that could name a theme."""
        text = text[:_READ]
        words = split(text)
        roles = self._roles(text, words)
        found: set[Phrase] = set()
        for first, last in _runs(words):
            inside = roles[first : last + 1]
            starts_well = inside[0] in (_Role.CONTENT, _Role.LOOSE, _Role.TURN, _Role.FEELING)
            ends_well = inside[-1] in (_Role.CONTENT, _Role.LOOSE, _Role.FEELING)
            if starts_well and ends_well and _Role.CONTENT in inside and None not in inside:
                found.add(_phrase(text, words[first : last + 1]))
        return {each for each in found if len(each) > 1 or len(each[0]) >= _FEWEST_LETTERS}

    def said(self, text: str, phrases: Collection[Phrase]) -> set[Phrase]:
        """Return those of `phrases` that `text` says, with or without marks."""
        text = text[:_READ]
        words = split(text)
        letters = [word.letters for word in words]
        starts = _starts(frozenset(phrases))
        found = {each for each in {_phrase(text, (word,)) for word in words} if each in phrases}
        for first, word in enumerate(words):
            if word.letters not in starts:
                continue
            for size in range(2, min(LONGEST, len(words) - first) + 1):
                phrase = tuple(letters[first : first + size])
                if phrase in phrases and words[first + size - 1].clause == word.clause:
                    found.add(phrase)
        return found

    def _roles(self, text: str, words: Sequence[Word]) -> list[_Role | None]:
        """Return the role of each word; None for the brand's name, which no phrase goes across."""
        is_bare = not any(word.marks for word in words)
        known = _common_folded() if is_bare else _common()
        roles: list[_Role | None] = []
        for word in words:
            role = known.get(text[word.start : word.end].casefold())
            if role is None and word.letters[:1].isdigit():
                role = _Role.PLAIN
            if role is None and word.letters in self._products:
                role = _Role.LOOSE
            roles.append(role or _Role.CONTENT)
        for first, last in self._brands_in(words):
            roles[first : last + 1] = [None] * (last + 1 - first)
        return roles

    def _brands_in(self, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
        letters = [word.letters for word in words]
        for name in self._brand:
            for first in range(len(letters) - len(name) + 1):
                if letters[first : first + len(name)] == name:
                    yield first, first + len(name) - 1


def spelling(phrase: Phrase, texts: Iterable[str]) -> str:
    """Return `phrase` as most of `texts` spell it: with marks where anybody writes them."""
    spellings: Counter[str] = Counter()
    shouted: Counter[str] = Counter()
    for text in texts:
        words = split(text[:_READ])
        for first in range(len(words) - len(phrase) + 1):
            here = words[first : first + len(phrase)]
            if len(phrase) == 1 and _phrase(text, here) != phrase:
                continue
            if len(phrase) > 1 and tuple(word.letters for word in here) != phrase:
                continue
            own = [text[word.start : word.end] for word in here]
            spellings[" ".join(own).casefold()] += 1
            shouted.update(each.casefold() for each in own if len(each) > 1 and each.isupper())
    marked = Counter({each: n for each, n in spellings.items() if not each.isascii()})
    best = max(marked or spellings, key=lambda each: ((marked or spellings)[each], each))
    total = sum(spellings.values())
    return " ".join(w.upper() if shouted[w] > total / 2 else w for w in best.split(" "))


def _runs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST, len(words))):
            if words[last].clause != words[first].clause:
                break
            yield first, last


def _phrase(text: str, words: Sequence[Word]) -> Phrase:
    if len(words) == 1:
        return (text[words[0].start : words[0].end].casefold(),)
    return tuple(word.letters for word in words)


@cache
def _starts(phrases: frozenset[Phrase]) -> frozenset[str]:
    return frozenset(phrase[0] for phrase in phrases if len(phrase) > 1)


@cache
def _common() -> dict[str, _Role]:
    known: dict[str, _Role] = {}
    path = Path(__file__).with_name("common.tsv")
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            role, _, words = line.partition("\t")
            known |= dict.fromkeys(words.split(), _Role(role))
    return known


@cache
def _common_folded() -> dict[str, _Role]:
    folded = {split(word)[0].letters: role for word, role in _common().items()}
    return folded | _common()
