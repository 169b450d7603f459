"""The consent ledger, and what a list's owner declares about it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "contact_list",
        sa.Column("controller", sa.String(), server_default="partner", nullable=False),
    )
    op.add_column("contact_list", sa.Column("controller_vendor_id", sa.Uuid(), nullable=True))
    op.add_column("contact_list", sa.Column("basis_at", AT, nullable=True))
    op.create_foreign_key(
        "contact_list_controller_vendor_id_fkey",
        "contact_list", "vendor", ["controller_vendor_id"], ["id"],
    )  # fmt: skip
    op.create_table(
        "consent_entry",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("jurisdiction", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("text_version", sa.String(), server_default="", nullable=False),
        sa.Column("evidence", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=True),
        sa.CheckConstraint(
            "kind <> 'implied' OR act <> 'given' OR expires_at IS NOT NULL",
            name="consent_implied_ends",
        ),
    )
    op.create_index(
        "consent_entry_now",
        "consent_entry",
        ["address_hash", "partner_id", sa.text("id DESC")],
        postgresql_include=["act", "expires_at", "vendor_id"],
    )
    op.create_index("consent_entry_partner", "consent_entry", ["partner_id", "id"])
    op.execute(
        "CREATE TRIGGER consent_entry_append_only BEFORE UPDATE OR DELETE ON consent_entry"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("consent_entry")
    op.drop_constraint("contact_list_controller_vendor_id_fkey", "contact_list", type_="foreignkey")
    for name in ("basis_at", "controller_vendor_id", "controller"):
        op.drop_column("contact_list", name)
