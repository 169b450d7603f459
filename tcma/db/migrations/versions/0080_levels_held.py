"""Levels that partners reached, by rule or by a person: what a level gives stays until somebody takes it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who is on board begins without a level, and is told of none that it has reached long ago."""
    op.create_table(
        "partner_level",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("has", JSONB(), server_default="{}", nullable=False),
        sa.Column("why", sa.String(), server_default="", nullable=False),
        sa.Column("by_name", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint("how IN ('start', 'rule', 'person')", name="partner_level_how"),
    )
    op.create_index("partner_level_pair", "partner_level", ["vendor_id", "partner_id", "id"])
    op.execute(
        "INSERT INTO partner_level (id, vendor_id, partner_id, level, how, at)"
        " SELECT gen_random_uuid(), vendor_id, partner_id, 'new', 'start', now() FROM enrolment"
    )


def downgrade() -> None:
    """Levels follow from what is there, and nobody held one."""
    op.drop_table("partner_level")
