"""Takes secrets out of whatever may be kept, logged or shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast
from urllib.parse import quote, quote_plus

T = TypeVar("T")

MARK = "[secret]"
SHORTEST = 6  # characters; shorter ones, and bare numbers, stand in texts for other reasons


def redact(value: T, secrets: Collection[str]) -> T:
    """Return `value` with every secret in it replaced, as it is or as addresses and JSON write it.

    Goes through texts, bytes, mappings, tuples, lists and dataclasses.
    """
    forms = _forms(secrets)
    return cast(T, _without(value, forms)) if forms else value


def _forms(secrets: Iterable[str]) -> list[str]:
    """Return how each secret can be written, longest first."""
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= SHORTEST and not secret.isdecimal():
            escaped = json.dumps(secret)[1:-1]
            found |= {secret, quote(secret, safe=""), quote_plus(secret), quote(secret), escaped}
    return sorted(found, key=len, reverse=True)


def _without(value: Any, forms: list[str]) -> Any:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, MARK)
        return value
    if isinstance(value, bytes):
        for form in forms:
            value = value.replace(form.encode(), MARK.encode())
        return value
    if isinstance(value, Mapping):
        return {name: _without(each, forms) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_without(each, forms) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        told = {each.name: getattr(value, each.name) for each in fields(value)}
        clean = {name: _without(each, forms) for name, each in told.items()}
        changed = {name: clean[name] for name in told if clean[name] != told[name]}
        return replace(value, **changed) if changed else value
    return value
