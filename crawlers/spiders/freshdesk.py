"""Support tickets in an own Freshdesk: what customers wrote, how they rated the help."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.answers import emptied, listed, read_json, read_many, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError, SourceError
from ingest.mention import Answer, FeedbackKind, Markup, RawItem, Scale, Speaker
from ingest.page import Ask, Fetched, Page, Problem
from ingest.visit import Order

PER_PAGE = 100
RATINGS = Scale(-103, 103)
OUTBOUND = 10  # the ticket's `source` when an agent wrote first


class Freshdesk(Source):
    """The tickets of one help desk, newest first; the target is its host.

    An answer is a list of tickets, a search's is `{results, total}`. Saved
    conversations and satisfaction ratings of a ticket are read as well.
    """

    kind = "freshdesk"
    name_en = "Freshdesk"
    name_vi = "Freshdesk"
    access = Access.KEY
    covers = "the first words of the tickets of the last 30 days"
    does_not_cover = "later replies and ratings (saved answers of both are read), older tickets"
    evidence = (
        "tickets read on a library's sample of 2015-2020, no raw response; "
        "paging, conversations and ratings from documentation"
    )
    expect = Expect(min_items=0, filled=("text", "posted"))
    default_every_min = 15
    matches_by_construction = True
    keys = ("api_key",)
    keys_en = "In Freshdesk under Profile settings: View API key"
    keys_vi = "Trong Freshdesk, mục Profile settings: View API key"
    marks = frozenset({"fr_escalated", "spam"})

    def recognise(self, url: str) -> str | None:
        """Return the host of a help desk's page."""
        host = host_of(url)
        return host if re.fullmatch(r"[a-z0-9-]+\.freshdesk\.com", host) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a help desk's host."""
        if not re.fullmatch(r"[a-z0-9-]+\.freshdesk\.com", target):
            raise ConfigError(
                "is not the host of a help desk",
                subject=f"freshdesk:{target}",
                next_step="give the address of your Freshdesk, such as luamay.freshdesk.com",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest tickets."""
        place = f"https://{order.target}/api/v2/tickets"
        url = with_query(place, order_by="created_at", order_type="desc", per_page=PER_PAGE)
        return Ask(url=with_query(url, include="description,requester", page=1))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the agent's API key."""
        basic = b64encode(f"{secret(order, 'api_key')}:X".encode()).decode()
        return replace(ask, headers=(*ask.headers, ("Authorization", f"Basic {basic}")))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of tickets, conversations or ratings; spam is left out, and said."""
        answer = read_json(fetched, kind=self.kind)
        is_list = isinstance(answer, list)
        rows = answer if is_list else listed(answer, "results", kind=self.kind)
        spam = [row for row in rows if _is_spam(row)]
        kept = [row for row in rows if not _is_spam(row)]
        items, problems = read_many(kept, _read, kind=self.kind)
        page = asked_for(fetched.url, "page")
        goes_on = page.isdecimal() and len(rows) >= PER_PAGE
        return Page(
            source=host_of(fetched.url),
            items=items,
            next=Ask(url=with_query(fetched.url, page=int(page) + 1)) if goes_on else None,
            is_end=page.isdecimal() and not goes_on,
            total=None if is_list else answer.get("total"),
            problems=(*problems, *map(_left_out, spam)),
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the help desk's error answer says."""
        return refused(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without e-mail addresses and phone numbers of people."""
        return emptied(fetched, "email", "from_email", "support_email", "phone", "mobile")


def _is_spam(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("spam") or row.get("deleted"))


def _left_out(row: Any) -> Problem:
    key = str(row.get("id", ""))
    return Problem(code="bad-item", words=f"ticket {key} is left out: spam or deleted", key=key)


def _read(row: Any) -> Iterator[RawItem]:
    """Yield what one row holds: a ticket, a part of a conversation or a rating."""
    if "ratings" in row:
        yield from _rating(row)
    elif "incoming" in row:
        yield _part(row)
    else:
        yield _ticket(row)


def _ticket(row: Any) -> RawItem:
    plain = row.get("description_text")
    is_staff = row.get("source") == OUTBOUND
    return RawItem(
        key=str(row["id"]),
        title=row["subject"],
        text=plain or row["description"],
        markup=Markup.PLAIN if plain else Markup.HTML,
        author=(row.get("requester") or {}).get("name") or row.get("requester_name"),
        posted=row["created_at"],
        feedback_kind=FeedbackKind.TICKET,
        speaker=Speaker.STAFF if is_staff else Speaker.CUSTOMER,
    )


def _part(row: Any) -> RawItem:
    ticket = str(row["ticket_id"])
    is_customer = row["incoming"] and not row.get("private")
    return RawItem(
        key=f"{ticket}/{row['id']}",
        text=row["body_text"],
        posted=row["created_at"],
        feedback_kind=FeedbackKind.CONVERSATION,
        speaker=Speaker.CUSTOMER if is_customer else Speaker.STAFF,
        parent=ticket,
    )


def _rating(row: Any) -> Iterator[RawItem]:
    """Yield a rating; its first question is the general one, from -103 to 103."""
    value = row["ratings"]["default_question"]
    yield RawItem(
        key=f"{row['ticket_id']}/rating/{row['id']}",
        text=row.get("feedback"),
        posted=row["created_at"],
        feedback_kind=FeedbackKind.SURVEY,
        parent=str(row["ticket_id"]),
        answers=(Answer("csat", float(value), RATINGS),),
    )


SOURCE = Freshdesk()
