"""Approvals by level, and absences with a deputy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables; plans that wait pass one level, as before."""
    op.create_table(
        "fund_approval",
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("fund_request.id"), primary_key=True),
        sa.Column("asked_at", AT, primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("stands_in_for", sa.Uuid(), sa.ForeignKey("user_account.id")),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.UniqueConstraint(
            "request_id", "asked_at", "decided_by", name="fund_approval_one_person"
        ),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name="absence_days"),
        sa.CheckConstraint("user_id <> deputy_id", name="absence_another"),
    )
    op.create_index("absence_vendor", "absence", ["vendor_id", "ends_on"])


def downgrade() -> None:
    """Nobody stands in for anybody."""
    op.drop_table("absence")
    op.drop_table("fund_approval")
