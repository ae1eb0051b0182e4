"""Reads JSON answers strictly: the envelope, its list, and each row on its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ingest.errors import SourceBlocked, SourceChanged, SourceError, UnreadableItem
from ingest.mention import RawItem
from ingest.page import Fetched, Problem
from ingest.structured import looks_blocked

Row = TypeVar("Row")

BAD_SHARE = 0.2
_REFUSED = re.compile(
    r"captcha|forbidden|authori[sz]|authenticat|denied|log ?in|sign ?in|token"
    r"|rate.?limit|too many|blocked|robot",
    re.IGNORECASE,
)
_SAID_IN = ("error_description", "error_msg", "message", "msg", "detail", "error", "errors", "code")


def read_json(fetched: Fetched, *, kind: str) -> Any:
    """Return the JSON value of an answer.

    Raises SourceBlocked for a login or challenge page, SourceChanged for
    anything else that is not JSON.
    """
    try:
        return json.loads(fetched.body)
    except (ValueError, RecursionError) as fault:
        blocked = looks_blocked(fetched.body, fetched.content_type)
        if blocked:
            raise SourceBlocked(f"the site sent {blocked}", subject=kind) from fault
        begins = fetched.body[:60].decode("utf-8", "replace").strip()
        raise SourceChanged(
            f"the answer is not JSON; it begins with {begins!r}", subject=kind
        ) from fault


def listed(answer: Any, name: str, *, kind: str) -> list[Any]:
    """Return the list called `name` of a JSON answer; null counts as empty.

    Raises SourceBlocked or SourceChanged in the answer's own words when it is
    an error answer, SourceChanged when the list is not where it should be.
    """
    if isinstance(answer, dict) and isinstance(answer.get(name), list):
        return list(answer[name])
    said = _error_words(answer)
    if said and _REFUSED.search(said):
        raise SourceBlocked(f"the site refuses: {said}", subject=kind)
    if said:
        raise SourceChanged(f"the site answers with an error: {said}", subject=kind)
    if isinstance(answer, dict) and name in answer and answer[name] is None:
        return []
    raise SourceChanged(f"the answer has no list '{name}'", subject=kind)


def _error_words(answer: Any) -> str:
    """Return what an error answer says, at most 200 letters, "" when it says nothing."""
    while isinstance(answer, list) and answer:
        answer = answer[0]
    if isinstance(answer, dict):
        for name in _SAID_IN:
            words = _error_words(answer.get(name))
            if words:
                return words
        return ""
    if isinstance(answer, str | int) and not isinstance(answer, bool) and answer != 0:
        return str(answer).strip()[:200]
    return ""


def refused(fetched: Fetched, *, kind: str) -> SourceError | None:
    """Return what a JSON answer with an error status says, for `Source.refusal`.

    None where the status alone tells more: a busy or broken server, and an
    answer that says nothing.
    """
    if fetched.status == 429 or fetched.status >= 500:
        return None
    try:
        said = _error_words(json.loads(fetched.body))
    except (ValueError, RecursionError):
        return None
    if not said:
        return None
    words = f"the site answers with an error ({fetched.status}): {said}"
    if fetched.status in (401, 402, 403) or _REFUSED.search(said):
        return SourceBlocked(
            words, subject=kind, next_step=f"check the keys: earful connect {kind}"
        )
    return SourceChanged(words, subject=kind)


def emptied(fetched: Fetched, *names: str) -> Fetched:
    """Return `fetched` with the texts of these JSON fields taken out, for `Source.scrub`."""
    fields = "|".join(map(re.escape, names)).encode()
    pattern = rb'("(?:' + fields + rb')"\s*:\s*)"(?:[^"\\]|\\.)*"'
    return replace(fetched, body=re.sub(pattern, rb'\1""', fetched.body))


def read_many(
    rows: Sequence[Row], read_one: Callable[[Row], Iterable[RawItem]], *, kind: str
) -> tuple[tuple[RawItem, ...], tuple[Problem, ...]]:
    """Return the items of rows that each hold several: a review, then its reply.

    As `read_each`, but what a row gave before it failed is kept.
    """
    items: list[RawItem] = []

    def keep(row: Row) -> None:
        items.extend(read_one(row))

    _, problems = read_each(rows, keep, kind=kind)
    return tuple(items), problems


def read_each(
    rows: Sequence[Row], read_one: Callable[[Row], RawItem | None], *, kind: str
) -> tuple[tuple[RawItem, ...], tuple[Problem, ...]]:
    """Return the items of `rows` and a problem for each row that cannot be read.

    `read_one` returns None for a row that is no item. Raises SourceChanged when
    more than a fifth of the rows cannot be read.
    """
    items: list[RawItem] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=1):
        try:
            item = _read_strictly(read_one, row)
        except UnreadableItem as fault:
            problems.append(Problem(code="bad-item", words=f"item {number}: {fault}"))
        else:
            items += [item] if item else []
    if len(problems) > BAD_SHARE * len(rows):
        raise SourceChanged(
            f"{len(problems)} of {len(rows)} items cannot be read ({problems[0].words})",
            subject=kind,
            next_step="look at the captured page; the site has probably changed its layout",
        )
    return tuple(items), tuple(problems)


def _read_strictly(read_one: Callable[[Row], RawItem | None], row: Row) -> RawItem | None:
    try:
        return read_one(row)
    except KeyError as fault:
        raise UnreadableItem(f"the field {fault} is missing") from fault
    except (TypeError, ValueError, IndexError, AttributeError) as fault:
        # AttributeError: an optional field was asked of a row that is no object at all.
        raise UnreadableItem(f"not in the known shape ({str(fault)[:100]})") from fault
