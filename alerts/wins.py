"""Praise worth sharing: a real win, whole, with something in it that can be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from alerts.facts import Win
from alerts.naming import WatchName, source_name, watch_names
from cases.copies import first_copies
from scoring.verdict import NOT_A_REVIEW, Kind, Label, Polarity
from store.sql import Found
from store.tables import Matches, Mentions, Verdicts

MAX_WINS = 2
_LETTERS = (40, 220)  # as many as are shown: a quotation is never cut
_READ = 200
_RECENT = timedelta(days=7)
_GOOD_STARS = 4.0
_STRONG = 0.8  # of the score, where there are no stars
_FAINT = -0.75  # a weight below it is a real complaint, above it a "not" or "but"
_ENOUGH = 3


def wins(
    connection: Connection, brand_id: int, *, start: datetime, end: datetime
) -> tuple[Win, ...]:
    """Return at most two posts of praise that became known in the window, the best first.

    Praise by a customer that is not flagged, has four stars or more (or, without
    stars, a strong score) and no negative word or side; those that say what was
    good come first, then those of the day; the second is of another source or product.
    """
    asked = (
        select(
            Mentions.id, Mentions.text, Mentions.url, Mentions.product, Mentions.stars,
            Mentions.source, Mentions.source_kind, Mentions.dated_at,
            Verdicts.language, Verdicts.score, Verdicts.aspects, Verdicts.reasons,
        )
        .join(Matches, Matches.mention_id == Mentions.id)
        .join(Verdicts, (Verdicts.mention_id == Mentions.id) & Verdicts.is_current.is_(True))
        .where(
            Matches.brand_id == brand_id, Matches.role == "customer", Matches.severity.is_(None),
            Matches.dismissed_as == "", Verdicts.label == Label.POSITIVE,
            Verdicts.kind == Kind.PRAISE, Mentions.seen_at >= start, Mentions.seen_at < end,
            Mentions.dated_at >= start - _RECENT, Mentions.damage == "",
            Mentions.is_copy.is_(False), Verdicts.spam < NOT_A_REVIEW,
            (Mentions.stars >= _GOOD_STARS)
            | (Mentions.stars.is_(None) & (Verdicts.score >= _STRONG)),
        )
        .order_by(Verdicts.score.desc(), Mentions.id)
        .limit(_READ)
    )  # fmt: skip
    good = [row for row in connection.execute(asked) if _is_win(row)]
    good.sort(key=lambda row: (_detail(row), row.dated_at >= start, row.score), reverse=True)
    chosen = _varied(good)
    names = watch_names(connection, [row.id for row in chosen])
    return tuple(
        Win(
            mention_id=row.id,
            text=row.text,
            source=source_name(row.source_kind, names.get(row.id, WatchName()), row.source),
            language=row.language,
            url=row.url,
            product=row.product,
            stars=row.stars,
        )
        for row in chosen
    )


def _is_win(row: Found) -> bool:
    if not _LETTERS[0] <= len(row.text) <= _LETTERS[1]:
        return False
    sides = {each["polarity"] for each in row.aspects or ()}
    said = [each["weight"] for each in row.reasons or ()]
    return Polarity.NEGATIVE not in sides and all(weight > _FAINT for weight in said)


def _detail(row: Found) -> int:
    """Return how much there is to tell: good things named, sides spoken of, some length."""
    good = {each["words"].casefold() for each in row.reasons or () if each["weight"] >= 1}
    sides = {each["name"] for each in row.aspects or ()}
    return min(len(good), _ENOUGH) + min(len(sides), _ENOUGH) + min(len(row.text) // 60, 2)


def _varied(good: Sequence[Found]) -> list[Found]:
    """Return the first, and the next that is of another product or source and no copy of it."""
    chosen: list[Found] = []
    for row in good:
        texts = [*(other.text for other in chosen), row.text]
        is_new = first_copies(texts)[-1] == len(chosen) and all(
            (row.source, row.product) != (other.source, other.product) for other in chosen
        )
        if is_new:
            chosen.append(row)
        if len(chosen) == MAX_WINS:
            break
    return chosen
