"""The one error tree of Earful: every error carries its subject and says the next step."""

from __future__ import annotations

from datetime import datetime


class EarfulError(Exception):
    """Base of every error that Earful raises on purpose.

    `subject` names the thing (a source, key, address, file or setting); the
    message is printed as `subject: what is wrong. Next: what to do`.
    """

    def __init__(self, what: str, *, subject: str = "", next_step: str = "") -> None:
        self.what = what
        self.subject = subject
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.subject}: {self.what}" if self.subject else self.what
        return f"{head}. Next: {self.next_step}" if self.next_step else head


class ConfigError(EarfulError):
    """A setting, argument or query is wrong; exit code 2."""


class SourceError(EarfulError):
    """A source could not be read as it should; exit code 3."""


class SourceBlocked(SourceError):
    """The site refuses us (401, 403, 429, login or challenge page, robots.txt).

    `retry_at` is the time the site named, aware UTC, or None.
    """

    def __init__(
        self,
        what: str,
        *,
        subject: str = "",
        next_step: str = "",
        retry_at: datetime | None = None,
    ) -> None:
        self.retry_at = retry_at
        super().__init__(what, subject=subject, next_step=next_step)


class SourceChanged(SourceError):
    """The answer is not in the shape this source is known to send."""


class SourceDown(SourceError):
    """The source could not be reached, or answered with a server error."""


class UnreadableItem(EarfulError):
    """One item of a page cannot be read; it goes to quarantine with the reason."""


class StoreError(EarfulError):
    """The database refused, is away, full, or of another version."""


class DeliveryError(EarfulError):
    """A message could not be delivered."""
