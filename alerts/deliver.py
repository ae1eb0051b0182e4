"""Carries messages out: by plain SMTP, or as files into a folder."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from ingest.errors import DeliveryError


class Delivery(Protocol):
    """Where messages go."""

    def send(self, message: EmailMessage) -> str:
        """Deliver one message and return where it went. Raises DeliveryError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpDelivery:
    """A mail server; `security` is "starttls", "tls" (from the first byte) or "none"."""

    host: str
    port: int = 587
    user: str = ""
    password: str = ""
    security: str = "starttls"
    timeout_s: float = 30.0

    def send(self, message: EmailMessage) -> str:
        """Hand the message to the server and return its name."""
        place = f"{self.host}:{self.port}"
        try:
            with self._open() as server:
                self._secure(server, place)
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            raise _refused(place, "the server refused user or password", "[mail] user") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(str(message["To"]), "the server refused this recipient", "") from error
        except smtplib.SMTPSenderRefused as error:
            raise _refused(place, f"the server refused the sender {message['From']}", "") from error
        except ssl.SSLError as error:
            raise _refused(place, f"no safe connection: {error.reason}", "[mail] port") from error
        except smtplib.SMTPException as error:
            raise _refused(place, f"the mail server said: {_short(error)}", "") from error
        except OSError as error:
            raise _refused(place, f"out of reach: {_short(error)}", "[mail] host") from error
        return place

    def _open(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)

    def _secure(self, server: smtplib.SMTP, place: str) -> None:
        if self.security != "starttls":
            return
        server.ehlo()
        if not server.has_extn("starttls"):
            what = "the server does not offer STARTTLS"
            raise _refused(place, what, '[mail] security = "tls" or "none"')
        server.starttls(context=ssl.create_default_context())
        server.ehlo()


@dataclass(frozen=True, slots=True)
class FolderDelivery:
    """A folder that gets a `.eml`, a `.html` and a `.txt` of each message."""

    folder: Path

    def send(self, message: EmailMessage) -> str:
        """Write the message's files, each whole or not at all, and return the folder."""
        name = _file_name(message)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self.folder / f"{name}.eml", bytes(message))
            for subtype, ending in (("html", "html"), ("plain", "txt")):
                body = message.get_body(preferencelist=(subtype,))
                if body is not None:
                    text = body.get_content().replace("\r\n", "\n")
                    _write(self.folder / f"{name}.{ending}", text.encode())
        except OSError as error:
            raise _refused(str(self.folder), f"cannot write: {error.strerror}", "") from error
        return str(self.folder)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _file_name(message: EmailMessage) -> str:
    """Return a file name from the Message-ID: letters, digits, dots and dashes only."""
    left = str(message["Message-ID"] or "message").strip("<>").split("@")[0]
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in left)[:120]


def _refused(subject: str, what: str, setting: str) -> DeliveryError:
    look = f"check {setting}, then run `earful doctor`" if setting else "run `earful doctor`"
    return DeliveryError(what, subject=subject, next_step=look)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
