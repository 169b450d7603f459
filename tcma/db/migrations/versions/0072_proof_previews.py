"""Small copies of proofs, and when they are to be made."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was handed in before gets its small copy, too."""
    op.add_column("proof", sa.Column("preview_id", sa.Uuid(), nullable=True))
    op.add_column("proof", sa.Column("preview_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "proof", sa.Column("preview_tries", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("proof", sa.Column("preview_why", sa.String(), server_default="", nullable=False))
    op.create_foreign_key("proof_preview_id_fkey", "proof", "document", ["preview_id"], ["id"])
    op.create_index(
        "proof_preview_due",
        "proof",
        ["preview_due_at"],
        postgresql_where=sa.text("preview_due_at IS NOT NULL"),
    )
    op.execute(
        "UPDATE proof SET preview_due_at = document.made_at FROM document"
        " WHERE document.id = proof.document_id AND document.removed_at IS NULL"
        " AND document.media_type IN ('application/pdf', 'image/jpeg', 'image/png')"
    )


def downgrade() -> None:
    """The small copies stay as documents that nothing names."""
    op.drop_index("proof_preview_due", table_name="proof")
    op.drop_constraint("proof_preview_id_fkey", "proof", type_="foreignkey")
    for column in ("preview_why", "preview_tries", "preview_due_at", "preview_id"):
        op.drop_column("proof", column)
