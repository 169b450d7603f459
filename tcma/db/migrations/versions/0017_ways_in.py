"""Keys that let leads in, submissions that are held back, and the mark of what was sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them; submissions of before have no mark."""
    op.add_column("lead_capture", sa.Column("digest", sa.LargeBinary(), nullable=True))
    op.create_table(
        "intake_key",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
    )
    op.create_index("intake_key_vendor", "intake_key", ["vendor_id", "id"])
    op.create_table(
        "held_submission",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("page_id", sa.Uuid(), sa.ForeignKey("page.id"), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), sa.ForeignKey("lead.id"), nullable=True),
        sa.UniqueConstraint("source", "external_id", name="held_submission_once"),
    )
    op.create_index(
        "held_submission_waiting",
        "held_submission",
        ["vendor_id", "id"],
        postgresql_where=sa.text("state = 'held'"),
    )


def downgrade() -> None:
    """Drop them; what was held is lost."""
    op.drop_table("held_submission")
    op.drop_table("intake_key")
    op.drop_column("lead_capture", "digest")
