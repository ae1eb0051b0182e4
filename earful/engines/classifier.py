"""A text-classification model in ONNX, on this machine, as a second opinion; no PyTorch needed.

Its folder is what `optimum-cli export onnx` makes of a transformers model: model.onnx,
tokenizer.json, and config.json with the names of its labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from earful.engines.folder import (
    MODEL_FILES,
    folder_of,
    is_needed,
    json_of,
    missing,
    read,
    unreadable,
)
from ingest.errors import ConfigError

__all__ = ["Classifier"]

AT_ONCE = 16  # texts of one run
LONGEST = 512  # tokens of one text that are read; fewer where the model says so
NUMBERS = {"tensor(int64)": "int64", "tensor(int32)": "int32"}


class Classifier:
    """Sums the chances of the labels that mean negative ("NEG", "LABEL_0", "1 star" ...)."""

    def __init__(self, model: str, *, negative: str, hub: str | None = None) -> None:
        self._model = model
        folder = folder_of(model, hub=hub)
        config = json_of(folder, "config.json", model)
        self._labels = _labels(config, model)
        self._negative = _negative(self._labels, negative, model)
        self._stand_alone = config.get("problem_type") == "multi_label_classification"
        self._tokenizer = _tokenizer(folder, config, model)
        self._session = _session(folder, model)
        self._inputs = _inputs(self._session, model)

    @property
    def name(self) -> str:
        """Return the model's name or folder."""
        return self._model

    def chances(self, texts: Sequence[str]) -> list[float | None]:
        """Return the chance of each text; long texts are cut to what the model can read.

        Raises ConfigError for a model that gives other than one number for each label.
        """
        told: list[float | None] = []
        for start in range(0, len(texts), AT_ONCE):
            told += self._asked(texts[start : start + AT_ONCE])
        return told

    def _asked(self, texts: Sequence[str]) -> Iterator[float]:
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts))
        fed = {
            "input_ids": [each.ids for each in encoded],
            "attention_mask": [each.attention_mask for each in encoded],
            "token_type_ids": [each.type_ids for each in encoded],
        }
        asked = {name: np.array(fed[name], dtype=kind) for name, kind in self._inputs.items()}
        try:
            scores = np.asarray(self._session.run(None, asked)[0], dtype="float64")
        except _faults() as e:
            raise unreadable(self._model, f"it cannot be run ({_first_line(e)})") from e
        if scores.shape != (len(texts), len(self._labels)):
            what = f"it gives numbers of shape {scores.shape} for {len(self._labels)} labels"
            raise unreadable(self._model, what)
        if self._stand_alone:
            shares = 1 / (1 + np.exp(-scores))
        else:
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
        yield from (min(1.0, float(row[self._negative].sum())) for row in shares)


def _labels(config: Mapping[str, Any], model: str) -> list[str]:
    """Return the labels in the order of the model's numbers."""
    try:
        named = {int(place): str(label) for place, label in config["id2label"].items()}
        return [named[place] for place in range(len(named))]
    except (KeyError, ValueError, AttributeError) as e:
        raise unreadable(model, "its config.json names no labels (id2label)") from e


def _negative(labels: Sequence[str], negative: str, model: str) -> list[int]:
    """Return the places of the labels that mean negative: some, not all."""
    meant = {each.strip().casefold() for each in negative.split(",")}
    places = [place for place, label in enumerate(labels) if label.casefold() in meant]
    if not places or len(places) == len(labels):
        which = "all" if places else "none"
        raise ConfigError(
            f"{which} of its labels ({', '.join(labels)}) are said to mean negative",
            subject=model, next_step="name those that do in engine.negative_labels",
        )  # fmt: skip
    return places


def _tokenizer(folder: Path, config: Mapping[str, Any], model: str) -> Any:
    with is_needed():
        from tokenizers import Tokenizer
    try:
        tokenizer = Tokenizer.from_buffer(read(folder, "tokenizer.json", model))
    except ValueError as e:
        raise unreadable(model, f"its tokenizer.json cannot be read ({_first_line(e)})") from e
    pad = config.get("pad_token_id") or 0
    tokenizer.enable_padding(pad_id=pad, pad_token=tokenizer.id_to_token(pad) or "[PAD]")
    tokenizer.enable_truncation(max_length=_longest(folder, config, model))
    return tokenizer


def _longest(folder: Path, config: Mapping[str, Any], model: str) -> int:
    """Return how many tokens the model reads."""
    told = [LONGEST]
    if places := config.get("max_position_embeddings"):
        told.append(places - 2)  # RoBERTa's kin keep two for themselves
    if (folder / "tokenizer_config.json").is_file():
        kept = json_of(folder, "tokenizer_config.json", model)
        told.append(kept.get("model_max_length") or LONGEST)
    return max(1, min(map(int, told)))


def _session(folder: Path, model: str) -> Any:
    with is_needed():
        import onnxruntime
    places = [folder / name for name in MODEL_FILES if (folder / name).is_file()]
    if not places:
        raise missing(model, "model.onnx")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is said below
    try:
        return onnxruntime.InferenceSession(
            str(places[0]), options, providers=["CPUExecutionProvider"]
        )
    except _faults() as e:
        raise unreadable(model, f"its model.onnx cannot be read ({_first_line(e)})") from e


def _inputs(session: Any, model: str) -> dict[str, str]:
    """Return what the model is to be fed, by name, with the kind of its numbers."""
    wanted = {each.name: NUMBERS.get(each.type, "") for each in session.get_inputs()}
    others = wanted.keys() - {"input_ids", "attention_mask", "token_type_ids"}
    if others or "input_ids" not in wanted or not all(wanted.values()):
        raise unreadable(model, f"it wants to be fed {', '.join(wanted)}")
    return wanted


def _faults() -> tuple[type[Exception], ...]:
    """Return the runtime's exceptions, which have no common root of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    names = (
        "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile",
        "NotImplemented", "RuntimeException",
    )  # fmt: skip
    return tuple(getattr(runtime, name) for name in names)


def _first_line(fault: Exception) -> str:
    """Return what a library says is wrong, without the path that the runtime puts first."""
    return str(fault).rpartition(" failed:")[2].partition("\n")[0][:120]
