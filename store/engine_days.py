"""The days of an optional engine: calls counted against the budget, and what is wrong with it.

A fault goes over midnight with the engine, a spent budget does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select, update

from store.engine import Store
from store.sql import insert_new, table_of
from store.tables import EngineDays

__all__ = ["Calls", "EngineDay", "between", "failed", "heard", "paused", "today"]

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)  # each try costs a call
NO_FAULT = {"fault": "", "failed_at": None, "retry_at": None, "tries": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDay:
    """One day (UTC) of the engine; what the fields mean stands with the table."""

    day: date
    calls: int = 0
    heard: int = 0
    raised: int = 0
    waiting: int = 0
    tries: int = 0
    spent_at: datetime | None = None
    fault: str = ""
    failed_at: datetime | None = None
    retry_at: datetime | None = None


class Calls:
    """The day's budget of calls, at most `daily`; a call counts before it is made."""

    def __init__(self, store: Store, daily: int, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._daily = daily
        self._clock = clock

    def spend(self) -> bool:
        """Count one call; return whether it may be made."""
        now = self._clock()
        with self._store.write() as connection:
            day = _begun(connection, now)
            if day.calls >= self._daily:
                _change(connection, now, spent_at=day.spent_at or now)
                return False
            _change(connection, now, calls=day.calls + 1)
            return True


def today(store: Store, *, now: datetime) -> EngineDay:
    """Return the engine's day as it stands."""
    with store.read() as connection:
        return _today(connection, now)


def between(connection: Connection, first: date, last: date) -> list[EngineDay]:
    """Return the days from `first` to `last` on which the engine was asked, in order."""
    asked = select(*table_of(EngineDays).columns).where(EngineDays.day.between(first, last))
    return [EngineDay(**row._mapping) for row in connection.execute(asked.order_by(EngineDays.day))]


def heard(store: Store, *, opinions: int, raised: int, now: datetime) -> bool:
    """Count what the engine gave; return whether it was out of hearing before."""
    with store.write() as connection:
        day = _begun(connection, now)
        counts = {"heard": day.heard + opinions, "raised": day.raised + raised}
        _change(connection, now, waiting=0, **counts, **NO_FAULT)
        return bool(day.fault)


def failed(store: Store, fault: str, *, waiting: int, now: datetime) -> bool:
    """Note why the engine is not heard; return whether that is news. It is asked again later."""
    with store.write() as connection:
        day = _begun(connection, now)
        _change(
            connection, now, fault=fault, failed_at=day.failed_at or now, tries=day.tries + 1,
            retry_at=now + min(LONGEST_RETRY, FIRST_RETRY * 2**min(day.tries, 10)), waiting=waiting,
        )  # fmt: skip
        return day.fault != fault


def paused(store: Store, *, waiting: int, now: datetime) -> bool:
    """Note how many wait for a new budget; return whether the pause is news."""
    with store.write() as connection:
        day = _begun(connection, now)
        is_news = not day.waiting
        _change(connection, now, spent_at=day.spent_at or now, waiting=waiting, **NO_FAULT)
        return is_news and waiting > 0


def _today(connection: Connection, now: datetime) -> EngineDay:
    on = now.astimezone(UTC).date()
    asked = select(*table_of(EngineDays).columns).where(EngineDays.day <= on)
    row = connection.execute(asked.order_by(EngineDays.day.desc()).limit(1)).one_or_none()
    if row is None:
        return EngineDay(day=on)
    last = EngineDay(**row._mapping)
    if last.day == on:
        return last
    return EngineDay(
        day=on, fault=last.fault, failed_at=last.failed_at, retry_at=last.retry_at,
        tries=last.tries, waiting=last.waiting if last.fault else 0,
    )  # fmt: skip


def _begun(connection: Connection, now: datetime) -> EngineDay:
    """Return the day, with its row in the store and held until the transaction ends."""
    day = _today(connection, now)
    names = [each.name for each in table_of(EngineDays).columns]
    insert_new(connection, EngineDays, [{name: getattr(day, name) for name in names}])
    asked = select(EngineDays.day).where(EngineDays.day == day.day).with_for_update()
    connection.execute(asked)
    return _today(connection, now)


def _change(connection: Connection, now: datetime, **values: object) -> None:
    here = EngineDays.day == now.astimezone(UTC).date()
    connection.execute(update(table_of(EngineDays)).where(here).values(**values))
