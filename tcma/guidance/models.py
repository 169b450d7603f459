"""What happened to a step of a partner's onboarding; how far it is stands in the rows it is about."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class StepNudge(Model):
    """A step of which a partner was reminded by mail; `no` counts up."""

    __tablename__ = "step_nudge"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("vendor_id", "partner_id", "step", "no", name="step_nudge_once"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    step: Mapped[str]
    no: Mapped[int]
    at: Mapped[datetime]


class StepWaiver(Model):
    """A step that a vendor does not ask of a partner, and why."""

    __tablename__ = "step_waiver"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )

    vendor_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    waived_by: Mapped[str]
    at: Mapped[datetime]
