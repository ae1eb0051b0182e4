"""Second opinions: asked in lots of what has no flag, kept under their name, never taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from store_pages import NOW, RULES, flag, item, judge, page

from cases.case import State
from ingest.mention import FeedbackKind, Mention, Speaker
from scoring.engines import EngineError, UnreadableAnswer
from scoring.verdict import Label, Verdict
from store import cases, engine_days
from store.engine import Store
from store.engine_days import Calls
from store.intake import take_in
from store.rescoring import rescore
from store.second_opinions import LOT, Asked, Worth, ask, waiting
from store.sql import table_of
from store.tables import Cases, Matches, Mentions, MentionVersions, Sightings, Verdicts

LATER = NOW + timedelta(hours=1)


class Ear:
    """An engine that thinks ill of texts with one of its words; None beyond its budget."""

    name = "m_1@luamay.example"

    def __init__(self, *words: str, budget: int = 1000, spoilt_by: str = "") -> None:
        self.words, self.budget, self.spoilt_by = words or ("nắp", "lid"), budget, spoilt_by
        self.asked: list[str] = []
        self.fault: EngineError | None = None

    def chances(self, texts: Sequence[str]) -> list[float | None]:
        if self.fault is not None:
            raise self.fault
        if self.spoilt_by and any(self.spoilt_by in text for text in texts):
            raise UnreadableAnswer("gave 15 chances for 16 texts", subject=self.name)
        told = []
        for text in texts:
            self.budget -= 1
            if self.budget >= 0:
                self.asked.append(text)
            is_bad = any(word in text for word in self.words)
            told.append((0.9 if is_bad else 0.1) if self.budget >= 0 else None)
        return told


def taken_in(store: Store, *items: Any) -> None:
    take_in(store, [page(*items)], **RULES, now=NOW)  # type: ignore[arg-type]


def asked(store: Store, engine: Ear, worth: Worth = Worth.ALL) -> Asked:
    return ask(store, engine, worth, aspects=(), flag=flag, now=LATER)


def current(store: Store) -> dict[str, str]:
    wanted = select(Mentions.key, Verdicts.model).where(
        Verdicts.mention_id == Mentions.id, Verdicts.is_current
    )
    with store.read() as connection:
        return {row.key: row.model for row in connection.execute(wanted)}


def flagged(store: Store) -> set[str]:
    wanted = select(Mentions.key).join(Matches, Matches.mention_id == Mentions.id)
    with store.read() as connection:
        return set(connection.scalars(wanted.where(Matches.severity.is_not(None))))


def rows(store: Store, *tables: type[Any]) -> list[Any]:
    with store.read() as connection:
        return [
            sorted(map(tuple, connection.execute(select(*table_of(each).columns))), key=repr)
            for each in tables
        ]


@pytest.fixture
def four(store: Store) -> Store:
    """One review is flagged already; the lids of two others came off."""
    taken_in(
        store,
        item(1, "Nồi hỏng ngay hôm đầu"),
        item(2, "Cái nắp tuột ra hoài"),
        item(3, "The lid came off twice"),
        item(4, "Cơm dẻo, mẹ khen"),
    )
    return store


def test_a_flag_is_raised_like_any_other_and_facts_stay(four: Store) -> None:
    facts = rows(four, Mentions, MentionVersions, Sightings)
    engine = Ear()
    assert asked(four, engine) == Asked(mentions=3, opinions=3, raised=2, opened=2)
    assert flagged(four) == {"1", "2", "3"}
    assert {each.state for each in cases.listing(four, now=LATER)} == {State.NEEDS_ANSWER}
    assert len(cases.listing(four, now=LATER)) == 3
    assert rows(four, Mentions, MentionVersions, Sightings) == facts
    models = current(four)
    assert models["1"] == "test-1"
    assert all(models[key].endswith("+m_1@luamay.example") for key in "234")
    assert len(rows(four, Verdicts)[0]) == 4 + 3, "our own verdicts stay beside"


def test_what_was_asked_is_not_asked_again_and_an_edit_is(four: Store) -> None:
    engine = Ear()
    asked(four, engine)
    assert asked(four, engine) == Asked()
    assert len(engine.asked) == 3
    taken_in(four, item(4, "Cơm dẻo, nhưng nắp lỏng"))
    assert current(four)["4"] == "test-1", "an edit is judged by our own at once"
    assert asked(four, engine).raised == 1


def test_what_is_flagged_judged_by_people_or_of_no_use_is_not_asked(store: Store) -> None:
    long_ago = (NOW - timedelta(days=30)).isoformat()
    taken_in(
        store,
        item(1, "Nồi hỏng, nắp rơi"),
        item(2, "Cái nắp tuột ra"),
        item(3, "Cái nắp rơi luôn", posted=long_ago),
        item(4, "Shop gửi nắp mới rồi", speaker=Speaker.STAFF),
        item(5, "Lúa Mây ra nắp mới", feedback_kind=FeedbackKind.ARTICLE),
        item(6, "Cái nắp này ổn"),
    )
    with store.read() as connection:
        wanted = select(Mentions.id).where(Mentions.key == "2")
        number = connection.execute(wanted).scalar_one()
    cases.correct(store, number, "not-negative", who="lan", now=NOW)
    engine = Ear()
    asked(store, engine)
    assert engine.asked == ["Cái nắp này ổn"]


def test_no_flag_is_taken_back_that_was_raised_while_the_engine_thought(four: Store) -> None:
    class Slow(Ear):
        def chances(self, texts: Sequence[str]) -> list[float | None]:
            rescore(four, {}, judge=harsh, flag=flag, now=LATER)
            return super().chances(texts)

    def harsh(mention: Mention) -> Verdict:
        return judge(mention)._replace(model="test-2", label=Label.NEGATIVE, score=-0.9)

    engine = Slow("nothing")
    assert asked(four, engine).raised == 0
    assert flagged(four) == {"1", "2", "3", "4"}
    assert set(current(four).values()) == {"test-2"}


def test_only_what_is_in_doubt_is_asked_about_where_that_is_wanted(store: Store) -> None:
    def unsure(mention: Mention) -> Verdict:
        return judge(mention)._replace(score=0.2 if "nắp" in mention.text else 0.8)

    rules: Any = {**RULES, "judge": unsure}
    take_in(store, [page(item(1, "Cái nắp tuột"), item(2, "Cơm dẻo"))], **rules, now=NOW)
    assert waiting(store, Ear.name, Worth.ALL, now=LATER) == 2
    assert waiting(store, Ear.name, Worth.DOUBTFUL, now=LATER) == 1
    engine = Ear()
    asked(store, engine, Worth.DOUBTFUL)
    assert engine.asked == ["Cái nắp tuột"]


def test_lots_are_small_and_newest_first_and_a_spent_budget_loses_nothing(store: Store) -> None:
    taken_in(store, *(item(n) for n in range(1, 41)))
    engine = Ear(budget=LOT + 3)
    assert asked(store, engine).opinions == LOT
    assert asked(store, engine) == Asked(mentions=LOT, opinions=3)
    assert {int(each.split()[-1]) for each in engine.asked[:LOT]} == set(range(25, 41))
    assert waiting(store, engine.name, Worth.ALL, now=LATER) == 40 - LOT - 3
    engine.budget = 100
    assert asked(store, engine).opinions == LOT


def test_an_engine_that_is_away_changes_nothing(four: Store) -> None:
    engine = Ear()
    engine.fault = EngineError("answers 500", subject=engine.name)
    before = rows(four, Verdicts, Matches, Cases)
    with pytest.raises(EngineError):
        asked(four, engine)
    assert rows(four, Verdicts, Matches, Cases) == before
    assert waiting(four, engine.name, Worth.ALL, now=LATER) == 3


def test_a_text_that_spoils_the_answer_holds_up_no_other(four: Store) -> None:
    engine = Ear(spoilt_by="Cơm dẻo")
    assert asked(four, engine) == Asked(mentions=3, opinions=3, raised=2, opened=2)
    assert current(four)["4"] == "test-1"
    assert waiting(four, engine.name, Worth.ALL, now=LATER) == 0


def test_an_engine_that_answers_nothing_readable_is_at_fault_itself(four: Store) -> None:
    with pytest.raises(UnreadableAnswer):
        asked(four, Ear(spoilt_by=" "))
    assert waiting(four, Ear.name, Worth.ALL, now=LATER) == 3


def test_rescoring_leaves_second_opinions_in_force_unless_all_is_judged_again(four: Store) -> None:
    engine = Ear()
    asked(four, engine)
    again = {"judge": lambda each: judge(each)._replace(model="test-2"), "flag": flag}
    names = {"vi": "test-2", "en": "test-2"}
    rescore(four, names, now=LATER, engine=engine.name, **again)
    assert (current(four)["1"], flagged(four)) == ("test-2", {"1", "2", "3"})
    assert current(four)["2"].endswith(engine.name)
    rescore(four, {}, now=LATER, engine=engine.name, **again)
    assert set(current(four).values()) == {"test-2"}
    assert flagged(four) == {"1"}


def test_calls_are_counted_in_the_store_day_by_day(store: Store) -> None:
    clock = [NOW]
    calls = [Calls(store, 2, clock=lambda: clock[0]) for _ in range(2)]
    assert [each.spend() for each in (*calls, *calls)] == [True, True, False, False]
    day = engine_days.today(store, now=NOW)
    assert (day.calls, day.spent_at) == (2, NOW)
    clock[0] = NOW + timedelta(days=1)
    assert engine_days.today(store, now=clock[0]).calls == 0
    assert calls[0].spend()


def test_a_fault_is_news_once_is_tried_less_often_and_goes_over_midnight(store: Store) -> None:
    at, waits = NOW, []
    for n in range(9):
        assert engine_days.failed(store, "answers 500", waiting=3, now=at) is (n == 0)
        day = engine_days.today(store, now=at)
        assert (day.fault, day.failed_at, day.waiting) == ("answers 500", NOW, 3)
        assert day.retry_at is not None
        waits.append(day.retry_at - at)
        at = day.retry_at
    assert at.date() > NOW.date()
    assert waits[:3] == [timedelta(minutes=minutes) for minutes in (5, 10, 20)]
    assert waits[-1] == timedelta(hours=4)
    assert engine_days.heard(store, opinions=3, raised=1, now=at) is True
    assert engine_days.heard(store, opinions=3, raised=1, now=at) is False
    day = engine_days.today(store, now=at)
    assert (day.fault, day.retry_at, day.heard, day.raised, day.waiting) == ("", None, 6, 2, 0)
    assert engine_days.failed(store, "answers 500", waiting=3, now=at) is True
