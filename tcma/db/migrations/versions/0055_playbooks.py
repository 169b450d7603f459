"""Steps of playbooks that people ticked, and of which they were reminded."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What the product sees by itself (launch, posts, leads, claim) needs no row."""
    op.create_table(
        "play_tick",
        sa.Column(
            "launch_id",
            sa.Uuid(),
            sa.ForeignKey("launch.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("step", sa.String(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("ticked_by", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )
    op.create_index("play_tick_partner", "play_tick", ["vendor_id", "partner_id"])
    op.create_table(
        "play_nudge",
        sa.Column(
            "launch_id",
            sa.Uuid(),
            sa.ForeignKey("launch.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("step", sa.String(), primary_key=True),
        sa.Column("at", AT, nullable=False),
    )


def downgrade() -> None:
    """Ticks are forgotten; what the product sees stays seen."""
    op.drop_table("play_nudge")
    op.drop_table("play_tick")
