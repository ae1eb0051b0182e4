"""A brand's mentions in the order of their time, and those of a rare source found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PLAIN = "ix_matches_brand_id_mention_id"
DATED = "ix_matches_brand_id_dated_at_mention_id"
FLAGGED = "ix_matches_flagged"
PLACES = ("source", "source_kind")
FILL = """UPDATE matches
    SET dated_at = (SELECT dated_at FROM mentions WHERE mentions.id = matches.mention_id)"""


def upgrade() -> None:
    """Add and fill the column, and put the index by time in place of the one by id."""
    op.add_column("matches", sa.Column("dated_at", TIME, nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("matches") as matches:
        matches.alter_column("dated_at", existing_type=TIME, nullable=False)
    order = ["brand_id", "dated_at", "mention_id"]
    is_flagged = sa.text("severity IS NOT NULL")
    op.create_index(DATED, "matches", order)
    op.create_index(FLAGGED, "matches", order, sqlite_where=is_flagged, postgresql_where=is_flagged)
    op.drop_index(PLAIN, "matches")
    for column in PLACES:
        op.create_index(f"ix_mentions_{column}", "mentions", [column])


def downgrade() -> None:
    """Drop the column and put the index back."""
    for column in PLACES:
        op.drop_index(f"ix_mentions_{column}", "mentions")
    op.create_index(PLAIN, "matches", ["brand_id", "mention_id"])
    op.drop_index(FLAGGED, "matches")
    op.drop_index(DATED, "matches")
    with op.batch_alter_table("matches") as matches:
        matches.drop_column("dated_at")
