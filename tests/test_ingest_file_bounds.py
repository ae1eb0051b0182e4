"""Bounds of files, and what stands beside their rows: figures, odd cells, deep answers."""

from __future__ import annotations

import io
import json
import zipfile

import openpyxl
import pytest

from ingest.exported import is_exported_figures, read_figures
from ingest.files import Table, read_table
from ingest.grid import Grid, Row
from ingest.mention import Figure


def read(body: bytes | str, name: str = "tep.csv") -> Table:
    return read_table(body if isinstance(body, bytes) else body.encode(), name=name)


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    for n, rows in enumerate(sheets):
        sheet = made.active if n == 0 else made.create_sheet(f"T{n}")
        for row in rows:
            sheet.append(row)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def test_a_file_too_big_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.files.MAX_FILE_BYTES", 5)
    assert [each.code for each in read("comment\nTốt\n").problems] == ["too-large"]


def test_rows_over_the_limit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.grid.MAX_ROWS", 3)
    table = read("comment,rating\nTốt,5\nKém,1\nỔn,3\n")
    assert (len(table.items), table.problems[0].code) == (2, "too-large")
    monkeypatch.setattr("ingest.workbook.MAX_ROWS", 2)
    rows: list[list[object]] = [["comment", "rating"], ["Tốt", 5], ["Kém", 1]]
    table = read(book(rows), "a.xlsx")
    assert (len(table.items), table.problems[0].code) == (1, "too-large")


def test_a_workbook_that_unpacks_too_big_or_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.workbook.MAX_UNZIPPED", 10)
    assert read(book([["comment"], ["Tốt"]]), "a.xlsx").problems[0].code == "too-large"
    monkeypatch.undo()
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("x.txt", "no workbook")
    assert read(body.getvalue(), "a.xlsx").problems[0].code == "malformed"
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("[Content_Types].xml", "<broken")
    assert read(body.getvalue(), "a.xlsx").problems[0].code == "malformed"


def test_a_workbook_whose_bytes_rotted_is_told() -> None:
    whole = book([["comment", "rating"], ["Tốt", 5], ["Kém", 1]])
    for at in range(whole.index(b"sheet1.xml"), whole.index(b"sheet1.xml") + 300, 10):
        rotten = whole[:at] + b"\xff\x00\xfe" + whole[at + 3 :]
        assert {each.code for each in read(rotten, "a.xlsx").problems} <= {"malformed", "empty"}


def test_exported_figures_come_back_to_their_sources() -> None:
    head = ("source", "date", "metric", "value", "brand")
    assert is_exported_figures(head)
    rows = (
        Row(2, ("file:a", "2026-11-01", "'=visits", 5.0, "Lúa Mây")),
        Row(3, ("file:b", "2026-11-01", "visits", "7", "")),
        Row(4, ("file:b", None, "visits", 7, "")),
        Row(5, ("file:b", "2026-11-02", "visits", "many", "")),
    )
    pages, problems = read_figures(Grid(rows, head))
    assert [(page.source, page.figures) for page in pages] == [
        ("file:a", (Figure("2026-11-01", "=visits", 5.0),)),
        ("file:b", (Figure("2026-11-01", "visits", 7.0),)),
    ]
    assert [each.words[:6] for each in problems] == ["line 4", "line 5"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-02", "2026-11-02"),
        ("02/11/2026", "2026-11-02"),
        ("11/2026", "2026-11-01"),
        ("Tháng 11/2026", "2026-11-01"),
        ("2026/9", "2026-09-01"),
    ],
)
def test_a_figures_day_is_an_iso_date(written: str, day: str) -> None:
    assert read(f"Ngày,Lượt truy cập\n{written},7\n").figures == (
        Figure(day, "Lượt truy cập", 7.0),
    )


def test_a_figure_without_a_real_day_is_told_and_words_are_no_figures() -> None:
    table = read("date,visits\nsoon,7\n2026-11-02,8\n")
    assert [each.day for each in table.figures] == ["2026-11-02"]
    assert "not a time" in table.problems[0].words
    mixed = read("date,visits,weather\n2026-11-02,8,mưa to\n")
    assert [each.metric for each in mixed.figures] == ["visits"]
    assert mixed.columns.unknown == ("weather",)


def test_cells_of_every_type_are_written_as_people_do() -> None:
    rows = [{"id": 1, "text": "Tốt", "stars": True, "user": {"name": ["A", None]}},
            {"id": 2.0, "text": "Kém", "stars": "5", "user": {"name": []}}]  # fmt: skip
    first, second = read(json.dumps(rows)).items
    assert (first.stars, first.author, second.key) == (None, "A", "2")


def test_an_answer_nested_too_deep_holds_no_rows() -> None:
    root: object = [{"text": "Tốt lắm", "stars": 5}]
    for _ in range(9):
        root = {"a": root}
    assert [each.code for each in read(json.dumps(root)).problems] == ["not-a-table"]
    broken = '{"id": 1, "text": "a b", "stars": 5}\n{"id": 2, "text": "c d", "stars": 1}'
    assert len(read(f"[\n{broken}").items) == 2
