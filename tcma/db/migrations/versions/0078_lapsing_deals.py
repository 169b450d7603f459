"""Registered deals are moved, or lapse: when last, who was warned, until when more time was given; one press, one deal."""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is open so far was moved now: no rule takes anything back for the time before there was one."""
    when = sa.DateTime(timezone=True)
    op.add_column(
        "opportunity",
        sa.Column("moved_at", when, server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("opportunity", sa.Column("warned_at", when, nullable=True))
    op.add_column("opportunity", sa.Column("kept_until", when, nullable=True))
    op.add_column("opportunity", sa.Column("pressed", sa.Uuid(), nullable=True))
    op.create_unique_constraint("opportunity_pressed", "opportunity", ["partner_id", "pressed"])
    op.create_index(
        "opportunity_registered",
        "opportunity",
        ["vendor_id", "partner_id"],
        postgresql_where=sa.text("state = 'open' AND lead_id IS NULL"),
    )


def downgrade() -> None:
    """Registrations stay for ever."""
    op.drop_index("opportunity_registered", "opportunity")
    op.drop_constraint("opportunity_pressed", "opportunity")
    for name in ("pressed", "kept_until", "warned_at", "moved_at"):
        op.drop_column("opportunity", name)
