"""What a polite and careful crawl may do: pure rules, no network."""

from __future__ import annotations

import re
import socket
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from crawlers.robots import LIMIT_BYTES as ROBOTS_LIMIT_BYTES
from crawlers.robots import allowed

__all__ = [
    "ROBOTS_LIMIT_BYTES",
    "RobotsAnswer",
    "allowed",
    "is_public",
    "refusal",
    "retry_after",
    "robots_answer",
]

PORTS = frozenset({80, 443, 8080, 8443})
INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "corp", "svc", "home.arpa")
SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=24)
_RESERVED_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class RobotsAnswer(StrEnum):
    """What the status of a robots.txt means: its rules, no rules, or stay away for now."""

    RULES = "rules"
    NO_RULES = "no rules"
    NOT_NOW = "not now"


def robots_answer(status: int) -> RobotsAnswer:
    """Return what a robots.txt answered with `status` means (RFC 9309, 2.3.1).

    429 counts as "not now": who asks us to slow down has not said "come in".
    """
    if 200 <= status < 300:
        return RobotsAnswer.RULES
    if status == 429 or status >= 500:
        return RobotsAnswer.NOT_NOW
    return RobotsAnswer.NO_RULES


def is_public(address: str) -> bool:
    """Return whether an IP address is a public unicast one; False for anything else.

    An IPv4 address inside an IPv6 one counts as that IPv4 address where it is
    mapped or NAT64; 6to4, Teredo and IPv4-compatible forms are never public.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        return _is_public_v6(parsed)
    is_reserved = any(parsed in network for network in _RESERVED_V4)
    return parsed.is_global and not parsed.is_multicast and not is_reserved


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id:
        return False
    if address.ipv4_mapped:
        return is_public(str(address.ipv4_mapped))
    if address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    is_tunnel = address.sixtofour is not None or address.teredo is not None
    return address in _GLOBAL_UNICAST and address.is_global and not is_tunnel


def refusal(url: str, *, allow_private: bool = False) -> str | None:
    """Return in words why `url` must not be asked, or None when it may.

    Looks at the address only; what its name resolves to is checked when the
    connection is made. `allow_private` opens every host and port, never
    another scheme and never an address that two readers may read differently.
    """
    if re.search(r"[\x00-\x20\x7f\\]", url):
        return "the address holds a blank, a control character or a backslash"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the address is malformed"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "only http and https addresses with a host are read"
    if parts.netloc.count("@") > 1:
        return "the address names two hosts"
    if allow_private:
        return None
    if port is not None and port not in PORTS:
        return f"port {port} is not one that web sites use"
    return _host_refusal(parts.hostname)


def _host_refusal(host: str) -> str | None:
    name = unicodedata.normalize("NFKC", host).rstrip(".").lower()
    literal = _literal(name)
    if literal is not None:
        return None if is_public(literal) else f"{host} is not a public address"
    if "." not in name or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", name.rpartition(".")[2]):
        return f"{host} is not the name of a public host"
    if any(name == inner or name.endswith(f".{inner}") for inner in INNER_NAMES):
        return f"{host} is the name of a host inside a network"
    return None


def _literal(name: str) -> str | None:
    """Return the IP address that `name` spells in any form (decimal, octal, hex, short)."""
    if ":" in name:
        return name
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, UnicodeEncodeError):
        return None


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Return the time a Retry-After header names (seconds or an HTTP date), aware UTC.

    At least one second and at most 24 hours from `now`; None for no header and
    for anything that is neither form.
    """
    words = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,99}", words):
        wait = timedelta(seconds=min(int(words), LONGEST_WAIT.total_seconds()))
    else:
        try:
            named = parsedate_to_datetime(words)
        except ValueError:
            return None
        wait = (named if named.tzinfo else named.replace(tzinfo=UTC)) - now
    return now + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
