"""The service's second opinions: the engine opened once, asked within its budget, its faults told.

Nothing waits for it: mentions are judged as they come in, and this comes afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from cases.flag import Flag, decide
from earful.engines.chosen import open_engine
from earful.settings import EngineSettings
from ingest.brand import Brand, aspects_of
from ingest.errors import ConfigError
from ingest.mention import Mention
from scoring.engines import Engine, EngineError
from scoring.verdict import Verdict
from store import engine_days, second_opinions
from store.engine import Store
from store.engine_days import Calls
from store.second_opinions import LOT, Asked, Lot, Worth

__all__ = ["SecondOpinions"]


class SecondOpinions:
    """Asks the engine of the settings about what waits, lot by lot; made once for a service."""

    def __init__(
        self, chosen: EngineSettings, brands: Sequence[Brand], *, clock: Callable[[], datetime]
    ) -> None:
        self._chosen = chosen
        self._worth = Worth(chosen.second_opinion)
        self._brands = {each.name: each for each in brands}
        self._clock = clock
        self._engine: Engine | None = None
        self._is_first = True

    def ask(self, store: Store) -> Lot:
        """Ask about the newest that wait; return what is news, and whether more may wait.

        An engine that failed is left alone for a time, but for the first lot of a service;
        a spent budget is waited for. Neither loses anything.
        """
        now = self._clock()
        retry_at = engine_days.today(store, now=now).retry_at
        if retry_at is not None and now < retry_at and not self._is_first:
            return Lot()
        self._is_first = False
        try:
            self._engine = self._engine or self._opened(store)
            asked = second_opinions.ask(
                store, self._engine, self._worth, aspects=aspects_of(self._brands.values()),
                flag=self._flag, now=now,
            )  # fmt: skip
        except (EngineError, ConfigError) as fault:
            return self._not_heard(store, fault)
        return self._heard(store, self._engine, asked)

    def _opened(self, store: Store) -> Engine:
        calls = Calls(store, self._chosen.daily_calls, clock=self._clock)
        return open_engine(self._chosen, budget=calls)

    def _flag(self, mention: Mention, verdict: Verdict, name: str) -> Flag | None:
        return decide(mention, verdict, self._brands.get(name, Brand(name=name)))

    def _heard(self, store: Store, engine: Engine, asked: Asked) -> Lot:
        now, said, trouble = self._clock(), [], ""
        if asked.opinions and engine_days.heard(
            store, opinions=asked.opinions, raised=asked.raised, now=now
        ):
            said.append(f"{engine.name} is heard again")
        if asked.raised:
            said.append(f"{asked.raised} flags raised, {asked.opened} cases opened")
        is_spent = asked.opinions < asked.mentions
        if is_spent:
            count = second_opinions.waiting(store, engine.name, self._worth, now=now)
            if engine_days.paused(store, waiting=count, now=now):
                trouble = (
                    f"the day's {self._chosen.daily_calls} calls are made, {count} mentions wait "
                    "until 00:00 UTC. Next: raise engine.daily_calls if they should not"
                )
        return Lot(tuple(said), trouble, is_more=asked.mentions == LOT and not is_spent)

    def _not_heard(self, store: Store, fault: EngineError | ConfigError) -> Lot:
        now, count = self._clock(), 0
        if self._engine is not None:
            count = second_opinions.waiting(store, self._engine.name, self._worth, now=now)
        is_news = engine_days.failed(store, str(fault), waiting=count, now=now)
        return Lot(trouble=f"{fault}; Earful judges alone until then" if is_news else "")
