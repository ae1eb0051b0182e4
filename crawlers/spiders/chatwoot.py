"""Ratings and messages of customers in an own Chatwoot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.answers import emptied, listed, read_json, read_many, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError, SourceError
from ingest.mention import Answer, FeedbackKind, RawItem, Scale, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

PER_PAGE = 25
FACES = Scale(1, 5)
INCOMING, OUTGOING = 0, 1
_TARGET = re.compile(r"[a-z0-9.-]+/\d+")


class Chatwoot(Source):
    """The satisfaction ratings of one account, newest first; the target is `host/account`.

    An answer is a list of ratings. A conversation's messages, `{payload: [...]}`, and
    lists of conversations, `{data: {payload: [{messages}]}}`, are read when saved:
    what staff wrote is kept as staff's, notes too.
    """

    kind = "chatwoot"
    name_en = "Chatwoot"
    name_vi = "Chatwoot"
    access = Access.KEY
    covers = "all satisfaction ratings and what customers wrote with them"
    does_not_cover = "the conversations themselves (saved answers of them are read)"
    evidence = "from documentation and the open source of the program; no response was seen"
    expect = Expect(min_items=0, filled=("posted",))
    default_every_min = 15
    matches_by_construction = True
    keys = ("token",)
    keys_en = "In Chatwoot under your profile: the access token at the bottom of the page"
    keys_vi = "Trong Chatwoot, trang hồ sơ của bạn: access token ở cuối trang"
    marks = frozenset({"feedback_message", "conversation_id"})

    def recognise(self, url: str) -> str | None:
        """Return `host/account` of an account's pages."""
        named = re.search(r"/(?:app|api/v1)/accounts/(\d+)(?:/|$)", url)
        return f"{host_of(url)}/{named[1]}" if named and host_of(url) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is `host/account`."""
        if not _TARGET.fullmatch(target):
            raise ConfigError(
                "is not an account of a Chatwoot",
                subject=f"chatwoot:{target}",
                next_step="give host/account such as app.chatwoot.com/1, as its address shows it",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest ratings."""
        host, _, account = order.target.partition("/")
        place = f"https://{host}/api/v1/accounts/{account}/csat_survey_responses"
        return Ask(url=with_query(place, sort="-created_at", page=1))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the agent's access token."""
        return replace(ask, headers=(*ask.headers, ("api_access_token", secret(order, "token"))))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of ratings, or a conversation's messages."""
        answer = read_json(fetched, kind=self.kind)
        is_ratings = isinstance(answer, list)
        told = answer["data"] if isinstance(answer, dict) and "data" in answer else answer
        rows = told if is_ratings else listed(told, "payload", kind=self.kind)
        read_one = _rating if is_ratings else _said
        items, problems = read_many(rows, read_one, kind=self.kind)
        page = asked_for(fetched.url, "page")
        goes_on = is_ratings and page.isdecimal() and len(rows) >= PER_PAGE
        return Page(
            source=host_of(fetched.url),
            items=items,
            next=Ask(url=with_query(fetched.url, page=int(page) + 1)) if goes_on else None,
            is_end=is_ratings and not goes_on,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the program's error answer says."""
        return refused(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without e-mail addresses and phone numbers of people."""
        return emptied(fetched, "email", "phone_number")


def _rating(row: Any) -> Iterator[RawItem]:
    yield RawItem(
        key=f"csat/{row['id']}",
        text=row["feedback_message"],
        author=(row.get("contact") or {}).get("name"),
        posted=row["created_at"],
        feedback_kind=FeedbackKind.SURVEY,
        parent=str(row["conversation_id"]),
        answers=(Answer("csat", float(row["rating"]), FACES),),
    )


def _said(row: Any) -> Iterator[RawItem]:
    """Yield a message, or those that a list shows of a conversation."""
    for each in row.get("messages", (row,)):
        yield from _message(each)


def _message(row: Any) -> Iterator[RawItem]:
    """Yield a message; what the program itself notes, and pictures alone, are none."""
    kind = row["message_type"]
    if kind not in (INCOMING, OUTGOING) or not row["content"]:
        return
    is_customer = kind == INCOMING and not row.get("private")
    yield RawItem(
        key=f"message/{row['id']}",
        text=row["content"],
        author=(row.get("sender") or {}).get("name"),
        posted=row["created_at"],
        feedback_kind=FeedbackKind.CONVERSATION,
        speaker=Speaker.CUSTOMER if is_customer else Speaker.STAFF,
        parent=str(row["conversation_id"]),
    )


SOURCE = Chatwoot()
