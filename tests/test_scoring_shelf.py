"""The shelf: patterns laid out as steps find what they would find written out."""

from __future__ import annotations

import pytest

from scoring.memo import Memo
from scoring.phrases import parts_of, spellings
from scoring.shelf import NEVER, NOWHERE, Line, Shelf

PATTERN = "my/the/_ bag/suit+case/nồi+cơm lost/_ #/two+days"


def line(pattern: str, entry: str, **more: object) -> Line:
    return Line(parts_of(pattern), entry, str.split, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("phrase", list(spellings(PATTERN)))
def test_every_phrase_of_a_pattern_is_found_whole(phrase: str) -> None:
    words = phrase.replace("#", "7").split()
    found = Shelf([line(PATTERN, "loss")], []).find(["and", *words, "ago"])
    assert found == [[(1, 1 + len(words), "loss")], []]


def test_the_longest_phrase_of_each_book_is_found_and_none_overlaps() -> None:
    shelf = Shelf([line("very/_ late", "a"), line("late again", "b")], [line("again", "c")])
    assert shelf.find(["very", "late", "again"]) == [[(0, 2, "a")], [(2, 3, "c")]]
    assert shelf.find(["late", "again"]) == [[(0, 2, "b")], [(1, 2, "c")]]
    assert shelf.find(["very"]) == [[], []]


def test_of_equal_phrases_the_later_line_wins() -> None:
    first, second = line("lid", "a", rank=(0, 0)), line("lid/cap", "b", rank=(0, 1))
    assert Shelf([first, second]).find(["lid"]) == [[(0, 1, "b")]]
    assert Shelf([first._replace(rank=(1, 0)), second]).find(["lid"]) == [[(0, 1, "a")]]


@pytest.mark.parametrize(
    ("phrase", "least", "is_found"),
    [
        ("nắp", (2, 1), False),
        ("nắp hỏng", (2, 1), True),
        ("lid", (2, 1), True),
        ("nắp", (NEVER, 1), False),
    ],
)
def test_short_phrases_may_be_left_out(phrase: str, least: tuple[int, int], is_found: bool) -> None:
    ((*found,),) = Shelf([line(phrase, "x", least=least)]).find(phrase.split())
    assert bool(found) is is_found


def test_a_number_leads_where_any_number_does_unless_it_is_known_itself() -> None:
    shelf = Shelf([line("# sao", "stars"), line("5 sao", "best")])
    assert shelf.find(["3", "sao"]) == [[(0, 2, "stars")]]
    assert shelf.find(["5", "sao"]) == [[(0, 2, "best")]]
    assert shelf.root.lead("năm") is NOWHERE


def test_what_was_asked_for_of_late_outlives_a_full_memo() -> None:
    made: list[str] = []

    def make(word: str) -> str:
        made.append(word)
        return word.upper()

    memo = Memo(make, room=2)
    assert [memo[word] for word in ["a", "b", "c", "a", "c", "d", "a"]] == list("ABCACDA")
    assert made == ["a", "b", "c", "d"]
    assert memo["x" * 99] == "X" * 99
    assert "x" * 99 not in memo.known
