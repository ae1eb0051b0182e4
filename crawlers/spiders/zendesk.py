"""Support tickets in an own Zendesk: what customers wrote, how they rated the help."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.answers import emptied, listed, read_json, read_many, refused
from crawlers.base import Access, Expect, Source, host_of, secret
from ingest.errors import ConfigError, SourceError
from ingest.mention import Answer, FeedbackKind, RawItem, Scale, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order

THUMBS = Scale(0, 1)
_SCORES = {"good": 1.0, "bad": 0.0}
_STAFF_ROLES = frozenset({"agent", "admin"})
FIVE = Scale(1, 5)
_LISTS = ("tickets", "audits", "satisfaction_ratings", "survey_responses", "results")


class Zendesk(Source):
    """The tickets of one help desk, newest first; the target is its host.

    `{tickets, users}` is asked for. Saved `{audits}`, which hold every comment,
    and `{satisfaction_ratings}` are read as well: a ticket's number is its key in
    each of them, so nothing is kept twice.
    """

    kind = "zendesk"
    name_en = "Zendesk"
    name_vi = "Zendesk"
    access = Access.KEY
    covers = "each new ticket's first words, and the rating given by the time it is read"
    does_not_cover = "later comments (saved audit answers are read), ratings given after a visit"
    evidence = (
        "audits and a ticket read on real responses of 2023-09; "
        "the ticket list, users and ratings from documentation"
    )
    expect = Expect(min_items=0, filled=("text", "posted"))
    default_every_min = 15
    matches_by_construction = True
    keys = ("email", "token")
    keys_en = "In Zendesk Admin Center under Apps and integrations, Zendesk API: add a token"
    keys_vi = "Trong Zendesk Admin Center, mục Apps and integrations, Zendesk API: thêm một token"
    marks = frozenset({"author_id", "via", "events"})

    def recognise(self, url: str) -> str | None:
        """Return the host of a help desk's page."""
        host = host_of(url)
        return host if re.fullmatch(r"[a-z0-9-]+\.zendesk\.com", host) else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a help desk's host."""
        if not re.fullmatch(r"[a-z0-9-]+\.zendesk\.com", target):
            raise ConfigError(
                "is not the host of a help desk",
                subject=f"zendesk:{target}",
                next_step="give the address of your Zendesk, such as luamay.zendesk.com",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the newest tickets and who wrote them."""
        query = "page%5Bsize%5D=100&sort=-id&include=users"
        return Ask(url=f"https://{order.target}/api/v2/tickets.json?{query}")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the agent's API token."""
        pair = f"{secret(order, 'email')}/token:{secret(order, 'token')}"
        basic = f"Basic {b64encode(pair.encode()).decode()}"
        return replace(ask, headers=(*ask.headers, ("Authorization", basic)))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of tickets, of their comments or of ratings."""
        answer = read_json(fetched, kind=self.kind)
        if isinstance(answer, dict) and isinstance(answer.get("ticket"), dict):
            answer = {**answer, "tickets": [answer["ticket"]]}
        names = [name for name in _LISTS if isinstance(answer, dict) and name in answer]
        name = names[0] if names else "tickets"
        rows = listed(answer, name, kind=self.kind)
        people = _People(answer)
        read_one = {
            "audits": people.audit,
            "satisfaction_ratings": _rating_row,
            "survey_responses": _survey,
        }.get(name, people.ticket)
        items, problems = read_many(rows, read_one, kind=self.kind)
        following = _next(answer, fetched.url)
        return Page(
            source=host_of(fetched.url),
            items=items,
            next=Ask(url=following) if following else None,
            is_end="meta" in answer and not answer["meta"].get("has_more"),
            total=answer.get("count") if isinstance(answer.get("count"), int) else None,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the help desk's error answer says."""
        return refused(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without network and e-mail addresses and phone numbers of people."""
        return emptied(fetched, "ip_address", "email", "phone", "location")


def _next(answer: Any, url: str) -> str:
    """Return the address of the following page, "" unless it is on the same help desk."""
    has_more = (answer.get("meta") or {}).get("has_more")
    told = (answer.get("links") or {}).get("next") if has_more else None
    return told if told and host_of(told) == host_of(url) else ""


class _People:
    """Tells customers and staff apart: by their role, else by who asked for help."""

    def __init__(self, answer: Any) -> None:
        told = answer.get("users") if isinstance(answer, dict) else None
        self._users = {user["id"]: user for user in told or () if isinstance(user, dict)}
        self._asked = dict(_requesters(answer))

    def name(self, number: Any) -> str | None:
        """Return what a person is called, None when the answer does not say."""
        return (self._users.get(number) or {}).get("name")

    def speaker(self, number: Any, *, is_public: bool, asked: Any) -> Speaker:
        """Return who speaks; a note that customers cannot see is staff's.

        Of whom no role is told, who is not the one that `asked` for help is staff.
        """
        role = (self._users.get(number) or {}).get("role")
        is_other = role is None and asked is not None and str(asked) != str(number)
        is_staff = role in _STAFF_ROLES or is_other or not is_public
        return Speaker.STAFF if is_staff else Speaker.CUSTOMER

    def ticket(self, row: Any) -> Iterator[RawItem]:
        """Yield a ticket's first words and the rating of the help."""
        key = str(row["id"])
        writer = row.get("submitter_id") or row["requester_id"]
        yield RawItem(
            key=key,
            url=_page_of(row),
            title=row["subject"],
            text=row["description"],
            author=self.name(writer),
            posted=row["created_at"],
            feedback_kind=FeedbackKind.TICKET,
            speaker=self.speaker(
                writer, is_public=row.get("is_public") is not False, asked=row.get("requester_id")
            ),
        )
        told = row.get("satisfaction_rating") or {}
        if told.get("score") in _SCORES:
            yield _rating(key, told, author=self.name(row["requester_id"]), posted=None)

    def audit(self, row: Any) -> Iterator[RawItem]:
        """Yield the comments of one change of a ticket; the first is the ticket itself."""
        ticket = str(row["ticket_id"])
        created = {
            each.get("field_name"): each.get("value")
            for each in row["events"]
            if each["type"] == "Create"
        }
        for each in row["events"]:
            if each["type"] != "Comment":
                continue
            writer = each["author_id"]
            yield RawItem(
                key=ticket if created else f"{ticket}/{each['id']}",
                title=created.get("subject"),
                text=each.get("plain_body") or each["body"],
                author=self.name(writer),
                posted=row["created_at"],
                feedback_kind=FeedbackKind.TICKET if created else FeedbackKind.CONVERSATION,
                speaker=self.speaker(
                    writer, is_public=each["public"], asked=self._asked.get(ticket)
                ),
                parent=None if created else ticket,
            )


def _requesters(answer: Any) -> Iterator[tuple[str, Any]]:
    """Yield (ticket, who asked for help) of the tickets that the answer sees made."""
    audits = answer.get("audits") if isinstance(answer, dict) else None
    for row in audits if isinstance(audits, list) else ():
        for each in row.get("events") or () if isinstance(row, dict) else ():
            told = (each.get("type"), each.get("field_name")) if isinstance(each, dict) else ()
            if told == ("Create", "requester_id"):
                yield str(row.get("ticket_id")), each.get("value")


def _page_of(row: Any) -> str | None:
    """Return the address at which an agent opens the ticket."""
    host = host_of(row.get("url") or "")
    return f"https://{host}/agent/tickets/{row['id']}" if host else None


def _rating_row(row: Any) -> Iterator[RawItem]:
    """Yield a rating of the list of ratings; offers without an answer are none."""
    if row["score"] in _SCORES:
        yield _rating(str(row["ticket_id"]), row, author=None, posted=row["created_at"])


def _survey(row: Any) -> Iterator[RawItem]:
    """Yield the answer to a satisfaction survey: its rating of 1 to 5 and its words."""
    rated = [each for each in row["answers"] if each["type"] == "rating_scale"]
    said = [each["value"] for each in row["answers"] if each["type"] == "open_ended"]
    about = [str(each.get("id") or "") for each in row.get("subjects") or ()]
    answers = tuple(
        Answer("csat", float(each["rating"]), FIVE) for each in rated if each["rating"] is not None
    )
    text = "\n".join(words for words in said if words) or None
    if answers or text:
        yield RawItem(
            key=f"survey/{row['id']}",
            text=text,
            posted=next((each.get("created_at") for each in row["answers"]), None),
            feedback_kind=FeedbackKind.SURVEY,
            parent=about[0] if about else None,
            answers=answers,
        )


def _rating(ticket: str, told: Any, *, author: str | None, posted: str | None) -> RawItem:
    return RawItem(
        key=f"{ticket}/rating",
        text=told.get("comment"),
        author=author,
        posted=posted,
        feedback_kind=FeedbackKind.SURVEY,
        parent=ticket,
        answers=(Answer("csat", _SCORES[told["score"]], THUMBS),),
    )


SOURCE = Zendesk()
