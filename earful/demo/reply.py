"""What a sample site answers: status, type and bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a sample site; `is_kept` says that it carries an ETag."""

    body: str
    content_type: str
    status: int = 200
    is_kept: bool = False
    headers: dict[str, str] = field(default_factory=dict)


NOT_FOUND = Reply("not found\n", TEXT, status=404)


def json_reply(
    value: object, *, is_kept: bool = False, headers: dict[str, str] | None = None
) -> Reply:
    """Return `value` as JSON in UTF-8."""
    body = json.dumps(value, ensure_ascii=False)
    return Reply(body, JSON, is_kept=is_kept, headers=headers or {})
