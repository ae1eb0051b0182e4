"""Files that people bring to learn from and to judge by: stars, predictions, true labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.errors import ConfigError
from scoring.contest import Review
from scoring.evaluation import Judged, Told, truth_of
from scoring.language import guess

Row = Mapping[str, object]

LANGUAGES = ("vi", "en")
_LARGEST_FIELD = 10_000_000


def read_stars(path: Path) -> list[Review]:
    """Return the reviews of a CSV with `text` and `stars` (1-5), and `lang` and `source` if known.

    Rows without text or stars are left out. Raises ConfigError for a file of another shape
    or stars outside 1-5, naming the line.
    """
    reviews = []
    for number, row in _rows(path, needed=("text", "stars")):
        text, stars = _text(row, "text"), _number(row, "stars", path, number)
        if not text or stars is None:
            continue
        if not 1 <= stars <= 5:
            raise ConfigError(
                f"stars={stars:g} is not in 1-5",
                subject=f"{path.name}, line {number}",
                next_step="give stars on a scale of 1 to 5",
            )
        told = _text(row, "lang")[:2].lower()
        language = told if told in LANGUAGES else guess(text, told)
        reviews.append(Review(language, text, stars, source=_text(row, "source")))
    return reviews


def read_judged(told: Path, truth: Path, *, negative: frozenset[str]) -> list[Judged]:
    """Return every row of `truth` (id, label; lang and source if known) with what `told` says.

    `told` is CSV, TSV or JSON lines with id and any of score, p_negative, label. `truth` may
    be a folder of CSV files; then only files that share an id with `told` count.
    """
    answers = {_text(row, "id"): _told(row, told, at) for at, row in _rows(told, needed=("id",))}
    judged: list[Judged] = []
    for path in sorted(truth.glob("*.csv")) if truth.is_dir() else [truth]:
        rows = [row for _, row in _rows(path, needed=("id", "label"))]
        if truth.is_dir() and not any(_text(row, "id") in answers for row in rows):
            continue
        for row in rows:
            is_negative = truth_of(_text(row, "label"), negative)
            if is_negative is not None:
                told_of_it = answers.get(_text(row, "id"), Told())
                judged.append(Judged(is_negative, told_of_it, _slices(row, path)))
    return judged


def _slices(row: Row, path: Path) -> tuple[str, ...]:
    named = (("lang", _text(row, "lang")), ("source", _text(row, "source")), ("set", path.stem))
    return tuple(f"{name} {value}" for name, value in named if value)


def _told(row: Row, path: Path, at: int) -> Told:
    score, chance = (_number(row, name, path, at) for name in ("score", "p_negative"))
    return Told(score, chance, _text(row, "label") or None)


def _rows(path: Path, *, needed: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a table with their line numbers (from 1)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigError(
            f"cannot be read ({e})", subject=str(path), next_step="give a UTF-8 file"
        ) from e
    is_json = path.suffix in (".jsonl", ".ndjson") or text.lstrip()[:1] == "{"
    rows = _json_rows(text, path) if is_json else _table_rows(text)
    for number, row in rows:
        lacking = [name for name in needed if name not in row]
        if lacking:
            raise ConfigError(
                f"no {' and no '.join(lacking)}",
                subject=f"{path.name}, line {number}",
                next_step=f"needed are {', '.join(needed)}",
            )
        yield number, row


def _json_rows(text: str, path: Path) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as e:
            raise ConfigError(
                f"not JSON ({e})", subject=f"{path.name}, line {number}",
                next_step="one JSON object a line",
            ) from e  # fmt: skip
        if isinstance(row, dict):
            yield number, row


def _table_rows(text: str) -> Iterator[tuple[int, Row]]:
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    usual = csv.field_size_limit(_LARGEST_FIELD)  # the whole program's: given back below
    try:
        for row in reader:
            yield reader.line_num, row
    finally:
        csv.field_size_limit(usual)


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _number(row: Row, name: str, path: Path, at: int) -> float | None:
    value = _text(row, name)
    try:
        return float(value) if value else None
    except ValueError as e:
        raise ConfigError(
            f"{name}={value!r} is not a number",
            subject=f"{path.name}, line {at}",
            next_step="write numbers with a dot",
        ) from e
