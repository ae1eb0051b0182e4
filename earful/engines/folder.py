"""Where a model's files lie: in a folder here, or fetched once from the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.errors import ConfigError

__all__ = ["MODEL_FILES", "folder_of", "is_needed", "json_of", "missing", "read", "unreadable"]

MODEL_FILES = ("model.onnx", "onnx/model.onnx")
"""Where the network itself may lie; large ones have a second file beside it."""

OTHER_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json")
EXPORT = "export one: optimum-cli export onnx --model NAME FOLDER"


def folder_of(model: str, *, hub: str | None = None) -> Path:
    """Return the local folder of `model`: itself, or what the hub keeps under that name.

    `hub` is the address of another hub. Raises ConfigError if there is neither.
    """
    if not model:
        raise ConfigError(
            "no model is named", subject="engine.model", next_step="write its folder or name"
        )
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if model.count("/") != 1 or model.startswith((".", "~", "/")):
        raise ConfigError("no such folder", subject=model, next_step=EXPORT)
    with is_needed():
        from huggingface_hub import snapshot_download
    wanted = [*OTHER_FILES, *(f"{name}*" for name in MODEL_FILES)]
    try:
        return Path(snapshot_download(model, allow_patterns=wanted, endpoint=hub))
    except (OSError, ValueError) as e:
        raise ConfigError(
            f"neither a folder here nor a model that the hub gives ({type(e).__name__})",
            subject=model, next_step=EXPORT,
        ) from e  # fmt: skip


@contextmanager
def is_needed() -> Iterator[None]:
    """Turn the lack of a library into what to install."""
    try:
        yield
    except ModuleNotFoundError as e:
        raise ConfigError(
            f"this engine needs {e.name}", subject="engine.kind",
            next_step="pip install 'earful[onnx]'",
        ) from e  # fmt: skip


def json_of(folder: Path, name: str, model: str) -> Mapping[str, Any]:
    """Return the JSON object in a file of the folder. Raises ConfigError if it is none."""
    try:
        told = json.loads(read(folder, name, model))
    except ValueError as e:
        raise unreadable(model, f"its {name} is not JSON ({e})") from e
    if not isinstance(told, dict):
        raise unreadable(model, f"its {name} is no JSON object")
    return told


def read(folder: Path, name: str, model: str) -> bytes:
    """Return the bytes of a file of the folder. Raises ConfigError naming what is missing."""
    try:
        return (folder / name).read_bytes()
    except OSError as e:
        raise missing(model, name) from e


def missing(model: str, name: str) -> ConfigError:
    """Return the fault of a folder that lacks a file."""
    return ConfigError(f"there is no {name}", subject=model, next_step=EXPORT)


def unreadable(model: str, what: str) -> ConfigError:
    """Return the fault of a folder that holds something else."""
    return ConfigError(what, subject=model, next_step="give a text-classification model in ONNX")
