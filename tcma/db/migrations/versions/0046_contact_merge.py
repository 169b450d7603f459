"""Contacts that are one person, and pairs that are two."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table; the other's hash is unique for a partner, so an address leads to one person."""
    op.create_table(
        "contact_merge",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("other_hash", sa.LargeBinary()),
        sa.Column("was", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("made_by", sa.Uuid()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kept_id <> other_id", name="contact_merge_two"),
        sa.UniqueConstraint("other_id", "kept_id", name="contact_merge_pair"),
    )
    op.create_index("contact_merge_kept", "contact_merge", ["kept_id"])
    op.create_index(
        "contact_merge_hash", "contact_merge", ["partner_id", "other_hash"], unique=True
    )


def downgrade() -> None:
    """Merged contacts stay merged."""
    op.drop_table("contact_merge")
