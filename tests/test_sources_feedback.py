"""Help desks and surveys: who speaks, what was rated, and on which scale."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawlers.asking import asked_for
from crawlers.registry import source_of
from crawlers.surveys import Question, as_sent, carried, carrying, metric_of
from crawlers.walk import Answer, Walk
from ingest.errors import SourceChanged
from ingest.mention import Scale, Speaker
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order, Outcome, VisitFacts

SEEN = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
HOSTS = {"zendesk": "luamay.zendesk.com", "freshdesk": "luamay.freshdesk.com"}


def read(kind: str, body: object, url: str = "") -> Page:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = url or f"https://{HOSTS.get(kind, 'luamay.example')}/a.json"
    return source_of(kind).read(Fetched(url=address, body=content, fetched_at=SEEN))


# Help desks


def audit(ticket: int, *events: dict[str, object]) -> dict[str, object]:
    return {"ticket_id": ticket, "created_at": "2025-11-10T03:00:00Z", "events": list(events)}


def comment(number: int, author: int, *, public: bool = True) -> dict[str, object]:
    return {
        "id": number, "type": "Comment", "author_id": author, "public": public,
        "body": f"lời {number}",
    }  # fmt: skip


def test_comments_of_staff_are_kept_as_staffs() -> None:
    created = {"type": "Create", "field_name": "subject", "value": "Nồi cháy"}
    body = {
        "audits": [
            audit(8, comment(1, 5), created),
            audit(8, comment(2, 9)),
            audit(8, comment(3, 5)),
            audit(8, comment(4, 7, public=False)),
            audit(8, {"type": "Change", "field_name": "status", "value": "solved"}),
        ],
        "users": [{"id": 5, "role": "end-user", "name": "Na"}, {"id": 9, "role": "agent"}],
    }
    items = read("zendesk", body).items
    assert [(item.key, item.parent) for item in items] == [
        ("8", None), ("8/2", "8"), ("8/3", "8"), ("8/4", "8")
    ]  # fmt: skip
    assert [item.speaker.value for item in items] == ["customer", "staff", "customer", "staff"]
    assert (items[0].title, items[0].author) == ("Nồi cháy", "Na")


@pytest.mark.parametrize(
    ("score", "values"), [("good", [1.0]), ("bad", [0.0]), ("offered", []), ("unoffered", [])]
)
def test_a_rating_counts_when_it_was_given(score: str, values: list[float]) -> None:
    row = {"id": 1, "ticket_id": 8, "score": score, "created_at": "2025-11-10T03:00:00Z"}
    page = read("zendesk", {"satisfaction_ratings": [row], "meta": {"has_more": False}})
    assert [answer.value for item in page.items for answer in item.answers] == values
    assert page.is_end


def test_a_help_desk_never_leads_to_another_host() -> None:
    links = {"next": "https://elsewhere.example/api/v2/tickets.json?page=2"}
    page = read("zendesk", {"tickets": [], "meta": {"has_more": True}, "links": links})
    assert (page.next, page.is_end) == (None, False)


def test_parts_and_ratings_of_a_ticket_are_read() -> None:
    time = "2025-11-10T03:00:00Z"
    rows = [
        {
            "id": 1,
            "ticket_id": 8,
            "incoming": True,
            "body_text": "Sao lâu vậy?",
            "created_at": time,
        },
        {"id": 2, "ticket_id": 8, "incoming": False, "body_text": "Dạ, ngay", "created_at": time},
        {"id": 3, "ticket_id": 8, "ratings": {"default_question": -103}, "created_at": time},
    ]
    first, second, rated = read("freshdesk", rows).items
    assert (first.speaker, second.speaker) == (Speaker.CUSTOMER, Speaker.STAFF)
    assert (rated.answers[0].value, rated.answers[0].scale) == (-103.0, Scale(-103, 103))


def test_spam_is_left_out_and_said() -> None:
    row = {"id": 5, "subject": "x", "description": "y", "spam": True, "created_at": "2025-11-10"}
    page = read("freshdesk", {"results": [row], "total": 1})
    assert (page.items, page.total, page.problems[0].key) == ((), 1, "5")


def test_messages_of_a_conversation_tell_who_speaks() -> None:
    base = {"conversation_id": 4, "created_at": 1762743600, "private": False}
    rows = [
        {**base, "id": 1, "message_type": 0, "content": "Máy kêu to", "sender": {"name": "Na"}},
        {**base, "id": 2, "message_type": 1, "content": "We will call you"},
        {**base, "id": 3, "message_type": 2, "content": "Conversation was resolved"},
        {**base, "id": 4, "message_type": 0, "content": None},
    ]
    items = read("chatwoot", {"payload": rows}).items
    assert [(item.key, item.speaker) for item in items] == [
        ("message/1", Speaker.CUSTOMER), ("message/2", Speaker.STAFF)
    ]  # fmt: skip


# Surveys

FORM = {
    "id": "AbCd12",
    "title": "Sau khi mua",
    "fields": [
        {"id": "a", "title": "Bạn có giới thiệu Lúa Mây?", "type": "nps", "properties": {}},
        {"id": "b", "title": "Are you satisfied?", "type": "rating", "properties": {"steps": 7}},
        {"id": "c", "title": "Độ ồn", "type": "opinion_scale", "properties": {"steps": 11}},
        {
            "id": "g", "title": "Nhóm", "type": "group",
            "properties": {"fields": [
                {"id": "d", "title": "Có dễ dàng không?", "type": "opinion_scale",
                 "properties": {"steps": 5, "start_at_one": True}},
            ]},
        },
    ],
}  # fmt: skip


def response(**numbers: int) -> dict[str, object]:
    said = [
        {"field": {"id": name, "type": "rating"}, "type": "number", "number": number}
        for name, number in numbers.items()
    ]
    return {"response_id": "r", "submitted_at": "2025-11-10T03:00:00Z", "answers": said}


def test_a_number_is_measured_on_the_scale_its_form_declares() -> None:
    way = read("typeform", FORM).next
    assert way
    assert as_sent(way).url == "https://api.typeform.com/forms/AbCd12/responses?page_size=1000"
    page = read("typeform", {"items": [response(a=9, b=7, c=0, d=5)], "total_items": 1}, way.url)
    told = [(each.metric, each.value, each.scale) for each in page.items[0].answers]
    assert told == [
        ("nps", 9, Scale(0, 10)), ("csat", 7, Scale(1, 7)), ("Độ ồn", 0, Scale(0, 10)),
        ("ces", 5, Scale(1, 5)),
    ]  # fmt: skip
    assert page.problems == ()


def test_a_number_without_its_form_is_not_measured_and_that_is_said() -> None:
    row = response(a=1)
    page = read("typeform", {"items": [row]}, "https://luamay.example/saved.json")
    assert page.items[0].answers == ()
    assert [problem.code for problem in page.problems] == ["no-scale"]


def test_answers_one_a_line_are_read() -> None:
    lines = "\n".join(json.dumps({**response(a=1), "response_id": key}) for key in "xy")
    page = read("typeform", lines.encode(), "https://luamay.example/saved.jsonl")
    assert [item.key for item in page.items] == ["x", "y"]


def test_older_answers_are_asked_for_with_the_form_at_hand() -> None:
    way = read("typeform", FORM).next
    assert way
    rows = [{**response(a=1), "response_id": f"r{n}"} for n in range(1000)]
    page = read("typeform", {"items": rows, "total_items": 1500}, way.url)
    assert page.next
    assert asked_for(page.next.url, "before") == "r999"
    assert carried(page.next.url) == carried(way.url)
    assert read("typeform", {"items": [], "total_items": 500}, page.next.url).total is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [("typeform", {"id": "x", "fields": [{}]}), ("surveymonkey", {"id": "1", "question_count": 1})],
)
def test_a_form_in_another_shape_is_changed(kind: str, body: object) -> None:
    with pytest.raises(SourceChanged, match="known shape"):
        read(kind, body)


def choices(*told: tuple[str, str, int | None]) -> dict[str, object]:
    return {"choices": [{"id": i, "text": text, "weight": w} for i, text, w in told]}


def test_choices_are_joined_to_the_surveys_words() -> None:
    nps = choices(*((f"n{n}", str(n), 100 if n > 8 else 0) for n in range(11)))
    rating = choices(("s1", "Rất tệ", 1), ("s2", "Tạm", 2), ("s3", "Rất tốt", 3))
    shop = choices(("p1", "Shopee", None), ("p2", "Cửa hàng", None))
    questions = [
        {"id": "1", "headings": [{"heading": "Would you recommend us?"}], "answers": nps},
        {"id": "2", "headings": [{"heading": "Bạn có hài lòng?"}], "answers": rating,
         "subtype": "rating"},
        {"id": "3", "headings": [{"heading": "Mua ở đâu?"}], "answers": shop},
        {"id": "4", "headings": [{"heading": "Ý kiến khác"}]},
    ]  # fmt: skip
    way = read(
        "surveymonkey", {"id": "30000001", "question_count": 4, "pages": [{"questions": questions}]}
    ).next
    assert way
    picked = [("1", "n2"), ("2", "s1"), ("3", "p2")]
    said = [{"id": q, "answers": [{"choice_id": c}]} for q, c in picked]
    row = {"id": "7", "date_created": "2025-11-10T03:00:00+00:00", "pages": [{"questions": said}]}
    (item,) = read("surveymonkey", {"data": [row], "total": 1}, way.url).items
    assert [(each.metric, each.value, each.scale) for each in item.answers] == [
        ("nps", 2.0, Scale(0, 10)), ("csat", 1.0, Scale(1, 3))
    ]  # fmt: skip
    assert item.text == "Cửa hàng"


def test_choices_without_their_survey_are_said_to_be_unknown() -> None:
    said = [{"id": "1", "answers": [{"choice_id": "9"}]}, {"id": "2", "answers": [{"text": "Ồn"}]}]
    row = {
        "id": "7", "response_status": "completed", "date_created": "2025-11-10T03:00:00+00:00",
        "pages": [{"questions": said}],
    }  # fmt: skip
    page = read("surveymonkey", row, "https://luamay.example/one.json")
    assert [item.text for item in page.items] == ["Ồn"]
    assert [problem.code for problem in page.problems] == ["no-scale"]


@pytest.mark.parametrize(
    ("title", "metric"),
    [
        ("Bạn có giới thiệu Lúa Mây cho bạn bè?", "nps"), ("Would you recommend us?", "nps"),
        ("Mức độ hài lòng của bạn", "csat"), ("How satisfied are you?", "csat"),
        ("Đổi trả có dễ dàng không?", "ces"), ("How easy was it?", "ces"),
        ("Độ ồn của máy", "Độ ồn của máy"),
    ],
)  # fmt: skip
def test_a_questions_words_tell_its_metric(title: str, metric: str) -> None:
    assert metric_of(title) == metric


def test_what_a_form_declares_travels_unsent() -> None:
    asked = {"a": Question("Hài lòng?", Scale(1, 5), {"c": 2.0}, {"c": "Ổn & tốt #1"})}
    ask = carrying(Ask(url="https://api.example/answers?page=1"), asked)
    assert carried(ask.url) == asked
    assert as_sent(ask).url == "https://api.example/answers?page=1"
    assert carried("https://api.example/answers#top") == {}
    mine = Order(watch_id=1, kind="typeform", target="AbCd12", options={"token": "t"})
    signed = source_of("typeform").sign(ask, mine, now=SEEN)
    assert signed.url == as_sent(ask).url
    assert replace(signed, url=ask.url, headers=()) == ask


class Desk:
    """Answers requests by the start of their address, and takes pages in."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers, self.asked, self.pages = answers, list[str](), list[tuple[Fetched, Page]]()

    async def fetch(self, ask: Ask) -> Answer:
        self.asked.append(ask.url)
        body = next(each for start, each in self.answers.items() if ask.url.startswith(start))
        found = Fetched(url=ask.url, body=json.dumps(body).encode(), fetched_at=SEEN)
        return Answer(fetched=found)

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        self.pages.append((fetched, page))
        return True

    def end(self, order: Order, facts: VisitFacts) -> None:
        raise AssertionError("a walk does not end a visit")


