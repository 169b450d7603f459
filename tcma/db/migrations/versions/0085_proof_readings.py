"""What a pre-check read in a proof, and when a service is to be asked about it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What people handed in before is read, too; what launches wrote is proved by its hashes."""
    op.create_table(
        "proof_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proof_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("sought", JSONB, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("found", JSONB, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("why", sa.String(), server_default="", nullable=False),
        sa.Column("due_at", WHEN, nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["proof_id"], ["proof.id"], name="proof_reading_proof_id_fkey"),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"],
            ["enrolment.vendor_id", "enrolment.partner_id"],
            name="proof_reading_vendor_id_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="proof_reading_pkey"),
        sa.UniqueConstraint("proof_id", "reader", "rules", name="proof_reading_once"),
    )
    op.create_index(
        "proof_reading_due",
        "proof_reading",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.execute(
        "UPDATE proof SET preview_due_at = document.made_at, preview_tries = 0 FROM document"
        " WHERE document.id = proof.document_id AND document.removed_at IS NULL"
        " AND starts_with(proof.source, 'upload:')"
        " AND document.media_type IN ('application/pdf', 'image/jpeg', 'image/png')"
    )


def downgrade() -> None:
    """The proofs stay."""
    op.drop_index("proof_reading_due", table_name="proof_reading")
    op.drop_table("proof_reading")
