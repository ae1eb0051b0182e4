"""What each source lets us know, as a sentence and as a table: complete from when to when."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.facts import StatedTotal
from alerts.totals import difference
from earful.show import when
from ingest.words import Words, later
from store.export import guarded
from store.health import Health
from store.ledger import Gap
from store.watches import Watch

HEAD = (
    "source", "kind", "health", "complete_from", "complete_to", "gaps", "site_says", "heard",
    "coverage",
)  # fmt: skip
GAP_REASONS = {
    "unfinished": later("could not be read whole"),
    "cap": later("more pages than allowed"),
    "no-overlap": later("the source no longer had what lay between"),
    "away": later("nothing listened here"),
    "repeated": later("its pages led in a circle"),
    "cut": later("a page came in part"),
    "short": later("it ended in an empty page"),
}


def sentence(watch: Watch, words: Words, zone: str, *, now: datetime) -> str:
    """Return "complete from 3 Nov 08:10 to now, except 19 Nov 14:05–16:40 (...)" and the like."""
    covered = watch.coverage
    if covered.since is None or covered.until is None:
        return words("nothing is complete yet") if watch.last_visit_at else words("not visited yet")
    until = words("now")
    if watch.next_due_at <= now or watch.health not in (Health.HEALTHY, Health.SLOW):
        until = when(covered.until, words, zone)
    since = when(covered.since, words, zone)
    said = words("complete from {since} to {until}", since=since, until=until)
    told = (each for each in covered.gaps if each.until > covered.since)
    gaps = "; ".join(_gap(each, words, zone) for each in told)
    if gaps:
        said = words("{said}, except {gaps}", said=said, gaps=gaps)
    rest = [_totals(watch, words)]
    if watch.is_walk_due:
        rest.append(words("something known has moved: the next visit reads it to its end"))
    return "; ".join(filter(None, (said, *rest)))


def rows(
    found: Sequence[Watch], words: Words, zones: Mapping[str, str], *, now: datetime
) -> list[tuple[str, ...]]:
    """Return HEAD and a row for each watch; times ISO UTC, counts without separators."""
    told = []
    for each in found:
        covered, totals = each.coverage, each.totals
        inside = (gap for gap in covered.gaps if covered.since and gap.until > covered.since)
        gaps = (f"{_instant(gap.since)}/{_instant(gap.until)} {gap.reason}" for gap in inside)
        told.append(
            (
                each.name, each.kind, each.health.value, _instant(covered.since),
                _instant(covered.until), "; ".join(gaps), str(totals.stated) if totals else "",
                str(totals.heard) if totals else "",
                sentence(each, words, zone_of(each, zones), now=now),
            )
        )  # fmt: skip
    return [HEAD, *told]


def incomplete(table: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return those rows of `rows` that tell of a gap, or of a source that is not heard."""
    heard = (Health.HEALTHY, Health.SLOW, Health.PAUSED)
    return [row for row in table[1:] if row[5] or row[2] not in heard]


def as_csv(table: Sequence[Sequence[str]], *, encoding: str) -> bytes:
    """Return the table as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in table)
    return text.getvalue().encode(encoding)


def zone_of(watch: Watch, zones: Mapping[str, str]) -> str:
    """Return the zone of the watch's brand, else that of any brand."""
    return zones.get(watch.brand) or next(iter(zones.values()), "UTC")


def _gap(gap: Gap, words: Words, zone: str) -> str:
    reason = words(GAP_REASONS[gap.reason])
    until = when(gap.until, words, zone)
    if gap.since is None:
        return words("what is older than {until} ({reason})", until=until, reason=reason)
    first, last = (each.astimezone(ZoneInfo(zone)) for each in (gap.since, gap.until))
    if first.date() == last.date():
        until = f"{last:%H:%M}"
    joined = "–" if first.date() == last.date() else " – "
    return f"{when(gap.since, words, zone)}{joined}{until} ({reason})"


def _totals(watch: Watch, words: Words) -> str:
    of = watch.totals
    if of is None:
        return ""
    return difference(StatedTotal(of.stated, of.heard, of.cause.value, of.missing_stars), words)


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
