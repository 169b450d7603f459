"""A vendor's own programme for its partners."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Where a vendor has none, the default holds."""
    op.create_table(
        "partner_programme",
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), primary_key=True),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """The default holds again."""
    op.drop_table("partner_programme")
