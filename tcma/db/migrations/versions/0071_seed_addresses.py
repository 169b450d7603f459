"""Addresses that get a copy of each launch, of a vendor and of a partner, and the copies themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody gets copies so far."""
    op.create_table(
        "seed_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="seed_address_side"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="seed_address_vendor_id_fkey"),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name="seed_address_partner_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="seed_address_pkey"),
        sa.UniqueConstraint(
            "vendor_id",
            "partner_id",
            "address",
            name="seed_address_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "launch_seed",
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["launch_id"], ["launch.id"], name="launch_seed_launch_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailing.id"], name="launch_seed_mailing_id_fkey"),
        sa.PrimaryKeyConstraint("launch_id", "mailing_id", name="launch_seed_pkey"),
    )


def downgrade() -> None:
    """Copies that were sent stay as mailings of their own."""
    op.drop_table("launch_seed")
    op.drop_table("seed_address")
