"""Posts that partners published on social networks."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table; the same address is one post."""
    op.create_table(
        "social_post",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("copy_id", sa.Uuid(), sa.ForeignKey("partner_copy.id"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("picture_key", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("posted_by", sa.String(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.UniqueConstraint("copy_id", "network", "address", name="social_post_once"),
    )
    op.create_index("social_post_campaign", "social_post", ["partner_id", "campaign_id", "id"])


def downgrade() -> None:
    """Proofs that were filed stay in their case files."""
    op.drop_table("social_post")
