"""Seeding: one long text under several names in one source is marked, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from store_pages import NOW, RULES, flag, item, judge, page

from ingest.mention import FeedbackKind, Mention, RawItem, Speaker
from scoring.verdict import NOT_A_REVIEW, Verdict
from store import mentions
from store.engine import Store
from store.intake import take_in
from store.mentions import Filter
from store.rescoring import rescore
from store.tables import Mentions, Verdicts

PRAISE = (
    "Nồi cơm Lúa Mây nấu ngon tuyệt vời, cả nhà mình ai cũng mê, giá lại quá hợp lý, "
    "mọi người nên mua ngay kẻo hết nhé"
)
PRAISE_EN = (
    "The Lúa Mây cooker is simply amazing, my whole family loves it, the price is great too "
    "and everybody should buy one today"
)
SHORT = "Nồi tốt, giao nhanh, đóng gói kỹ, sẽ ủng hộ shop dài dài"
NAMES = ("hoa", "lan", "tú")


def take(store: Store, *items: RawItem, source: str = "tiki") -> None:
    url = f"https://{source}.example/{items[0].key}"
    take_in(store, [page(*items, source=source, url=url)], **RULES, now=NOW)  # type: ignore[arg-type]


def told(text: str, names: tuple[str, ...] = NAMES, **fields: object) -> list[RawItem]:
    return [item(n, text, author=name, **fields) for n, name in enumerate(names, start=1)]


def signs(store: Store) -> dict[str, str]:
    """Return the sign of spam of each mention's verdict in force, by source/key."""
    asked = (
        select(Mentions.source, Mentions.key, Verdicts.spam_sign)
        .join(Verdicts, Verdicts.mention_id == Mentions.id)
        .where(Verdicts.is_current)
    )
    with store.read() as connection:
        rows = connection.execute(asked).all()
    return {f"{row.source}/{row.key}": row.spam_sign for row in rows}


@pytest.mark.parametrize("text", [PRAISE, PRAISE_EN])
def test_one_long_text_under_three_names_is_marked(store: Store, text: str) -> None:
    take(store, *told(text))
    assert signs(store) == {"tiki/1": "copies", "tiki/2": "copies", "tiki/3": "copies"}
    assert mentions.count(store, Filter(is_spam=True)) == 3


def test_the_third_name_marks_the_two_that_came_before(store: Store) -> None:
    first, second, third = told(PRAISE)
    take(store, first)
    take(store, second)
    assert set(signs(store).values()) == {""}
    take(store, replace(third, text=PRAISE.replace("cả nhà", "Cả gia đình") + " !!"))
    assert set(signs(store).values()) == {"copies"}


@pytest.mark.parametrize(
    "items",
    [
        told(PRAISE, ("hoa", "lan")),
        told(PRAISE, ("hoa", "hoa", "hoa")),
        told(SHORT),
        told(PRAISE, speaker=Speaker.STAFF),
        told(PRAISE, feedback_kind=FeedbackKind.ARTICLE),
    ],
    ids=["two names", "one name", "short", "the shop's answers", "articles"],
)
def test_what_may_be_honest_is_not_marked(store: Store, items: list[RawItem]) -> None:
    take(store, *items)
    assert "copies" not in signs(store).values()


def test_copies_in_other_sources_are_one_voice(store: Store) -> None:
    for each, source in zip(told(PRAISE), ("tiki", "shopee", "widget"), strict=True):
        take(store, each, source=source)
    assert set(signs(store).values()) == {""}


def test_a_rescoring_keeps_the_sign(store: Store) -> None:
    def second(mention: Mention) -> Verdict:
        return judge(mention)._replace(model="test-2")

    take(store, *told(PRAISE))
    names = {"vi": "test-2", "en": "test-2"}
    rescore(store, names, judge=second, flag=flag, now=NOW + timedelta(hours=1))
    assert set(signs(store).values()) == {"copies"}


def test_a_stronger_sign_of_the_text_itself_stays(store: Store) -> None:
    def advert(mention: Mention) -> Verdict:
        return judge(mention)._replace(spam=0.9, spam_sign="advert")

    rules = {**RULES, "judge": advert}
    take_in(store, [page(*told(PRAISE))], **rules, now=NOW)  # type: ignore[arg-type]
    assert set(signs(store).values()) == {"advert"}
    assert NOT_A_REVIEW < 0.9
