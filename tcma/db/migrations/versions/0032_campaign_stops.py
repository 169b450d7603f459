"""Campaigns stopped for all partners."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is stopped yet."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "campaign_stop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recalls_pages", sa.Boolean(), nullable=False),
        sa.Column("stopped_by", sa.String(), nullable=False),
        sa.Column("stopped_at", instant, nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("campaign_stop_vendor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("campaign_stop_campaign_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_stop_pkey")),
    )
    op.create_index(
        "campaign_stopped",
        "campaign_stop",
        ["campaign_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def downgrade() -> None:
    """Forget the stops: what was stopped runs."""
    op.drop_table("campaign_stop")
