"""Changes of approved activities, each with its own answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One table; at most one change of an activity waits."""
    op.create_table(
        "fund_amendment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("fund_request.id"), nullable=False),
        sa.Column("activity_id", sa.Uuid(), sa.ForeignKey("fund_activity.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("plan", JSONB(), nullable=False),
        sa.Column("requested_minor", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", AT),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint("requested_minor > 0", name="fund_amendment_positive"),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name="fund_amendment_four_eyes"
        ),
    )
    op.create_index(
        "fund_amendment_one_open",
        "fund_amendment",
        ["activity_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("fund_amendment_request", "fund_amendment", ["request_id"])


def downgrade() -> None:
    """Activities stay as they are."""
    op.drop_table("fund_amendment")
