"""Keys for pictures, and pictures that programs asked for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nobody has a key yet."""
    op.create_table(
        "image_key",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("picture", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id")),
        sa.Column("only_reads", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("ended_at", AT),
    )
    op.create_index("image_key_vendor", "image_key", ["vendor_id"])
    op.create_table(
        "image_job",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("key_id", sa.Uuid(), sa.ForeignKey("image_key.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), sa.ForeignKey("campaign_version.id"), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("slots", JSONB(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), sa.ForeignKey("brand_profile.id")),
        sa.Column("echo", JSONB(), nullable=False),
        sa.Column("webhook", sa.String(), nullable=False),
        sa.Column("external_id", sa.String()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", AT),
        sa.Column("file_key", sa.String()),
        sa.Column("result", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("done_at", AT),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.UniqueConstraint("key_id", "external_id", name="image_job_once"),
    )
    op.create_index(
        "image_job_due", "image_job", ["due_at"], postgresql_where=sa.text("state = 'waiting'")
    )


def downgrade() -> None:
    """Keys open nothing any more."""
    op.drop_table("image_job")
    op.drop_table("image_key")
