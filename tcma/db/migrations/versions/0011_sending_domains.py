"""Sending domains with their keys, and what a vendor wants for mail of an unproved one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sender_domain",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id")),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id")),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, server_default="pending"),
        sa.Column("since", AT, nullable=False),
        sa.Column("failing_since", AT),
        sa.Column("checked_at", AT),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("findings", JSONB(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("has_return_path", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="sender_domain_side"),
        sa.UniqueConstraint(
            "partner_id",
            "vendor_id",
            "name",
            name="sender_domain_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("sender_domain_due", "sender_domain", ["due_at"])
    op.create_table(
        "domain_key",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "domain_id",
            sa.Uuid(),
            sa.ForeignKey("sender_domain.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("selector", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("published_at", AT),
        sa.Column("retired_at", AT),
        sa.UniqueConstraint("domain_id", "selector", name="domain_key_once"),
    )
    op.add_column(
        "vendor",
        sa.Column("sender_policy", sa.String(), nullable=False, server_default="lend"),
    )


def downgrade() -> None:
    op.drop_column("vendor", "sender_policy")
    op.drop_table("domain_key")
    op.drop_table("sender_domain")
