"""What a vendor and a partner agreed to do together in a period, line by line."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.mdf.models.funding import enrolled


class JointPlan(Model):
    """A business plan of both sides; a change of a line takes both agreements back."""

    __tablename__ = "joint_plan"
    __table_args__ = (
        enrolled(),
        CheckConstraint("ends_on >= starts_on", name="joint_plan_days"),
        CheckConstraint(
            "state <> 'agreed' OR num_nulls(partner_agreed_by, vendor_agreed_by) = 0",
            name="joint_plan_both",
        ),
        CheckConstraint("partner_agreed_by <> vendor_agreed_by", name="joint_plan_two_people"),
        Index("joint_plan_partner", "partner_id", "id"),
        Index("joint_plan_vendor", "vendor_id", "id"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("fund_allocation.id"))
    title: Mapped[str]
    goal: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    currency: Mapped[str]
    state: Mapped[str]
    partner_agreed_by: Mapped[UUID | None]
    partner_agreed_at: Mapped[datetime | None]
    vendor_agreed_by: Mapped[UUID | None]
    vendor_agreed_at: Mapped[datetime | None]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]


class JointPlanLine(Model):
    """One campaign in one month: what it may cost net of tax, and how many leads it is to bring.

    Begun, it names the request that asks the fund and the launch that is drafted.
    """

    __tablename__ = "joint_plan_line"
    __table_args__ = (
        UniqueConstraint("plan_id", "no", name="joint_plan_line_no"),
        CheckConstraint("cost_minor > 0 AND goal_leads >= 0", name="joint_plan_line_sums"),
    )

    id: Mapped[Key]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("joint_plan.id"))
    no: Mapped[int]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    month: Mapped[date]
    cost_minor: Mapped[Minor]
    goal_leads: Mapped[int]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("fund_request.id"), unique=True)
    launch_id: Mapped[UUID | None] = mapped_column(ForeignKey("launch.id", ondelete="SET NULL"))
