"""Learning in the night: a child of its own, so that the service's loop and memory stay free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection

from ingest.errors import EarfulError, StoreError
from scoring.contest import newest, unlearnable
from store import learning, models
from store.engine import Store, open_store

__all__ = ["LANGUAGES", "Night", "lacking", "learn_all"]

LANGUAGES = ("vi", "en")
LOSERS = 20  # challengers that lost, kept for their figures; each takes up to 130 kB
LIBRARIES = ("numpy", "scipy", "sklearn")


def lacking() -> str:
    """Return what learning lacks on this machine, "" for nothing."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if not missing:
        return ""
    return f"learning needs {', '.join(missing)}: pip install 'earful[train]'"


def learn_all(store: Store, *, now: datetime) -> list[str]:
    """Learn in each language that has enough stars; return what came of it, in sentences.

    A model is promoted only where it beats the one in force on the newest reviews.
    """
    said = []
    for language in LANGUAGES:
        found = learning.reviews(store, language)
        if refused := unlearnable(found):
            said.append(f"{language}: {refused}")
            continue
        learnt = learning.learn(store, language, parts=newest(found), wanted=None, now=now)
        models.forget(store, language, but=LOSERS)
        said.append(str(learnt))
    return said


class Night:
    """Learns from the stars and corrections of the store at `database`, in a child."""

    def __init__(self, database: str, *, now: datetime) -> None:
        context = get_context("spawn")
        self._ear, mouth = context.Pipe(duplex=False)
        self._child = context.Process(
            target=_learn, args=(mouth, database, now), name="training", daemon=True
        )
        self._child.start()
        mouth.close()

    def told(self) -> Sequence[str]:
        """Wait for the child and return its sentences. Raises StoreError if it died."""
        try:
            said: list[str] = self._ear.recv()
        except EOFError:
            raise StoreError("the training ended before it was done", subject="training") from None
        return said

    def end(self) -> None:
        """Let go of the child, finished or not; what it has not kept is not learned."""
        self._child.kill()
        self._child.join()
        self._ear.close()


def _learn(mouth: Connection, database: str, now: datetime) -> None:
    try:
        store = open_store(database)
        try:
            mouth.send(learn_all(store, now=now))
        finally:
            store.close()
    except EarfulError as fault:
        mouth.send([str(fault)])
