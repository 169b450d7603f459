"""Calendars of campaigns, standing orders of partners, runs for many partners, and each launch arranged."""

from datetime import date, datetime
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
from tcma.db.sentences import Sentence
from tcma.on_behalf.rules import ArrangedState, OrderState, RunState


class CampaignCalendar(Model):
    """A named row of campaigns with their days that partners join once. `visibility` says who may, as
    `library.visibility` reads it; `notice_days` before each launch its partner is told.
    """

    __tablename__ = "campaign_calendar"
    __table_args__ = (UniqueConstraint("vendor_id", "slug", name="campaign_calendar_slug"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    slug: Mapped[str]
    name: Mapped[str]
    words: Mapped[str]
    rhythm: Mapped[str]
    notice_days: Mapped[int]
    visibility: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    closed_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class CalendarDay(Model):
    """A campaign of a calendar and the day it is launched on, in each partner's own zone; one that
    was taken back may be put in again.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        UniqueConstraint("calendar_id", "campaign_id", name="calendar_day_campaign_once"),
    )

    id: Mapped[Key]
    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_calendar.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    on_day: Mapped[date]
    taken_back_at: Mapped[datetime | None]


class StandingOrder(Model):
    """A partner lets its vendor launch for it: what a calendar brings, or without one whatever the
    vendor runs. `list_ids` are lists and segments; `consent` is the text as it was agreed to.
    """

    __tablename__ = "standing_order"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint(
            "vendor_id", "partner_id", "calendar_id", name="standing_order_once",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    calendar_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign_calendar.id"))
    state: Mapped[str] = mapped_column(server_default=OrderState.ACTIVE)
    list_ids: Mapped[list[Any]]
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("sender.id"))
    language: Mapped[str] = mapped_column(server_default=text("''"))
    consent: Mapped[str] = mapped_column(Sentence())
    consent_version: Mapped[str]
    given_by: Mapped[UUID | None]
    given_by_name: Mapped[str]
    given_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class PartnerRun(Model):
    """One campaign for many partners. The pilots go at `send_at`, the rest `wait_hours` later when
    `released_at` is set: by the pilot's verdict, by hand, or at once where there is no pilot.
    """

    __tablename__ = "partner_run"
    __table_args__ = (Index("partner_run_vendor", "vendor_id", "id"),)

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    state: Mapped[str] = mapped_column(server_default=RunState.DRAFT)
    send_at: Mapped[datetime]
    pilots_n: Mapped[int] = mapped_column(server_default=text("0"))
    wait_hours: Mapped[int] = mapped_column(server_default=text("0"))
    words: Mapped[str] = mapped_column(server_default=text("''"))
    held_why: Mapped[str | None]
    released_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str]
    created_at: Mapped[datetime]
    scheduled_at: Mapped[datetime | None]


class ArrangedLaunch(Model):
    """One campaign for one partner, arranged by a calendar or a run; `launch_id` once it is planned.
    `due_at` is when a worker looks at it next, `verdict` what the preflight said last.
    """

    __tablename__ = "arranged_launch"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("order_id", "day_id", name="arranged_launch_day_once"),
        UniqueConstraint("run_id", "partner_id", name="arranged_launch_run_once"),
        CheckConstraint("num_nonnulls(day_id, run_id) = 1", name="arranged_launch_source"),
        CheckConstraint(
            "state <> 'launched' OR launch_id IS NOT NULL", name="arranged_launch_launched"
        ),
        Index(
            "arranged_launch_due", "due_at",
            postgresql_where=text("state IN ('checking', 'asking', 'waiting', 'told', 'held')"),
        ),
        Index("arranged_launch_partner", "partner_id", "send_at"),
    )  # fmt: skip

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("standing_order.id"))
    day_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendar_day.id"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_run.id"))
    is_pilot: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str] = mapped_column(server_default=ArrangedState.WAITING)
    why: Mapped[str | None]
    send_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    verdict: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    told_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    agreed_by: Mapped[str | None]
    launch_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("launch.id", ondelete="SET NULL"), unique=True
    )
