"""Full-text search without marks: "khong duoc" finds "không được", "da nang" finds "Đà Nẵng".

One tokeniser of ours (fold, then runs of a-z and 0-9) writes the index and reads the
question on both databases, so both find the same; nothing a user types reaches a
query language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    column,
    false,
    select,
    table,
    text,
)

from ingest.text import folded_words
from store.columns import BIG_ID
from store.tables import Mentions

LONGEST_TOKEN = 100  # characters; a tsvector holds 2,046 bytes
MOST_TOKENS = 16_000  # a tsvector counts positions up to 16,383
MOST_ASKED = 50  # words of one question
PHRASE = re.compile(r'"([^"]*)"?')


def indexed_words(*texts: str) -> list[str]:
    """Return the words of `texts` as the index holds them."""
    words = chain.from_iterable(map(folded_words, texts))
    return [word[:LONGEST_TOKEN] for word in islice(words, MOST_TOKENS)]


def index(
    connection: Connection, texts: Iterable[tuple[int, tuple[str, ...]]], *, again: bool = False
) -> None:
    """Put (mention id, its texts) into the index; `again` replaces what was there."""
    listed = list(texts)
    if connection.dialect.name == "sqlite":
        folded = ":folded"
        rows = [{"id": number, "folded": " ".join(indexed_words(*said))} for number, said in listed]
    else:
        folded = "CAST(:folded AS tsvector)"
        rows = [{"id": number, "folded": _vector(indexed_words(*said))} for number, said in listed]
    if not rows:
        return
    if again:
        drop(connection, [number for number, _ in listed])
    added = f"INSERT INTO mention_search ({_id_name(connection)}, folded) VALUES (:id, {folded})"
    connection.execute(text(added), rows)


def drop(connection: Connection, mention_ids: Iterable[int]) -> None:
    """Take mentions out of the index."""
    gone = text(f"DELETE FROM mention_search WHERE {_id_name(connection)} = :id")
    rows = [{"id": each} for each in mention_ids]
    if rows:
        connection.execute(gone, rows)


def _id_name(connection: Connection) -> str:
    return "rowid" if connection.dialect.name == "sqlite" else "mention_id"


def finds(asked: str, *, is_sqlite: bool) -> ColumnElement[bool] | None:
    """Return the condition "the mention holds all words of `asked`", None when it asks nothing.

    Words in double quotes must stand together. Text without any letter or digit finds nothing.
    """
    if not asked.strip():
        return None
    found = holders(asked, is_sqlite=is_sqlite)
    return false() if found is None else Mentions.id.in_(found)


def holders(asked: str, *, is_sqlite: bool) -> Select[int] | None:
    """Return the ids of the mentions that hold all words of `asked`; None when it has no word."""
    parts = _parts(asked)
    if not parts:
        return None
    if is_sqlite:
        question = " AND ".join(f'"{" ".join(words)}"' for words in parts)
        found, holds = column("rowid", BIG_ID), text("mention_search MATCH :asked")
    else:
        question = " & ".join(f"({' <-> '.join(words)})" for words in parts)
        found, holds = column("mention_id", BIG_ID), text("folded @@ CAST(:asked AS tsquery)")
    asking = select(found).select_from(table("mention_search"))
    return asking.where(holds.bindparams(bindparam("asked", question)))


def _parts(asked: str) -> list[list[str]]:
    """Return the phrases and single words of `asked`, each as its words."""
    phrases = [indexed_words(each) for each in PHRASE.findall(asked)]
    singles = [[word] for word in indexed_words(PHRASE.sub(" ", asked))]
    found: list[list[str]] = []
    for words in phrases + singles:
        if words and words not in found:
            found.append(words[:MOST_ASKED])
    return found[:MOST_ASKED]


def _vector(words: list[str]) -> str:
    """Return a tsvector in its own notation, so that PostgreSQL's parser has no say."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, start=1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"{word}:{','.join(found[:200])}" for word, found in places.items())
