"""`earful evaluate`: figures by slice, the diagram, and what people said of flags."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from earful.__main__ import main


def run(*arguments: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    assert ended.value.code == code


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    return tmp_path


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
    assert "25.0% of the texts have no prediction" in told.err


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
    run("evaluate", "--json")
    assert json.loads(capsys.readouterr().out)["judged"] == 0
