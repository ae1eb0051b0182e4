"""Ratings that customers left by Nicereply, from exported tables and saved API answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crawlers.answers import emptied, listed, read_json, read_many
from crawlers.exported import ExportedFiles
from crawlers.saved import is_markup
from ingest.errors import SourceChanged
from ingest.mention import Answer, FeedbackKind, RawItem, Scale
from ingest.page import Fetched, Page, Problem

# The scales that the program measures on; a survey's own questions declare none.
SCALES = {"csat": Scale(1, 5), "ces": Scale(1, 7), "nps": Scale(0, 10)}


class Nicereply(ExportedFiles):
    """Saved answers: `{data: [{id, answers}]}`, or `{_results: [{id, score}]}` of API v1.

    What a number measures is told by the answer (`metric`) or by the address it came
    from (`/csat/ratings`); a number of which neither tells it is left out and said.
    """

    kind = "nicereply"
    name_en = "Nicereply"
    name_vi = "Nicereply"
    covers = "saved ratings (CSAT, CES, NPS) with the customer's comment and the ticket's number"
    does_not_cover = "what was not saved; numbers of which nothing tells what they measure"
    evidence = "built from documentation and a public script, experimental: no answer was seen"
    place = re.compile(r"(?:[\w.-]+\.)?nicereply\.com(?:/|$)")
    why = "Nicereply's ratings are read from files"
    instead = (
        "export the ratings (CSV), or save api.nicereply.com/responses, then: "
        "earful import FILE --source nicereply"
    )
    feedback_kind = FeedbackKind.SURVEY

    def read(self, fetched: Fetched) -> Page:
        """Return the ratings of a saved answer, or a table's rows."""
        if not is_markup(fetched.body):
            return super().read(fetched)
        answer = read_json(fetched, kind=self.kind)
        if not isinstance(answer, dict):
            raise SourceChanged("the answer is no object of ratings", subject=self.kind)
        name = "_results" if "_results" in answer else "data"
        rows = listed(answer, name, kind=self.kind)
        asked = re.search(r"/(csat|ces|nps)(?:/|$)", fetched.url)
        told = asked[1] if asked else ""
        items, problems = read_many(rows, lambda row: _read(row, told), kind=self.kind)
        unmeasured = sum(1 for row in rows if isinstance(row, dict) and _unmeasured(row, told))
        if unmeasured:
            words = f"{unmeasured} ratings are not measured: nothing tells what they measure"
            problems = (*problems, Problem(code="no-scale", words=words))
        return Page(source=self.kind, items=items, is_end=True, problems=problems)

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` without e-mail addresses of customers."""
        return emptied(fetched, "from", "email")


def _read(row: Any, told: str) -> Iterator[RawItem]:
    """Yield one customer's response; one without a word or a number is none."""
    answers = tuple(_measured(row, told))
    text = "\n".join(_words(row)) or None
    if text or answers:
        yield RawItem(
            key=str(row["id"]),
            text=text,
            posted=row["created_at"],
            feedback_kind=FeedbackKind.SURVEY,
            parent=str(row.get("ticket_id") or row.get("ticket") or "") or None,
            answers=answers,
        )


def _rated(row: Any, told: str) -> Iterator[tuple[str, Any, str]]:
    """Yield (metric, number, question) of each rating; the metric is "" when nothing tells it."""
    if "answers" not in row:
        yield _metric(row) or told, row["score"], ""
        return
    for each in row["answers"]:
        value = (each.get("scale") or {}).get("value")
        if value is not None:
            yield _metric(each) or told, value, str(each.get("question") or "")


def _metric(row: Any) -> str:
    said = str(row.get("metric") or row.get("survey_type") or row.get("type") or "").lower()
    return said if said in SCALES else ""


def _measured(row: Any, told: str) -> Iterator[Answer]:
    for metric, value, question in _rated(row, told):
        if metric and value is not None:
            scale = SCALES[metric]
            if not scale.low <= float(value) <= scale.high:
                raise ValueError(f"{metric} {value} is not on the scale")
            yield Answer(metric, float(value), scale, question=question)


def _unmeasured(row: Any, told: str) -> bool:
    try:
        return any(not metric for metric, _, _ in _rated(row, told))
    except (KeyError, TypeError, AttributeError):
        return False  # told as an item that cannot be read


def _words(row: Any) -> Iterator[str]:
    if row.get("comment"):
        yield str(row["comment"])
    for each in row.get("answers") or ():
        said = (each.get("open_ended") or {}).get("value")
        if said:
            yield str(said)


SOURCE = Nicereply()
