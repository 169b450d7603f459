"""Addresses of other programs, and the outbox of what they are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nobody is told anything yet."""
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", JSONB(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_until", AT, nullable=True),
        sa.Column("state", sa.String(), server_default="on", nullable=False),
        sa.Column("failing_since", AT, nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("webhook_endpoint_vendor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_endpoint_pkey")),
        sa.UniqueConstraint("ref", name=op.f("webhook_endpoint_ref_key")),
    )
    op.create_index(
        "webhook_endpoint_name", "webhook_endpoint", ["vendor_id", "name"],
        unique=True, postgresql_where=sa.text("state <> 'ended'"),
    )  # fmt: skip
    op.create_table(
        "outbox_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("sent_at", AT, nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("outbox_delivery_endpoint_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_delivery_pkey")),
        sa.UniqueConstraint("endpoint_id", "key", name="outbox_delivery_once"),
    )
    op.create_index(
        "outbox_delivery_due", "outbox_delivery", ["due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    op.create_index("outbox_delivery_endpoint", "outbox_delivery", ["endpoint_id", "id"])
    op.create_index("outbox_delivery_subject", "outbox_delivery", ["subject_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("outbox_delivery")
    op.drop_table("webhook_endpoint")
