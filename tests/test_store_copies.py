"""One text in several sources is one cluster: one case, counted once; many people stay many."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import func, select
from store_pages import BRAND, NOW, RULES, item, page

from ingest.mention import RawItem
from store import copies, mentions, watches
from store.engine import Store
from store.export import Format, export
from store.intake import Intake, take_in
from store.kinds import feedback_counts
from store.mentions import Filter
from store.tables import Cases, Clusters, Mentions, Sketches

BAD = "Nồi cơm Lúa Mây dùng được đúng hai tuần thì hỏng, gọi bảo hành không ai trả lời"
BAD_EN = "The Lúa Mây blender was broken when it came, and nobody answers the warranty line"
SAME_BUT_FOR_A_WORD = BAD.replace("hai tuần", "3 tuần") + "!!"
FEW_WORDS = "Supercalifragilisticexpialidocious Lúa Mây hỏng"
OTHER = "Máy xay Lúa Mây chạy êm, xay đá cũng được, giao hàng nhanh, sẽ mua thêm cho mẹ dùng"


def take(store: Store, source: str, *items: RawItem, **how: object) -> Intake:
    url = f"https://{source}.example/1"
    return take_in(store, [page(*items, source=source, url=url)], **{**RULES, "now": NOW, **how})  # type: ignore[arg-type]


def clusters(store: Store) -> dict[str, tuple[int | None, bool]]:
    """Return (cluster, is a copy) by source/key."""
    asked = select(Mentions.source, Mentions.key, Mentions.cluster_id, Mentions.is_copy)
    with store.read() as connection:
        rows = connection.execute(asked).all()
    return {f"{row.source}/{row.key}": (row.cluster_id, row.is_copy) for row in rows}


def size(store: Store, table: type) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (BAD, BAD),
        (BAD, SAME_BUT_FOR_A_WORD),
        (BAD_EN, BAD_EN.upper()),
        (BAD, f"  {BAD} \n"),
        (FEW_WORDS, FEW_WORDS.upper().replace("Ỏ", "O")),
    ],
    ids=["same", "near", "case", "space", "few words"],
)  # fmt: skip
def test_a_copy_in_another_source_joins_the_cluster(store: Store, first: str, second: str) -> None:
    take(store, "shopee", item(1, first))
    take(store, "widget", item(9, second))
    found = clusters(store)
    assert found["shopee/1"][0] is not None
    assert found["shopee/1"][0] == found["widget/9"][0]
    assert [found["shopee/1"][1], found["widget/9"][1]] == [False, True]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Hàng đẹp, giao nhanh, sẽ ủng hộ shop", "Hàng đẹp, giao nhanh, sẽ ủng hộ shop"),
        ("Great product, fast delivery!", "Great product, fast delivery!"),
        (BAD, OTHER),
        (FEW_WORDS, FEW_WORDS.replace("hỏng", "tệ")),
    ],
    ids=["short vi", "short en", "other", "few words"],
)  # fmt: skip
def test_many_people_who_say_the_like_stay_many(store: Store, first: str, second: str) -> None:
    take(store, "shopee", item(1, first))
    take(store, "widget", item(9, second))
    assert set(clusters(store).values()) == {(None, False)}


def test_two_posts_in_one_source_are_two_and_only_one_has_the_copy(store: Store) -> None:
    take(store, "shopee", item(1, BAD), item(2, BAD))
    assert set(clusters(store).values()) == {(None, False)}
    take(store, "widget", item(9, BAD))
    take(store, "widget", item(8, BAD))
    found = clusters(store)
    together = [key for key, (cluster_id, _) in found.items() if cluster_id == 1]
    assert sorted(together) == ["shopee/1", "widget/9"]
    others = {found["shopee/2"], found["widget/8"]}
    assert others in ({(None, False)}, {(2, False), (2, True)})


def test_copies_have_one_case_between_them(store: Store) -> None:
    for source in ("shopee", "widget", "bao-moi"):
        intake = take(store, source, item(1, BAD))
        assert (intake.new, intake.flagged) == (1, 1)
    assert size(store, Cases) == 1
    take(store, "lazada", item(1, OTHER + " nhưng hỏng"))
    assert size(store, Cases) == 2


def test_copies_in_one_take_in_have_one_case_too(store: Store) -> None:
    pages = [
        page(item(1, BAD), source=source, url=f"https://{source}.example/") for source in "abc"
    ]
    take_in(store, pages, **RULES, now=NOW)  # type: ignore[arg-type]
    assert size(store, Cases) == 1
    assert {cluster_id for cluster_id, _ in clusters(store).values()} == {1}


def test_copies_are_counted_once_and_exported_all(store: Store) -> None:
    take(store, "shopee", item(1, BAD), item(2, OTHER))
    take(store, "widget", item(9, BAD))
    assert mentions.count(store, Filter(brand=BRAND)) == 2
    assert len(list(mentions.stream(store, Filter(brand=BRAND)))) == 2
    assert mentions.count(store, Filter(source="widget")) == 1
    assert sum(feedback_counts(store, BRAND).values()) == 2
    out = io.BytesIO()
    assert export(store, Filter(with_copies=True), out, form=Format.JSONL) == 3
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert sorted(str(row["cluster"]) for row in rows) == ["1", "1", "None"]


def test_an_edit_takes_a_copy_out_of_its_cluster_and_into_another(store: Store) -> None:
    watch_id = watches.add(store, "widget", "w", now=NOW, brand=BRAND, is_own=True)
    take(store, "shopee", item(1, BAD), item(2, OTHER))
    take(store, "widget", item(9, BAD), watch_id=watch_id)
    take(store, "widget", item(9, OTHER), watch_id=watch_id)
    found = clusters(store)
    assert found["shopee/2"][0] == found["widget/9"][0] is not None
    assert found["shopee/1"][1] is False
    assert size(store, Sketches) == 3 * 8


def test_the_first_of_a_cluster_gives_way_when_it_is_edited(store: Store) -> None:
    watch_id = watches.add(store, "shopee", "s", now=NOW, brand=BRAND, is_own=True)
    take(store, "shopee", item(1, BAD), watch_id=watch_id)
    take(store, "widget", item(9, BAD))
    take(store, "shopee", item(1, OTHER), watch_id=watch_id)
    assert [is_copy for _, is_copy in clusters(store).values()] == [False, False]
    assert mentions.count(store, Filter(brand=BRAND)) == 2


def test_the_same_pages_again_make_no_new_cluster(store: Store) -> None:
    for _ in range(3):
        take(store, "shopee", item(1, BAD))
        take(store, "widget", item(9, BAD))
    assert (size(store, Clusters), size(store, Sketches)) == (1, 16)


def test_what_is_forgotten_leaves_no_sketch(store: Store) -> None:
    take(store, "shopee", item(1, BAD), item(2, OTHER))
    take(store, "widget", item(9, BAD))
    with store.write() as connection:
        copies.forget(connection, list(connection.scalars(select(Mentions.id))))
    assert size(store, Sketches) == 0
    assert set(clusters(store).values()) == {(None, False)}
