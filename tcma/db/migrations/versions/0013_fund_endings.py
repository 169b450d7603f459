"""Accounts for what is forfeited and for exchange differences; later last days of partners' money."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OF_REQUEST_AND_CLAIM = (
    " AND (kind = 'reserved') = (request_id IS NOT NULL)"
    " AND (kind = 'accrued') = (claim_id IS NOT NULL)"
)
NOW = {
    "never_negative": "balance >= 0 OR kind IN ('source', 'exchange')",
    "kind": "(kind IN ('source', 'unallocated', 'exchange')) = (allocation_id IS NULL)"
    + OF_REQUEST_AND_CLAIM,
}
BEFORE = {
    "never_negative": "balance >= 0 OR kind = 'source'",
    "kind": "(kind IN ('source', 'unallocated')) = (allocation_id IS NULL)" + OF_REQUEST_AND_CLAIM,
}


def upgrade() -> None:
    """Let the new kinds of accounts stand, and transfers that claw back name what they undo."""
    _constraints(NOW, "kind IN ('reverse', 'claw_back')")
    op.create_table(
        "fund_extension",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("allocation_id", sa.Uuid(), sa.ForeignKey("fund_allocation.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )
    op.create_index("fund_extension_allocation", "fund_extension", ["allocation_id", "id"])
    op.execute(
        "CREATE TRIGGER fund_extension_append_only BEFORE UPDATE OR DELETE ON fund_extension"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Back to six kinds of accounts; refused while one of the new kinds is in use."""
    op.drop_table("fund_extension")
    _constraints(BEFORE, "kind = 'reverse'")


def _constraints(accounts: dict[str, str], undoes: str) -> None:
    for name, rule in accounts.items():
        op.drop_constraint(f"ledger_account_{name}", "ledger_account")
        op.create_check_constraint(f"ledger_account_{name}", "ledger_account", rule)
    op.drop_constraint("ledger_transfer_reverse_says", "ledger_transfer")
    op.create_check_constraint(
        "ledger_transfer_reverse_says",
        "ledger_transfer",
        f"({undoes}) = (reverses IS NOT NULL) AND (reverses IS NULL OR reason <> '')",
    )
