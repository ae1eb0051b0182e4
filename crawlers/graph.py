"""Meta's Graph answers, the same for Facebook, Instagram and Threads: errors, pages, tokens."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from crawlers.asking import JSON, with_header, with_query, without_tokens
from crawlers.base import secret
from ingest.errors import SourceBlocked, SourceChanged, SourceDown, SourceError
from ingest.page import Ask, Fetched
from ingest.visit import Order

VERSION = "v23.0"
SECRETS = ("access_token", "appsecret_proof", "client_secret")
_AWAY = {1, 2}  # an unknown fault, a service that is down for a moment
_TOKEN = {102, 190, 463, 467}
_TOO_OFTEN = {4, 17, 18, 32, 341, 613, 80001, 80002, 80006}
_WAIT = timedelta(hours=1)  # its rate limits count over a rolling hour


def fault_of(answer: Any, fetched: Fetched, *, kind: str) -> SourceError | None:
    """Return what an error answer `{error: {message, type, code}}` means, else None."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return None
    code, said = error.get("code"), str(error.get("message") or "an error")[:300]
    words = said if f"#{code}" in said else f"{said} ({code})"
    if code in _AWAY:
        return SourceDown(words, subject=kind)
    if code in _TOO_OFTEN:
        return SourceBlocked(words, subject=kind, retry_at=fetched.fetched_at + _WAIT)
    if code in _TOKEN:
        return SourceBlocked(words, subject=kind, next_step=f"earful connect {kind}")
    if error.get("type") in ("OAuthException", "GraphMethodException"):
        step = f"give the token what it lacks (earful connect {kind}), or mend the target"
        return SourceBlocked(words, subject=kind, next_step=step)
    return SourceChanged(f"the site answers with an error: {words}", subject=kind)


def refusal_of(fetched: Fetched, *, kind: str) -> SourceError | None:
    """Return what the body of an answer with an error status says, None when nothing."""
    try:
        return fault_of(json.loads(fetched.body), fetched, kind=kind)
    except ValueError:
        return None


def following(answer: Any, fetched: Fetched) -> Ask | None:
    """Return the request for the next page without its token, None at the end or elsewhere."""
    paging = answer.get("paging") if isinstance(answer, dict) else None
    url = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(url, str) or urlsplit(url).hostname != urlsplit(fetched.url).hostname:
        return None
    return Ask(url=with_query(url, **dict.fromkeys(SECRETS)), headers=(JSON,))


def has_more(answer: Any) -> bool:
    """Return whether an answer names a next page at all."""
    return bool(isinstance(answer.get("paging"), dict) and answer["paging"].get("next"))


def signed(ask: Ask, order: Order) -> Ask:
    """Return `ask` with the token in a header, where no log and no address holds it."""
    return with_header(ask, "Authorization", f"Bearer {secret(order, 'token')}")


def scrubbed(fetched: Fetched) -> Fetched:
    """Return `fetched` without the tokens that its paging addresses carry."""
    return without_tokens(fetched, SECRETS)
