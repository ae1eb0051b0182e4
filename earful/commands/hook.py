"""`earful hook`: the door for feedback that the own app and the feedback form post."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module

import click

import scheduler
from crawlers.registry import source_of
from earful.app import App
from inbox.hook import Hook, Keys
from inbox.hook_server import MAX_PORT, HookServer
from ingest.brand import Brand
from ingest.errors import ConfigError, StoreError
from ingest.page import Fetched, Page
from ingest.visit import Outcome, Touch, VisitFacts
from store import watches

KIND = "hook"
BEAT_S = 600.0  # a visit by the service within this long finds that the hook runs
log = logging.getLogger("earful.hook")


@click.command("hook")
@click.option("--brand", help="For which brand; needed when there are several.")
@click.option("--name", default="feedback", show_default=True, help="What to call this door.")
@click.option("--host", default="127.0.0.1", show_default=True, help="On which address.")
@click.option("--port", type=click.IntRange(0, MAX_PORT), default=8807, show_default=True)
@click.option("--origin", "origins", multiple=True, help="A site whose pages may have the form.")
@click.option("--behind-proxy", is_flag=True, help="Believe the proxy who is calling.")
@click.pass_obj
def command(
    app: App,
    brand: str | None,
    name: str,
    host: str,
    port: int,
    origins: tuple[str, ...],
    behind_proxy: bool,
) -> None:
    """Take in feedback and bug reports that are posted, until stopped.

    Posts of a server are signed with the secret, those of the form name the
    public form key: `earful connect hook` sets both, now or while this runs.
    """
    chosen = app.brand(brand)
    keys = partial(keys_now, app, origins)
    opening = keys()
    if not (opening.secret or opening.form_key):
        raise ConfigError(
            "neither a secret nor a form key is set",
            subject=KIND,
            next_step="earful connect hook, or EARFUL_SECRET_HOOK_SECRET",
        )
    source_of(KIND).check_target(name)
    door = Door(app, chosen, name)
    try:
        server = HookServer(
            (host, port),
            Hook(keys, door.take),
            clock=scheduler.utc_now,
            is_behind_proxy=behind_proxy,
        )
    except OSError as e:
        door.close()
        raise ConfigError(
            e.strerror or "cannot be opened", subject=f"{host}:{port}", next_step="name a free one"
        ) from e
    handler = logging.StreamHandler(sys.stderr)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    where = f"http://{host}:{server.server_address[1]}"
    app.note(app.words("Listening on {where}. Stop with Ctrl+C.", where=where))
    if opening.form_key:
        app.note(app.words("The form: {where}/feedback", where=where))
    try:
        _serve(server, door)
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
        server.server_close()
        door.close()


def keys_now(app: App, origins: tuple[str, ...]) -> Keys:
    """Return what opens the door now: keys that are set while it is open count at once."""
    known = app.keyring.named(KIND)
    return Keys(secret=known.get("secret", ""), form_key=known.get("form_key", ""), origins=origins)


def _serve(server: HookServer, door: Door) -> None:
    """Serve until SIGINT or SIGTERM, saying now and then that the hook runs."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        threading.Thread(target=server.shutdown).start()

    def beat() -> None:
        while True:
            door.beat()
            if stopped.wait(BEAT_S):
                return

    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
    beating = threading.Thread(target=beat)
    beating.start()
    server.serve_forever()
    stopped.set()
    beating.join()


class Door:
    """Takes posts into the store, one at a time, as visits to a watch of their own."""

    def __init__(
        self, app: App, brand: Brand, name: str, *, clock: scheduler.Clock = scheduler.utc_now
    ) -> None:
        now = clock()
        source = source_of(KIND)
        watch_id = watches.add(
            app.store,
            KIND,
            name,
            now=now,
            brand=app.keep_brand(brand),
            is_own=True,
            name=f"{source.name_en} {name}",
            every_min=source.default_every_min,
        )
        self._watch = watches.find(app.store, str(watch_id), now=now)
        self._order = watches.order_for(app.store, watch_id)
        self._listener = scheduler.Listener(app.database_url, [brand], clock=clock)
        self._turn = threading.Lock()
        self._touch = Touch.AWAY if self._was_away(now) else Touch.RESUMED
        import_module("scoring.warm")  # 1 s, that the first who posts need not wait for

    def _was_away(self, now: datetime) -> bool:
        """Return whether posts could not come in for longer than between two beats."""
        heard_until = self._watch.coverage.until
        return heard_until is not None and now - heard_until > timedelta(seconds=1.5 * BEAT_S)

    def take(self, fetched: Fetched, page: Page) -> None:
        """Take one post in. Raises StoreError when the database refuses."""
        with self._turn:
            self._listener.begin(self._watch)
            self._listener.page(self._order, fetched, page)
            self._end(Outcome.OK, pages=1)

    def beat(self) -> None:
        """Write down that posts could come in until now."""
        try:
            with self._turn:
                self._listener.begin(self._watch)
                self._end(Outcome.UNCHANGED, pages=0)
        except StoreError as fault:
            log.warning("%s", fault)

    def _end(self, outcome: Outcome, *, pages: int) -> None:
        facts = VisitFacts(outcome=outcome, pages=pages, is_complete=True, touch=self._touch)
        self._listener.end(self._order, facts)
        self._touch = Touch.RESUMED

    def close(self) -> None:
        """Let go of the store."""
        self._listener.close()
