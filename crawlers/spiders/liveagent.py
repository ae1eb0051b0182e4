"""Tickets, chats and rankings of a LiveAgent, from exported tables and saved API answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crawlers.answers import emptied, listed, read_json, read_many
from crawlers.exported import ExportedFiles
from crawlers.saved import is_markup
from ingest.mention import Answer, FeedbackKind, Markup, RawItem, Scale, Speaker
from ingest.page import Fetched, Page

THUMBS = Scale(0, 1)
# Kinds of message groups by which a customer begins: e-mail, offline form, chat.
_BEGUN = frozenset("35MS")
_SPOKEN = frozenset("CFMW35678")
# Kinds of messages: words; the rest are notes, files, transfers, quotes.
_WORDS = frozenset("MY")
_SCORES = {"W": 1.0, "P": 0.0}  # reward and punishment
_COMMENT = "C"
_RICH = frozenset("HY")


class LiveAgent(ExportedFiles):
    """Saved answers of API v3: a ticket's message groups, `[{id, type, userid, messages}]`.

    Lists of tickets are read too. The customer is who began; what any other user
    wrote is staff's. Rankings are thumbs with a comment.
    """

    kind = "liveagent"
    name_en = "LiveAgent"
    name_vi = "LiveAgent"
    covers = "saved tickets, chats with who spoke, and rankings with their comments"
    does_not_cover = "what was not saved; notes among agents"
    evidence = "built from documentation (the names of API v3), experimental: no answer was seen"
    marks = frozenset({"messages", "datecreated", "userid"})
    place = re.compile(r"(?:[\w.-]+\.)?(?:ladesk|liveagent)\.com(?:/|$)")
    why = "LiveAgent's tickets are read from files"
    instead = (
        "save /api/v3/tickets/NUMBER/messages, or export the tickets, then: "
        "earful import FILE --source liveagent"
    )
    feedback_kind = FeedbackKind.TICKET

    def read(self, fetched: Fetched) -> Page:
        """Return the messages of saved groups, the first words of tickets, or a table's rows."""
        if not is_markup(fetched.body):
            return super().read(fetched)
        answer = read_json(fetched, kind=self.kind)
        rows = answer if isinstance(answer, list) else listed(answer, "data", kind=self.kind)
        customers = _customers(rows)
        ticket = re.search(r"/tickets/([^/?]+)/", fetched.url)
        above = ticket[1] if ticket else None

        def read_one(row: Any) -> Iterator[RawItem]:
            return _group(row, customers, above) if "messages" in row else iter((_ticket(row),))

        items, problems = read_many(rows, read_one, kind=self.kind)
        return Page(source=self.kind, items=items, is_end=True, problems=problems)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without e-mail addresses of customers."""
        return emptied(fetched, "owner_email", "email")


def _customers(rows: list[Any]) -> frozenset[str]:
    """Return the numbers of those who began: of incoming groups, else of the first one."""
    groups = [row for row in rows if isinstance(row, dict) and row.get("type") in _SPOKEN]
    begun = [row for row in groups if row["type"] in _BEGUN] or groups[:1]
    return frozenset(str(row.get("userid")) for row in begun)


def _ticket(row: Any) -> RawItem:
    """Return a ticket by its subject: its messages are another answer."""
    return RawItem(
        key=row["id"],
        title=row["subject"],
        text=row.get("preview"),
        author=row.get("owner_name"),
        posted=row["date_created"],
        feedback_kind=FeedbackKind.TICKET,
    )


def _group(row: Any, customers: frozenset[str], ticket: str | None) -> Iterator[RawItem]:
    """Yield the words and rankings of one group of messages."""
    above = ticket or row["id"]
    comments = [each["message"] for each in row["messages"] if each["type"] == _COMMENT]
    for each in row["messages"]:
        if each["type"] in _SCORES:
            yield RawItem(
                key=each["id"],
                text=comments[0] if comments else None,
                posted=each["datecreated"],
                feedback_kind=FeedbackKind.SURVEY,
                parent=above,
                answers=(Answer("csat", _SCORES[each["type"]], THUMBS),),
            )
        elif each["type"] in _WORDS and each["message"] and row["type"] in _SPOKEN | {"4"}:
            is_customer = row["type"] != "4" and str(each.get("userid")) in customers
            yield RawItem(
                key=each["id"],
                text=each["message"],
                markup=Markup.HTML if each.get("format") in _RICH else Markup.PLAIN,
                author=row.get("user_full_name"),
                posted=each["datecreated"],
                feedback_kind=FeedbackKind.CONVERSATION,
                speaker=Speaker.CUSTOMER if is_customer else Speaker.STAFF,
                parent=above,
            )


SOURCE = LiveAgent()
