"""Whether this room runs compiled: all of its judges, from the sources that stand here, or none.

`compile_scoring.py` makes extension modules of MODULES with mypyc. They do not stand beside
their sources, where Python would always take them, but in `built/<Python and machine>/` with
the digest of the sources they were made from. A source that was changed since, another Python
or a missing compiler all lead to the same place: the sources, which do the same, only slower.
"""

from __future__ import annotations

import sys
from collections.abc import MutableSequence
from enum import StrEnum
from hashlib import blake2b
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder
from pathlib import Path
from types import ModuleType

__all__ = ["LIBRARY", "MODULES", "STAMP", "Standing", "built", "digest", "prefer_built"]

MODULES = (
    "aspects", "english", "judge", "kinds", "language", "learned", "lexicon", "memo",
    "mismatch", "phrases", "pieces", "scored", "shelf", "spam", "syllables", "vader", "verdict",
    "vietnamese", "vietnamese_grammar", "vietnamese_rules", "words",
)  # fmt: skip
"""What is compiled."""

TRUSTED = ("ingest/errors", "ingest/mention", "ingest/text")
"""What MODULES import beside each other: its types and constants are compiled in."""

LIBRARY = "judging__mypyc"
"""The extension module with the code of all; those named as their sources only open it."""

STAMP = "sources.digest"
"""The file beside the extension modules that says what they were made from."""

_ROOM = Path(__file__).absolute().parent
_SUFFIX = EXTENSION_SUFFIXES[0]  # of Python and machine: ".cpython-311-x86_64-linux-gnu.so"


class Standing(StrEnum):
    """Whether the room runs compiled, or why not."""

    COMPILED = "compiled"
    ABSENT = "absent"  # nothing was compiled for this Python
    CHANGED = "changed"  # a source is not the one that was compiled
    BROKEN = "broken"  # what was compiled cannot be loaded


class _Loader(ExtensionFileLoader):
    """Loads an extension module as if it stood beside its source, where its word lists are."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        module.__file__ = str(_ROOM / Path(self.path).name)


def digest(room: Path = _ROOM) -> str:
    """Return 32 hex digits that stand for the sources of `room` and what they trust."""
    seen = blake2b(digest_size=16)
    for name in [*(f"scoring/{each}" for each in MODULES), *TRUSTED]:
        source = (room.parent / f"{name}.py").read_bytes()
        seen.update(b"%s %d\n%s" % (name.encode(), len(source), source))
    return seen.hexdigest()


def built(room: Path = _ROOM) -> Path:
    """Return the folder of the extension modules for the Python that runs."""
    return room / "built" / _SUFFIX.strip(".").rpartition(".")[0]


def prefer_built(path: MutableSequence[str]) -> Standing:
    """Put the extension modules first on `path` (of the package) if they may be taken."""
    place = built()
    try:
        stamp = (place / STAMP).read_text(encoding="ascii")
        files = {file.name for file in place.iterdir()}
        if stamp.strip() != digest():
            return Standing.CHANGED
    except OSError:
        return Standing.ABSENT
    if not files.issuperset(name + _SUFFIX for name in (LIBRARY, *MODULES)):
        return Standing.BROKEN
    sys.path_importer_cache[str(place)] = FileFinder(str(place), (_Loader, [_SUFFIX]))
    path.insert(0, str(place))
    try:
        library = import_module(f"{__package__}.{LIBRARY}")
    except ImportError:
        path.remove(str(place))
        return Standing.BROKEN
    library.__file__ = str(_ROOM.parent / LIBRARY)  # from it mypyc tells the modules their own
    return Standing.COMPILED
