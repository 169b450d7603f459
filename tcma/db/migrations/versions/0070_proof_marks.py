"""How far the proof of a launch is written for its activity, and when that was tried last."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every launch is looked at once more; what stands in its case file is not written again."""
    op.add_column(
        "activity_launch", sa.Column("proven", sa.String(), server_default="", nullable=False)
    )
    op.add_column(
        "activity_launch", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    """Whether something is lacking is then read from the send log again."""
    op.drop_column("activity_launch", "looked_at")
    op.drop_column("activity_launch", "proven")
