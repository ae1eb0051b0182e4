"""Optional engines: masked, budgeted, checked; a second opinion and nothing more."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from model_server import Model, Pocket

from earful.engines.chosen import open_engine
from earful.engines.endpoint import Endpoint
from earful.settings import EngineSettings, read_settings
from ingest.errors import ConfigError
from scoring.engines import EngineError, masked


def endpoint(model: Model, *, daily: int = 9, timeout_s: float = 5) -> Endpoint:
    budget = Pocket(daily)
    return Endpoint(model.url, model="nhỏ", key="bi-mat", timeout_s=timeout_s, budget=budget)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Gọi 0912 345 678 hoặc +84 912.345.678 nhé", "Gọi [phone] hoặc [phone] nhé"),
        ("Call (028) 3822-1234 or 0283822123, please", "Call [phone] or [phone], please"),
        ("Thư về lan.nguyen+nồi@luamay.example!", "Thư về [mail]!"),
        ("Mail hang@luamay.example or me", "Mail [mail] or me"),
        ("@lan.nguyen89 ơi, nồi hỏng", "[name] ơi, nồi hỏng"),
        ("Xem https://luamay.example/don/77?khach=lan&k=a@b.vn, nhé", "Xem [link] nhé"),
        ("Order 2211098765432109876, card 9704 0512 3456 7890", "Order [number], card [phone]"),
        ("Nồi 1.290.000đ mua 12/11/2026, dùng 24/7", "Nồi 1.290.000đ mua 12/11/2026, dùng 24/7"),
        ("Paid 1,290,000 for 2 pots in 2026", "Paid 1,290,000 for 2 pots in 2026"),
    ],
)
def test_phone_numbers_and_mail_addresses_are_masked(text: str, sent: str) -> None:
    assert masked(text) == sent


def test_an_endpoint_gets_masked_texts_and_gives_chances(model: Model) -> None:
    engine = endpoint(model)
    texts = ["Nắp hỏng, gọi 0912345678", "Cơm dẻo", "broken, mail a@luamay.example"]
    assert engine.chances(texts) == [0.9, 0.1, 0.9]
    assert model.texts() == ["Nắp hỏng, gọi [phone]", "Cơm dẻo", "broken, mail [mail]"]
    assert model.keys == ["Bearer bi-mat"]
    assert model.asked[0]["model"] == "nhỏ"
    assert engine.name == "nhỏ@127.0.0.1"


def test_a_text_with_line_breaks_stays_one_text(model: Model) -> None:
    assert endpoint(model).chances(["Nắp\nhỏng\u2028rồi", "Tốt"]) == [0.9, 0.1]


def test_beyond_the_budget_it_has_no_opinion_and_nothing_is_sent(model: Model) -> None:
    """Forty texts are three calls."""
    assert endpoint(model, daily=2).chances(["Tốt"] * 40) == [0.1] * 32 + [None] * 8
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    "content",
    [
        "xin lỗi",
        "[]",
        '{"chances": [0.5]}',
        '{"chances": [0.5, 1.5]}',
        '{"chances": [0.5, "0.5"]}',
        '{"chances": [true, false]}',
        '{"chances": [NaN, 0.5]}',
        '{"answers": [0.5, 0.5]}',
    ],
)
def test_an_answer_that_is_no_answer_is_refused(model: Model, content: str) -> None:
    model.content = content
    with pytest.raises(EngineError, match=r"127\.0\.0\.1"):
        endpoint(model).chances(["Tốt", "Good"])


@pytest.mark.parametrize("status", [302, 307, 401, 429, 500])
def test_errors_and_redirects_are_told_and_the_key_goes_nowhere_else(
    model: Model, status: int
) -> None:
    model.status = status
    with pytest.raises(EngineError, match=f"answers {status}"):
        endpoint(model).chances(["Tốt"])
    assert len(model.asked) == 1


def test_an_endpoint_that_hangs_or_is_away_is_given_up(model: Model) -> None:
    model.released.clear()
    began = time.monotonic()
    with pytest.raises(EngineError, match="cannot be reached"):
        endpoint(model, timeout_s=0.2).chances(["Tốt"])
    assert time.monotonic() - began < 4
    budget = Pocket(9)
    away = Endpoint("http://127.0.0.1:9/v1", model="m", key="", timeout_s=2, budget=budget)
    with pytest.raises(EngineError, match="cannot be reached"):
        away.chances(["Good"])


@pytest.mark.parametrize("url", ["http://luamay.example/v1", "ftp://luamay.example", "luamay"])
def test_only_safe_addresses_get_texts(url: str) -> None:
    budget = Pocket(9)
    with pytest.raises(ConfigError, match="not a safe address"):
        Endpoint(url, model="m", key="", timeout_s=1, budget=budget)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({}, "engine.kind: no engine is chosen"),
        ({"kind": "openai", "model": "m"}, "engine.url: nothing is written"),
        (
            {"kind": "openai", "url": "https://luamay.example/v1"},
            "engine.model: nothing is written",
        ),
        ({"kind": "onnx"}, "engine.model: no model is named"),
    ],
)
def test_what_is_missing_is_named(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        open_engine(EngineSettings(**chosen), budget=Pocket(0))


def test_the_key_of_an_engine_never_shows(tmp_path: Path) -> None:
    settings = read_settings(None, {"EARFUL_ENGINE_KEY": "bi-mat"})
    assert "bi-mat" not in repr(settings)
    file = tmp_path / "earful.toml"
    file.write_text("[engine]\nkey = 7007", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_settings(file, {})
    assert "7007" not in str(caught.value)


def scored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *texts: str,
    option: str = "--engine",
) -> tuple[list[Any], str]:  # fmt: skip
    """Return what `earful score` tells of the texts, and its remarks."""
    lines = [{"id": n, "text": text} for n, text in enumerate(texts or ["Nồi hỏng", "Good pot"])]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(map(json.dumps, lines))))
    run("score", option)
    told = capsys.readouterr()
    return [json.loads(line) for line in told.out.splitlines()], told.err


def chosen(here: Path, model: Model, *, daily: int = 9) -> None:
    (here / "earful.toml").write_text(
        f'[engine]\nkind = "openai"\nmodel = "m"\nurl = "{model.url}"\ndaily_calls = {daily}\n',
        encoding="utf-8",
    )


def test_score_adds_the_engines_opinion_and_keeps_its_own(
    here: Path, model: Model, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    chosen(here, model, daily=1)
    first, _ = scored(monkeypatch, capsys)
    assert [each["engine"]["p_negative"] for each in first] == [0.9, 0.1]
    assert [each["label"] for each in first] == ["negative", "positive"]
    second, said = scored(monkeypatch, capsys)
    assert [each["engine"]["p_negative"] for each in second] == [None, None]
    assert [each["score"] for each in second] == [each["score"] for each in first]
    assert "no opinion of 2 texts" in said


def test_an_engine_may_judge_and_where_it_is_silent_the_word_lists_do(
    here: Path, model: Model, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Seventeen texts are two calls; the budget allows one."""
    chosen(here, model, daily=1)
    model.content = json.dumps({"chances": [0.97, *[0.02] * 15]})
    texts = ["Cơm dẻo, tuyệt vời", "Terrible, a broken lid", *["Nồi tốt"] * 14, "Nồi quá tệ"]
    told, _ = scored(monkeypatch, capsys, *texts, option="--by-engine")
    first, second, last = told[0], told[1], told[-1]
    assert (first["p_negative"], first["score"] <= -0.05) == (0.97, True)
    assert (second["p_negative"], second["score"] >= 0.05) == (0.02, True)
    assert first["model"].endswith("+m@127.0.0.1")
    assert last["engine"]["p_negative"] is None
    assert last["score"] <= -0.05
    assert "127.0.0.1" not in last["model"]


def test_a_failing_engine_is_told_once_and_the_verdicts_stay(
    here: Path, model: Model, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    chosen(here, model)
    model.status = 500
    told, said = scored(monkeypatch, capsys, *["Nồi hỏng"] * 40, option="--by-engine")
    assert len(told) == 40
    assert all(each["score"] <= -0.05 and each["engine"]["p_negative"] is None for each in told)
    assert "m@127.0.0.1: answers 500" in said
    assert "Earful judges alone" in said
    assert len(model.asked) == 1, "who failed is not asked again"


def test_nothing_leaves_the_house_unless_it_is_asked_for(
    here: Path, model: Model, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert read_settings(None, {}).engine.kind == ""
    chosen(here, model)
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": 1, "text": "Nồi hỏng"}'))
    run("score")
    assert "engine" not in json.loads(capsys.readouterr().out)
    assert model.asked == []
