"""Shared pots, points, payments of partners of matched funds, holds for overdue bills, limits."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Funds that stand are given in parts and counted in money."""
    op.add_column(
        "fund_budget",
        sa.Column("pooled", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "fund_budget",
        sa.Column("pot_shown", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column("fund_budget", sa.Column("point", sa.Numeric(18, 8)))
    op.add_column(
        "payout_hold",
        sa.Column("overdue", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_check_constraint("fund_budget_point", "fund_budget", "point > 0")
    op.create_table(
        "own_share",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("claim_id", sa.Uuid(), sa.ForeignKey("claim.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), sa.ForeignKey("document.id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("paid_to", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint("amount_minor > 0", name="own_share_positive"),
    )
    op.create_table(
        "spending_limit",
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user_account.id"), primary_key=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minor > 0", name="spending_limit_positive"),
    )
    op.create_index("own_share_claim", "own_share", ["claim_id"])


def downgrade() -> None:
    """Money that pots gave stays where it was booked."""
    op.drop_table("spending_limit")
    op.drop_table("own_share")
    op.drop_column("payout_hold", "overdue")
    op.drop_constraint("fund_budget_point", "fund_budget")
    for column in ("pooled", "pot_shown", "point"):
        op.drop_column("fund_budget", column)
