"""The keys of a visit: read anew each time, renewed before they end, by one service at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from crawlers.base import Source
from crawlers.exchange import Send, walk
from crawlers.grants import Grant, Granted
from crawlers.registry import all_sources, source_of
from earful.secrets import Ending, Secret, Secrets, locked
from ingest.errors import ConfigError, SourceBlocked, SourceError
from ingest.visit import Order

log = logging.getLogger("earful.keys")

TRIED_AGAIN_AFTER = timedelta(hours=1)  # while the token still serves


class Keyring:
    """Hands out keys for visits; `read` opens the secrets, `send` asks the sites for new ones."""

    def __init__(self, read: Callable[[], Secrets], send: Send) -> None:
        self._open = read
        self._send = send
        self._last: Secrets | None = None
        self._stamp: tuple[int, ...] | None = None
        self._unsaved: dict[str, tuple[Secret | None, dict[str, Secret]]] = {}
        self._doubted: set[str] = set()
        self._tried: dict[str, datetime] = {}

    def __repr__(self) -> str:
        return "Keyring()"

    def section(self, order: Order) -> str:
        """Return where the keys for an order's target are kept, "" when there are none."""
        source = source_of(order.kind)
        return section_of(self._secrets(), source, order.target)

    def keys(self, order: Order, *, now: datetime) -> dict[str, str]:
        """Return the keys that the visit of an order takes, by name.

        A token that ends soon is renewed first. Raises SourceError, naming the
        source and what to do, when it has ended and no new one can be had.
        """
        source, section = source_of(order.kind), self.section(order)
        if not section:
            return {}
        self._keep_unsaved(section)
        secrets, grant = self._secrets(), source.grant
        if grant and self._is_due(secrets, section, grant, now):
            secrets = self._renewed(source, grant, section, now)
        known = secrets.values(section)
        return {name: known[name] for name in source.keys if name in known}

    def named(self, section: str) -> dict[str, str]:
        """Return the keys of one section by name, as they are kept now."""
        return self._secrets().values(section)

    def doubt(self, order: Order) -> None:
        """Renew the keys of an order before its next visit, as the site refused them."""
        self._doubted.add(self.section(order))

    def ends(self, kind: str, target: str, *, now: datetime) -> date | None:
        """Return the last day of a key that a person must see to within a week, else None."""
        secrets = self._secrets()
        section = section_of(secrets, source_of(kind), target)
        return min((e.until for e in ending(secrets, now) if e.kind == section), default=None)

    def _is_due(self, secrets: Secrets, section: str, grant: Grant, now: datetime) -> bool:
        """Return whether the token in a section is to be renewed now."""
        token = secrets.of(section).get("token")
        if not grant.can_renew(secrets.values(section)):
            return False
        if token is None or section in self._doubted:
            return True
        if token.ends_at is None or token.ends_at - now > grant.renewed_before:
            return False
        tried = self._tried.get(section)
        return token.ends_at <= now or tried is None or now - tried > TRIED_AGAIN_AFTER

    def _renewed(self, source: Source, grant: Grant, section: str, now: datetime) -> Secrets:
        """Return the secrets with a renewed token; another service may have renewed it just now."""
        before = self._secrets().of(section).get("token")
        with ExitStack() as held:
            self._lock(held)
            secrets = self._secrets()
            token = secrets.of(section).get("token")
            if token == before and self._is_due(secrets, section, grant, now):
                self._tried[section] = now
                try:
                    self._renew(secrets, source, grant, section, now)
                except SourceError as fault:
                    is_refused = section in self._doubted and isinstance(fault, SourceBlocked)
                    if is_refused or _is_over(token, now):
                        raise _with_cause(fault) from None
                    log.warning("%s; the present key serves for now", fault)
            self._doubted.discard(section)
            return secrets

    def _lock(self, held: ExitStack) -> None:
        """Take the lock until `held` ends; where none can be had, go on alone."""
        try:
            held.enter_context(locked(self._secrets().file))
        except ConfigError as fault:
            log.warning("%s; renewing without a lock", fault)

    def _renew(
        self, secrets: Secrets, source: Source, grant: Grant, section: str, now: datetime
    ) -> None:
        known, old = secrets.values(section), secrets.of(section).get("token")
        steps = grant.renew(known, now=now)
        granted = walk(steps, self._send, kind=source.kind, hidden=known.values(), now=now)
        named = as_secrets(granted)
        try:
            secrets.put(section, named)
        except ConfigError as fault:  # a key that is given only once must not be lost
            self._unsaved[section] = (old, named)
            log.error("%s: the new key could not be kept: %s", source.kind, fault)

    def _keep_unsaved(self, section: str) -> None:
        """Try again to write what could not be written before."""
        if section not in self._unsaved:
            return
        with suppress(ConfigError):
            self._secrets().save(section, self._unsaved[section][1])
            del self._unsaved[section]

    def _secrets(self) -> Secrets:
        """Return the secrets as they are now; while the file cannot be read, as they last were."""
        stamp = _stamp(self._last.file) if self._last is not None else None
        if self._last is not None and stamp == self._stamp:
            return self._last
        try:
            self._last, self._stamp = self._open(), stamp
        except ConfigError as fault:
            if self._last is None:
                raise
            log.warning("%s; the keys read before serve for now", fault)
        for section, (old, named) in list(self._unsaved.items()):
            if self._last.of(section).get("token") == old:
                self._last.remember(section, named)
            else:
                del self._unsaved[section]  # a person connected it anew
        return self._last


