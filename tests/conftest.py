"""Shared ground for the tests: where the shared cases lie, when they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["command_line", "model_server", "store_fixture"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared cases, or skip where it does not exist."""
    if not (SHARED / "corpora").is_dir():
        pytest.skip("the shared cases are not beside this checkout")
    return SHARED
