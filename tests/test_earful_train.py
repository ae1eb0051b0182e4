"""`earful train`, `models` and `score --model`, as a person runs them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from command_line import run
from star_reviews import star_reviews

from earful.labelled import read_stars
from ingest.brand import Brand
from scoring.contest import Review
from store import brands
from store.engine import open_store


def stars_file(path: Path, reviews: list[Review]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lang", "text", "stars", "source"])
        writer.writerows([each.language, each.text, each.stars, each.source] for each in reviews)
    return path


def test_a_model_of_stars_scores_what_the_word_lists_do_not_know(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reviews = star_reviews("vi", bad=60, good=60) + star_reviews("en", bad=60, good=60)
    run("train", "--stars", stars_file(here / "stars.csv", reviews), "--out", here / "nhà.model")
    told = capsys.readouterr().out
    assert "learned from 60 negative and 60 other reviews" in told
    assert told.count("in force") == 2
    assert not (here / "earful.db").exists()
    texts = ["Quạt chập chờn suốt", "The fan flickers all day", "Quạt chạy êm ru"]
    lines = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    run("score", "--model", here / "nhà.model")
    verdicts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["score"] <= -0.05 for each in verdicts] == [True, True, False]
    assert "+vi-stars-" in verdicts[0]["model"]
    assert "+en-stars-" in verdicts[1]["model"]


def test_too_few_reviews_are_refused_with_what_is_missing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stars_file(here / "s.csv", star_reviews("vi", bad=12, good=288))
    run("train", "--stars", path, "--out", here / "m", code=2)
    said = " ".join(capsys.readouterr().err.split())
    assert "12 reviews with 1-3 stars and 288 with 4-5; still missing: 18 and 0" in said
    assert not (here / "m").exists()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("lang,text\nvi,Hỏng\n", "no stars"),
        ("text,stars\nHỏng,9\n", "stars=9 is not in 1-5"),
        ("text,stars\nHỏng,một\n", "stars='một' is not a number"),
        ("", "too few star-rated reviews"),
    ],
)
def test_a_stars_file_of_another_shape_is_named(
    here: Path, capsys: pytest.CaptureFixture[str], body: str, words: str
) -> None:
    (here / "s.csv").write_text(body, encoding="utf-8")
    run("train", "--stars", "s.csv", "--out", "m", code=2)
    said = capsys.readouterr().err
    assert "s.csv" in said
    assert words in " ".join(said.split())


def test_a_place_that_is_not_there_is_named_before_anything_is_learned(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stars_file(here / "s.csv", star_reviews("vi", bad=60, good=60))
    run("train", "--stars", path, "--out", "nhà/m", code=2)
    said = capsys.readouterr().err
    assert "nhà: no such folder" in said
    assert "learning" not in said


@pytest.mark.parametrize("body", [b"", b"id,text\n1,x\n"])
def test_a_file_that_is_no_model_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    (here / "x.model").write_bytes(body)
    run("score", "--model", "x.model", code=2)
    assert "x.model: not a model of Earful" in capsys.readouterr().err
    run("score", "--model", "away.model", code=2)
    assert "away.model: cannot be read" in capsys.readouterr().err


def test_models_are_promoted_listed_compared_and_rolled_back(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("models")
    assert "word lists judge alone" in capsys.readouterr().err
    path = stars_file(here / "s.csv", star_reviews("en", bad=150, good=150))
    run("train", "--stars", path)
    assert "Model 1 is in force now: better by" in capsys.readouterr().out
    run("train", "--stars", path)
    assert "Model 1 is in force already: the same was learned again" in capsys.readouterr().out
    run("models", "list", "--json")
    (kept,) = json.loads(capsys.readouterr().out)
    assert (kept["language"], kept["in_force"]) == ("en", True)
    run("models")
    told = " ".join(capsys.readouterr().out.split())
    assert "in force" in told
    assert "better by" in told
    run("models", "compare", "1")
    assert "English: of the newest 0 mentions" in capsys.readouterr().out
    run("models", "rollback")
    assert "English: the word lists judge alone" in capsys.readouterr().out
    run("models", "rollback", code=2)
    assert "no learned model is in force" in capsys.readouterr().err
    run("train", "--stars", path)
    assert "Model 1 was in force before and taken back" in capsys.readouterr().out
    run("models", "promote", "1")
    assert "English: model 1, en-stars-" in capsys.readouterr().out
    run("models", "promote", "8", code=2)
    assert "8: there is no such model" in capsys.readouterr().err


def test_compare_shows_which_mentions_change(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(here / "reviews.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "stars", "date"])
        writer.writerow([1, "The fan flickers all day, every day in our kitchen", 2, "2026-11-01"])
        writer.writerow([2, "The fan runs quietly, every day in our kitchen", 5, "2026-11-02"])
    store = open_store("sqlite:///earful.db")
    brands.save(store, Brand(name="Lúa Mây"))
    store.close()
    run("import", "reviews.csv", "--brand", "Lúa Mây", "--yes")
    run("train", "--stars", stars_file(here / "s.csv", star_reviews("en", bad=150, good=150)))
    run("models", "rollback")
    capsys.readouterr()
    run("models", "compare", "1", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["become_negative"], told["no_longer_negative"]) == (2, 1, 0)
    assert (told["with_stars"], told["stars_agree"]) == (1, 1)
    assert [(each["text"][:16], each["stars"]) for each in told["worse"]] == [
        ("The fan flickers", 2.0)
    ]
    run("models", "compare", "1")
    told = capsys.readouterr().out
    assert "Become negative (1)" in told
    assert "★ 2" in told
    assert "1 times they side with model 1" in told


def test_a_model_is_put_in_force_only_after_a_yes(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal what changes is shown before anything does."""
    store = open_store("sqlite:///earful.db")
    brands.save(store, Brand(name="Lúa Mây"))
    store.close()
    (here / "new.csv").write_text(
        "id,text,stars,date\n1,The fan flickers all day in our kitchen,1,2026-11-01\n",
        encoding="utf-8",
    )
    run("import", "new.csv", "--brand", "Lúa Mây", "--yes")
    run("train", "--stars", stars_file(here / "s.csv", star_reviews("en", bad=150, good=150)))
    run("models", "rollback")
    capsys.readouterr()
    monkeypatch.setattr("earful.app.App.can_ask", True)
    for answer, is_in_force in (("n", False), ("y", True)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        run("models", "promote", "1")
        assert "The fan flickers" in capsys.readouterr().out
        run("models", "list", "--json")
        assert json.loads(capsys.readouterr().out)[0]["in_force"] is is_in_force
    for answer, judged in (("n", 0), ("y", 1)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        run("models", "rescore")
        assert "The fan flickers" in capsys.readouterr().out
        run("models", "rescore", "--dry-run", "--json")
        assert json.loads(capsys.readouterr().out)["judged"] == 1 - judged


def test_learning_is_told_in_vietnamese_too(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    path = stars_file(here / "s.csv", star_reviews("vi", bad=60, good=60))
    run("train", "--stars", path, "--out", here / "m")
    told = capsys.readouterr()
    assert "Tiếng Việt: đang học từ 120 đánh giá" in told.err
    assert "học từ 60 đánh giá tiêu cực và 60 đánh giá khác" in told.out
    assert "Hơn kém: +" in told.out
    assert "Đã ghi" in told.out


def test_what_comes_in_is_judged_by_the_model_in_force(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store("sqlite:///earful.db")
    brands.save(store, Brand(name="Lúa Mây"))
    store.close()
    run("train", "--stars", stars_file(here / "s.csv", star_reviews("en", bad=150, good=150)))
    (here / "new.csv").write_text(
        "id,text,stars,date\n1,The fan flickers all day in our kitchen,5,2026-11-01\n",
        encoding="utf-8",
    )
    run("import", "new.csv", "--brand", "Lúa Mây", "--yes")
    capsys.readouterr()
    run("export", "--format", "jsonl", "-o", "-")
    told = json.loads(capsys.readouterr().out)
    assert told["score"] <= -0.05
    assert "+en-stars-" in told["model"]


def test_history_is_rescored_after_it_was_shown(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store("sqlite:///earful.db")
    brands.save(store, Brand(name="Lúa Mây"))
    store.close()
    (here / "new.csv").write_text(
        "id,text,stars,date\n1,The fan flickers all day in our kitchen,5,2026-11-01\n"
        "2,Nồi hỏng,1,2026-11-02\n",
        encoding="utf-8",
    )
    run("import", "new.csv", "--brand", "Lúa Mây", "--yes")
    run("train", "--stars", stars_file(here / "s.csv", star_reviews("en", bad=150, good=150)))
    run("models", "rollback")
    capsys.readouterr()
    run("models", "rescore")
    assert "Every verdict stays as it is" in capsys.readouterr().out
    run("models", "rescore", "--model", "1", "--dry-run")
    told = capsys.readouterr()
    assert "Become negative" in told.out
    assert "The fan flickers" in told.out
    assert "It would judge 1 mentions again" in told.out
    assert "leave out --dry-run" in told.err
    run("models", "rescore", "--model", "1", "--json")
    applied = json.loads(capsys.readouterr().out)
    assert (applied["read"], applied["judged"], applied["applied"]) == (1, 1, True)
    assert [each["text"][:16] for each in applied["worse"]] == ["The fan flickers"]
    run("export", "--format", "jsonl", "-o", "-")
    exported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ["+en-stars-" in each["model"] for each in exported] == [False, True]


def test_reading_labelled_rows_leaves_the_programs_csv_limit_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    file = tmp_path / "stars.csv"
    file.write_text("lang,text,stars\nvi,Rất tốt,5\n", encoding="utf-8")
    assert len(read_stars(file)) == 1
    assert csv.field_size_limit() == before
