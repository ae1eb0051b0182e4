"""A digest as a mail: both bodies, and the headers that thread and sort it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from alerts import render
from alerts.sheet import Digest
from ingest.errors import DeliveryError
from ingest.text import fold

SUBJECT_CAP = 200
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


def digest_mail(
    digest: Digest, recipient: str, *, sender: str, public_url: str | None = None
) -> EmailMessage:
    """Return the mail of a digest for one recipient: plain text and HTML, quoted-printable.

    The Message-ID is the same for the same brand, day and recipient; a week of
    digests threads together. Raises DeliveryError for an address that is none.
    """
    message = EmailMessage(policy=SMTP)
    start = address(sender)
    host = start.domain
    message["Subject"] = one_line(digest.subject)
    message["From"] = Address(display_name=f"Earful · {one_line(digest.brand)}", addr_spec=sender)
    message["To"] = address(recipient)
    message["Date"] = digest.written_at
    name = _slug(digest.brand)
    year, week, _ = digest.day.isocalendar()
    person = sha256(recipient.casefold().encode()).hexdigest()[:8]
    thread = f"<digest.{name}.{year}-w{week:02}.u{person}@{host}>"
    which = f"week-to-{digest.day}" if digest.period == "week" else f"{digest.day}"
    message["Message-ID"] = f"<digest.{name}.{which}.u{person}@{host}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["List-Id"] = f"<digest.{name}.{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Feedback-ID"] = f"digest:{name}:earful"
    if public_url is not None:
        page = f"{public_url.rstrip('/')}/me/digest"
        message["List-Unsubscribe"] = f"<{page}>"
    _add_bodies(message, digest, public_url)
    return message


def plain_mail(recipient: str, *, sender: str, subject: str, text: str) -> EmailMessage:
    """Return a mail of plain text only: a test message, a short alert."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(subject)
    message["From"] = address(sender)
    message["To"] = address(recipient)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(render.encodable(text), cte="quoted-printable")
    return message


def address(text: str) -> Address:
    """Return one mail address. Raises DeliveryError for anything else, lists included."""
    if not _ADDRESS.fullmatch(text.strip()):
        raise DeliveryError(
            "not one mail address",
            subject=one_line(text)[:80] or "(empty)",
            next_step="write it as name@example.com in recipients or [mail] sender",
        )
    return Address(addr_spec=text.strip())


def one_line(text: str) -> str:
    """Return text for a header: no line breaks or control characters, at most 200 characters."""
    line = " ".join(_NOT_SHOWN.sub(" ", unicodedata.normalize("NFC", text)).split())
    line = line.replace("=?", "= ?")  # never a word that is already encoded
    return line if len(line) <= SUBJECT_CAP else line[: SUBJECT_CAP - 1] + "…"


def _add_bodies(message: EmailMessage, digest: Digest, public_url: str | None) -> None:
    layouts: tuple[tuple[Callable[..., str], str], ...] = (
        (render.text, "plain"),
        (render.html, "html"),
    )
    for n, (layout, subtype) in enumerate(layouts):
        add = message.add_alternative if n else message.set_content
        body = render.encodable(layout(digest, public_url=public_url))
        add(body, subtype=subtype, charset="utf-8", cte="quoted-printable")


def _slug(brand: str) -> str:
    """Return the brand as it can stand in an id: letters a-z, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", fold(brand)).strip("-")[:40] or "brand"
