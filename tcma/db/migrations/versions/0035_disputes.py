"""Disputes of decided claims."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One table; a claim is disputed once."""
    op.create_table(
        "claim_dispute",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("claim_id", sa.Uuid(), sa.ForeignKey("claim.id"), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("answered_by", sa.Uuid()),
        sa.Column("answered_at", AT),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("granted_minor", sa.BigInteger()),
        sa.Column("supplement_id", sa.Uuid(), sa.ForeignKey("claim.id")),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint(
            "asked_minor > 0 AND held_minor BETWEEN 0 AND asked_minor", name="claim_dispute_sums"
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> opened_by", name="claim_dispute_four_eyes"
        ),
        sa.CheckConstraint(
            "(state = 'upheld') = (num_nulls(granted_minor, supplement_id) = 0)",
            name="claim_dispute_upheld",
        ),
    )
    op.create_index("claim_dispute_queue", "claim_dispute", ["vendor_id", "state", "answer_by"])


def downgrade() -> None:
    """Claims stay as they were decided."""
    op.drop_table("claim_dispute")
