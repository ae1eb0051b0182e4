"""What people said of a file's columns, kept beside the settings for the next file like it.

[5d1c...]                              # a hash of the column names, in any order
columns = "Mã, Lời khách, Điểm"        # for people to read
map = "Lời khách=text;Điểm=stars"
scale = "1-10"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from ingest.errors import ConfigError
from ingest.text import fold, tokens

FILE = "earful.columns.toml"
KEPT = ("map", "scale", "kind", "source")
HEAD = "# What the columns of imported files mean, as told once with --map and --scale.\n"


def recall(file: Path, head: Sequence[str]) -> dict[str, str]:
    """Return the options told for a file with these columns, {} for a new head.

    Raises ConfigError when `file` cannot be read.
    """
    told = _read(file).get(_name(head), {})
    return {name: told[name] for name in KEPT if told.get(name)}


def remember(file: Path, head: Sequence[str], options: Mapping[str, str]) -> None:
    """Keep what was told of a file with these columns; what is told anew replaces it."""
    told = {name: options[name] for name in KEPT if options.get(name)}
    if not head or not told:
        return
    known = _read(file)
    known[_name(head)] = {"columns": ", ".join(head)[:500], **told}
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(_as_toml(known), encoding="utf-8")
        part.replace(file)
    except OSError as e:
        raise ConfigError(
            e.strerror or "cannot be written", subject=str(file), next_step="run it where it may be"
        ) from e


def _name(head: Sequence[str]) -> str:
    spelled = sorted(" ".join(tokens(fold(name))) for name in head)
    return blake2b("\n".join(spelled).encode(), digest_size=8).hexdigest()


def _read(file: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        return {}
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
        return {name: {k: str(v) for k, v in told.items()} for name, told in tree.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as e:
        raise ConfigError(
            f"cannot be read: {e}", subject=str(file), next_step="mend it or delete it"
        ) from e


def _as_toml(known: Mapping[str, Mapping[str, str]]) -> str:
    lines = [HEAD]
    for name, told in sorted(known.items()):
        lines.append(f"\n[{json.dumps(name)}]\n")
        lines += [f"{key} = {_quoted(value)}\n" for key, value in told.items()]
    return "".join(lines)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
