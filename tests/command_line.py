"""The command line in a folder of its own, in English, without any setting of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from earful.__main__ import main


def run(*arguments: object, code: int = 0) -> None:
    """Run `earful` with these arguments; it must end with `code`."""
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    assert ended.value.code == code


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty folder in which we stand."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("EARFUL_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    return tmp_path
