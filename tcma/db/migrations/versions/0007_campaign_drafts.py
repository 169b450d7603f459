"""Versions in the making: drafts of campaigns and their saves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "campaign_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["based_on"], ["campaign_version.id"], name=op.f("campaign_draft_based_on_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("campaign_draft_vendor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_draft_pkey")),
        sa.UniqueConstraint("vendor_id", "slug", name="campaign_draft_slug"),
    )
    op.create_table(
        "draft_save",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_user", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["campaign_draft.id"], name=op.f("draft_save_draft_id_fkey")
        ),
        sa.PrimaryKeyConstraint("draft_id", "no", name=op.f("draft_save_pkey")),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("draft_save")
    op.drop_table("campaign_draft")
