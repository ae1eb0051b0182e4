"""Answers to an own Typeform, rated on the scales that the form declares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.answers import emptied, listed, read_each, read_json, refused
from crawlers.asking import asked_for, with_query
from crawlers.base import Access, Expect, Source, host_of, secret
from crawlers.surveys import Question, as_sent, carried, carrying
from ingest.errors import ConfigError, SourceChanged, SourceError
from ingest.mention import Answer, FeedbackKind, RawItem, Scale
from ingest.page import Ask, Fetched, Page, Problem
from ingest.visit import Order

API = "https://api.typeform.com/forms"
PER_PAGE = 1000
_FORM = re.compile(r"[A-Za-z0-9]{4,40}")
_RATED = frozenset({"opinion_scale", "rating", "nps"})


class Typeform(Source):
    """The answers to one form, newest first; the target is the form's id.

    The form is asked for first: a rated answer is a bare number there, and only
    the form says on which scale. Without the form (a saved list of answers)
    numbers are not measured, and that is said.
    """

    kind = "typeform"
    name_en = "Typeform"
    name_vi = "Typeform"
    access = Access.KEY
    covers = "all answers to a form: texts, choices and ratings, CSAT, NPS and CES among them"
    does_not_cover = "e-mail addresses, phone numbers and files of the answers: they are not kept"
    evidence = "answers read on a real response of 2023-06; the form from documentation"
    expect = Expect(min_items=0, filled=("posted",))
    default_every_min = 60
    matches_by_construction = True
    keys = ("token",)
    keys_en = (
        "On admin.typeform.com under your account, Personal tokens, make one that may read "
        "forms and responses"
    )
    keys_vi = (
        "Ở admin.typeform.com, trong tài khoản, mục Personal tokens, tạo một token được đọc "
        "biểu mẫu và câu trả lời"
    )
    marks = frozenset({"response_id", "submitted_at"})

    def recognise(self, url: str) -> str | None:
        """Return the form's id of its page or of its answers in the API."""
        host = host_of(url)
        if host != "typeform.com" and not host.endswith(".typeform.com"):
            return None
        named = re.search(r"/(?:to|forms?)/([A-Za-z0-9]+)(?:[/?#]|$)", url)
        return named[1] if named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` can be a form's id."""
        if not _FORM.fullmatch(target):
            raise ConfigError(
                "is not the id of a form",
                subject=f"typeform:{target}",
                next_step="give the form's address, such as https://luamay.typeform.com/to/AbCd12",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the form."""
        return Ask(url=f"{API}/{order.target}")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the access token."""
        bearer = f"Bearer {secret(order, 'token')}"
        return as_sent(replace(ask, headers=(*ask.headers, ("Authorization", bearer))))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of answers, or the way to them when the answer is the form."""
        answer = _answer(fetched)
        if isinstance(answer, dict) and "fields" in answer:
            return _way_to_answers(answer)
        rows = answer if isinstance(answer, list) else listed(answer, "items", kind=self.kind)
        asked = carried(fetched.url)
        items, problems = read_each(rows, lambda row: _read(row, asked), kind=self.kind)
        goes_on = len(rows) >= PER_PAGE and "/responses" in fetched.url
        total = None if isinstance(answer, list) else answer.get("total_items")
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, before=items[-1].key or ""))
            if goes_on and items
            else None,
            is_end=not goes_on,
            total=None if asked_for(fetched.url, "before") else total,
            problems=(*problems, *_unmeasured(rows, asked)),
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the API's error answer says."""
        return refused(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without e-mail addresses and phone numbers."""
        return emptied(fetched, "email", "phone_number")


def _answer(fetched: Fetched) -> Any:
    """Return the JSON value of an answer, a list for a file with one answer a line."""
    lines = fetched.body.strip().splitlines()
    if len(lines) > 1 and all(line.startswith(b"{") for line in lines):
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            pass  # pretty-printed JSON whose every line begins so is none; read it as a whole
    return read_json(fetched, kind="typeform")


def _way_to_answers(form: Any) -> Page:
    """Return a page that leads to the answers of a form, carrying what the form declares."""
    try:
        ask = Ask(url=f"{API}/{form['id']}/responses?page_size={PER_PAGE}")
        return Page(source="typeform", next=carrying(ask, _questions(form)))
    except (KeyError, TypeError) as fault:
        raise SourceChanged(
            f"the form is not in the known shape ({fault})", subject="typeform"
        ) from fault


def _questions(form: Any) -> dict[str, Question]:
    """Return what a form asks, by the number of the field; groups are opened."""
    return {field["id"]: _question(field) for field in _fields(form["fields"])}


def _fields(fields: Any) -> Iterator[Any]:
    for field in fields:
        yield field
        yield from _fields((field.get("properties") or {}).get("fields") or ())


def _question(field: Any) -> Question:
    told, kind = field.get("properties") or {}, field["type"]
    title = str(field["title"])
    if kind == "nps":
        return Question(title, Scale(0, 10))
    if kind == "rating":
        return Question(title, Scale(1, told["steps"]))
    if kind == "opinion_scale":
        low = 1 if told.get("start_at_one") else 0
        return Question(title, Scale(low, told["steps"] - 1 + low))
    return Question(title)


def _read(row: Any, asked: dict[str, Question]) -> RawItem:
    said = list(row.get("answers") or ())
    return RawItem(
        key=row["response_id"],
        text="\n".join(words for each in said for words in _words(each)) or None,
        posted=row["submitted_at"],
        feedback_kind=FeedbackKind.SURVEY,
        answers=tuple(_measured(said, asked)),
    )


def _words(answer: Any) -> list[str]:
    """Return what was written or chosen; addresses, numbers and files are not words."""
    if answer["type"] == "text":
        return [answer["text"]]
    if answer["type"] == "choice":
        told = answer["choice"]
        return [each for each in (told.get("label"), told.get("other")) if each]
    if answer["type"] == "choices":
        other = answer["choices"].get("other")
        return [*(answer["choices"].get("labels") or ()), *([other] if other else [])]
    return []


def _measured(said: list[Any], asked: dict[str, Question]) -> Iterator[Answer]:
    for each in said:
        question = asked.get(each["field"]["id"])
        answer = question.answer(each["number"]) if question and each["type"] == "number" else None
        if answer:
            yield answer


def _unmeasured(rows: list[Any], asked: dict[str, Question]) -> list[Problem]:
    """Return a problem when ratings were given whose scale nobody told."""
    rated = {
        each["field"]["id"]
        for row in rows
        if isinstance(row, dict)
        for each in row.get("answers") or ()
        if each.get("type") == "number" and each.get("field", {}).get("type") in _RATED
    }
    unknown = sum(1 for name in rated if not (name in asked and asked[name].scale))
    if not unknown:
        return []
    words = f"{unknown} rated questions are not measured: only the form tells their scale"
    return [Problem(code="no-scale", words=words)]


SOURCE = Typeform()
