"""Rescoring: history judged anew, facts untouched, people's word kept, and kill -9 survived."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from store_pages import BRAND, NOW, RULES, flag, item, judge, page

from cases.case import State
from ingest.mention import Mention, Speaker
from ingest.page import Fetched, Page
from scoring.judge import Judge
from scoring.verdict import Aspect, Label, Polarity, Verdict
from store import cases, mentions, rescoring
from store.engine import Store, open_store
from store.intake import take_in
from store.rescoring import Rescored, rescore, waiting
from store.sql import table_of
from store.tables import (
    Answers,
    Cases,
    Deliveries,
    Matches,
    Mentions,
    MentionVersions,
    Sightings,
    Verdicts,
)

FACTS = (Mentions, MentionVersions, Sightings, Answers)
NAMES = {"vi": "test-2", "en": "test-2"}
LATER = NOW + timedelta(hours=1)
CHILD = "import sys; import test_store_rescoring as t; t.walk(sys.argv[1])"
MANY = 1200


def second_judge(mention: Mention) -> Verdict:
    """Think the same of everything, but for lids (bad) and the word "tệ" (not bad)."""
    told = judge(mention)._replace(model="test-2")
    if "nắp" in mention.text:
        return told._replace(score=-0.7, p_negative=0.8, label=Label.NEGATIVE)
    if "tệ" in mention.text:
        return told._replace(score=0.4, p_negative=0.2, label=Label.POSITIVE, reasons=())
    return told


def again(store: Store, **options: Any) -> Rescored:
    return rescore(store, NAMES, judge=second_judge, flag=flag, now=LATER, **options)


def taken_in(store: Store, *pages: tuple[Fetched, Page]) -> None:
    take_in(store, pages, **RULES, now=NOW)  # type: ignore[arg-type]


def rows(store: Store, *tables: type[Any]) -> list[list[tuple[Any, ...]]]:
    with store.read() as connection:
        return [
            sorted(map(tuple, connection.execute(select(*table_of(each).columns))), key=repr)
            for each in tables
        ]


def ids(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {row.key: row.id for row in connection.execute(select(Mentions.key, Mentions.id))}


def flagged(store: Store) -> set[str]:
    asked = select(Mentions.key).join(Matches, Matches.mention_id == Mentions.id)
    with store.read() as connection:
        return set(connection.scalars(asked.where(Matches.severity.is_not(None))))


def states(store: Store) -> dict[str, State]:
    with store.read() as connection:
        asked = select(Mentions.key, Cases.state).join(Cases, Cases.mention_id == Mentions.id)
        return {row.key: State(row.state) for row in connection.execute(asked)}


def verdicts(store: Store, number: int) -> dict[str, bool]:
    asked = select(Verdicts.model, Verdicts.is_current).where(Verdicts.mention_id == number)
    with store.read() as connection:
        return {row.model: row.is_current for row in connection.execute(asked)}


@pytest.fixture
def old_and_new(store: Store) -> Store:
    """Five reviews within the week, and one of last year whose lid came off."""
    long_ago = (NOW - timedelta(days=300)).isoformat()
    taken_in(
        store,
        page(
            item(1, "Nồi hỏng ngay hôm đầu"),
            item(2, "Cái nắp tuột ra hoài"),
            item(3, "Không tệ chút nào"),
            item(4, "Shop phản hồi tệ"),
            item(5, "Cơm dẻo, mẹ khen"),
            item(6, "Cái nắp rơi luôn", posted=long_ago),
            item(7, "Shop cảm ơn, nắp mới gửi rồi", speaker=Speaker.STAFF),
        ),
    )
    return store


def test_new_verdicts_stand_beside_the_old_ones_and_facts_stay(old_and_new: Store) -> None:
    store = old_and_new
    facts = rows(store, *FACTS)
    found = again(store)
    assert (found.read, found.judged) == (6, 6)
    assert verdicts(store, ids(store)["2"]) == {"test-1": False, "test-2": True}
    assert verdicts(store, ids(store)["7"]) == {}
    assert rows(store, *FACTS) == facts
    assert rows(store, Deliveries) == [[]]
    assert waiting(store, NAMES) == 0
    assert again(store) == Rescored()


def test_flags_are_decided_anew_and_old_posts_open_no_case(old_and_new: Store) -> None:
    store = old_and_new
    assert (flagged(store), set(states(store))) == ({"1", "3", "4"}, {"1", "3", "4"})
    found = again(store)
    assert flagged(store) == {"1", "2", "6"}
    assert states(store) == {
        "1": State.NEEDS_ANSWER, "2": State.NEEDS_ANSWER,
        "3": State.RESOLVED, "4": State.RESOLVED,
    }  # fmt: skip
    assert (found.flagged, found.unflagged, found.opened, found.closed) == (2, 2, 1, 2)
    assert [each.text for each in found.worse] == ["Cái nắp rơi luôn", "Cái nắp tuột ra hoài"]
    assert [each.text for each in found.better] == ["Shop phản hồi tệ", "Không tệ chút nào"]


def test_a_flag_that_stays_keeps_its_time(old_and_new: Store) -> None:
    again(old_and_new)
    with old_and_new.read() as connection:
        asked = select(Mentions.key, Matches.flagged_at).join(
            Mentions, Mentions.id == Matches.mention_id
        )
        times = {row.key: row.flagged_at for row in connection.execute(asked)}
    assert (times["1"], times["2"], times["3"]) == (NOW, LATER, None)


def test_what_people_said_or_did_stands(old_and_new: Store) -> None:
    store = old_and_new
    numbers, opened = (
        ids(store),
        {each.mention_id: each.id for each in cases.listing(store, now=NOW)},
    )
    cases.correct(store, numbers["1"], "not-negative", who="lan", now=NOW)
    cases.correct(store, numbers["3"], "useful", who="lan", now=NOW)
    cases.answer(store, opened[numbers["4"]], who="minh", now=NOW)
    before = rows(store, Cases)
    found = again(store)
    assert flagged(store) == {"1", "2", "3", "4", "6"}
    assert (found.unflagged, found.closed) == (0, 0)
    assert [row for row in rows(store, Cases)[0] if row in before[0]] == before[0]


def test_a_dry_run_tells_the_same_and_changes_nothing(old_and_new: Store) -> None:
    everything = (*FACTS, Verdicts, Matches, Cases)
    before = rows(old_and_new, *everything)
    planned = again(old_and_new, is_dry=True)
    assert rows(old_and_new, *everything) == before
    assert planned == again(old_and_new)


def test_only_what_is_listed_since_then_is_judged(old_and_new: Store) -> None:
    found = again(old_and_new, since=NOW - timedelta(days=30))
    assert found.read == 5
    assert flagged(old_and_new) == {"1", "2"}


def test_the_way_back_brings_verdicts_flags_and_cases_back(old_and_new: Store) -> None:
    store = old_and_new
    before = flagged(store)
    again(store)
    rescore(store, {"vi": "test-1"}, judge=judge, flag=flag, now=LATER)
    assert flagged(store) == before
    assert verdicts(store, ids(store)["4"]) == {"test-1": True, "test-2": False}
    assert {key for key, state in states(store).items() if state is State.NEEDS_ANSWER} == before


def test_without_names_all_are_judged_again_once_by_the_same_model(store: Store) -> None:
    taken_in(store, page(item(1, "Nồi tốt"), item(2, "It broke")))

    def hearing_more(mention: Mention) -> Verdict:
        steam = Aspect("steam", Polarity.NEUTRAL, "Nồi", 0, 3)
        return judge(mention)._replace(aspects=(steam,) if "Nồi" in mention.text else ())

    def told(names: dict[str, str]) -> tuple[int, int]:
        found = rescore(store, names, judge=hearing_more, flag=flag, now=LATER)
        return found.read, found.judged

    assert (told({"vi": "test-1"}), waiting(store, {})) == ((0, 0), 2)
    assert (told({}), told({})) == ((2, 1), (2, 0))
    (row,) = (each for each in mentions.find(store, mentions.Filter()) if each.aspects)
    assert row.key == "1"


def test_what_was_edited_meanwhile_is_left_to_its_intake(old_and_new: Store) -> None:
    store = old_and_new

    def edited_while_judging(mention: Mention) -> Verdict:
        if mention.key == "2":
            take_in(store, [page(item(2, "Nay dùng tốt"))], **RULES, now=LATER)  # type: ignore[arg-type]
        return second_judge(mention)

    rescore(store, NAMES, judge=edited_while_judging, flag=flag, now=LATER)
    assert verdicts(store, ids(store)["2"]) == {"test-1": True}
    assert flagged(store) == {"1", "6"}
    assert again(store).judged == 1


def test_copies_of_one_post_have_one_case(store: Store) -> None:
    said = "Cái nắp nồi cơm này tuột ra ngay hôm đầu, gọi mãi mà chẳng thấy ai trả lời mình cả"
    taken_in(store, page(item(1, said)), page(item(2, said), source="lazada"))
    again(store)
    assert flagged(store) == {"1", "2"}
    with store.read() as connection:
        first = connection.scalar(select(Mentions.key).where(~Mentions.is_copy))
    assert set(states(store)) == {first}


@pytest.mark.parametrize(
    ("text", "language"), [("Nồi hỏng rồi", "vi"), ("The pot is broken", "en"), ("👍👍", "other")]
)
def test_names_are_those_that_a_judge_signs_with(text: str, language: str) -> None:
    verdict = Judge().text(text)
    assert rescoring.model_names({})[verdict.language] == verdict.model
    assert verdict.language == language


def walk(url: str) -> None:
    """Rescore all, in small chunks, and say each chunk."""
    rescoring.CHUNK = 100
    store = open_store(url)
    again(store, told=lambda count: print(count, flush=True))  # noqa: T201 - the parent reads it
    print("end", flush=True)  # noqa: T201
    store.close()


def run_and_kill(url: str, *, after: int) -> Sequence[str]:
    """Let a child rescore, kill it once it said `after` chunks; return all it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
        env={"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[1]}"},
    )
    assert child.stdout is not None
    said = []
    for line in child.stdout:
        said.append(line.strip())
        if len(said) == after:
            child.send_signal(signal.SIGKILL)
            break
    said += [line.strip() for line in child.stdout]
    child.wait()
    child.stdout.close()
    return said


def test_a_kill_in_the_middle_loses_nothing_and_the_next_run_goes_on(
    store: Store, store_url: str
) -> None:
    items = [item(n, f"{'Cái nắp tuột' if n % 3 else 'Dùng tốt'} {n}") for n in range(1, MANY + 1)]
    for start in range(0, MANY, 500):
        taken_in(store, page(*items[start : start + 500]))
    facts = rows(store, *FACTS)
    said = run_and_kill(store_url, after=3)
    assert "end" not in said, "the child was to die on the way"
    left = waiting(store, NAMES)
    assert 0 < left <= MANY - 300
    with store.read() as connection:
        current = select(Verdicts.model, func.count()).where(Verdicts.is_current)
        counts = dict(map(tuple, connection.execute(current.group_by(Verdicts.model))))
    assert counts == {"test-1": left, "test-2": MANY - left}
    assert again(store).read == left
    assert waiting(store, NAMES) == 0
    assert rows(store, *FACTS) == facts
    assert len(flagged(store)) == sum("nắp" in (each.text or "") for each in items)
    assert {row.brand for row in cases.listing(store, now=LATER)} == {BRAND}
    assert len(states(store)) == len(flagged(store))
