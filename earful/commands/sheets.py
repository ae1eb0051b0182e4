"""`earful sheets NAME`: ready questions for a form tool, whose answers import without mapping."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import click

from earful.app import App
from earful.show import plain_table
from ingest.errors import ConfigError
from ingest.questions import SHEETS, Question
from ingest.words import LANGUAGES, Words, later

COLUMNS = ("question", "type", "low", "high", "low means", "high means", "choices", "metric")
ABOUT = {
    "csat": later("satisfaction, 1 to 5"),
    "csat10": later("satisfaction, 1 to 10"),
    "nps": later("would they recommend you, 0 to 10"),
    "ces": later("how easy it was, 1 to 7"),
    "polls": later("six topics about buying, to ask on social pages"),
    "experience": later("the experience of buying, never to very often"),
    "product": later("the product and its price"),
    "loyalty": later("coming back and speaking well"),
    "bank": later("experience, product and loyalty in one sheet"),
}


@click.command("sheets")
@click.argument("name", required=False, type=click.Choice(list(SHEETS)))
@click.option("--lang", type=click.Choice(LANGUAGES), help="In which language to ask.")
@click.option("-o", "out", metavar="FILE", help="A .csv or .json file; - or nothing is stdout.")
@click.pass_obj
def command(app: App, name: str | None, lang: str | None, out: str | None) -> None:
    """Write a sheet of questions to paste into a form tool; without NAME, list the sheets.

    The export of the form, with the questions as its column names, is taken in
    with its scales by `earful import FILE`.
    """
    if name is None:
        _list(app)
        return
    language = lang or app.words.language
    ending = Path(out).suffix.lower() if out and out != "-" else ""
    if ending not in ("", ".csv", ".json"):
        raise ConfigError("neither .csv nor .json", subject=str(out), next_step="name it x.csv")
    is_json = ending == ".json" or (app.is_json and ending != ".csv")
    written = _as_json(name, language) if is_json else _as_csv(SHEETS[name], language)
    if not out or out == "-":
        sys.stdout.write(written)
        return
    _write(Path(out), written if is_json else f"\ufeff{written}")  # so that Excel knows UTF-8
    said = app.words.many(
        "1 question written to {file}",
        "{n} questions written to {file}",
        len(SHEETS[name]),
        file=out,
    )
    app.note(said)
    app.note(app.words("Next: paste them into a form as they are, then earful import its export"))


def _list(app: App) -> None:
    if app.is_json:
        app.print_json([{"name": name, "about": ABOUT[name]} for name in SHEETS])
        return
    table = plain_table(app.words("Sheet"), app.words("Questions"), app.words("About"))
    for name, questions in SHEETS.items():
        table.add_row(name, str(len(questions)), app.words(ABOUT[name]))
    app.out.print(table)


def _row(question: Question, language: str) -> dict[str, str | float | None]:
    """Return one question as a form tool asks for it."""
    scale, choices = question.scale, question.choices.get(language, ())
    low, high = question.ends.get(language, ("", ""))
    kind = "choice" if choices else "scale" if scale else "text"
    return {
        "question": question.words(language),
        "type": kind,
        "low": scale.low if scale else None,
        "high": scale.high if scale else None,
        "low means": low,
        "high means": high,
        "choices": " | ".join(choices),
        "metric": question.metric,
    }


def _as_csv(questions: tuple[Question, ...], language: str) -> str:
    out = io.StringIO()
    sheet = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    sheet.writeheader()
    sheet.writerows(_row(each, language) for each in questions)
    return out.getvalue()


def _as_json(name: str, language: str) -> str:
    about = Words(language)(ABOUT[name])
    questions = []
    for each in SHEETS[name]:
        row = _row(each, language)
        questions.append(row | {"choices": list(each.choices.get(language, ()))})
    told = {"sheet": name, "language": language, "about": about, "questions": questions}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _write(file: Path, written: str) -> None:
    try:
        file.write_text(written, encoding="utf-8", newline="")
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be written", subject=str(file), next_step="choose another place"
        ) from e
