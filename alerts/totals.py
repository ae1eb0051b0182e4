"""A site's own counts beside ours, in words: the difference and its likely cause."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.cards import NAME_CAP, shown
from alerts.facts import SourceHealth, StatedTotal
from ingest.words import Words, later

MAX_SITES = 4
HELD_BACK = "held-back"
CAUSES = {
    "gap": later("a stretch was not heard"),
    "unreadable": later("the rest could not be read"),
    "deep": later("the rest lies deeper than the pages allowed"),
    "not-walked": later("the next walk to its end will tell"),
    HELD_BACK: later("it probably counts what it does not show"),
    "hidden": later("it counts less than it showed before"),
}


def difference(total: StatedTotal, words: Words) -> str:
    """Return what a site says, what was heard of it and why; "" where the two agree."""
    if not total.missing:
        return ""
    cause = words(CAUSES[total.cause]) if total.cause else ""
    if total.missing_stars:
        stars = ", ".join(
            f"{words.number(count)} × {star}★" for star, count in total.missing_stars.items()
        )
        by_stars = words("missing: {stars}", stars=stars)
        cause = f"{cause}; {by_stars}" if cause else by_stars
    return words(
        "the site says {stated}, {heard} heard ({cause})",
        stated=words.number(total.stated),
        heard=words.number(total.heard),
        cause=cause,
    )


def totals_line(facts: Sequence[SourceHealth], words: Words, *, is_weekly: bool) -> str:
    """Return one line for all sites that count otherwise than we do; "" for none.

    What a site always counts and never shows is told weekly alone.
    """
    told = []
    for each in facts:
        total = each.total
        if total is None or not each.is_asked or not total.missing:
            continue
        if is_weekly or total.cause not in (HELD_BACK, "not-walked"):
            told.append(f"{shown(each.name, NAME_CAP)}: {difference(total, words)}")
    if not told:
        return ""
    more = len(told) - MAX_SITES
    rest = [words.many("and {n} more", "and {n} more", more)] if more > 0 else []
    return words("Beside the sites' own counts: {told}.", told="; ".join(told[:MAX_SITES] + rest))
