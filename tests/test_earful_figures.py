"""Behaviour figures from a file to the store, out again, and back in without a change."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from command_line import run as earful

from earful.app import App
from store import figures

LONG = (
    "date,metric,value\n2026-11-01,visits,1.204\n2026-11-01,minutes on site,\"3,5\"\n"
    "2026-11-02,visits,1300\n,visits,1\n2026-11-03,visits,many\n"
)  # fmt: skip
WIDE = 'Tháng,Đơn hàng,Tỷ lệ thoát\n09/2026,812,45%\ntháng 10/2026,"1,002",44%\n'


@pytest.fixture(autouse=True)
def _folder(here: Path) -> None:
    Path("earful.toml").write_text('[[brands]]\nname = "Lúa Mây"\n', encoding="utf-8")
    Path("luot xem.csv").write_text(LONG, encoding="utf-8")
    Path("thang.csv").write_text(WIDE, encoding="utf-8")


def kept() -> list[tuple[str, str, str, float]]:
    app = App()
    found = [(each.source, each.day, each.metric, each.value) for each in figures.rows(app.store)]
    app.close()
    return found


def test_figures_go_in_once_come_out_and_go_back_unchanged(
    capfd: pytest.CaptureFixture[str],
) -> None:
    earful("import", "luot xem.csv", "--yes")
    told = capfd.readouterr().err
    assert "line 5: no date" in told
    assert "line 6: no number" in told
    earful("import", "thang.csv", "--yes")
    earful("import", "luot xem.csv", "--yes")
    before = kept()
    assert before == [
        ("file:thang", "2026-09-01", "Tỷ lệ thoát", 45.0),
        ("file:thang", "2026-09-01", "Đơn hàng", 812.0),
        ("file:thang", "2026-10-01", "Tỷ lệ thoát", 44.0),
        ("file:thang", "2026-10-01", "Đơn hàng", 1002.0),
        ("file:luot-xem", "2026-11-01", "minutes on site", 3.5),
        ("file:luot-xem", "2026-11-01", "visits", 1204.0),
        ("file:luot-xem", "2026-11-02", "visits", 1300.0),
    ]
    earful("export", "--figures", "-o", "so-lieu.xlsx")
    earful("import", "so-lieu.xlsx", "--yes")
    assert kept() == before
    sheet = openpyxl.load_workbook("so-lieu.xlsx").active
    assert [cell.value for cell in sheet[2]] == [
        "file:thang", "2026-09-01", "Tỷ lệ thoát", 45, "Lúa Mây",
    ]  # fmt: skip


def test_figures_are_chosen_by_brand_source_and_day(capfd: pytest.CaptureFixture[str]) -> None:
    earful("import", "luot xem.csv", "--yes")
    earful("import", "thang.csv", "--yes")
    capfd.readouterr()
    chosen = ("--source", "file:luot-xem", "--since", "2026-11-02", "--until", "2026-11-02")
    earful("export", "--figures", "--brand", "Lúa Mây", *chosen, "--format", "jsonl", "-o", "-")
    assert json.loads(capfd.readouterr().out) == {
        "source": "file:luot-xem",
        "date": "2026-11-02",
        "metric": "visits",
        "value": 1300.0,
        "brand": "Lúa Mây",
    }
    earful("export", "--figures", "--label", "negative", "-o", "x.csv", code=2)
    assert "--since" in capfd.readouterr().err


def test_a_later_file_corrects_a_figure_and_a_broken_line_is_told(
    capfd: pytest.CaptureFixture[str],
) -> None:
    earful("import", "luot xem.csv", "--yes")
    earful("export", "--figures", "--format", "csv-excel", "-o", "sua.csv")
    body = Path("sua.csv").read_text(encoding="utf-8-sig").replace("1204.0", "1210")
    Path("sua.csv").write_text(body + "file:luot-xem,2026-11-02,,5,\n", encoding="utf-8")
    capfd.readouterr()
    earful("import", "sua.csv", "--yes")
    assert "no whole figure" in capfd.readouterr().err
    assert ("file:luot-xem", "2026-11-01", "visits", 1210.0) in kept()
    assert len(kept()) == 3
