"""Since when a lead is as it is, from where its turns are counted, and that idle ones were spoken of."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
SINCE = (
    "CASE WHEN ((state)::text = ANY ((ARRAY['new'::character varying, 'offered'::character varying, "
    "'unassigned'::character varying])::text[])) THEN created_at ELSE moved_at END"
)


def upgrade() -> None:
    """A lead was last moved when it was touched, accepted or offered, else when it came."""
    op.add_column(
        "lead", sa.Column("moved_at", AT, server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("lead", sa.Column("idle_told_at", AT, nullable=True))
    op.add_column(
        "lead",
        sa.Column("counted_from", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.execute(
        """
        UPDATE lead SET moved_at = COALESCE(
            (SELECT max(t.at) FROM lead_touch t WHERE t.lead_id = lead.id), closed_at, accepted_at,
            (SELECT max(o.offered_at) FROM lead_offer o WHERE o.lead_id = lead.id), created_at)
        """
    )
    op.add_column(
        "lead_offer",
        sa.Column("reminders", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("lead", sa.Column("since", AT, sa.Computed(SINCE, persisted=True)))
    op.create_index(
        "lead_age",
        "lead",
        ["vendor_id", "since", "id"],
        postgresql_include=["state"],
        postgresql_where=sa.text("state NOT IN ('won', 'lost')"),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index("lead_age", table_name="lead")
    op.drop_column("lead_offer", "reminders")
    for name in ("since", "moved_at", "idle_told_at", "counted_from"):
        op.drop_column("lead", name)
