"""A transformers text-classification model, by name or from a local folder, as a second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ingest.errors import ConfigError

__all__ = ["Classifier"]

AT_ONCE = 16


class Classifier:
    """Sums the chances of the labels that mean negative ("NEG", "LABEL_0", "1 star" ...)."""

    def __init__(self, model: str, *, negative: str) -> None:
        self._model = model
        self._negative = {each.strip().casefold() for each in negative.split(",")}
        self._pipeline = _pipeline(model)
        labels = {str(each).casefold() for each in self._pipeline.model.config.id2label.values()}
        if not labels & self._negative:
            raise ConfigError(
                f"none of its labels ({', '.join(sorted(labels))}) is said to mean negative",
                subject=model,
                next_step="name them in engine.negative_labels",
            )

    @property
    def name(self) -> str:
        """Return the model's name or folder."""
        return self._model

    def chances(self, texts: Sequence[str]) -> list[float | None]:
        """Return the chance of each text; long texts are cut to what the model can read."""
        told = self._pipeline(list(texts), top_k=None, truncation=True, batch_size=AT_ONCE)
        return [self._chance(labels) for labels in told]

    def _chance(self, labels: Sequence[dict[str, Any]]) -> float:
        found = [e["score"] for e in labels if str(e["label"]).casefold() in self._negative]
        return min(1.0, max(0.0, float(sum(found))))


def _pipeline(model: str) -> Any:
    try:
        from transformers import pipeline
    except ModuleNotFoundError as e:
        raise ConfigError(
            f"this engine needs {e.name}", subject="engine.kind",
            next_step="pip install 'earful[transformers]'",
        ) from e  # fmt: skip
    try:
        return pipeline("text-classification", model=model)
    except (OSError, ValueError) as e:
        raise ConfigError(
            "no such text-classification model", subject=model,
            next_step="give a folder, or the name of one at the hub",
        ) from e  # fmt: skip
