"""Feedback that an own app or site posts: JSON or a form, one mention each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ingest.errors import UnreadableItem
from ingest.mention import FeedbackKind, RawItem

SOURCE = "hook"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
KINDS = {"feedback": FeedbackKind.IN_APP, "bug": FeedbackKind.TICKET}
FIELDS = frozenset(
    {"id", "kind", "text", "title", "stars", "author", "product", "version", "page", "language",
     "posted_at"}
)  # fmt: skip
FORM_ONLY = frozenset({"form_key", "nonce", "website"})  # what the form sends to the hook itself
MAX_FIELDS = 50


def posted_fields(body: bytes, *, content_type: str | None) -> dict[str, Any]:
    """Return the fields of a posted body. Raises UnreadableItem for anything but JSON or a form."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8")
        if kind == FORM:
            sent = parse_qs(text, strict_parsing=bool(text), max_num_fields=MAX_FIELDS)
            return {name: values[0] for name, values in sent.items()}
        fields = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as e:
        raise UnreadableItem(f"the body cannot be read: {str(e)[:80]}", subject=SOURCE) from e
    if not isinstance(fields, dict) or len(fields) > MAX_FIELDS:
        raise UnreadableItem("the body is no JSON object of fields", subject=SOURCE)
    return fields


def read_posted(fields: Mapping[str, Any], *, key: str, posted_at: str | None = None) -> RawItem:
    """Return the item that posted `fields` tell, under `key`.

    `posted_at` is when it was posted, for those that do not say when it was said.

    Raises UnreadableItem for a field of the wrong type, a kind that is none, or
    when there is neither text nor stars.
    """
    told = {name: _said(fields, name) for name in FIELDS}
    kind = told["kind"] or "feedback"
    if kind not in KINDS:
        allowed = ", ".join(KINDS)
        raise UnreadableItem(f"kind={kind[:40]!r} is not one of {allowed}", subject=SOURCE)
    stars = _stars(told["stars"])
    if not told["text"] and stars is None:
        raise UnreadableItem("neither text nor stars", subject=SOURCE)
    return RawItem(
        key=key,
        url=told["page"],
        title=told["title"],
        text=told["text"],
        author=told["author"],
        posted=told["posted_at"] or posted_at,
        stars=stars,
        feedback_kind=KINDS[kind],
        product=told["product"],
        variation=told["version"],
        language=told["language"],
        unknown=tuple(sorted(fields.keys() - FIELDS - FORM_ONLY)),
    )


def _said(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise UnreadableItem(f"{name} is a {type(value).__name__}, not text", subject=SOURCE)


def _stars(told: str | None) -> float | None:
    if told is None:
        return None
    try:
        stars = float(told)
    except ValueError:
        stars = 0.0
    if not 1 <= stars <= 5:
        raise UnreadableItem(f"stars={told[:20]!r} is not from 1 to 5", subject=SOURCE)
    return stars
