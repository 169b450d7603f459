"""Calendars of campaigns, standing orders, runs for many partners, and each launch arranged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
PAIR = (["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"])


def upgrade() -> None:
    """Five tables; a campaign is arranged once for each order and day, and once for each run."""
    op.create_table(
        "campaign_calendar",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("visibility", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("closed_at", AT),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", AT, nullable=False),
        sa.UniqueConstraint("vendor_id", "slug", name="campaign_calendar_slug"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("calendar_id", sa.Uuid(), sa.ForeignKey("campaign_calendar.id"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("taken_back_at", AT),
        sa.UniqueConstraint("calendar_id", "campaign_id", name="calendar_day_campaign_once"),
    )
    op.create_table(
        "standing_order",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), sa.ForeignKey("campaign_calendar.id")),
        sa.Column("state", sa.String(), nullable=False, server_default="active"),
        sa.Column("list_ids", JSONB(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), sa.ForeignKey("sender.id"), nullable=False),
        sa.Column("language", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("given_by", sa.Uuid()),
        sa.Column("given_by_name", sa.String(), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("left_at", AT),
        sa.ForeignKeyConstraint(*PAIR),
        sa.UniqueConstraint(
            "vendor_id",
            "partner_id",
            "calendar_id",
            name="standing_order_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "partner_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("state", sa.String(), nullable=False, server_default="draft"),
        sa.Column("send_at", AT, nullable=False),
        sa.Column("pilots_n", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("wait_hours", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("words", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("held_why", sa.String()),
        sa.Column("released_at", AT),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_by_name", sa.String(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("scheduled_at", AT),
    )
    op.create_index("partner_run_vendor", "partner_run", ["vendor_id", "id"])
    _arranged()


def _arranged() -> None:
    op.create_table(
        "arranged_launch",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("standing_order.id")),
        sa.Column("day_id", sa.Uuid(), sa.ForeignKey("calendar_day.id")),
        sa.Column("run_id", sa.Uuid(), sa.ForeignKey("partner_run.id")),
        sa.Column("is_pilot", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("state", sa.String(), nullable=False, server_default="waiting"),
        sa.Column("why", sa.String()),
        sa.Column("send_at", AT, nullable=False),
        sa.Column("due_at", AT),
        sa.Column("verdict", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("told_at", AT),
        sa.Column("agreed_at", AT),
        sa.Column("agreed_by", sa.String()),
        sa.Column(
            "launch_id", sa.Uuid(), sa.ForeignKey("launch.id", ondelete="SET NULL"), unique=True
        ),
        sa.ForeignKeyConstraint(*PAIR),
        sa.UniqueConstraint("order_id", "day_id", name="arranged_launch_day_once"),
        sa.UniqueConstraint("run_id", "partner_id", name="arranged_launch_run_once"),
        sa.CheckConstraint("num_nonnulls(day_id, run_id) = 1", name="arranged_launch_source"),
        sa.CheckConstraint(
            "state <> 'launched' OR launch_id IS NOT NULL", name="arranged_launch_launched"
        ),
    )
    op.create_index(
        "arranged_launch_due",
        "arranged_launch",
        ["due_at"],
        postgresql_where=sa.text("state IN ('checking', 'asking', 'waiting', 'told', 'held')"),
    )
    op.create_index("arranged_launch_partner", "arranged_launch", ["partner_id", "send_at"])


def downgrade() -> None:
    """Launches stay as they were made."""
    for name in (
        "arranged_launch", "partner_run", "standing_order", "calendar_day", "campaign_calendar",
    ):  # fmt: skip
        op.drop_table(name)
