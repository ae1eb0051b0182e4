"""Erasing a person: nothing of it stays, and nothing brings it back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, text
from store_pages import NOW, RULES, item, page

from ingest.visit import Outcome, VisitFacts
from store import copies, erasure, ledger, mentions, watches
from store.batch import gather
from store.engine import Store
from store.erasure import Erased
from store.intake import take_again, take_in
from store.mentions import Filter
from store.tables import Base, Bodies, Captures, Clusters, Mentions, Sketches, Tombstones

DAY = timedelta(days=1)
LONG = "Nồi cơm Lúa Mây nấu rất ngon, vỏ dày, giao hàng nhanh và đóng gói cẩn thận lắm"


def size(store: Store, table: type[Base]) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def told(store: Store) -> dict[str, int]:
    return {each.key: each.id for each in mentions.find(store, Filter(with_copies=True))}


def test_what_an_author_wrote_goes_with_all_that_was_made_of_it(store: Store) -> None:
    first = [item("a", "Nồi hỏng rồi", author="Thu"), item("b", "Nồi tốt", author="Minh")]
    take_in(store, [page(*first)], **RULES, now=NOW)  # type: ignore[arg-type]
    edited = item("a", "Nồi hỏng hẳn, thư gửi mãi", author="Thu N.")
    take_in(store, [page(edited, first[1])], **RULES, now=NOW + DAY)  # type: ignore[arg-type]
    ids = erasure.by_author(store, "Thu")
    assert ids == [told(store)["a"]]  # by the name of an earlier version
    assert erasure.by_author(store, "Thu", source="steam") == []
    receipt = erasure.erase(store, ids, now=NOW + DAY)
    assert receipt == Erased(mentions=1, versions=1, cases=1, captures=2)
    assert told(store).keys() == {"b"}
    assert mentions.find(store, Filter(search="gửi mãi")) == []
    assert (size(store, Captures), size(store, Bodies), size(store, Tombstones)) == (0, 0, 1)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM mention_search")).scalar_one() == 1
    assert erasure.found(store, [*ids, *told(store).values()]) == list(told(store).values())


def test_no_visit_and_no_replay_brings_back_what_was_erased(store: Store) -> None:
    watch_id = watches.add(store, "file", "/feedback", now=NOW)
    pages = [page(item("a"), item("b"))]
    for day in range(3):
        now = NOW + day * DAY
        visit_id = ledger.begin_visit(store, watch_id, now=now)
        met = take_in(store, pages, **RULES, now=now, watch_id=watch_id, visit_id=visit_id)  # type: ignore[arg-type]
        done = VisitFacts(outcome=Outcome.OK, is_complete=True)
        ledger.end_visit(store, visit_id, done, now=now)
        if day == 0:
            assert met.new == 2
            erasure.erase(store, [told(store)["a"]], now=now)
        else:
            assert (met.new, met.same, met.overlap) == (0, 2, 2)
        assert told(store).keys() == {"b"}
    again = gather(pages, now=NOW)
    met = take_again(store, again, **RULES, now=NOW, watch_id=watch_id)  # type: ignore[arg-type]
    assert met.new == 0
    assert told(store).keys() == {"b"}


def test_copies_of_an_erased_text_stand_alone_again(store: Store) -> None:
    take_in(store, [page(item("a", LONG))], **RULES, now=NOW)  # type: ignore[arg-type]
    take_in(store, [page(item("b", LONG), source="steam")], **RULES, now=NOW)  # type: ignore[arg-type]
    ids = told(store)
    with store.read() as connection:
        assert copies.clusters_of(connection, ids.values()).keys() == set(ids.values())
    sketched = size(store, Sketches)
    erasure.erase(store, [ids["a"]], now=NOW)
    assert size(store, Sketches) == sketched // 2
    assert size(store, Clusters) == 1
    (row,) = mentions.find(store, Filter())  # no copy any more: it counts
    assert row.key == "b"
    take_in(store, [page(item("c", LONG), source="tiki")], **RULES, now=NOW)  # type: ignore[arg-type]
    with store.read() as connection:
        assert connection.execute(select(func.count()).where(Mentions.is_copy)).scalar_one() == 1
