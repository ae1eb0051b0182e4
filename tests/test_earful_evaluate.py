"""`earful evaluate`: figures by slice, the diagram, and what people said of flags."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import store_pages
from command_line import run
from store_pages import NOW, RULES, item, page

from ingest.mention import Mention
from scoring.verdict import Verdict
from store import cases
from store.engine import open_store
from store.intake import take_in
from store.mentions import Filter, find

GOLD = """id,lang,text,label
1,vi,a,negative
2,vi,b,positive
3,en,c,complaint
4,en,d,mixed
5,en,e,other
"""


def test_evaluate_prints_figures_by_slice_and_draws(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "gold.csv").write_text(GOLD, encoding="utf-8")
    lines = [
        {"id": "1", "score": -0.6, "p_negative": 0.8, "label": "negative"},
        {"id": "2", "score": 0.7, "p_negative": 0.1, "label": "positive"},
        {"id": "3", "score": 0.2, "p_negative": 0.3, "label": "neutral"},
    ]
    (here / "p.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    run("evaluate", "p.jsonl", "gold.csv", "--svg", "r.svg", "--json")
    overall, english, vietnamese = json.loads(capsys.readouterr().out)
    assert (overall["texts"], overall["negatives"], overall["answered"]) == (4, 2, 0.75)
    assert (english["slice"], vietnamese["slice"]) == ("lang en", "lang vi")
    assert (here / "r.svg").read_text(encoding="utf-8").startswith("<svg")
    run("evaluate", "p.jsonl", "gold.csv")
    told = capsys.readouterr()
    assert "lang vi" in told.out
    assert "flag at score" in told.out
    assert "25% of the texts have no prediction" in told.err


def test_evaluate_reads_tables_too_and_other_labels(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "gold").mkdir()
    (here / "gold" / "a.csv").write_text("id,label\n1,chê\n2,khen\n", encoding="utf-8")
    (here / "gold" / "b.csv").write_text("id,label\n9,chê\n", encoding="utf-8")
    (here / "p.tsv").write_text("id\tlabel\n1\tnegative\n2\tpositive\n", encoding="utf-8")
    run("evaluate", "p.tsv", "gold", "--negative", "chê", "--json")
    (overall,) = json.loads(capsys.readouterr().out)
    assert (overall["texts"], overall["f1"][0] if isinstance(overall["f1"], list)
            else overall["f1"]["value"]) == (2, 1.0)  # fmt: skip
    run("evaluate", "p.tsv", "gold", code=2)
    assert "--negative" in capsys.readouterr().err
    run("evaluate", "p.tsv", code=2)
    assert "GOLD" in capsys.readouterr().err


def test_evaluate_without_files_tells_what_people_said_of_flags(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("evaluate")
    assert "Nobody has judged a flag yet" in capsys.readouterr().out
    run("evaluate", "--json", "--svg", "r.svg")
    assert json.loads(capsys.readouterr().out)["judged"] == 0
    assert not (here / "r.svg").exists()


@pytest.fixture
def judged(here: Path) -> Path:
    """Return a folder whose store has 214 judged flags: 188 right, the wrong ones less sure."""
    shaky = {f"{n}" for n in range(1, 27)}

    def judge(mention: Mention) -> Verdict:
        told = store_pages.judge(mention)
        return told._replace(score=-0.2, p_negative=0.6) if mention.key in shaky else told

    store = open_store("sqlite:///earful.db")
    items = [item(n, f"Nắp nồi tệ, lần thứ {n}") for n in range(1, 215)]
    rules = {**RULES, "judge": judge}
    take_in(store, [page(*items[:100]), page(*items[100:], source="shopee")], **rules, now=NOW)
    for each in find(store, Filter(), limit=500):
        said = "not-negative" if each.key in shaky else "useful"
        cases.correct(store, each.id, said, who="lan", now=NOW)
    store.close()
    return here


def test_the_flags_that_people_judged_are_counted_by_slice_with_a_better_threshold(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("evaluate", "--precision", ".9", "--svg", "r.svg")
    told = capsys.readouterr().out
    assert "Of 214 flags that people judged, 88% were right (83%–92%)." in told
    assert "source shopee" in told
    assert "74 (74%)" in told
    assert "For 90%: flag at score −0.86 and below; 100% of the right flags would stay." in told
    assert "earful train --precision 0.90" in told
    assert "188 texts: told 0.90, true 1.00" in (judged / "r.svg").read_text(encoding="utf-8")
    run("evaluate", "--json")
    figures = json.loads(capsys.readouterr().out)
    assert (figures["judged"], figures["right"], figures["threshold"]) == (214, 188, -0.86)
    run("evaluate", "--precision", ".8")
    assert "no less than the wanted 80%" in capsys.readouterr().out


def test_judged_flags_are_told_in_vietnamese_too(
    judged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    run("evaluate")
    told = capsys.readouterr().out
    assert "Trong 214 cờ đã được người xem xét, 88% là đúng (83%–92%)." in told


def test_a_diagram_needs_chances_and_a_place(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "gold.csv").write_text(GOLD, encoding="utf-8")
    (here / "p.csv").write_text("id,score\n1,-0.5\n2,0.5\n", encoding="utf-8")
    run("evaluate", "p.csv", "gold.csv", "--svg", "r.svg")
    assert "no diagram" in capsys.readouterr().err
    assert not (here / "r.svg").exists()
    (here / "p.csv").write_text("id,p_negative\n1,0.5\n2,0.5\n", encoding="utf-8")
    run("evaluate", "p.csv", "gold.csv", "--svg", "away/r.svg", code=2)
    assert "away/r.svg: cannot be written" in capsys.readouterr().err
