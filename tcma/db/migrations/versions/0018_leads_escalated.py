"""When the vendor was told that nobody took a lead."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leads that wait already are known at the desk."""
    op.add_column("lead", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE lead SET escalated_at = created_at WHERE state = 'unassigned'")
    op.create_index(
        "lead_unheard",
        "lead",
        ["id"],
        postgresql_where=sa.text("state = 'unassigned' AND escalated_at IS NULL"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("lead_unheard", table_name="lead")
    op.drop_column("lead", "escalated_at")
