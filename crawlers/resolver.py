"""Lets a connection be made to public addresses only.

The check sits between the resolver and the connection: the very addresses that
pass it are the ones connected to, so a name cannot answer differently later.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawlers.policy import is_public
from crawlers.settings import CrawlSettings

MOST_ADDRESSES = 4


@implementer(IHostnameResolver)
class PublicResolver:
    """The reactor's own resolver with every address that is not public left out.

    `refused` keeps, for each host whose addresses were left out, the last one.
    """

    refused: ClassVar[dict[str, str]] = {}

    def __init__(self, reactor: Any, settings: CrawlSettings) -> None:
        self._reactor = reactor
        self._resolver = reactor.nameResolver
        self._is_open = settings.allow_private or settings.replay_address is not None
        self._proxy = urlsplit(settings.proxy or "").hostname

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> PublicResolver:
        """Return the resolver as Scrapy asks for it."""
        return cls(reactor, crawler.settings["EARFUL"])

    def install_on_reactor(self) -> None:
        """Make every connection of the reactor resolve here."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 (Twisted's name)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        *rest: Any,
        **named: Any,
    ) -> Any:
        """Resolve `hostName`, handing on public addresses only."""
        receiver = resolutionReceiver
        if not self._is_open and hostName != self._proxy:
            receiver = _OnlyPublic(receiver, hostName)
        return self._resolver.resolveHostName(receiver, hostName, *rest, **named)


@implementer(IResolutionReceiver)
class _OnlyPublic:
    """Hands on the first few public addresses of a host."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self._count = 0

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if not is_public(address.host):
            PublicResolver.refused[self._host] = address.host
        elif self._count < MOST_ADDRESSES:
            self._count += 1
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()
