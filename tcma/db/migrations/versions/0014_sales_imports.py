"""Imported sales, from which accrued funds grow."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the files and their rows."""
    op.create_table(
        "sales_import",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("budget_id", sa.Uuid(), sa.ForeignKey("fund_budget.id"), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", AT, nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="sales_import_undone"),
    )
    op.create_index("sales_import_fund", "sales_import", ["budget_id", "id"])
    op.create_table(
        "sale_row",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("sales_import.id"), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("sold_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.String(), server_default="", nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("import_id", "no"),
    )
    op.create_index(
        "sale_row_once",
        "sale_row",
        ["budget_id", "reference"],
        unique=True,
        postgresql_where=sa.text("counts"),
    )


def downgrade() -> None:
    """Forget the files; what they booked stays in the ledger."""
    op.drop_table("sale_row")
    op.drop_table("sales_import")
