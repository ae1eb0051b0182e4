"""What complaints are about, in people's own words: phrases said far more than usual; pure.

How surprising a phrase is: how unlikely so many posts of now would say it, had nothing
changed since the weeks before. A post counts once, near copies are one voice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log10

from cases.copies import first_copies
from cases.usual import FEWEST, Usual, spread
from cases.wordings import Phrase, Wordings, spelling
from ingest.text import fold

FEWEST_VOICES = 3
MAX_GROUPS = 5
LEAST_SHARE = 0.125  # of the posts of the day, or of the week
_SURPRISING = 3.0  # by chance one phrase in 1,000
_ALONE_SURPRISING = 4.0  # one word says less than two, and chance has more of them to offer
_ALONE_VOICES = 4
_TIMES_USUAL = 2  # of a week; a day has to be above what is usual in a whole week
_PRIOR = 0.5
_LEAST_CHANCE = 1e-30
_SAME_POSTS = 0.5
_LONGER_NAME = 0.75
_JOINED_NAME = 0.25


@dataclass(frozen=True, slots=True)
class Post:
    """A negative post: title and text as one text, and who wrote it ("" for unknown)."""

    id: int
    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Posts that say the same thing, by a phrase in the posts' own most frequent spelling.

    `posts` are the ids of the last seven days, `today` those of the day itself,
    `usual_week` is the range of the weeks before.
    """

    phrase: str
    posts: tuple[int, ...]
    today: tuple[int, ...]
    usual_week: Usual

    @property
    def day(self) -> int:
        """How many posts of the day say it."""
        return len(self.today)

    @property
    def week(self) -> int:
        """How many posts of the last seven days say it."""
        return len(self.posts)


@dataclass(frozen=True, slots=True)
class _Said:
    """A phrase that is surprising; `leads` says that it may name a group by itself."""

    phrase: Phrase
    posts: frozenset[int]
    surprise: float
    leads: bool


def find_groups(
    week: Sequence[Post],
    before: Sequence[Sequence[str]],
    *,
    today: frozenset[int],
    wordings: Wordings,
) -> tuple[Group, ...]:
    """Return what the negative posts of a day, or of the week that it ends, say unusually often.

    `today` are the ids of those of `week` that are of the day; `before` the
    negative texts of each covered week before (fewer than four: nothing is
    usual, and no group is returned). What most posts of the day say comes first;
    no two groups share most of their posts.
    """
    if len(before) < FEWEST or len(week) < FEWEST_VOICES:
        return ()
    voice = _voices(week)
    said = _said(week, voice, wordings)
    weeks = [[wordings.said(text, said) for text in texts] for texts in before]
    rate = _rater(week, voice, today, weeks)
    standing = [rated for phrase, posts in said.items() if (rated := rate(phrase, posts))]
    texts = {post.id: post.text for post in week}
    groups = []
    for together in _apart(standing):
        name = _name(together, said)
        posts = frozenset[int]().union(*(each.posts for each in together))
        shown = spelling(name, [texts[id] for id in sorted(said[name])])
        phrases = {each.phrase for each in together}
        usual = _usual_week(phrases, weeks)
        groups.append(Group(shown, tuple(sorted(posts)), tuple(sorted(posts & today)), usual))
    groups.sort(key=lambda group: (-group.day, -group.week, group.phrase))
    return tuple(groups[:MAX_GROUPS])


def _voices(posts: Sequence[Post]) -> dict[int, object]:
    """Return who speaks in each post: one person, or one text in several places, is one voice."""
    firsts = first_copies([post.text for post in posts])
    return {
        post.id: posts[first].author.casefold() or posts[first].id
        for post, first in zip(posts, firsts, strict=True)
    }


def _said(
    posts: Sequence[Post], voice: Mapping[int, object], wordings: Wordings
) -> dict[Phrase, frozenset[int]]:
    """Return the phrases that at least three voices say, and the posts that say them."""
    voices: dict[Phrase, set[object]] = {}
    for post in posts:
        for phrase in wordings.candidates(post.text):
            voices.setdefault(phrase, set()).add(voice[post.id])
    known = {phrase for phrase, who in voices.items() if len(who) >= FEWEST_VOICES}
    found: dict[Phrase, set[int]] = {phrase: set() for phrase in known}
    for post in posts:  # again, for those who write without marks
        for phrase in wordings.said(post.text, known):
            found[phrase].add(post.id)
    return {phrase: frozenset(ids) for phrase, ids in found.items()}


