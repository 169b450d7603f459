"""Connections to CRMs, and how leads stand in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
LIVE = sa.text("state <> 'ended'")


def upgrade() -> None:
    """Nobody is connected yet."""
    op.create_table(
        "crm_connection",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id")),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id")),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("with_leads", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), server_default="on", nullable=False),
        sa.Column("rests_until", AT),
        sa.Column("failing_since", AT),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("remedy", sa.String(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="crm_connection_side"),
    )
    for side in ("vendor", "partner"):
        op.create_index(
            f"crm_connection_{side}", "crm_connection", [f"{side}_id"], postgresql_where=LIVE
        )
    op.create_table(
        "crm_link",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("connection_id", sa.Uuid(), sa.ForeignKey("crm_connection.id"), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("wanted", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", AT),
        sa.Column("base", JSONB(), nullable=False),
        sa.Column("their_lead", sa.String(), server_default="", nullable=False),
        sa.Column("their_deal", sa.String(), server_default="", nullable=False),
        sa.Column("owner", sa.String(), server_default="", nullable=False),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("remedy", sa.String(), server_default="", nullable=False),
        sa.Column("even_at", AT),
        sa.UniqueConstraint("connection_id", "lead_id", name="crm_link_once"),
    )
    op.create_index(
        "crm_link_due", "crm_link", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("crm_link_lead", "crm_link", ["lead_id"])


def downgrade() -> None:
    """Forget them; what stands in the CRMs stays there."""
    op.drop_table("crm_link")
    op.drop_table("crm_connection")
