"""Leads inside a partner: whose each is, how they are shared, who is away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB()
EMPTY = sa.text("'{}'")


def upgrade() -> None:
    """Leads so far belong to everybody at their partner."""
    for table in ("lead", "lead_offer"):
        op.add_column(table, sa.Column("person_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            f"{table}_person_id_fkey", table, "user_account", ["person_id"], ["id"]
        )
    op.create_table(
        "lead_sharing",
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), primary_key=True),
        sa.Column("way", sa.String(), server_default="everybody", nullable=False),
        sa.Column("keeps", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("areas", JSON, server_default=EMPTY, nullable=False),
        sa.Column("turns", JSON, server_default=EMPTY, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
    )
    op.create_table(
        "seller_absence",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("stated_at", AT, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name="seller_absence_days"),
    )
    op.create_index("seller_absence_partner", "seller_absence", ["partner_id", "ends_on"])
    op.create_table(
        "lead_hand",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("lead_id", sa.Uuid(), sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("user_account.id")),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("trace", JSON, nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
    )
    op.create_index("lead_hand_lead", "lead_hand", ["lead_id", "id"])


def downgrade() -> None:
    """Everybody at a partner hears of its leads again."""
    op.drop_table("lead_hand")
    op.drop_table("seller_absence")
    op.drop_table("lead_sharing")
    for table in ("lead_offer", "lead"):
        op.drop_column(table, "person_id")
