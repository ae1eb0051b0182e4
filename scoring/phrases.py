"""Phrases as the word lists write them: rows of a file, and patterns that stand for many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TypeAlias

__all__ = ["Parts", "parts_of", "read_rows", "spellings"]

Parts: TypeAlias = tuple[tuple[str, ...], ...]
"""The choices of each part of a pattern, words joined by blanks; "_" is nothing."""


def parts_of(pattern: str) -> Parts:
    """Return the choices of `pattern`.

    "a/b" is a choice, "_" in a choice is nothing, "+" joins the words of a choice:
    "my/the/_ bag/suit+case" stands for "my bag", "the suit case", "bag" ...
    """
    return tuple([tuple(part.replace("+", " ").split("/")) for part in pattern.split()])


def spellings(pattern: str) -> Iterator[str]:
    """Yield every phrase that `pattern` stands for."""
    for choice in product(*parts_of(pattern)):
        yield " ".join(words for words in choice if words != "_")


def read_rows(name: str) -> list[list[str]]:
    """Return the tab-separated rows of a word list beside this file; others are comments."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if "\t" in line]
