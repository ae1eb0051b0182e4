"""The engine that the settings choose, opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from earful.engines.budget import Budget
from earful.settings import EngineSettings
from ingest.errors import ConfigError
from scoring.engines import Engine

__all__ = ["open_engine"]


def open_engine(chosen: EngineSettings, *, folder: Path, clock: Callable[[], datetime]) -> Engine:
    """Return the engine of the settings; its calls are counted in `folder`.

    Raises ConfigError if none is chosen, or what it needs is missing.
    """
    if chosen.kind == "transformers":
        from earful.engines.classifier import Classifier

        return Classifier(chosen.model, negative=chosen.negative_labels)
    if chosen.kind == "openai":
        from earful.engines.endpoint import Endpoint

        if not chosen.url:
            raise ConfigError("no address", subject="engine.url", next_step="write https://.../v1")
        return Endpoint(
            chosen.url,
            model=chosen.model,
            key=chosen.key.get_secret_value(),
            timeout_s=chosen.timeout_s,
            budget=Budget(folder / "earful.engine.json", chosen.daily_calls, clock=clock),
        )
    raise ConfigError(
        "no engine is chosen",
        subject="engine.kind",
        next_step='write kind = "transformers" or "openai" under [engine]',
    )
