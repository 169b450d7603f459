"""Offers that stand beside others: the first to accept has the lead."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

ONE_OPEN = sa.text("state = 'accepted' OR (state = 'offered' AND NOT shared)")
UNTOLD = sa.text("told_at IS NULL AND state IN ('offered', 'gone')")


def upgrade() -> None:
    """No offer so far was shared."""
    op.add_column(
        "lead_offer",
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.drop_constraint("lead_offer_epoch", "lead_offer")
    op.create_unique_constraint(
        "lead_offer_epoch", "lead_offer", ["lead_id", "epoch", "partner_id"]
    )
    op.drop_index("lead_offer_one_open", "lead_offer")
    op.create_index(
        "lead_offer_one_open", "lead_offer", ["lead_id"], unique=True, postgresql_where=ONE_OPEN
    )
    op.drop_index("lead_offer_untold", "lead_offer")
    op.create_index("lead_offer_untold", "lead_offer", ["id"], postgresql_where=UNTOLD)


def downgrade() -> None:
    """Of offers that were shared only the accepted one can stay."""
    op.execute("DELETE FROM lead_offer WHERE shared AND state <> 'accepted'")
    op.execute(
        "UPDATE lead SET state = 'new', partner_id = NULL WHERE state = 'offered' AND NOT EXISTS"
        " (SELECT FROM lead_offer o WHERE o.lead_id = lead.id AND o.state = 'offered')"
    )
    op.drop_index("lead_offer_untold", "lead_offer")
    op.create_index(
        "lead_offer_untold", "lead_offer", ["id"],
        postgresql_where=sa.text("told_at IS NULL AND state = 'offered'"),
    )  # fmt: skip
    op.drop_index("lead_offer_one_open", "lead_offer")
    op.create_index(
        "lead_offer_one_open", "lead_offer", ["lead_id"], unique=True,
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )  # fmt: skip
    op.drop_constraint("lead_offer_epoch", "lead_offer")
    op.create_unique_constraint("lead_offer_epoch", "lead_offer", ["lead_id", "epoch"])
    op.drop_column("lead_offer", "shared")
