"""Bank accounts by version, and which one a payment went to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String(), server_default="", nullable=False)
            for name in ("iban", "number", "bank_code", "bic", "tax_id")
        ),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_how", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="bank_account_pkey"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="bank_account_vendor_id_fkey"),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"],
            ["enrolment.vendor_id", "enrolment.partner_id"],
            name="bank_account_vendor_id_partner_id_fkey",
        ),
        *(
            sa.ForeignKeyConstraint([name], ["user_account.id"], name=f"bank_account_{name}_fkey")
            for name in ("made_by", "checked_by")
        ),
        sa.UniqueConstraint(
            "vendor_id",
            "partner_id",
            "no",
            name="bank_account_version",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint(
            "(iban <> '') <> (number <> '' AND bank_code <> '')", name="bank_account_reachable"
        ),
        sa.CheckConstraint("checked_by <> made_by", name="bank_account_four_eyes"),
        sa.CheckConstraint(
            "(checked_by IS NULL) = (checked_at IS NULL)", name="bank_account_check_whole"
        ),
    )
    op.add_column("payment", sa.Column("bank_account_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "payment_bank_account_id_fkey", "payment", "bank_account", ["bank_account_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_column("payment", "bank_account_id")
    op.drop_table("bank_account")
