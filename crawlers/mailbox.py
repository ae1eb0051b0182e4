"""Visits a feedback mailbox over IMAP with TLS: reads what is new, marks nothing as read."""

from __future__ import annotations

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from crawlers.base import secret
from crawlers.policy import is_public, refusal
from crawlers.spiders.mail import PORT, SOURCE, Mailbox, address_of, as_mbox, bare, mailbox_of
from ingest.errors import ConfigError, EarfulError, SourceBlocked, SourceChanged, SourceDown
from ingest.page import Fetched
from ingest.visit import Order, Outcome, Receiver, Touch, VisitFacts

TIMEOUT_S = 30.0
AT_ONCE = 25  # letters to a page
MAX_LETTER = 3_000_000  # bytes asked for of one letter; attachments stand behind the words
_WHOLE = "(UID BODY.PEEK[]<0.%d>)"
_FAULTS = (SourceBlocked, SourceChanged, SourceDown)


def visit_mailbox(
    order: Order,
    receiver: Receiver,
    *,
    now: datetime,
    allow_private: bool = False,
    tls: ssl.SSLContext | None = None,
) -> VisitFacts:
    """Visit the mailbox at `order.target`, tell `receiver`, and return how that ended.

    Options: password (a key), staff (addresses and @hosts, apart by blanks). The
    letters already read are told by `order.etag`: the folder's validity and the
    highest number read. A first visit reads the newest `page_cap` times 25 letters;
    later ones all that came since. `tls` replaces the system's trust, for tests. The host must
    be public, and so must the address connected to, unless `allow_private`.
    """
    try:
        facts = _visit(order, receiver, now, allow_private, tls or ssl.create_default_context())
    except _FAULTS as fault:
        outcome = {SourceBlocked: Outcome.BLOCKED, SourceChanged: Outcome.CHANGED}
        found = outcome.get(type(fault), Outcome.DOWN)
        facts = VisitFacts(outcome=found, reason=str(fault), etag=order.etag)
    except ConfigError as fault:
        facts = VisitFacts(outcome=Outcome.BLOCKED, reason=str(fault), etag=order.etag)
    receiver.end(order, facts)
    return facts


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a folder was read: its validity (numbers mean nothing beyond it) and number."""

    validity: int = 0
    number: int = 0

    @classmethod
    def read(cls, written: str) -> _Mark:
        found = re.fullmatch(r"(\d+):(\d+)", written)
        return cls(int(found[1]), int(found[2])) if found else cls()

    def __str__(self) -> str:
        return f"{self.validity}:{self.number}"


def _visit(
    order: Order, receiver: Receiver, now: datetime, allow_private: bool, tls: ssl.SSLContext
) -> VisitFacts:
    box, password = mailbox_of(order.target), secret(order, "password")
    address = address_of(box, order.options.get("staff", ""))
    subject = SOURCE.public_name(order.target)
    connection = _connect(box, subject, allow_private=allow_private, tls=tls)
    try:
        _log_in(connection, box, password, subject)
        mark = _opened(connection, box, _Mark.read(order.etag), subject)
        is_resumed = mark.number > 0
        numbers = _new(connection, mark, subject)
        wanted = numbers if is_resumed else numbers[-AT_ONCE * order.page_cap :]
        for n in range(0, len(wanted), AT_ONCE):
            some = wanted[n : n + AT_ONCE]
            body = as_mbox([bare(each) for each in _letters(connection, some, subject)])
            fetched = Fetched(url=address, body=body, fetched_at=now)
            receiver.page(order, fetched, SOURCE.read(fetched))
            mark = _Mark(mark.validity, some[-1])
    except (imaplib.IMAP4.error, OSError, EOFError) as fault:
        raise _down(subject, fault) from fault
    finally:
        _hang_up(connection)
    pages = -(-len(wanted) // AT_ONCE)
    return VisitFacts(
        outcome=Outcome.OK if wanted else Outcome.UNCHANGED,
        requests=pages + 1,
        pages=pages,
        is_complete=len(wanted) == len(numbers),
        etag=str(mark),
        touch=Touch.RESUMED if is_resumed else Touch.OVERLAP,
    )


def _connect(
    box: Mailbox, subject: str, *, allow_private: bool, tls: ssl.SSLContext
) -> imaplib.IMAP4_SSL:
    """Return a connection to a public host whose certificate is good.

    Raises SourceBlocked before anything is said to an address that is not public.
    """
    reason = refusal(f"https://{_spelled(box.host)}/", allow_private=allow_private)
    if reason is None and box.port != PORT and not allow_private:
        reason = f"port {box.port} is not {PORT}, on which mailboxes speak TLS"
    if reason:
        raise SourceBlocked(reason, subject=subject, next_step="name the provider's IMAP host")
    try:
        connection = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=tls, timeout=TIMEOUT_S)
    except (OSError, imaplib.IMAP4.error, EOFError) as fault:
        raise _down(subject, fault) from fault
    peer = connection.sock.getpeername()[0]
    if not allow_private and not is_public(peer):
        _close(connection)
        raise SourceBlocked(f"{box.host} leads to {peer}, which is not public", subject=subject)
    return connection


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _log_in(connection: imaplib.IMAP4_SSL, box: Mailbox, password: str, subject: str) -> None:
    try:
        connection.login(_quoted(box.user), password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as fault:
        raise SourceBlocked(
            "the mailbox refuses this login",
            subject=subject,
            next_step="earful connect mail; many providers want a password made for programs",
        ) from fault


def _opened(connection: imaplib.IMAP4_SSL, box: Mailbox, mark: _Mark, subject: str) -> _Mark:
    """Open the folder to read only; return from where to read on."""
    code, _ = connection.select(_quoted(_utf7(box.folder)), readonly=True)
    if code != "OK":
        raise SourceChanged(
            f"there is no folder {box.folder!r}",
            subject=subject,
            next_step="name a folder of the mailbox; INBOX is always one",
        )
    told = connection.response("UIDVALIDITY")[1]
    validity = int(told[0]) if told and told[0] else 0
    return mark if validity == mark.validity else _Mark(validity)


def _new(connection: imaplib.IMAP4_SSL, mark: _Mark, subject: str) -> list[int]:
    """Return the numbers of the letters not read yet, oldest first.

    A server answers "n:*" with the last letter though its number is below n.
    """
    code, found = connection.uid("SEARCH", "UID", f"{mark.number + 1}:*")
    if code != "OK":
        raise SourceChanged("the mailbox cannot be searched", subject=subject)
    numbers = {int(each) for each in b" ".join(line for line in found if line).split()}
    return sorted(each for each in numbers if each > mark.number)


def _letters(connection: imaplib.IMAP4_SSL, numbers: list[int], subject: str) -> Iterator[bytes]:
    code, sent = connection.uid("FETCH", ",".join(map(str, numbers)), _WHOLE % MAX_LETTER)
    if code != "OK":
        raise SourceChanged("letters cannot be fetched", subject=subject)
    for part in sent:
        if isinstance(part, tuple):
            yield part[1]


def _hang_up(connection: imaplib.IMAP4_SSL) -> None:
    with suppress(imaplib.IMAP4.error, OSError):
        connection.logout()
    _close(connection)


def _close(connection: imaplib.IMAP4_SSL) -> None:
    """Close the connection, whatever state it is in."""
    with suppress(OSError):
        connection.shutdown()


def _down(subject: str, fault: BaseException) -> EarfulError:
    if isinstance(fault, ssl.SSLCertVerificationError):
        words = f"its certificate is not good: {fault.verify_message}"
        return SourceBlocked(words, subject=subject, next_step="name the host as its provider does")
    said = str(fault) or type(fault).__name__
    return SourceDown(f"the mailbox cannot be reached: {said[:200]}", subject=subject)


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """Return a folder's name as IMAP spells it (RFC 3501, 5.1.3): "Góp ý" is "G&APM-p &AP0-"."""

    def spelled(run: re.Match[str]) -> str:
        if run[0] == "&":
            return "&-"
        packed = b64encode(run[0].encode("utf-16-be")).decode("ascii")
        return "&" + packed.rstrip("=").replace("/", ",") + "-"

    return re.sub(r"&|[^\x20-\x7e]+", spelled, name)
