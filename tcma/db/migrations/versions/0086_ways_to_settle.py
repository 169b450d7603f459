"""How an activity and a batch are settled, and the number and paper of what was given instead of money."""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

WAYS = "way IN ('cash', 'credit', 'discount', 'access')"


def upgrade() -> None:
    """So far everything is paid by the bank."""
    for table in ("fund_activity", "payment_batch"):
        op.add_column(table, sa.Column("way", sa.String(), server_default="cash", nullable=False))
        op.create_check_constraint(f"{table}_way", table, WAYS)
    op.add_column("payment", sa.Column("memo", sa.String(), nullable=True))
    op.add_column("payment", sa.Column("document_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint("payment_memo_key", "payment", ["memo"])
    op.create_foreign_key(
        "payment_document_id_fkey", "payment", "document", ["document_id"], ["id"]
    )
    op.add_column(
        "payment_batch", sa.Column("note", sa.String(), server_default="", nullable=False)
    )


def downgrade() -> None:
    """What was given keeps its paper among the documents."""
    op.drop_column("payment_batch", "note")
    op.drop_constraint("payment_document_id_fkey", "payment", type_="foreignkey")
    op.drop_column("payment", "document_id")
    op.drop_column("payment", "memo")
    for table in ("payment_batch", "fund_activity"):
        op.drop_constraint(f"{table}_way", table)
        op.drop_column(table, "way")
