"""Answers to an own SurveyMonkey survey, joined to what its questions ask."""

from __future__ import annotations

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

API = "https://api.surveymonkey.com/v3/surveys"
PER_PAGE = 100
_NUMBER = re.compile(r"\d{1,3}(?:\.\d+)?")
_PERSONAL = ("email_address", "ip_address", "first_name", "last_name", "phone", "analyze_url")


class SurveyMonkey(Source):
    """The answers to one survey, newest first; the target is the survey's number.

    The survey's details are asked for first: an answer names its choice by
    number only. A single answer, saved by itself, is read as well; its choices
    are unknown then, and that is said.
    """

    kind = "surveymonkey"
    name_en = "SurveyMonkey"
    name_vi = "SurveyMonkey"
    access = Access.KEY
    covers = "all answers to a survey: texts, choices and ratings, CSAT, NPS and CES among them"
    does_not_cover = "names, e-mail and network addresses of those who answered: they are not kept"
    evidence = "one answer read on a real response of 2024-02; the survey from documentation"
    expect = Expect(min_items=0, filled=("posted",))
    default_every_min = 60
    matches_by_construction = True
    keys = ("token",)
    keys_en = "On developer.surveymonkey.com make a private app; its Settings show the access token"
    keys_vi = "Ở developer.surveymonkey.com, tạo một ứng dụng riêng; mục Settings có access token"
    marks = frozenset({"response_status", "date_created"})

    def recognise(self, url: str) -> str | None:
        """Return the survey's number of an API address, the code of a page (no number: told)."""
        host = host_of(url)
        if not re.fullmatch(r"(?:[\w-]+\.)?surveymonkey\.(?:com|ca|co\.uk|eu)", host):
            return None
        named = re.search(r"/v3/surveys/(\d+)", url) or re.search(r"/(?:r|analyze)/(\w+)", url)
        return named[1] if named else None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a survey's number."""
        if not re.fullmatch(r"[0-9]+", target):
            raise ConfigError(
                "is not the number of a survey",
                subject=f"surveymonkey:{target}",
                next_step="give the survey's number, as GET /v3/surveys lists it",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for the survey's questions."""
        return Ask(url=f"{API}/{order.target}/details")

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the access token."""
        bearer = f"Bearer {secret(order, 'token')}"
        return as_sent(replace(ask, headers=(*ask.headers, ("Authorization", bearer))))

    def read(self, fetched: Fetched) -> Page:
        """Return one page of answers, or the way to them when the answer is the survey."""
        answer = read_json(fetched, kind=self.kind)
        if isinstance(answer, dict) and "question_count" in answer:
            return _way_to_answers(answer)
        is_single = isinstance(answer, dict) and "response_status" in answer
        rows = [answer] if is_single else listed(answer, "data", kind=self.kind)
        asked = carried(fetched.url)
        items, problems = read_each(rows, lambda row: _read(row, asked), kind=self.kind)
        page = asked_for(fetched.url, "page")
        goes_on = page.isdecimal() and bool((answer.get("links") or {}).get("next"))
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=with_query(fetched.url, page=int(page) + 1)) if goes_on else None,
            is_end=not is_single and not goes_on,
            total=answer.get("total"),
            problems=(*problems, *_unjoined(rows, asked)),
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what the API's error answer says."""
        return refused(fetched, kind=self.kind)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without what tells who answered."""
        return emptied(fetched, *_PERSONAL)


def _way_to_answers(survey: Any) -> Page:
    """Return a page that leads to the answers of a survey, carrying what it asks."""
    try:
        place = f"{API}/{survey['id']}/responses/bulk"
        ask = Ask(url=with_query(place, per_page=PER_PAGE, sort_order="DESC", page=1))
        return Page(source="surveymonkey", next=carrying(ask, _questions(survey)))
    except (KeyError, TypeError) as fault:
        raise SourceChanged(
            f"the survey is not in the known shape ({fault})", subject="surveymonkey"
        ) from fault


def _questions(survey: Any) -> dict[str, Question]:
    """Return what a survey asks, by the number of the question."""
    return {
        question["id"]: _question(question)
        for page in survey["pages"]
        for question in page["questions"]
    }


def _question(told: Any) -> Question:
    """Return a question; it is rated when each of its choices has a number for words or weight."""
    title = " ".join(str(each["heading"]) for each in told["headings"])
    choices = (told.get("answers") or {}).get("choices") or []
    labels = {each["id"]: str(each.get("text") or "") for each in choices}
    scored = [each for each in choices if not each.get("is_na")]
    values = {each["id"]: value for each in scored if (value := _value(each, told)) is not None}
    if len(scored) < 2 or len(values) < len(scored):
        return Question(title, labels=labels)
    return Question(title, Scale(min(values.values()), max(values.values())), values, labels)


def _value(choice: Any, question: Any) -> float | None:
    """Return a choice's number: its words ("0" to "10"), else its weight in a rating question."""
    words = str(choice.get("text") or "").strip()
    if _NUMBER.fullmatch(words):
        return float(words)
    weight = choice.get("weight")
    is_rating = question.get("subtype") == "rating"
    return float(weight) if is_rating and weight is not None else None


def _read(row: Any, asked: dict[str, Question]) -> RawItem:
    said = [
        (asked.get(question["id"]), answer)
        for page in row["pages"]
        for question in page["questions"]
        for answer in question["answers"]
    ]
    return RawItem(
        key=row["id"],
        text="\n".join(words for each in said if (words := _words(*each))) or None,
        posted=row["date_created"],
        feedback_kind=FeedbackKind.SURVEY,
        answers=tuple(_measured(said)),
    )


def _words(question: Question | None, answer: Any) -> str:
    """Return what was written, else the words of the choice, unless they are its rating."""
    if answer.get("text"):
        return str(answer["text"])
    if question is None or question.scale:
        return ""
    return question.labels.get(answer.get("choice_id", ""), "")


def _measured(said: list[tuple[Question | None, Any]]) -> Iterator[Answer]:
    for question, answer in said:
        value = question.values.get(answer.get("choice_id", "")) if question else None
        measured = question.answer(value) if question and value is not None else None
        if measured:
            yield measured


def _unjoined(rows: list[Any], asked: dict[str, Question]) -> list[Problem]:
    """Return a problem when choices were made whose words nobody told."""
    if asked or not any("choice_id" in str(row) for row in rows):
        return []
    words = "choices are not told: only the survey's details name them"
    return [Problem(code="no-scale", words=words)]


SOURCE = SurveyMonkey()
