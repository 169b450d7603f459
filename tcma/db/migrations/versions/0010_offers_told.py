"""When the people of an offer were told, and open leads by vendor and partner."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Offers that stand were told when they were made."""
    op.add_column("lead_offer", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE lead_offer SET told_at = offered_at")
    op.create_index(
        "lead_offer_untold",
        "lead_offer",
        ["id"],
        postgresql_where=sa.text("told_at IS NULL AND state = 'offered'"),
    )
    op.drop_index("lead_waiting", table_name="lead")
    op.create_index(
        "lead_waiting", "lead", ["vendor_id", "id"], postgresql_where=sa.text("state = 'new'")
    )
    op.create_index(
        "lead_open",
        "lead",
        ["vendor_id", "partner_id"],
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("lead_open", table_name="lead")
    op.drop_index("lead_waiting", table_name="lead")
    op.create_index("lead_waiting", "lead", ["id"], postgresql_where=sa.text("state = 'new'"))
    op.drop_index("lead_offer_untold", table_name="lead_offer")
    op.drop_column("lead_offer", "told_at")
