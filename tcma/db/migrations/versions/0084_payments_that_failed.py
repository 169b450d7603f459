"""A failed payment holds its claim's decision no more, a bank may take nothing of one; filed claims by partner."""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

STANDS = "CASE WHEN state::text <> 'failed'::text THEN claim_decided_by ELSE NULL::uuid END"
OLD, NEW = "payment_claim_id_claim_decided_by_fkey", "payment_claim_id_stands_by_fkey"


def upgrade() -> None:
    """Whoever made a payment still did not approve its claim; only one that stands names who did now."""
    op.add_column("payment", sa.Column("stands_by", sa.Uuid(), sa.Computed(STANDS, persisted=True)))
    op.drop_constraint(OLD, "payment")
    op.create_foreign_key(NEW, "payment", "claim", ["claim_id", "stands_by"], ["id", "decided_by"])
    op.create_foreign_key("payment_claim_id_fkey", "payment", "claim", ["claim_id"], ["id"])
    op.drop_constraint("payment_taken_positive", "payment")
    op.create_check_constraint("payment_taken", "payment", "taken_minor >= 0")
    op.create_index(
        "claim_filed",
        "claim",
        ["partner_id", "vendor_id"],
        postgresql_where=sa.text("state IN ('submitted', 'info_requested')"),
    )


def downgrade() -> None:
    """What was decided anew since a payment failed stays so: old rows are not looked at again."""
    op.drop_index("claim_filed", "claim")
    op.drop_constraint("payment_taken", "payment")
    op.execute(
        "ALTER TABLE payment ADD CONSTRAINT payment_taken_positive CHECK (taken_minor > 0) NOT VALID"
    )
    op.drop_constraint("payment_claim_id_fkey", "payment")
    op.drop_constraint(NEW, "payment")
    op.execute(
        f"ALTER TABLE payment ADD CONSTRAINT {OLD} FOREIGN KEY (claim_id, claim_decided_by)"
        " REFERENCES claim (id, decided_by) NOT VALID"
    )
    op.drop_column("payment", "stands_by")
