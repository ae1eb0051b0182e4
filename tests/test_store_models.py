"""Models in the store: kept once, promoted, rolled back, and what the store has to teach."""

from __future__ import annotations

from datetime import timedelta

import pytest
from star_reviews import star_reviews
from store_pages import NOW, RULES, item, page

from ingest.errors import ConfigError
from scoring.contest import newest
from scoring.learned import load
from store import cases, learning, models
from store.engine import Store
from store.intake import take_in
from store.learning import Outcome

FIGURES = {"why": "thử", "learned_from": {"negative": 1, "other": 2}}


def kept(store: Store, name: str, *, language: str = "vi", day: int = 0) -> int:
    return models.keep(
        store, name, language, body=name.encode(), figures=FIGURES, now=NOW + timedelta(days=day)
    )


def in_force(store: Store) -> dict[str, str]:
    return {language: kept.name for language, (kept, _) in models.champions(store).items()}


def test_a_model_is_kept_once_and_found_again(store: Store) -> None:
    model_id = kept(store, "vi-stars-1")
    assert kept(store, "vi-stars-1", day=3) == model_id
    found, body = models.find(store, model_id)
    assert (found.name, found.language, found.made_at, body) == (
        "vi-stars-1",
        "vi",
        NOW,
        b"vi-stars-1",
    )
    assert found.figures == FIGURES
    assert found.size == len(body)
    assert not found.is_champion
    assert [each.id for each in models.listing(store)] == [model_id]


def test_a_promoted_model_takes_the_place_of_its_languages_champion(store: Store) -> None:
    first, second, english = (
        kept(store, "vi-1"), kept(store, "vi-2"), kept(store, "en-1", language="en")
    )  # fmt: skip
    for day, model_id in enumerate((first, english, second)):
        assert models.promote(store, model_id, now=NOW + timedelta(days=day)).is_champion
    assert in_force(store) == {"vi": "vi-2", "en": "en-1"}
    retired, _ = models.find(store, first)
    assert retired.retired_at == NOW + timedelta(days=2)


def test_a_model_of_an_earlier_version_names_the_way_back(store: Store) -> None:
    models.promote(store, kept(store, "vi-1"), now=NOW)
    with pytest.raises(ConfigError, match=r"earful models rollback --lang vi.*earful train"):
        learning.in_force(store)
    models.rollback(store, "vi", now=NOW + timedelta(days=1))
    assert learning.in_force(store) == {}


def test_rollback_goes_back_model_by_model_to_the_word_lists(store: Store) -> None:
    for day, name in enumerate(("vi-1", "vi-2", "vi-3")):
        models.promote(store, kept(store, name), now=NOW + timedelta(days=day))
    later = NOW + timedelta(days=9)
    steps = [models.rollback(store, "vi", now=later + timedelta(days=n)) for n in range(3)]
    assert [each.name if each else None for each in steps] == ["vi-2", "vi-1", None]
    assert in_force(store) == {}
    with pytest.raises(ConfigError, match="no learned model is in force"):
        models.rollback(store, "vi", now=later)


@pytest.mark.parametrize("asked", ["find", "promote"])
def test_an_unknown_model_is_named(store: Store, asked: str) -> None:
    with pytest.raises(ConfigError, match="7: there is no such model"):
        models.find(store, 7) if asked == "find" else models.promote(store, 7, now=NOW)


def test_the_store_teaches_by_stars_and_by_what_people_said(store: Store) -> None:
    rows = (
        item(1, "Nồi hỏng ngay hôm đầu", stars="1"),
        item(2, "Cơm dẻo, mẹ khen", stars="5"),
        item(3, "Broken lid, awful"),
        item(4, "Tệ gì đâu, xịn lắm", stars="5"),
        item(5, "Không sao chấm"),
    )
    take_in(store, [page(*rows)], **RULES, now=NOW)
    ids = {each.text: each.mention_id for each in models.newest_texts(store, "vi", limit=9)}
    assert len(ids) == 5
    said = {"Broken lid, awful": "useful", "Tệ gì đâu, xịn lắm": "not-negative"}
    for text, opinion in said.items():
        cases.correct(store, ids[text], opinion, who="lan", now=NOW)
    taught = [(each.text, each.stars, each.is_negative) for each in models.rated(store)]
    assert taught == [
        ("Nồi hỏng ngay hôm đầu", 1, None),
        ("Cơm dẻo, mẹ khen", 5, None),
        ("Broken lid, awful", None, True),
        ("Tệ gì đâu, xịn lắm", 5, False),
    ]
    assert {each.is_right: each.score for each in models.judged_flags(store)} == {
        True: -0.86, False: -0.86,
    }  # fmt: skip
    assert [each.text for each in learning.reviews(store, "vi")] == [text for text, *_ in taught]
    assert learning.reviews(store, "en") == []


def test_what_was_written_last_is_judged_on_whenever_it_came_in(store: Store) -> None:
    """The newest are so by the time of posting, not by the order of arrival."""
    for numbers in (range(60, 100), range(60)):
        rows = [item(n, f"Nồi dùng được {n} hôm", stars=str(1 + n % 2 * 4)) for n in numbers]
        take_in(store, [page(*rows)], **RULES, now=NOW)
    older, newer = newest(learning.reviews(store, "vi"))
    assert (len(older), len(newer)) == (60, 40), "a fifth would hold ten of each kind only"
    assert [each.text for each in newer] == [f"Nồi dùng được {n} hôm" for n in range(60, 100)]
    assert {each.source for each in newer} == {"tiki"}


# Learning itself knows nothing of databases: it needs one only.
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_learned_model_is_promoted_then_meets_itself(store: Store) -> None:
    parts = newest(star_reviews("vi", bad=150, good=150))
    first = learning.learn(store, "vi", parts=parts, wanted=None, now=NOW)
    assert first.contest
    assert first.outcome is Outcome.PROMOTED
    assert learning.in_force(store) == {"vi": first.contest.model}
    later = NOW + timedelta(days=1)
    again = learning.learn(store, "vi", parts=parts, wanted=None, now=later)
    assert (again.model_id, again.outcome) == (first.model_id, Outcome.IN_FORCE)
    assert str(again) == f"vi: model {first.model_id} already in force: the same was learned again"
    found, body = models.find(store, first.model_id or 0)
    assert found.promoted_at == NOW
    assert load(body)["vi"] == first.contest.model
    assert found.figures["learned_from"] == {"negative": 121, "other": 119}
    models.rollback(store, "vi", now=later)
    third = learning.learn(store, "vi", parts=parts, wanted=None, now=later)
    assert third.outcome is Outcome.TAKEN_BACK
    assert learning.in_force(store) == {}, "what people rolled back does not come back by itself"


def test_old_losers_are_let_go_and_what_was_in_force_stays(store: Store) -> None:
    first, *losers = [kept(store, f"vi-{n}", day=n) for n in range(5)]
    english = kept(store, "en-1", language="en")
    models.promote(store, first, now=NOW)
    models.forget(store, "vi", but=2)
    assert [each.id for each in models.listing(store)] == [english, *losers[:1:-1], first]


def test_too_few_reviews_keep_no_model(store: Store) -> None:
    parts = newest(star_reviews("vi", bad=10, good=90))
    found = learning.learn(store, "vi", parts=parts, wanted=None, now=NOW)
    assert found.outcome is Outcome.REFUSED
    assert "more with 1-3 stars" in str(found)
    assert found.contest is None
    assert models.listing(store) == []