def _rater(
    week: Sequence[Post],
    voice: Mapping[int, object],
    today: frozenset[int],
    weeks: Sequence[Sequence[set[Phrase]]],
) -> Callable[[Phrase, frozenset[int]], _Said | None]:
    """Return a function that gives a phrase its surprise, None when it is not surprising."""
    everyone = {voice[post.id] for post in week}
    everyone_today = {voice[id] for id in today}
    before = [found for each in weeks for found in each]

    def rate(phrase: Phrase, posts: frozenset[int]) -> _Said | None:
        usual = _usual_week({phrase}, weeks)
        count_before = sum(phrase in found for found in before)
        now, of_day = {voice[id] for id in posts}, {voice[id] for id in posts & today}
        surprise = 0.0
        for speak, of, usually in (
            (now, everyone, _TIMES_USUAL * usual.high),
            (of_day, everyone_today, usual.high),
        ):
            if len(speak) > usually and len(speak) >= max(FEWEST_VOICES, LEAST_SHARE * len(of)):
                surprise = max(surprise, _surprise(len(speak), len(of), count_before, len(before)))
        if surprise < _SURPRISING:
            return None
        leads = len(phrase) > 1 or (surprise >= _ALONE_SURPRISING and len(now) >= _ALONE_VOICES)
        return _Said(phrase, posts, surprise, leads=leads)

    return rate


def _usual_week(phrases: set[Phrase], weeks: Sequence[Sequence[set[Phrase]]]) -> Usual:
    """Return the range of how many posts of a week say any of `phrases`."""
    usual = spread(float(sum(not phrases.isdisjoint(said) for said in week)) for week in weeks)
    assert usual is not None, "find_groups asks for four weeks"
    return usual


def _surprise(count: int, of: int, count_before: int, of_before: int) -> float:
    """Return how unlikely so many are, as minus the decimal logarithm of the chance.

    The chance that `count` or more `of` posts say it when `count_before` of
    `of_before` did: beta-binomial with Jeffreys' prior, so few posts before say little.
    """
    with_it, without = count_before + _PRIOR, of_before - count_before + _PRIOR
    chance = sum(
        exp(
            _log_ways(of, each)
            + _log_beta(each + with_it, of - each + without)
            - _log_beta(with_it, without)
        )
        for each in range(count, of + 1)
    )
    return -log10(max(chance, _LEAST_CHANCE))


def _log_ways(of: int, count: int) -> float:
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)


def _log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)


def _apart(standing: Sequence[_Said]) -> list[list[_Said]]:
    """Return the phrases that share posts or words together, the most surprising first.

    A single word leads a group only where no longer phrase does.
    """
    groups: list[list[_Said]] = []
    for each in sorted(standing, key=lambda s: (len(s.phrase) == 1, -s.surprise, s.phrase)):
        for group in groups:
            if _overlap(each.posts, group[0].posts) > _SAME_POSTS:
                group.append(each)
                break
        else:
            groups += [[each]] if each.leads else []
    apart: list[list[_Said]] = []
    for group in groups:
        akin = next((first for first in apart if _joined(first) & _parts(group[0].phrase)), group)
        if akin is group:
            apart.append(group)
        else:
            akin += group
    return apart


def _joined(group: Sequence[_Said]) -> set[Phrase]:
    """Return what a group says about as often as its leading phrase and that is no part of it."""
    lead = group[0]
    least = _LONGER_NAME * len(lead.posts)
    often = {_folded(each.phrase) for each in group[1:] if len(each.posts) >= least}
    return often - _parts(lead.phrase)


def _name(group: Sequence[_Said], said: Mapping[Phrase, frozenset[int]]) -> Phrase:
    """Return the wording that most posts of a group use: the leading phrase, or a longer one.

    Longer when three in four say it so, or one in four when it joins the leading
    phrase with another of the group ("bản lề" and "nắp": "bản lề nắp").
    """
    lead, posts = group[0].phrase, group[0].posts
    others = _joined(group)
    longer = []
    for phrase in said:
        parts = _parts(phrase)
        if len(phrase) > len(lead) and _folded(lead) in parts:
            least = _JOINED_NAME if others & parts else _LONGER_NAME
            if len(said[phrase] & posts) >= least * len(posts):
                longer.append(phrase)
    return max(longer, key=lambda each: (len(said[each] & posts), each), default=lead)


def _parts(phrase: Phrase) -> set[Phrase]:
    ends = range(1, len(phrase) + 1)
    return {_folded(phrase[first:end]) for end in ends for first in range(end)}


def _folded(phrase: Phrase) -> Phrase:
    return tuple(fold(word) for word in phrase)


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / min(len(one), len(other))
