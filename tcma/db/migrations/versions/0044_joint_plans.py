"""Joint business plans of a vendor and a partner, with their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables; a request belongs to one line at most."""
    op.create_table(
        "joint_plan",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), sa.ForeignKey("fund_allocation.id"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("partner_agreed_by", sa.Uuid()),
        sa.Column("partner_agreed_at", AT),
        sa.Column("vendor_agreed_by", sa.Uuid()),
        sa.Column("vendor_agreed_at", AT),
        sa.Column("made_by", sa.Uuid()),
        sa.Column("made_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint("ends_on >= starts_on", name="joint_plan_days"),
        sa.CheckConstraint(
            "state <> 'agreed' OR num_nulls(partner_agreed_by, vendor_agreed_by) = 0",
            name="joint_plan_both",
        ),
        sa.CheckConstraint("partner_agreed_by <> vendor_agreed_by", name="joint_plan_two_people"),
    )
    op.create_index("joint_plan_partner", "joint_plan", ["partner_id", "id"])
    op.create_index("joint_plan_vendor", "joint_plan", ["vendor_id", "id"])
    op.create_table(
        "joint_plan_line",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("joint_plan.id"), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("goal_leads", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("fund_request.id"), unique=True),
        sa.Column("launch_id", sa.Uuid(), sa.ForeignKey("launch.id", ondelete="SET NULL")),
        sa.UniqueConstraint("plan_id", "no", name="joint_plan_line_no"),
        sa.CheckConstraint("cost_minor > 0 AND goal_leads >= 0", name="joint_plan_line_sums"),
    )


def downgrade() -> None:
    """Requests and launches that lines began stay."""
    op.drop_table("joint_plan_line")
    op.drop_table("joint_plan")
