"""Posts on Bluesky that a search finds (with a login's token)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, asked, in_known_shape, with_header, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.grants import Consent, Grant, Granted, Known, Steps, Token, Typed, answer_of, text_of
from ingest.errors import ConfigError, SourceBlocked, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

SERVER = "https://bsky.social/xrpc"
API = f"{SERVER}/app.bsky.feed.searchPosts"
PER_PAGE = 100


class Session(Grant):
    """A login with an app password: a token of about two hours, and one that renews it.

    Once that one has ended too, the app password opens a new session.
    """

    typed = (Typed("identifier", is_hidden=False), Typed("password"))
    renews_with = ("identifier", "password")
    lasts = "nothing to consent to: the app password opens sessions until you delete it"

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the step that opens a session with the app password."""
        body = {name: known[name] for name in ("identifier", "password")}
        ask = Ask(
            url=f"{SERVER}/com.atproto.server.createSession", method="POST",
            body=json.dumps(body).encode(), headers=(("Content-Type", "application/json"),),
        )  # fmt: skip
        return _session(answer_of((yield ask)))

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the steps to new tokens: by the refresh token, else by a new session."""
        if known.get("refresh_token"):
            bearer = ("Authorization", f"Bearer {known['refresh_token']}")
            place = f"{SERVER}/com.atproto.server.refreshSession"
            answer: Fetched = yield Ask(url=place, method="POST", headers=(bearer,))
            if answer.status not in (400, 401):
                return _session(answer_of(answer))
        return (yield from self.obtain(known, {}, Consent("", "", ""), now=now))


def _session(told: Mapping[str, Any]) -> Granted:
    tokens = {"token": "accessJwt", "refresh_token": "refreshJwt"}
    return Granted(
        tokens={name: _dated(text_of(told, sent)) for name, sent in tokens.items()},
        called=str(told.get("handle") or ""),
    )


def _dated(token: str) -> Token:
    """Return a token with the end that is written in it, None where none can be read."""
    try:
        part = token.split(".")[1]
        ended = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"]
        return Token(token, datetime.fromtimestamp(ended, UTC))
    except (ValueError, LookupError, TypeError, OverflowError, OSError):
        return Token(token)


class Bluesky(Source):
    """What a search finds, newest first; the target is the words.

    An answer is `{posts: [{uri, author, record, indexedAt, likeCount}], cursor, hitsTotal}`.
    A writer's own clock sets `createdAt`, so a time after `indexedAt` is not believed.
    """

    kind = "bluesky"
    name_en = "Bluesky"
    name_vi = "Bluesky"
    access = Access.KEY
    covers = "public posts and replies with the words"
    does_not_cover = "posts of people who are hidden from searches; it is no feed of everything"
    evidence = "built from documentation, experimental: no real response was at hand"
    expect = Expect(min_items=0, filled=("author", "posted"))
    default_every_min = 60
    keys = ("token",)
    keys_en = "In Bluesky under Settings, Privacy and security, App passwords: add one"
    keys_vi = "Trong Bluesky, mục Settings, Privacy and security, App passwords: thêm một mật khẩu"
    grant = Session()
    marks = frozenset({"indexedAt", "record", "cid"})

    def recognise(self, url: str) -> str | None:
        """Return the words of a search or the tag of an address on bsky.app."""
        if host_of(url) != "bsky.app":
            return None
        path = unquote(urlsplit(url).path)
        words = asked(url).get("q", "").strip() if path == "/search" else ""
        return words or (f"#{path.removeprefix('/hashtag/')}" if "/hashtag/" in path else None)

    def check_target(self, target: str) -> None:
        """Raise ConfigError when there are no words to search for."""
        if not target.strip():
            raise ConfigError(
                "there is nothing to search for",
                subject="bluesky",
                next_step="give words, such as bluesky:luamay",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest posts."""
        words = quote(order.target)
        return Ask(url=f"{API}?q={words}&sort=latest&limit={PER_PAGE}", headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the token of a login."""
        return with_header(ask, "Authorization", f"Bearer {secret(order, 'token')}")

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return one page of posts."""
        answer = read_json(fetched, kind=self.kind)
        fault = _fault(answer)
        if fault:
            raise fault
        rows = listed(answer, "posts", kind=self.kind)
        items, problems = read_each(rows, _read_post, kind=self.kind)
        cursor = answer.get("cursor") if rows else None
        url = with_query(fetched.url, cursor=cursor)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=url, headers=(JSON,)) if cursor else None,
            is_end=not cursor,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says; how long to wait (429) is in its headers."""
        if fetched.status == 429:
            return None
        try:
            return _fault(json.loads(fetched.body))
        except ValueError:
            return None


def _fault(answer: Any) -> SourceError | None:
    """Return what `{error, message}` means, else None."""
    if not isinstance(answer, dict) or not answer.get("error"):
        return None
    said = f"{answer.get('message') or 'refused'} ({answer['error']})"[:200]
    return SourceBlocked(said, subject="bluesky", next_step="earful connect bluesky")


def _read_post(row: Any) -> RawItem:
    record, writer = row["record"], row["author"]["handle"]
    above = ((record.get("reply") or {}).get("parent") or {}).get("uri")
    return RawItem(
        key=row["uri"],
        url=f"https://bsky.app/profile/{writer}/post/{row['uri'].rpartition('/')[2]}",
        text=record["text"],
        author=writer,
        posted=_earlier(record["createdAt"], row["indexedAt"]),
        feedback_kind=FeedbackKind.COMMENT if above else FeedbackKind.SOCIAL,
        likes=row.get("likeCount"),
        parent=above,
        language=next(iter(record.get("langs") or ()), None),
    )


def _earlier(created: str, indexed: str) -> str:
    """Return the time of writing, or when the server saw it first where that was earlier."""
    try:
        own, seen = datetime.fromisoformat(created), datetime.fromisoformat(indexed)
    except ValueError:
        return indexed
    return created if own.tzinfo and own <= seen else indexed


SOURCE = Bluesky()
