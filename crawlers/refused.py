"""Knows error messages that a site, or a bridge to it, sends as if they were posts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.mention import RawItem

_LONGEST = 300  # characters of title and text together; a post about an error says more
_REFUSAL = re.compile(
    r"\W*(?:bridge returned error\b|(?:http )?error:? (?:40[13]|429|50[0234])\b"
    r"|(?:40[13]|429|50[0234])\W+(?:forbidden|unauthori[sz]ed|too many|bad gateway|service|error)"
    r"|(?:access|permission) denied\b|forbidden\W*$|attention required\b|just a moment\W*$"
    r"|too many requests\b|rate limit exceeded\b|service (?:temporarily )?unavailable\b"
    r"|(?:please )?(?:verify|confirm)(?: that)? you are (?:a )?(?:human|not a robot)"
    r"|(?:vui lòng |hãy )?xác (?:minh|nhận)(?: rằng)? bạn (?:là người|không phải)"
    r"|truy cập bị từ chối|bạn không có quyền truy cập)",
    re.IGNORECASE,
)


def refusal_as_content(items: Sequence[RawItem]) -> str:
    """Return the message when all that a page holds are error messages, "" otherwise."""
    said = [" ".join(filter(None, (each.title, each.text))).strip() for each in items]
    if said and all(len(each) <= _LONGEST and _REFUSAL.match(each) for each in said):
        return said[0][:80]
    return ""
