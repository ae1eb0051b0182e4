"""Digests on their way out: composed, written into the outbox, and sent from there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from email import message_from_string
from email.policy import SMTP

from alerts.deliver import Delivery
from alerts.digest import Digest, compose
from alerts.facts import KeyEnds
from alerts.gather import day_facts
from alerts.gather_week import week_facts
from alerts.mail import digest_mail
from alerts.weekly import compose_week
from ingest.brand import Brand
from ingest.errors import DeliveryError
from store import digests, outbox
from store.digests import DAY, WEEK
from store.engine import Store
from store.outbox import Message

log = logging.getLogger("earful.alerts")


def digest_of(
    store: Store,
    brand: Brand,
    day: date,
    *,
    now: datetime,
    key_ends: KeyEnds | None = None,
    period: str = DAY,
) -> Digest:
    """Return the digest of the local `day` of `brand`, cases and sources as of `now`.

    `key_ends` tells of a source when its key ends; with the period WEEK it is that of
    the seven days up to `day`.
    """
    if period == WEEK:
        return compose_week(week_facts(store, brand, day, now=now, key_ends=key_ends))
    return compose(day_facts(store, brand, day, now=now, key_ends=key_ends))


def write_digest(
    store: Store,
    brand: Brand,
    day: date,
    *,
    recipients: Sequence[str],
    channel: str,
    sender: str,
    public_url: str | None,
    now: datetime,
    key_ends: KeyEnds | None = None,
    period: str = DAY,
) -> list[str]:
    """Write the digest of `day` into the outbox for those who lack it; return who they are.

    `channel` is "smtp" or "folder"; the same day, or the week that ends on it, is never
    written twice for one recipient.
    """
    digest = digest_of(store, brand, day, now=now, key_ends=key_ends, period=period)
    name = "digest" if period == DAY else "weekly"
    messages = [
        Message(
            key=f"{name}:{brand.name}:{day}:{recipient}",
            recipient=recipient,
            channel=channel,
            body=digest_mail(digest, recipient, sender=sender, public_url=public_url).as_string(),
        )
        for recipient in recipients
    ]
    return digests.write(store, brand.name, day, messages=messages, now=now, period=period)


def deliver_due(store: Store, delivery: Delivery, *, holder: str, now: datetime) -> int:
    """Send what waits in the outbox; return how many went out. A refusal is tried again later."""
    sent = 0
    for each in outbox.claim(store, holder=holder, now=now):
        try:
            delivery.send(message_from_string(each.message.body, policy=SMTP))
        except DeliveryError as refused:
            is_alive = outbox.mark_failed(store, each.id, error=str(refused), now=now)
            log.warning("%s: %s%s", each.message.key, refused, "" if is_alive else " (given up)")
        else:
            outbox.mark_sent(store, each.id, now=now)
            sent += 1
    return sent