def test_a_visit_reads_the_form_first_and_keeps_what_it_declares() -> None:
    place = "https://api.typeform.com/forms/AbCd12"
    listing = {"items": [response(a=9)], "total_items": 1}
    desk = Desk({f"{place}/responses": listing, place: FORM})
    mine = Order(watch_id=1, kind="typeform", target="AbCd12", options={"token": "t"})
    walk = Walk(mine, source_of("typeform"), desk, desk.fetch, now=lambda: SEEN)
    facts = asyncio.run(walk.visit())
    assert desk.asked == [place, f"{place}/responses?page_size=1000"]
    assert (facts.outcome, facts.is_complete) == (Outcome.OK, True)
    kept, page = desk.pages[-1]
    assert page.items[0].answers[0].metric == "nps"
    assert source_of("typeform").read(kept) == page


def test_who_did_not_ask_for_help_is_staff_where_no_role_is_told() -> None:
    def audit(number: int, writer: int, words: str, *made: dict[str, object]) -> dict[str, object]:
        said = {"id": number + 500, "type": "Comment", "author_id": writer, "public": True,
                "body": words}  # fmt: skip
        return {"id": number, "ticket_id": 7, "author_id": writer, "via": {"channel": "web"},
                "created_at": "2026-11-02T00:00:00Z", "events": [said, *made]}  # fmt: skip

    made = {"type": "Create", "field_name": "requester_id", "value": "11"}
    audits = [audit(1, 11, "Nồi không nóng", made), audit(2, 99, "Dạ em kiểm tra ngay")]
    items = read("zendesk", {"audits": [*audits, audit(3, 11, "Still cold")]}).items
    assert [(each.text, each.speaker) for each in items] == [
        ("Nồi không nóng", Speaker.CUSTOMER),
        ("Dạ em kiểm tra ngay", Speaker.STAFF),
        ("Still cold", Speaker.CUSTOMER),
    ]


