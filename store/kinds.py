"""How much of each kind of feedback a brand was given."""

from __future__ import annotations

from sqlalchemy import func, select

from store.engine import Store
from store.tables import Brands, DailyFigures, Matches, Mentions, Verdicts


def feedback_counts(store: Store, brand: str) -> dict[tuple[str, str], int]:
    """Return mentions by (feedback kind, kind of the verdict, "" when not judged); no copies."""
    verdict_kind = func.coalesce(Verdicts.kind, "")
    asked = (
        select(Mentions.feedback_kind, verdict_kind, func.count())
        .join(Matches, Matches.mention_id == Mentions.id)
        .join(Brands, Brands.id == Matches.brand_id)
        .outerjoin(Verdicts, (Verdicts.mention_id == Mentions.id) & Verdicts.is_current)
        .where(Brands.name == brand, Mentions.is_copy.is_(False))
        .group_by(Mentions.feedback_kind, verdict_kind)
    )
    with store.read() as connection:
        return {(kind, judged): number for kind, judged, number in connection.execute(asked)}


def figure_count(store: Store, brand: str) -> int:
    """Return how many behaviour figures (one a day and metric) a brand has."""
    asked = select(func.count()).select_from(DailyFigures)
    asked = asked.join(Brands, Brands.id == DailyFigures.brand_id).where(Brands.name == brand)
    with store.read() as connection:
        return int(connection.scalar(asked) or 0)
