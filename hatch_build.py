"""Has the judges of scoring/ compiled when Earful is built or installed; see compile_scoring.py.

Where that cannot be done, the build goes on with the sources alone and says why.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledScoring(BuildHookInterface[Any]):
    """Puts the extension modules beside the sources, in the tree or in a wheel of its platform."""

    def dependencies(self) -> list[str]:
        """Return what compiling needs: nothing where it is done, or cannot be."""
        room = _compile_scoring(self.root)
        return [] if room.standing() or room.lacking() else ["mypy[mypyc]>=2.4,<3"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and take what was compiled into a wheel ("standard"; else "editable")."""
        room = _compile_scoring(self.root)
        try:
            place = room.standing() or room.compile_scoring()
        except room.NotCompiledError as e:
            self.app.display_warning(room.told(e))
            return
        self.app.display_success(f"scoring/ is compiled for {place.name}")
        if version == "standard":
            build_data["force_include"][str(place)] = str(place.relative_to(self.root))
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


def _compile_scoring(root: str) -> ModuleType:
    """Return `compile_scoring.py`, which no path of a build leads to."""
    spec = importlib.util.spec_from_file_location("room", Path(root, "compile_scoring.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
