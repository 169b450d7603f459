"""When an activity was closed: before its last day to claim, or by it."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was closed before nobody knows when; it stays «closed»."""
    op.add_column(
        "fund_activity", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    """Closed is closed."""
    op.drop_column("fund_activity", "closed_at")
