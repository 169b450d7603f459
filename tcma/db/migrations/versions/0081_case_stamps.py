"""Time stamps of case files by an authority."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What was signed before is stamped when it is saved again."""
    op.create_table(
        "case_stamp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("signature_sha256", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("roots", sa.LargeBinary(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["fund_request.id"], name="case_stamp_request_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"],
            ["enrolment.vendor_id", "enrolment.partner_id"],
            name="case_stamp_vendor_id_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="case_stamp_pkey"),
        sa.UniqueConstraint("request_id", "signature_sha256", name="case_stamp_signature"),
    )


def downgrade() -> None:
    """Case files that were saved keep their stamps."""
    op.drop_table("case_stamp")
