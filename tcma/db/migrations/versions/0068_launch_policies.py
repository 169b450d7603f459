"""What a vendor asks of its partners' launches: a yes beforehand, and no more mail than so much."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """No vendor asks anything so far."""
    op.create_table(
        "launch_policy",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("asks_first", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("asks_above", sa.Integer(), nullable=True),
        sa.Column("asks_edited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("approver", sa.String(), server_default="vendor", nullable=False),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.CheckConstraint("asks_above >= 0", name="launch_policy_above"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="launch_policy_vendor_id_fkey"),
        sa.PrimaryKeyConstraint("vendor_id", name="launch_policy_pkey"),
    )
    op.create_table(
        "launch_approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("needs", JSONB, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("asked", JSONB, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("answer_by", WHEN, nullable=False),
        sa.Column("words", sa.String(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["launch_id"],
            ["launch.id"],
            name="launch_approval_launch_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="launch_approval_pkey"),
    )
    op.create_index("launch_approval_launch", "launch_approval", ["launch_id", "id"])
    op.create_index(
        "launch_approval_open",
        "launch_approval",
        ["launch_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "frequency_rule",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("mails", sa.SmallInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.CheckConstraint("mails > 0 AND days > 0", name="frequency_rule_positive"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="frequency_rule_vendor_id_fkey"),
        sa.PrimaryKeyConstraint("vendor_id", name="frequency_rule_pkey"),
    )


def downgrade() -> None:
    """What waits for a yes is a draft again; whatever was approved has left or will."""
    op.execute("UPDATE launch SET state = 'draft' WHERE state = 'awaiting_approval'")
    op.drop_table("frequency_rule")
    op.drop_table("launch_approval")
    op.drop_table("launch_policy")
