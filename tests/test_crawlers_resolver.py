# ruff: noqa: N802 (Twisted names these methods)
"""Connections are made to public addresses only, whatever a name resolves to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawlers.resolver import MOST_ADDRESSES, PublicResolver
from crawlers.settings import CrawlSettings


class Names:
    """A resolver with the answers given."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *rest: Any) -> Any:
        receiver.resolutionBegan(self)
        for address in self.answers[host]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return self


class Reactor:
    """The part of a reactor that a resolver stands on."""

    def __init__(self, names: Names) -> None:
        self.nameResolver: Any = names

    def installNameResolver(self, resolver: Any) -> None:
        self.nameResolver = resolver


class Connecting:
    """Keeps the addresses that a connection would be made to."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.is_complete = False

    def resolutionBegan(self, resolution: Any) -> None:
        self.addresses = []

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.is_complete = True


def connected(answers: list[str], *, host: str = "nha.example", **chosen: Any) -> list[str]:
    reactor = Reactor(Names({host: answers}))
    resolver = PublicResolver(reactor, CrawlSettings(contact="x", **chosen))
    resolver.install_on_reactor()
    connecting = Connecting()
    reactor.nameResolver.resolveHostName(connecting, host, 443)
    assert connecting.is_complete
    return connecting.addresses


@pytest.mark.parametrize(
    ("answers", "reached"),
    [
        (["93.184.216.1"], ["93.184.216.1"]),
        (["2606:4700::1111", "93.184.216.1"], ["2606:4700::1111", "93.184.216.1"]),
        (["127.0.0.1"], []),
        (["169.254.169.254", "93.184.216.1"], ["93.184.216.1"]),
        (["::ffff:10.0.0.1", "::1"], []),
        ([], []),
    ],
)
def test_only_public_addresses_are_connected_to(answers: list[str], reached: list[str]) -> None:
    assert connected(answers) == reached


def test_a_name_with_many_addresses_is_tried_a_few_times_only() -> None:
    assert len(connected([f"93.184.216.{n}" for n in range(1, 60)])) == MOST_ADDRESSES


def test_what_was_refused_is_remembered_for_the_words() -> None:
    connected(["10.1.2.3"], host="kho.luamay.example")
    assert PublicResolver.refused["kho.luamay.example"] == "10.1.2.3"


@pytest.mark.parametrize(
    "chosen",
    [
        {"allow_private": True},
        {"replay_address": "127.0.0.1:1"},
        {"proxy": "http://nha.example:3128"},
    ],
)
def test_the_operators_word_opens_the_inner_network(chosen: dict[str, Any]) -> None:
    assert connected(["10.1.2.3"], **chosen) == ["10.1.2.3"]


def test_every_shared_name_case_is_judged_right(shared: Path) -> None:
    lines = (shared / "corpora" / "security" / "ssrf_targets.jsonl").read_text(encoding="utf-8")
    cases = [case for case in map(json.loads, lines.splitlines()) if "dns" in case]
    assert cases
    for case in cases:
        ((host, answers),) = case["dns"].items()
        flat = [each for part in answers for each in ([part] if isinstance(part, str) else part)]
        reached = connected(flat, host=host)
        assert bool(reached) is case["expect"].startswith("allowed"), case["vector"]
