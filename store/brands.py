"""The brands we listen for, as the rules need them."""

from __future__ import annotations

from datetime import time

from sqlalchemy import Connection, delete, insert, select

from ingest.brand import Brand
from store.engine import Store
from store.sql import Found, insert_new, table_of, upsert
from store.tables import Brands, Queries

ALL = select(*table_of(Brands).columns)
IDS = select(Brands.id, Brands.name)
COLUMNS = (
    "zone",
    "language",
    "own_authors",
    "own_hosts",
    "recipients",
    "digest_at",
    "answer_within_h",
    "old_after_days",
    "aspects",
    "weekly_on",
)


def save(store: Store, brand: Brand) -> int:
    """Keep `brand` under its name, new or changed; return its id."""
    with store.write() as connection:
        upsert(connection, Brands, [_row(brand)], by=("name",), change=COLUMNS)
        brand_id = ids(connection)[brand.name]
        connection.execute(delete(Queries).where(Queries.brand_id == brand_id))
        texts = [
            {"brand_id": brand_id, "position": position, "text": text}
            for position, text in enumerate(brand.queries)
        ]
        if texts:
            connection.execute(insert(Queries), texts)
        return brand_id


def listing(store: Store) -> list[Brand]:
    """Return all brands, by name."""
    with store.read() as connection:
        return sorted(by_id(connection).values(), key=lambda each: each.name)


def find(store: Store, name: str) -> Brand | None:
    """Return the brand of that name, letters' case aside, or None."""
    wanted = name.casefold()
    return next((each for each in listing(store) if each.name.casefold() == wanted), None)


def ids(connection: Connection) -> dict[str, int]:
    """Return the id of each brand by its name."""
    return {name: number for number, name in connection.execute(IDS)}


def ensure(connection: Connection, names: set[str]) -> dict[str, int]:
    """Return the ids of all brands, after adding those of `names` that nobody saved yet."""
    known = ids(connection)
    missing = sorted(names - known.keys())
    if missing:
        insert_new(connection, Brands, [_row(Brand(name=name)) for name in missing])
        known = ids(connection)
    return known


def habits(connection: Connection) -> dict[str, Brand]:
    """Return the brands by name without their queries: what an intake must know."""
    return {row.name: _brand(row, ()) for row in connection.execute(ALL)}


def by_id(connection: Connection) -> dict[int, Brand]:
    """Return every brand by its id."""
    queries: dict[int, list[str]] = {}
    ordered = select(Queries.brand_id, Queries.text).order_by(Queries.brand_id, Queries.position)
    for brand_id, text in connection.execute(ordered):
        queries.setdefault(brand_id, []).append(text)
    return {row.id: _brand(row, tuple(queries.get(row.id, ()))) for row in connection.execute(ALL)}


def _brand(row: Found, queries: tuple[str, ...]) -> Brand:
    return Brand(
        name=row.name,
        queries=queries,
        zone=row.zone,
        language=row.language,
        own_authors=tuple(row.own_authors),
        own_hosts=tuple(row.own_hosts),
        recipients=tuple(row.recipients),
        digest_at=time.fromisoformat(row.digest_at),
        answer_within_h=row.answer_within_h,
        old_after_days=row.old_after_days,
        aspects=tuple(map(tuple, row.aspects)),
        weekly_on=row.weekly_on,
    )


def _row(brand: Brand) -> dict[str, object]:
    return {
        "name": brand.name,
        "zone": brand.zone,
        "language": brand.language,
        "own_authors": list(brand.own_authors),
        "own_hosts": list(brand.own_hosts),
        "recipients": list(brand.recipients),
        "digest_at": brand.digest_at.isoformat("minutes"),
        "answer_within_h": brand.answer_within_h,
        "old_after_days": brand.old_after_days,
        "aspects": [list(each) for each in brand.aspects],
        "weekly_on": brand.weekly_on,
    }
