"""Exports: the whole result, safe in a spreadsheet, exact for programs."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from store_pages import NOW, RULES, item, judge, page

from ingest.mention import Answer, Mention, Scale
from scoring.verdict import Verdict
from store import mentions, models
from store.engine import Store
from store.export import CUT_MARK, Format, export, guarded, write_rows
from store.intake import take_in
from store.mentions import COLUMNS, Filter, MentionRow

CONTRACT = """
id source key url brand posted_at collected_at lang author title text stars score label kind
severity reasons feedback_kind aspects causes cluster model case_state
"""
LONG_KEY = "12345678901234567890"
TEXTS = {
    LONG_KEY: "ế ộ ữ, nắp hỏng, “tệ”",
    "=1+1": "=1+1",
    "k3": '@SUM(A1)\nhai dòng, có phẩy; và "ngoặc"',
    "k4": "-5 độ là đông",
    "k5": '  =HYPERLINK("http://x.example","bấm")',
    "k6": "bình thường _x0041_ <b>&amp;</b>",
}


@pytest.fixture
def filled(store: Store) -> Store:
    answer = Answer("nps", 9, Scale(0, 10))
    items = [item(key, text, stars=4, answers=(answer,)) for key, text in TEXTS.items()]
    take_in(store, [page(*items)], **RULES, now=NOW)  # type: ignore[arg-type]
    return store


def exported(store: Store, form: Format, wanted: Filter | None = None) -> tuple[bytes, int]:
    out = io.BytesIO()
    rows = export(store, wanted or Filter(), out, form=form)
    return out.getvalue(), rows


def read_csv(body: bytes, encoding: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(encoding), newline="")))


def read_xlsx(body: bytes) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    head, *rows = sheet.iter_rows()
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [{str(h.value): c.value for h, c in zip(head, row, strict=True)} for row in rows]


def stored_texts(store: Store) -> dict[str, str]:
    return {each.key: each.text for each in mentions.find(store, Filter())}


def test_doubts_are_kept_exported_and_asked_for(store: Store) -> None:
    def doubting(mention: Mention) -> Verdict:
        said = "stars 5, text negative" if "hỏng" in mention.text else ""
        spam = (0.7, "advert") if "zalo" in mention.text else (0.0, "")
        return judge(mention)._replace(mismatch=said, spam=spam[0], spam_sign=spam[1])

    texts = {"1": "Hỏng rồi, hỏng hẳn", "2": "Liên hệ zalo mua nồi", "3": "Nồi đẹp, love it"}
    items = [item(key, text, stars=5) for key, text in texts.items()]
    take_in(store, [page(*items)], **{**RULES, "judge": doubting}, now=NOW)  # type: ignore[arg-type]

    def found(**wanted: bool) -> list[str]:
        return sorted(each.key for each in mentions.find(store, Filter(**wanted)))  # type: ignore[arg-type]

    assert (found(is_mismatch=True), found(is_mismatch=False)) == (["1"], ["2", "3"])
    assert (found(is_spam=True), found(is_spam=False)) == (["2"], ["1", "3"])
    rows = {row["key"]: row for row in read_csv(exported(store, Format.CSV)[0], "utf-8")}
    assert rows["1"]["mismatch"] == "stars 5, text negative"
    assert (rows["2"]["spam"], rows["2"]["spam_sign"]) == ("0.7", "advert")
    assert {each.text for each in models.rated(store)} == {texts["1"], texts["3"]}


def test_the_columns_begin_as_agreed() -> None:
    agreed = CONTRACT.split()
    assert list(COLUMNS[: len(agreed)]) == agreed


@pytest.mark.parametrize(("form", "mark"), [(Format.CSV, b""), (Format.CSV_EXCEL, b"\xef\xbb\xbf")])
def test_csv_goes_round_and_only_excels_has_a_byte_order_mark(
    filled: Store, form: Format, mark: bytes
) -> None:
    body, count = exported(filled, form)
    assert body.startswith(mark + b"id,source,key")
    rows = read_csv(body, "utf-8-sig" if mark else "utf-8")
    assert len(rows) == count == len(TEXTS) == mentions.count(filled, Filter())
    found = {row["key"]: row["text"] for row in rows}
    assert found == {guarded(key): guarded(text) for key, text in stored_texts(filled).items()}
    assert LONG_KEY in found
    assert "'=1+1" in found
    bad = next(row for row in rows if row["label"] == "negative")
    assert (bad["score"], bad["stars"], bad["posted_at"]) == (
        "-0.86",
        "4.0",
        "2026-11-14T08:00:00Z",
    )
    assert (bad["reasons"], bad["flag_reasons"]) == ("hỏng; tệ", "negative: hỏng; negative: tệ")
    assert bad["answers"] == "nps=9 (0-10)"


def test_xlsx_goes_round_with_typed_cells(filled: Store) -> None:
    body, count = exported(filled, Format.XLSX)
    rows = read_xlsx(body)
    assert len(rows) == count == len(TEXTS)
    # The format escapes _x0041_, which would else be read as a letter's number.
    texts = {row["key"]: row["text"].replace("_x005F_", "_") for row in rows}
    assert texts == stored_texts(filled)
    bad = next(row for row in rows if row["label"] == "negative")
    assert (bad["score"], bad["stars"], bad["key"]) == (-0.86, 4, LONG_KEY)
    assert bad["posted_at"] == datetime(2026, 11, 14, 8, 0)  # noqa: DTZ001 - a sheet has no zones
    assert bad["is_keyless"] is False


def test_json_lines_go_round_with_lists(filled: Store) -> None:
    body, count = exported(filled, Format.JSONL)
    rows = [json.loads(line) for line in body.decode().split("\n")[:-1]]
    assert len(rows) == count
    assert list(rows[0]) == list(COLUMNS)
    assert {row["key"]: row["text"] for row in rows} == stored_texts(filled)
    bad = next(row for row in rows if row["label"] == "negative")
    assert bad["score"] == -0.86
    assert [each["words"] for each in bad["reasons"]] == ["hỏng", "tệ"]
    assert bad["posted_at"] == "2026-11-14T08:00:00Z"


@pytest.mark.parametrize("form", Format)
def test_an_export_holds_what_its_filter_counts(filled: Store, form: Format) -> None:
    wanted = Filter(label="negative")
    _, count = exported(filled, form, wanted)
    assert count == mentions.count(filled, wanted) == 1


@pytest.mark.parametrize("form", Format)
def test_an_empty_result_is_a_table_without_rows(store: Store, form: Format) -> None:
    body, count = exported(store, form)
    assert count == 0
    assert bool(body) is (form is not Format.JSONL)


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－cmd|' /C calc'!A0"]
)
def test_formulas_are_defused(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "nồi", "1+1=2", "5 sao", "'=1", "ế"])
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert guarded(text) == text


def sample_row(filled: Store) -> MentionRow:
    return mentions.find(filled, Filter())[0]


def test_letters_that_xml_forbids_and_endless_cells_do_not_break_a_sheet(filled: Store) -> None:
    bell = "\x07"
    rows = [
        replace(sample_row(filled), title=f"a{bell}b\x1f", text="ữ" * 40_000, author="\ud83d"),
        replace(
            sample_row(filled),
            title="😀" * 20_000,
            text="ộ" * 32_767,
            url="https://x.example/" * 300,
        ),
        replace(sample_row(filled), posted_at=datetime(1601, 1, 1, tzinfo=UTC), score=float("-0")),
    ]
    out = io.BytesIO()
    assert write_rows(rows, out, form=Format.XLSX) == 3
    first, second, third = read_xlsx(out.getvalue())
    assert first["title"] == "ab"
    assert first["text"].endswith(CUT_MARK)
    assert len(first["text"]) == 32_767
    assert second["title"].endswith(CUT_MARK)
    assert second["text"] == "ộ" * 32_767
    assert second["url"] == "https://x.example/" * 300
    assert third["posted_at"] == "1601-01-01T00:00:00Z"


def test_a_sheet_that_is_full_is_followed_by_another(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.export.MOST_ROWS", 4)
    body, count = exported(filled, Format.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["mentions", "mentions 2"]
    assert sum(sheet.max_row - 1 for sheet in book) == count == len(TEXTS)


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
def test_memory_does_not_grow_with_the_rows(filled: Store, form: Format) -> None:
    row = sample_row(filled)

    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, body: Any) -> int:
            return len(body)

    def rows(count: int) -> Iterator[MentionRow]:
        for number in range(count):
            yield replace(row, id=number)

    def peak(count: int) -> int:
        tracemalloc.start()
        write_rows(rows(count), Nowhere(), form=form)  # type: ignore[arg-type]
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(600) < 2 * peak(100) + 100_000


def test_the_data_dictionary_explains_each_column_in_order() -> None:
    page_text = Path(__file__).parents[1].joinpath("docs/data-dictionary.md").read_text("utf-8")
    explained = re.findall(r"^\| `(\w+)` \|", page_text, flags=re.MULTILINE)
    assert explained == list(COLUMNS)