def test_a_survey_of_the_newer_kind_is_read_with_its_words() -> None:
    row = {"id": "s1", "subjects": [{"id": "8", "type": "ticket"}], "answers": [
        {"type": "rating_scale", "rating": 2, "created_at": "2026-11-02T00:00:00Z"},
        {"type": "open_ended", "value": "Chờ ba ngày"}]}  # fmt: skip
    open_only = {"id": "s2", "answers": [{"type": "rating_scale", "rating": None}]}
    (item,) = read("zendesk", {"survey_responses": [row, open_only]}).items
    assert (item.key, item.text, item.parent) == ("survey/s1", "Chờ ba ngày", "8")
    assert [(each.metric, each.value, each.scale.high) for each in item.answers] == [
        ("csat", 2.0, 5)
    ]


def test_a_list_of_conversations_gives_their_messages() -> None:
    def message(number: int, kind: int, words: str) -> dict[str, object]:
        return {"id": number, "content": words, "message_type": kind, "private": False,
                "created_at": 1794300000, "conversation_id": 7, "sender": {}}  # fmt: skip

    one = {"id": 7, "messages": [message(1, 0, "Nồi hỏng"), message(2, 1, "Dạ em nghe")]}
    items = read("chatwoot", {"data": {"meta": {}, "payload": [one]}}).items
    assert [(each.key, each.text, each.speaker.value) for each in items] == [
        ("message/1", "Nồi hỏng", "customer"),
        ("message/2", "Dạ em nghe", "staff"),
    ]
