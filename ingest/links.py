"""Addresses as readers need them: absolute, http or https, and safe to name a source by."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ingest.page import Ask

_SECRET = re.compile(r"(?:key|token|secret|auth|password|sig|signature)\Z", re.IGNORECASE)
# A whole address in its usual form: nothing is to be joined to it or put right.
_is_plain = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:/[\w/.~%+-]*)?(?:\?[\w=&.~%+-]+)?", re.ASCII
).fullmatch


def web_link(link: object, base: str) -> str | None:
    """Return `link` made absolute, or None when it is not an http or https address."""
    if not isinstance(link, str) or not link.strip():
        return None
    if _is_plain(link):
        return link
    try:
        absolute = urljoin(base, link.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in ("http", "https") and parts.netloc else None


def following_page(link: object, url: str) -> Ask | None:
    """Return the request for the next page, when it is another page on the same host."""
    following = web_link(link, url)
    if not following or following == url or urlsplit(following).netloc != urlsplit(url).netloc:
        return None
    return Ask(url=following)


def address(url: str) -> str:
    """Return an address as a name: without user, fragment and secret parameters."""
    parts = urlsplit(url)
    sent = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in sent if not _SECRET.search(name)]
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme, host, parts.path, urlencode(kept), ""))
