"""What makes a verdict doubt its text, and the sides that brands name themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was judged before has no doubts until it is judged again."""
    op.add_column("verdicts", sa.Column("mismatch", sa.Text(), nullable=False, server_default=""))
    op.add_column("verdicts", sa.Column("spam", sa.Double(), nullable=False, server_default="0"))
    op.add_column("verdicts", sa.Column("spam_sign", sa.Text(), nullable=False, server_default=""))
    op.add_column("brands", sa.Column("aspects", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("brands", "aspects")
    for name in ("spam_sign", "spam", "mismatch"):
        op.drop_column("verdicts", name)
