"""What happened to a step of onboarding or of a playbook that no other row tells: mails, words of people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
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


class PartnerLevel(Model):
    """A level that a pair reached by rule, or was put at by a person; the newest is the one it holds.

    `start` stands for who was on board before levels were held. `has` are launches, leads and won deals then.
    """

    __tablename__ = "partner_level"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        CheckConstraint("how IN ('start', 'rule', 'person')", name="partner_level_how"),
        Index("partner_level_pair", "vendor_id", "partner_id", "id"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    level: Mapped[str]
    how: Mapped[str]
    has: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    why: Mapped[str] = mapped_column(server_default="")
    by_name: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]


class OwnTask(Model):
    """What a vendor asks of each new partner besides the first steps, or of its own people for it."""

    __tablename__ = "own_task"
    __table_args__ = (Index("own_task_vendor", "vendor_id", "id"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    title: Mapped[str]
    words: Mapped[str]
    link: Mapped[str]
    due_days: Mapped[int]
    by_vendor: Mapped[bool]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OwnTaskTick(Model):
    """One partner's task that somebody said is done; taken back, the row is gone."""

    __tablename__ = "own_task_tick"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        Index("own_task_tick_partner", "vendor_id", "partner_id"),
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey("own_task.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor_id: Mapped[UUID]
    done_by: Mapped[str]
    at: Mapped[datetime]


class PartnerProgramme(Model):
    """A vendor's own programme for partners as `guidance.programme` reads it; without one the default."""

    __tablename__ = "partner_programme"

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    document: Mapped[dict[str, Any]]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class PlayTick(Model):
    """A step of a launch's playbook that somebody said is done; taken back, the row is gone."""

    __tablename__ = "play_tick"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        Index("play_tick_partner", "vendor_id", "partner_id"),
    )

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[str] = mapped_column(primary_key=True)
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    ticked_by: Mapped[str]
    at: Mapped[datetime]


class PlayNudge(Model):
    """A step of a launch's playbook of which its people were reminded by mail, once."""

    __tablename__ = "play_nudge"

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
