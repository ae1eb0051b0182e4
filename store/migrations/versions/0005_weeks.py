"""Digests of a week beside those of a day, and a source's own count of each star."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BY_DAY = "uq_digests_recipient_brand_id_local_date"
BY_PERIOD = "uq_digests_recipient_brand_id_period_local_date"
KEY = ["recipient", "brand_id", "local_date"]


def upgrade() -> None:
    """Add the columns; every digest that was written until now is of a day."""
    op.add_column("brands", sa.Column("weekly_on", sa.Text(), nullable=False, server_default=""))
    for name in ("stated_stars", "heard_stars"):
        op.add_column("watches", sa.Column(name, sa.JSON(), nullable=True))
    with op.batch_alter_table("digests") as digests:
        digests.add_column(sa.Column("period", sa.Text(), nullable=False, server_default="day"))
        digests.drop_constraint(BY_DAY, type_="unique")
        digests.create_unique_constraint(BY_PERIOD, [*KEY[:2], "period", KEY[2]])


def downgrade() -> None:
    """Drop the columns, and the digests of weeks."""
    op.execute("DELETE FROM digests WHERE period <> 'day'")
    with op.batch_alter_table("digests") as digests:
        digests.drop_constraint(BY_PERIOD, type_="unique")
        digests.create_unique_constraint(BY_DAY, KEY)
        digests.drop_column("period")
    for name in ("heard_stars", "stated_stars"):
        op.drop_column("watches", name)
    op.drop_column("brands", "weekly_on")
