"""What an optional engine was asked each day, and why it is not heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "engine_days",
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, NUMBER, nullable=False)
            for name in ("calls", "heard", "raised", "waiting", "tries")
        ),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name="pk_engine_days"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("engine_days")
