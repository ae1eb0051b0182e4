"""A classifier in ONNX: read from a folder or the hub, run in batches, refused in words."""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import tiny_onnx
from model_server import Pocket
from onnx import TensorProto

from earful.engines import folder as engine_folder
from earful.engines.chosen import open_engine
from earful.engines.classifier import Classifier
from earful.settings import EngineSettings
from ingest.errors import ConfigError

SURE = 1 / (1 + math.exp(-2))  # one word of two that a label hears


def classifier(folder: Path, *, negative: str = "negative") -> Classifier:
    return Classifier(str(folder), negative=negative)


@pytest.mark.parametrize(
    ("text", "chance"),
    [
        ("hỏng rồi", SURE),
        ("it is broken", SURE),
        ("tốt", 1 - SURE),
        ("good broken", 0.5),
        ("", 0.5),
        ("great great good", 1 / (1 + math.exp(6))),
    ],
)
def test_a_folder_gives_chances_in_both_languages(tmp_path: Path, text: str, chance: float) -> None:
    (told,) = classifier(tiny_onnx.write(tmp_path)).chances([text])
    assert told == pytest.approx(chance, abs=1e-5)


def test_texts_of_all_lengths_run_together_and_keep_their_order(tmp_path: Path) -> None:
    engine = classifier(tiny_onnx.write(tmp_path))
    texts = [f"{'hỏng ' * (n % 3)}{'good ' * (n % 5)}x" for n in range(50)]
    together = engine.chances(texts)
    assert len(together) == 50
    assert together == pytest.approx([engine.chances([text])[0] for text in texts], abs=1e-6)
    assert engine.chances([]) == []


def test_labels_of_several_kinds_of_bad_are_summed(tmp_path: Path) -> None:
    engine = classifier(
        tiny_onnx.write(tmp_path, ("1 star", "2 stars", "5 stars")), negative="1 Star, 2 stars"
    )
    even, bad = engine.chances(["x", "hỏng"])
    assert even == pytest.approx(2 / 3)
    assert bad == pytest.approx((math.exp(2) + 1) / (math.exp(2) + 2), abs=1e-5)


def test_labels_that_stand_alone_are_not_weighed_against_one_another(tmp_path: Path) -> None:
    alone = {"problem_type": "multi_label_classification"}
    engine = classifier(tiny_onnx.write(tmp_path, config=alone))
    assert engine.chances(["broken good"]) == [pytest.approx(SURE, abs=1e-5)]


def test_long_texts_are_cut_to_what_the_model_reads(tmp_path: Path) -> None:
    engine = classifier(tiny_onnx.write(tmp_path, config={"max_position_embeddings": 6}))
    assert engine.chances(["x " * 4 + "hỏng"]) == [pytest.approx(0.5)]
    kept = json.dumps({"model_max_length": 2})
    (tmp_path / "tokenizer_config.json").write_text(kept, encoding="utf-8")
    assert classifier(tmp_path).chances(["x x broken"]) == [pytest.approx(0.5)]
    assert classifier(tmp_path).chances(["x broken x"]) == [pytest.approx(SURE, abs=1e-5)]


def test_the_network_may_lie_in_a_folder_of_its_own_and_count_in_small_numbers(
    tmp_path: Path,
) -> None:
    tiny_onnx.write(
        tmp_path, inputs=("input_ids", "token_type_ids", "attention_mask"),
        numbers=TensorProto.INT32,
    )  # fmt: skip
    (tmp_path / "onnx").mkdir()
    (tmp_path / "model.onnx").rename(tmp_path / "onnx" / "model.onnx")
    assert classifier(tmp_path).chances(["tệ"]) == [pytest.approx(SURE, abs=1e-5)]


