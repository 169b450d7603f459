"""Answers that people write back are shown to the partner, each once."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Until now nobody heard of them."""
    op.add_column(
        "feedback_report", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("feedback_report_message", "feedback_report", ["message_id"])
    op.create_index(
        "feedback_report_to_tell",
        "feedback_report",
        ["id"],
        postgresql_where=sa.text("action = 'reply' AND told_at IS NULL AND message_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("feedback_report_to_tell", table_name="feedback_report")
    op.drop_index("feedback_report_message", table_name="feedback_report")
    op.drop_column("feedback_report", "told_at")
