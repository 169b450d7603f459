"""Payments that are held back, and the least that is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables; nothing is held, everything is paid."""
    op.create_table(
        "payout_hold",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", AT, nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", AT, nullable=True),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="payout_hold_lifted"),
    )
    op.create_index(
        "payout_hold_one",
        "payout_hold",
        ["vendor_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "payout_minimum",
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), primary_key=True),
        sa.Column("currency", sa.String(), primary_key=True),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("minor > 0", name="payout_minimum_positive"),
    )


def downgrade() -> None:
    """Back to paying everything that is approved."""
    op.drop_table("payout_minimum")
    op.drop_table("payout_hold")
