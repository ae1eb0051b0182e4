"""The engine that the settings choose, opened; where it fails, it falls silent."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from earful.engines.budget import Budget
from earful.settings import EngineSettings
from ingest.errors import ConfigError
from scoring.engines import Engine, EngineError

__all__ = ["Chosen", "name_of", "open_engine"]


class Chosen:
    """An engine that is asked no more once it failed; `fault` then says how.

    `silent` counts the texts of which it gave no opinion.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.fault: EngineError | None = None
        self.silent = 0

    @property
    def name(self) -> str:
        """Return what tells this engine from others."""
        return self._engine.name

    def chances(self, texts: Sequence[str]) -> list[float | None]:
        """Return the chance of each text; None from a fault on, and beyond the day's budget."""
        told: list[float | None] = [None] * len(texts)
        if self.fault is None:
            try:
                told = self._engine.chances(texts)
            except EngineError as e:
                self.fault = e
        self.silent += told.count(None)
        return told


def open_engine(chosen: EngineSettings, *, budget: Budget) -> Engine:
    """Return the engine of the settings; calls out of the house are counted in `budget`.

    Raises ConfigError if none is chosen, or what it needs is missing.
    """
    if chosen.kind == "onnx":
        from earful.engines.classifier import Classifier

        return Classifier(chosen.model, negative=chosen.negative_labels)
    if chosen.kind == "openai":
        from earful.engines.endpoint import Endpoint

        for name in ("url", "model"):
            if not getattr(chosen, name):
                step = "write https://.../v1" if name == "url" else "write the model's name there"
                raise ConfigError("nothing is written", subject=f"engine.{name}", next_step=step)
        return Endpoint(
            chosen.url,
            model=chosen.model,
            key=chosen.key.get_secret_value(),
            timeout_s=chosen.timeout_s,
            budget=budget,
        )
    raise ConfigError(
        "no engine is chosen",
        subject="engine.kind",
        next_step='write kind = "onnx" or "openai" under [engine]',
    )


def name_of(chosen: EngineSettings) -> str:
    """Return by which name the engine of the settings signs, without opening it; "" for none."""
    if chosen.kind == "openai":
        return f"{chosen.model}@{urlsplit(chosen.url).hostname}"
    return chosen.model if chosen.kind == "onnx" else ""
