"""A brand's own aspects: with several brands a mention shows those of the brands it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from store_pages import NOW, RULES, item, page

from ingest.brand import USUAL_ASPECTS, Brand, aspects_of, foreign_aspects
from ingest.mention import Mention
from scoring.aspects import aspect_words
from scoring.judge import Judge
from store import brands, watches
from store.batch import Hit
from store.engine import Store
from store.intake import take_in
from store.mentions import Filter, find
from store.rescoring import rescore

POTS = Brand(name="Lúa Mây", aspects=(("steam", "hơi nước", "steam"), ("price", "giá niêm yết")))
FANS = Brand(name="Gió Mây", aspects=(("noise", "tiếng ồn", "noise"), ("steam", "phun sương")))
TEXTS = {
    "pot": "Nồi Lúa Mây xì hơi nước, tiếng ồn to, giá cao",
    "fan": "Quạt Gió Mây tiếng ồn to, giá cao",
    "both": "Gió Mây và Lúa Mây: noise from the fan, steam from the pot",
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(aspects=aspects_of((POTS, FANS)))


@pytest.fixture
def two(store: Store) -> Store:
    for brand in (POTS, FANS):
        brands.save(store, brand)
    return store


def match(mention: Mention) -> tuple[Hit, ...]:
    return tuple(Hit(each.name) for each in (POTS, FANS) if each.name in mention.text)


def told(store: Store) -> Mapping[str, set[str]]:
    return {row.key: {each["name"] for each in row.aspects} for row in find(store, Filter())}


def test_a_mention_shows_the_aspects_of_its_own_brands(two: Store, judge: Judge) -> None:
    rules: Any = {**RULES, "match": match, "judge": judge}
    take_in(two, [page(*(item(key, text) for key, text in TEXTS.items()))], **rules, now=NOW)
    wanted = {"pot": {"steam", "price"}, "fan": {"noise", "price"}, "both": {"steam", "noise"}}
    assert told(two) == wanted
    rescore(two, {}, judge=judge, flag=lambda *_: None, now=NOW)
    assert told(two) == wanted


def test_a_mention_that_another_brand_meets_later_gains_its_aspects(
    two: Store, judge: Judge
) -> None:
    for number, (brand, seen) in enumerate(
        [(POTS, {"steam"}), (FANS, {"steam", "noise"}), (FANS, {"steam", "noise"})]
    ):
        rules: Any = {**RULES, "match": lambda _, to=brand: (Hit(to.name),), "judge": judge}
        watch = watches.add(two, "tiki", str(number), now=NOW, brand=brand.name, is_own=True)
        said = page(item("both", TEXTS["both"]))
        take_in(two, [said], **rules, now=NOW, watch_id=watch)
        assert told(two)["both"] == seen
    assert len(find(two, Filter())[0].aspects) == 2


def test_what_a_brand_shares_with_all_or_with_another_is_not_foreign() -> None:
    assert foreign_aspects((POTS, FANS), {POTS.name}) == {"noise"}
    assert foreign_aspects((POTS, FANS), {FANS.name}) == set()
    assert foreign_aspects((POTS, FANS), {POTS.name, FANS.name}) == set()


def test_the_usual_aspects_are_those_of_the_word_lists() -> None:
    assert {name for _, name in aspect_words()} == USUAL_ASPECTS