def _stamp(file: Path) -> tuple[int, ...]:
    """Return what differs as soon as a file was written anew."""
    try:
        told = file.stat()
    except OSError:
        return ()
    return (told.st_ino, told.st_size, told.st_mtime_ns)


def _with_cause(fault: SourceError) -> SourceError:
    """Return a refusal with its probable cause."""
    if not isinstance(fault, SourceBlocked):
        return fault
    words = f"{fault.what}. The consent has probably ended or was withdrawn"
    return SourceBlocked(words, subject=fault.subject, next_step=fault.next_step)


def _is_over(token: Secret | None, now: datetime) -> bool:
    return token is None or (token.ends_at is not None and token.ends_at <= now)


def as_secrets(granted: Granted) -> dict[str, Secret]:
    """Return what a grant handed out as it is kept."""
    named = {
        name: Secret(token.value, ends_at=token.until) for name, token in granted.tokens.items()
    }
    if granted.account:
        named["account"] = Secret(granted.account)
    return named


def section_of(secrets: Secrets, source: Source, target: str) -> str:
    """Return where the keys for `target` are kept: those of its account, of its kind, or shared."""
    account = f"{source.kind}:{source.account(target)}"
    shared = source.grant.section if source.grant else ""
    sections = [account] if source.keys_by_account else [account, source.kind, shared]
    for section in sections:
        if _serves(secrets.values(section), source, is_shared=section == shared):
            return section
    return ""


def lacks_key(secrets: Secrets, kind: str, target: str) -> bool:
    """Return whether a target cannot be read for want of a key."""
    source = source_of(kind)
    needs = source.takes_keys(target) and not source.has_keyless
    return needs and not section_of(secrets, source, target)


def _serves(known: Mapping[str, str], source: Source, *, is_shared: bool) -> bool:
    grant = source.grant
    if is_shared and grant and not grant.covers(known):
        return False
    has_key = any(name in known for name in source.keys)
    return has_key or (grant is not None and grant.can_renew(known))


def typed_for(source: Source) -> tuple[str, ...]:
    """Return the keys of a visit that a person types where there is no login, or none is wanted."""
    is_plain = source.grant is not None and source.grant.is_second
    return tuple(name for name in source.keys if not (is_plain and name == "token"))


def home_of(source: Source) -> str:
    """Return the section in which a consent for `source` is kept."""
    return (source.grant.section if source.grant else "") or source.kind


def names_kept() -> dict[str, tuple[str, ...]]:
    """Return every name that a section may hold, for the environment."""
    kept: dict[str, dict[str, None]] = {}
    for source in all_sources():
        kept.setdefault(source.kind, {}).update(dict.fromkeys(source.keys))
        if source.grant:
            typed = [each.name for each in source.grant.typed]
            names = (*typed, *source.grant.renews_with, "token")
            kept.setdefault(home_of(source), {}).update(dict.fromkeys(names))
    return {section: tuple(names) for section, names in kept.items()}


def ending(secrets: Secrets, now: datetime) -> list[Ending]:
    """Return the keys that a person must renew within a week; those that renew themselves not."""

    def is_renewed(section: str, name: str) -> bool:
        known = secrets.values(section)
        owners = sources_of(section)
        return any(each.grant and each.grant.renews(name, known) for each in owners)

    return secrets.ending(now, is_renewed=is_renewed)


def kinds_of(section: str) -> set[str]:
    """Return the kinds of source whose keys a section holds."""
    return {each.kind for each in sources_of(section)}


def sources_of(section: str) -> list[Source]:
    """Return the sources whose keys a section holds."""
    kind = section.partition(":")[0]
    return [each for each in all_sources() if kind in (each.kind, home_of(each))]
