"""Addresses of partners, too, and rooms of a chat: what is told there is one text."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every address so far is a program of a vendor's."""
    op.alter_column("webhook_endpoint", "vendor_id", nullable=True)
    op.add_column(
        "webhook_endpoint",
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=True),
    )
    op.add_column(
        "webhook_endpoint",
        sa.Column("kind", sa.String(), server_default="program", nullable=False),
    )
    op.create_check_constraint(
        "webhook_endpoint_owner", "webhook_endpoint", "num_nonnulls(vendor_id, partner_id) = 1"
    )
    op.create_check_constraint(
        "webhook_endpoint_kind", "webhook_endpoint", "kind IN ('program', 'chat')"
    )
    op.create_index(
        "webhook_endpoint_partner",
        "webhook_endpoint",
        ["partner_id", "name"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )


def downgrade() -> None:
    """What partners are told by goes, with all it was told."""
    op.execute(
        "DELETE FROM outbox_delivery WHERE endpoint_id IN"
        " (SELECT id FROM webhook_endpoint WHERE vendor_id IS NULL)"
    )
    op.execute("DELETE FROM webhook_endpoint WHERE vendor_id IS NULL")
    op.drop_index("webhook_endpoint_partner", "webhook_endpoint")
    op.drop_constraint("webhook_endpoint_kind", "webhook_endpoint")
    op.drop_constraint("webhook_endpoint_owner", "webhook_endpoint")
    op.drop_column("webhook_endpoint", "kind")
    op.drop_column("webhook_endpoint", "partner_id")
    op.alter_column("webhook_endpoint", "vendor_id", nullable=False)
