"""Which watches a crawl child takes: few enough, and never one host in two children."""

from __future__ import annotations

import pytest

from crawlers.batches import batches, is_free, order_host
from ingest.visit import Order


def orders(*hosts: str) -> list[Order]:
    return [
        Order(watch_id=number, kind="feed", target=f"https://{host}/rss?{number}")
        for number, host in enumerate(hosts)
    ]


@pytest.mark.parametrize("hosts", [[], ["a.example"], ["a.example", "b.example"] * 40])
def test_every_order_is_in_exactly_one_batch(hosts: list[str]) -> None:
    given = orders(*hosts)
    planned = batches(given, at_most=50)
    assert sorted(order.watch_id for batch in planned for order in batch) == list(range(len(given)))
    assert all(0 < len(batch) <= 50 for batch in planned)


def test_a_hosts_orders_stay_together() -> None:
    planned = batches(orders(*["bep.example", "nha.example", "cho.example"] * 4), at_most=5)
    places = [{order_host(order) for order in batch} for batch in planned]
    assert len(planned) == 3
    assert all(len(hosts) == 1 for hosts in places)


def test_small_hosts_share_a_child() -> None:
    assert len(batches(orders(*[f"h{n}.example" for n in range(120)]), at_most=50)) == 3


def test_a_host_with_too_many_orders_never_runs_twice_at_once() -> None:
    planned = batches(orders(*["bep.example"] * 7, "nha.example"), at_most=5)
    first, second = planned
    assert (len(first), len(second)) == (5, 3)
    assert not is_free(second, [first])
    assert is_free(second, [])
    assert is_free(tuple(orders("cho.example")), [first, second])


def test_an_order_that_names_no_host_still_gets_its_turn() -> None:
    wrong = [Order(watch_id=9, kind="file", target="/tai-ve"), *orders("bep.example")]
    assert len(batches(wrong)[0]) == 2
