"""Phrases as the word lists write them: rows of a file, and patterns that stand for many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

__all__ = ["read_rows", "spellings"]


def spellings(pattern: str) -> Iterator[str]:
    """Yield every phrase that `pattern` stands for.

    "a/b" is a choice, "_" in a choice is nothing, "+" joins the words of a choice:
    "my/the/_ bag/suit+case" gives "my bag", "the suit case", "bag" ...
    """
    for choice in product(*(part.split("/") for part in pattern.split())):
        yield " ".join(word.replace("+", " ") for word in choice if word != "_")


def read_rows(name: str) -> list[list[str]]:
    """Return the tab-separated rows of a word list beside this file; others are comments."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if "\t" in line]
