"""Exchange rates by day, what invoices count at, what a bank took; funds are found by their part."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table, whose rows never change, and what rests on it."""
    op.create_table(
        "exchange_rate",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(20, 10), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", AT, nullable=False),
        sa.CheckConstraint("rate > 0", name="exchange_rate_positive"),
        sa.CheckConstraint("base <> quote", name="exchange_rate_two_currencies"),
    )
    op.create_index(
        "exchange_rate_of_day", "exchange_rate", ["vendor_id", "base", "quote", "day", "id"]
    )
    op.execute(
        "CREATE TRIGGER exchange_rate_history BEFORE UPDATE OR DELETE ON exchange_rate"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("invoice", sa.Column("rate_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("invoice_rate_id_fkey", "invoice", "exchange_rate", ["rate_id"], ["id"])
    op.add_column("payment", sa.Column("taken_minor", sa.BigInteger(), nullable=True))
    op.create_check_constraint("payment_taken_positive", "payment", "taken_minor > 0")
    op.create_index("fund_request_allocation", "fund_request", ["allocation_id", "id"])


def downgrade() -> None:
    """Back to one currency a claim."""
    op.drop_index("fund_request_allocation", "fund_request")
    op.drop_constraint("payment_taken_positive", "payment")
    op.drop_column("payment", "taken_minor")
    op.drop_constraint("invoice_rate_id_fkey", "invoice")
    op.drop_column("invoice", "rate_id")
    op.drop_table("exchange_rate")
