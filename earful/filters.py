"""The filter options that `mentions` and `export` share, read into one `Filter`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

import scheduler
from cases.flag import Severity
from earful.app import App
from ingest.errors import ConfigError
from ingest.mention import FeedbackKind
from scoring.verdict import Kind, Label
from store.mentions import Filter

OPTIONS = (
    click.option("--brand", help="Only this brand."),
    click.option("--source", help="A kind of source, or one source."),
    click.option("--since", help="From this local day or time on (2026-11-01, 7d, 24h)."),
    click.option("--until", help="Up to and with this local day, or before this time."),
    click.option("--label", type=click.Choice([str(each) for each in Label])),
    click.option("--lang", help="vi, en or other."),
    click.option("--kind", type=click.Choice([str(each) for each in Kind])),
    click.option("--severity", type=click.Choice([str(each) for each in Severity])),
    click.option("--feedback-kind", type=click.Choice([str(each) for each in FeedbackKind])),
    click.option("--search", metavar="TEXT", help='Words or "phrases"; marks may be left out.'),
    click.option("--stars", metavar="N|N-M", help="1 to 5, or a range such as 1-2."),
    click.option("--mismatch", is_flag=True, help="Only stars that the text contradicts."),
    click.option("--spam/--no-spam", default=None, help="Only, or without, dishonest reviews."),
    click.option("--flagged", is_flag=True, help="Only what is flagged."),
    click.option("--needs-answer", is_flag=True, help="Only what still waits for an answer."),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` all filter options; they arrive as keyword arguments."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def read_filter(app: App, chosen: dict[str, Any]) -> Filter:
    """Return the Filter of the options a person chose. Raises ConfigError naming the wrong one."""
    brand = app.brand(chosen["brand"]) if chosen["brand"] else None
    zone = brand.zone if brand else next((each.zone for each in app.brands()), "UTC")
    now = scheduler.utc_now()
    low, high = _stars(chosen["stars"])
    return Filter(
        brand=brand.name if brand else None,
        source=chosen["source"],
        since=_moment(chosen["since"], zone, now, is_end=False),
        until=_moment(chosen["until"], zone, now, is_end=True),
        label=chosen["label"],
        lang=chosen["lang"],
        kind=chosen["kind"],
        severity=chosen["severity"],
        feedback_kind=chosen["feedback_kind"],
        search=chosen["search"],
        stars_at_least=low,
        stars_at_most=high,
        is_mismatch=True if chosen["mismatch"] else None,
        is_spam=chosen["spam"],
        is_flagged=True if chosen["flagged"] else None,
        needs_answer=chosen["needs_answer"],
        now=now,
    )


def _moment(typed: str | None, zone: str, now: datetime, *, is_end: bool) -> datetime | None:
    """Return the aware UTC time of a local day, a local time, or "7d" / "24h" before now."""
    if typed is None:
        return None
    if typed[:-1].isdecimal() and typed[-1] in "dh":
        span = timedelta(days=1) if typed[-1] == "d" else timedelta(hours=1)
        return now - int(typed[:-1]) * span
    try:
        if len(typed) == len("2026-11-01"):
            day = date.fromisoformat(typed) + timedelta(days=1 if is_end else 0)
            return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        at = datetime.fromisoformat(typed)
    except (ValueError, OverflowError) as e:
        raise ConfigError(
            "not a day or time", subject=typed, next_step="write 2026-11-01, 7d or 24h"
        ) from e
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _stars(typed: str | None) -> tuple[float | None, float | None]:
    if typed is None:
        return None, None
    low, _, high = typed.partition("-")
    try:
        return float(low), float(high or low)
    except ValueError as e:
        raise ConfigError("not stars", subject=typed, next_step="write 1 or 1-2") from e