def _without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def _with(name: str, body: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(body, encoding="utf-8")


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no model": (_without("model.onnx"), r"there is no model\.onnx.*optimum-cli"),
    "no tokenizer": (_without("tokenizer.json"), r"there is no tokenizer\.json.*optimum-cli"),
    "no config": (_without("config.json"), r"there is no config\.json"),
    "another model": (_with("model.onnx", "xin chào"), r"its model\.onnx cannot be read"),
    "another tokenizer": (_with("tokenizer.json", "{}"), r"its tokenizer\.json cannot be read"),
    "no JSON": (_with("config.json", "{"), r"its config\.json is not JSON"),
    "no object": (_with("config.json", "[]"), r"its config\.json is no JSON object"),
    "no labels": (_with("config.json", "{}"), r"names no labels \(id2label\)"),
    "odd labels": (_with("config.json", '{"id2label": {"1": "NEG"}}'), "names no labels"),
    "more labels": (
        _with("config.json", '{"id2label": {"0": "negative", "1": "b", "2": "c"}}'),
        "for 3 labels",
    ),
    "unknown inputs": (
        lambda folder: tiny_onnx.write(folder, inputs=("input_ids", "pixels")),
        "it wants to be fed input_ids, pixels",
    ),
    "other numbers": (
        lambda folder: tiny_onnx.write(folder, numbers=TensorProto.INT16),
        "it wants to be fed",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_folder_that_holds_something_else_is_refused_in_words(tmp_path: Path, case: str) -> None:
    spoil, words = SPOILT[case]
    spoil(tiny_onnx.write(tmp_path / "máy"))
    with pytest.raises(ConfigError, match=f"máy: .*{words}"):
        classifier(tmp_path / "máy").chances(["hỏng"])


@pytest.mark.parametrize(
    ("negative", "which"), [("chê", "none"), ("", "none"), ("negative, positive", "all")]
)
def test_labels_that_tell_nothing_are_refused_with_their_names(
    tmp_path: Path, negative: str, which: str
) -> None:
    said = rf"{which} of its labels \(NEGATIVE, POSITIVE\).*engine\.negative_labels"
    with pytest.raises(ConfigError, match=said):
        classifier(tiny_onnx.write(tmp_path), negative=negative)


@pytest.mark.parametrize("model", ["", "./nhà", "/no/such/folder", "away"])
def test_a_folder_that_is_away_is_named(model: str) -> None:
    with pytest.raises(ConfigError, match=r"no such folder|engine\.model: no model is named"):
        Classifier(model, negative="negative")


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers", "huggingface_hub"])
def test_a_missing_library_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    model = "luamay/nhỏ" if library == "huggingface_hub" else str(tiny_onnx.write(tmp_path))
    chosen = EngineSettings(kind="onnx", model=model)
    with pytest.raises(ConfigError, match=rf"needs {library}.*earful\[onnx\]"):
        open_engine(chosen, budget=Pocket(0))


class Hub(ThreadingHTTPServer):
    """A hub with one model, `luamay/tiny`: the few answers that its client asks for."""

    daemon_threads = True
    commit = "a" * 40

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Hub)
        self.folder = folder
        self.asked: list[str] = []


def path_tag(path: str) -> str:
    return hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()


class _Hub(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        files = sorted(each.name for each in self.server.folder.iterdir())
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/luamay/tiny"):
            listed = [
                {"type": "file", "path": name, "rfilename": name, "oid": "b" * 40,
                 "size": (self.server.folder / name).stat().st_size}
                for name in files
            ]  # fmt: skip
            told: Any = {"id": "luamay/tiny", "sha": self.server.commit, "siblings": listed}
            self._send(json.dumps(listed if "/tree/" in path else told).encode())
        elif path.startswith("/luamay/tiny/resolve/") and path.rpartition("/")[2] in files:
            self._send((self.server.folder / path.rpartition("/")[2]).read_bytes())
        else:
            self._send(b'{"error": "Repository not found"}', status=404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, body: bytes, *, status: int = 200) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Length", str(len(body))), ("X-Repo-Commit", self.server.commit),
            ("ETag", f'"{path_tag(self.path)}"'), ("Content-Type", "application/json"),
        ):  # fmt: skip
            self.send_header(name, value)
        if status == 404:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with Hub(tiny_onnx.write(tmp_path / "tiny")) as server:
        (tmp_path / "tiny" / "pytorch_model.bin").write_bytes(b"large")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_model_comes_from_the_hub_by_name_with_only_the_files_it_needs(hub: Hub) -> None:
    address = f"http://127.0.0.1:{hub.server_address[1]}"
    engine = Classifier("luamay/tiny", negative="negative", hub=address)
    assert engine.chances(["hỏng"]) == [pytest.approx(SURE, abs=1e-5)]
    assert engine.name == "luamay/tiny"
    assert not any("pytorch_model" in path for path in hub.asked)
    with pytest.raises(ConfigError, match=r"luamay/away: neither a folder here nor a model"):
        engine_folder.folder_of("luamay/away", hub=address)
