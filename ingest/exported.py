"""Files that Earful wrote itself - `earful parse` and `earful export` - read back as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.grid import Cell, Grid
from ingest.keys import told_apart
from ingest.mention import Answer, FeedbackKind, Figure, RawItem, Scale, Speaker
from ingest.page import Page, Problem
from ingest.rows import rating, written_cell

_FIGURES = {"source", "date", "metric", "value", "brand"}
_MARKS = {"source", "key", "text", "feedback_kind", "posted_at"}


def is_exported(head: Sequence[str]) -> bool:
    """Return whether these columns are Earful's own."""
    return set(head) >= _MARKS


def is_exported_figures(head: Sequence[str]) -> bool:
    """Return whether these columns are those of Earful's own figures."""
    return set(head) == _FIGURES


def read_figures(grid: Grid) -> tuple[list[Page], list[Problem]]:
    """Return a page for each source of exported figures, and a Problem for each bad row."""
    by_source: dict[str, list[Figure]] = {}
    problems: list[Problem] = []
    for row in grid.rows:
        sent = dict(zip(grid.head or (), row.cells, strict=False))
        source, day, metric = (
            written_cell(sent.get(each)) for each in ("source", "date", "metric")
        )
        value = rating(sent.get("value"))
        if not (source and day and metric) or value is None:
            words = f"line {row.line}: no whole figure: the row is left out"
            problems.append(Problem(code="bad-item", words=words))
            continue
        metric = metric.removeprefix("'")  # what keeps a spreadsheet from reading a formula
        by_source.setdefault(source, []).append(Figure(day, metric, value))
    pages = [
        Page(source=source, figures=tuple(found), is_end=True)
        for source, found in by_source.items()
    ]
    return pages, problems


def read_exported(grid: Grid) -> tuple[list[Page], list[Problem]]:
    """Return a page for each source in an exported file, and a Problem for each bad row."""
    by_source: dict[str, list[RawItem]] = {}
    problems: list[Problem] = []
    for row in grid.rows:
        sent = dict(zip(grid.head or (), row.cells, strict=False))
        try:
            source = written_cell(sent["source"])
            if not source:
                raise ValueError("no source")
            item = _item(sent)
        except ValueError as e:
            words = f"line {row.line}: {e}: the row is left out"
            problems.append(Problem(code="bad-item", words=words))
            continue
        by_source.setdefault(source, []).append(item)
    pages = []
    for source, items in by_source.items():
        apart, doubles = told_apart(items)
        pages.append(Page(source=source, items=apart, is_end=True, problems=tuple(doubles)))
    return pages, problems


def _item(sent: Mapping[str, Cell]) -> RawItem:
    def said(name: str) -> str | None:
        return written_cell(sent.get(name))

    stars, scale = _stars(sent)
    answers = _answers(sent)
    if not (said("text") or said("title") or answers or stars is not None):
        raise ValueError("neither text nor stars nor answers")
    return RawItem(
        key=said("key"),
        url=said("url"),
        title=said("title"),
        text=said("text"),
        author=said("author"),
        posted=said("posted_at"),
        edited=said("edited_at"),
        stars=stars,
        scale=scale,
        feedback_kind=FeedbackKind(said("feedback_kind") or FeedbackKind.REVIEW),
        speaker=Speaker(said("speaker") or Speaker.CUSTOMER),
        product=said("product"),
        variation=said("variation"),
        parent=said("parent"),
        language=said("language") or said("lang"),
        likes=_whole(sent.get("likes")),
        reach=_whole(sent.get("reach")),
        answers=answers,
    )


def _stars(sent: Mapping[str, Cell]) -> tuple[float | None, Scale | None]:
    """Return the native rating where the file has its scale, else the one in stars."""
    native, scale = rating(sent.get("stars_native")), _scale(sent.get("scale"))
    return (native, scale) if native is not None and scale else (rating(sent.get("stars")), None)


def _answers(sent: Mapping[str, Cell]) -> tuple[Answer, ...]:
    answers = []
    for name, cell in sent.items():
        value, scale = rating(cell), _scale(sent.get(f"{name}.scale"))
        if name.startswith("answers.") and value is not None and scale:
            question = written_cell(sent.get(f"{name}.question")) or ""
            answers.append(Answer(name.removeprefix("answers."), value, scale, question))
    return tuple(answers)


def _scale(cell: Cell) -> Scale | None:
    low, _, high = (written_cell(cell) or "").strip("[]").partition(",")
    bottom, top = rating(low), rating(high.strip())
    return None if bottom is None or top is None else Scale(bottom, top)


def _whole(cell: Cell) -> int | None:
    number = rating(cell)
    return None if number is None or abs(number) >= 2**53 else int(number)
