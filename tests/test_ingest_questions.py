"""Ready question sheets: what is asked with them comes back as answers, without mapping."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import run as earful

from ingest.files import read_table
from ingest.mention import FeedbackKind, Scale
from ingest.normalise import normalise_page
from ingest.questions import SHEETS, Question, question_of

SEEN = datetime(2026, 11, 22, tzinfo=UTC)
STAMP = {"en": ("Timestamp", "11/21/2026 9:05:33"), "vi": ("Dấu thời gian", "21/11/2026 09:05:33")}
SAID = {"en": "The lid cracked after a week", "vi": "Nắp bị nứt sau một tuần"}


def form(name: str, language: str, pick: Callable[[Question], str]) -> bytes:
    """Return the export of a form made with a sheet, as Google Forms writes it."""
    questions = SHEETS[name]
    head, stamp = STAMP[language]
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([head, *(each.words(language) for each in questions)])
    rows.writerow([stamp, *(pick(each) for each in questions)])
    return out.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("end", [0, 1])
def test_every_sheet_comes_back_with_its_metrics_and_scales(
    name: str, language: str, end: int
) -> None:
    def pick(question: Question) -> str:
        if question.choices:
            return question.choices[language][-end]
        if question.scale is None:
            return SAID[language]
        return f"{(question.scale.low, question.scale.high)[end]:g}"

    read = read_table(form(name, language, pick), name="x.csv", zone="Asia/Ho_Chi_Minh")
    ((told,), problems) = normalise_page(read.page(), fetched_at=SEEN)
    rated = [each for each in SHEETS[name] if each.scale]
    ends = {each.metric: (each.scale.low, each.scale.high)[end] for each in rated if each.scale}
    assert (read.problems, problems, read.columns.unknown) == ((), [], ())
    assert {each.metric: each.value for each in told.answers} == ends
    assert {each.metric: each.scale for each in told.answers} == {
        each.metric: each.scale for each in rated
    }
    assert {each.question for each in told.answers} == {each.words(language) for each in rated}
    assert told.text.count(SAID[language]) == len(SHEETS[name]) - len(rated)
    assert (told.feedback_kind, told.stars) == (FeedbackKind.SURVEY, None)
    assert told.posted_at == datetime(2026, 11, 21, 2, 5, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "metric"),
    [
        ("2. From 1 to 7, how easy did we make it to get what you needed?", "ces"),
        ("Câu 3: Từ 1 đến 10, anh/chị hài lòng với chúng tôi đến mức nào?", "csat"),
        ("từ 1 đến 5 anh chị hài lòng với chúng tôi đến mức nào", "csat"),
        ("Bạn có khoẻ không?", None),
    ],
)
def test_a_question_is_known_with_a_number_before_it(head: str, metric: str | None) -> None:
    found = question_of(head)
    assert (found.metric if found else None) == metric


def test_two_scales_of_satisfaction_stay_apart() -> None:
    five, ten = SHEETS["csat"][0], SHEETS["csat10"][0]
    assert (question_of(five.vi), question_of(ten.vi)) == (five, ten)
    assert (five.scale, ten.scale) == (Scale(1, 5), Scale(1, 10))


def test_an_unanswered_question_is_no_answer_and_a_wrong_one_is_told() -> None:
    head = ",".join(f'"{each.en}"' for each in SHEETS["nps"])
    read = read_table(f"{head}\n10,\n,Nothing to add here\n12,x\n".encode(), name="x.csv")
    first, second, third = read.items
    assert (third.answers, third.text) == ((), "x")
    assert (len(first.answers), first.text) == (1, None)
    assert (second.answers, second.text) == ((), "Nothing to add here")
    assert "line 4" in read.problems[0].words


def test_answers_without_any_number_are_a_survey_too() -> None:
    asked = SHEETS["polls"][-1].vi
    read = read_table(f"Dấu thời gian,{asked}\n2026-06-01 9:00,Giao nhanh hơn\n".encode(), name="x")
    assert read.items[0].feedback_kind is FeedbackKind.SURVEY


def test_no_address_of_a_person_becomes_a_name() -> None:
    head = f'Timestamp,Username,Email Address,"{SHEETS["ces"][0].en}"'
    read = read_table(f"{head}\n2026/11/21 9:05,lan@a.example,b@b.example,3\n".encode(), name="x")
    assert "example" not in repr(read.items)
    assert read.items[0].answers[0].value == 3


def test_a_free_measure_can_be_mapped() -> None:
    read = read_table(
        b"id,Giao nhanh?\n1,4\n", name="x.csv", mapping={"Giao nhanh?": "answer"}, scale=Scale(1, 4)
    )
    (answer,) = read.items[0].answers
    assert (answer.metric, answer.value, answer.scale) == ("Giao nhanh?", 4.0, Scale(1, 4))


def test_no_two_questions_read_the_same() -> None:
    asked = {each for questions in SHEETS.values() for each in map(id, questions)}
    words = {each.words(lang) for qs in SHEETS.values() for each in qs for lang in ("en", "vi")}
    assert len(words) == 2 * len(asked)
    for each in (each for questions in SHEETS.values() for each in questions):
        assert question_of(each.en) is question_of(each.vi) is not None
        assert bool(each.metric) == bool(each.scale)


def test_a_sheet_is_written_as_csv_or_json(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    earful("sheets", "experience", "--lang", "vi", "-o", "hoi.csv")
    body = Path("hoi.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert body.startswith(b"\xef\xbb\xbf")
    assert [row["type"] for row in rows] == ["choice", "choice", "choice", "text"]
    assert rows[0]["choices"].startswith("Không bao giờ | Hiếm khi")
    earful("sheets", "nps", "-o", "ask.json")
    told = json.loads(Path("ask.json").read_text(encoding="utf-8"))
    assert (told["language"], told["questions"][0]["high"]) == ("en", 10)
    capfd.readouterr()
    earful("sheets", "ces", "--json")
    assert json.loads(capfd.readouterr().out)["sheet"] == "ces"
    earful("sheets", "ces", "-o", "-")
    assert capfd.readouterr().out.startswith("question,type,low,high")


def test_the_sheets_are_listed_and_a_wrong_place_is_told(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    earful("sheets")
    assert "polls" in capfd.readouterr().out
    earful("sheets", "--json")
    assert [row["name"] for row in json.loads(capfd.readouterr().out)] == list(SHEETS)
    earful("sheets", "nps", "-o", "x.docx", code=2)
    earful("sheets", "nps", "-o", "no/such/x.csv", code=2)
    earful("sheets", "csat11", code=2)
