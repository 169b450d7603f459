"""Papers of claims, read by a worker."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of papers."""
    text = dict.fromkeys(("reason", "source", "doubt", "picture_mark", "words_mark"), "''")
    op.create_table(
        "invoice_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.Column(name, sa.String(), server_default=sa.text(empty), nullable=False)
            for name, empty in text.items()
        ),
        sa.Column("pages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "found",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("preview_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name="invoice_paper_claim_id_fkey"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="invoice_paper_document_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["document.id"], name="invoice_paper_preview_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name="invoice_paper_invoice_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"],
            ["enrolment.vendor_id", "enrolment.partner_id"],
            name="invoice_paper_vendor_id_partner_id_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="invoice_paper_pkey"),
        sa.UniqueConstraint("invoice_id", name="invoice_paper_invoice_id_key"),
    )
    op.create_index("invoice_paper_claim", "invoice_paper", ["claim_id", "id"])
    op.create_index(
        "invoice_paper_due",
        "invoice_paper",
        ["due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "invoice_paper_words",
        "invoice_paper",
        ["words_mark"],
        postgresql_where=sa.text("words_mark <> ''"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("invoice_paper")
