"""A Judge, made when this is imported: its word lists take a third of a second to lay out.

The server that crawl children are forked from imports it once for all of them.
"""

from __future__ import annotations

from scoring.judge import Judge

__all__ = ["JUDGE"]

JUDGE = Judge()
