"""Rules of routing in the making, numbers that weights rest on, and leads that went back to nurture."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class RoutingDraft(Model):
    """A vendor's rules in the making; `no` is the save they stand at."""

    __tablename__ = "routing_draft"

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), unique=True)
    no: Mapped[int]
    made_at: Mapped[datetime]


class RoutingSave(Model):
    """The whole document of a draft after one change, and what the change was."""

    __tablename__ = "routing_save"

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("routing_draft.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    did: Mapped[str]
    by_name: Mapped[str]
    at: Mapped[datetime]


class RoutingRecord(Model):
    """How a vendor's partners performed in the `days` before a day, by partner: read once, then the same
    for everybody who decides on that day.
    """

    __tablename__ = "routing_record"

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    numbers: Mapped[dict[str, Any]]


class LeadRecycling(Model):
    """A partner gave a lead back to nurture, why, and until when it is not asked about that person."""

    __tablename__ = "lead_recycling"
    __table_args__ = (
        Index("lead_recycling_lead", "lead_id"),
        Index("lead_recycling_rests", "vendor_id", "rests_until"),
    )

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    rests_until: Mapped[datetime]
