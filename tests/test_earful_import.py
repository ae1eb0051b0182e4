"""`earful import` and folders: what was told of a file once holds for the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run as earful

from earful.app import App
from store import watches

MAY = "STT ngoài,Lời khách,Điểm,Khi\nx1,Nồi bị nứt nắp,9,2026-11-20 08:15\n"


@pytest.fixture(autouse=True)
def _folder(here: Path) -> None:
    Path("earful.toml").write_text('[[brands]]\nname = "Lúa Mây"\n', encoding="utf-8")
    Path("may.csv").write_text(MAY, encoding="utf-8")


def test_next_weeks_export_needs_no_flags(capfd: pytest.CaptureFixture[str]) -> None:
    earful("import", "may.csv", "--yes", code=2)
    assert "--scale" in capfd.readouterr().err
    told = ("--map", "STT ngoài=key", "--map", "Điểm=stars", "--scale", "1-10", "--source", "san")
    earful("import", "may.csv", "--yes", *told)
    assert "1 new" in capfd.readouterr().out
    assert 'scale = "1-10"' in Path("earful.columns.toml").read_text(encoding="utf-8")
    more = "x2,Rất tốt nha,10,2026-11-21 08:15\n"
    Path("june.csv").write_text(MAY + more, encoding="utf-8")
    earful("import", "june.csv", "--yes")
    assert "1 new, 0 edited, 1 known" in capfd.readouterr().out


def test_a_folder_reads_its_files_in_the_brands_zone_and_as_told(
    capfd: pytest.CaptureFixture[str],
) -> None:
    told = ("--map", "STT ngoài=key", "--map", "Điểm=stars", "--scale", "1-10")
    earful("import", "may.csv", "--yes", *told)
    Path("drop").mkdir()
    Path("drop", "june.csv").write_text(MAY.replace("x1", "x9"), encoding="utf-8")
    earful("add", "drop")
    earful("collect", "--all")
    capfd.readouterr()
    app = App()
    (folder,) = [w for w in watches.listing(app.store, now=_now()) if w.target.endswith("drop")]
    order = watches.order_for(app.store, folder.id)
    app.close()
    assert order.options["zone"] == "Asia/Ho_Chi_Minh"
    earful("mentions")
    assert capfd.readouterr().out.count("nứt nắp") == 2


def _now():  # type: ignore[no-untyped-def]
    import scheduler

    return scheduler.utc_now()
