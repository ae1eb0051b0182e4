"""docs/promises.md: every promise has its tests, and every test named there exists."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "promises.md"
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_promise_is_kept_by_tests_that_exist() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 29))
    missing = []
    for number, _, tests in ROWS:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", tests)
        assert named, number
        for file, name in named:
            body = (HERE / file).read_text(encoding="utf-8")
            if not re.search(rf"^(?:async )?def {name}\(", body, re.MULTILINE):
                missing.append(f"{file}::{name}")
    assert missing == []
