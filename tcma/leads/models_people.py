"""When a partner works, how it shares its leads among its people, who is away, and whose each lead was."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.db.sentences import Sentence
from tcma.leads.routing.sellers import Way


class LeadSharing(Model):
    """One partner's rule. `areas` are places by person, `turns` the round's counters by person;
    `accepts` takes what it alone is offered without asking, `person_id` is who gets all of them where
    one person does. The row is locked while somebody is
    chosen. No row: everybody hears of every lead.
    """

    __tablename__ = "lead_sharing"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    way: Mapped[str] = mapped_column(server_default=Way.EVERYBODY)
    keeps: Mapped[bool] = mapped_column(server_default=text("true"))
    accepts: Mapped[bool] = mapped_column(server_default=text("false"))
    areas: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    turns: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class PartnerHours(Model):
    """When a partner works, on its own clock: `days` are 1 for Monday to 7. It says so itself."""

    __tablename__ = "partner_hours"
    __table_args__ = (CheckConstraint("closes > opens", name="partner_hours_order"),)

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()))
    opens: Mapped[time]
    closes: Mapped[time]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class PartnerRest(Model):
    """Days on which a partner is closed, or from which on it takes no new leads; without a last day
    until it says so. In its own zone.
    """

    __tablename__ = "partner_rest"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="partner_rest_days"),
        Index("partner_rest_partner", "partner_id", "ends_on"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    kind: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    stated_by: Mapped[str]
    stated_at: Mapped[datetime]


class SellerAbsence(Model):
    """A person gets no new leads from one day to another, in the partner's zone."""

    __tablename__ = "seller_absence"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="seller_absence_days"),
        Index("seller_absence_partner", "partner_id", "ends_on"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    stated_at: Mapped[datetime]


class LeadHand(Model):
    """A lead came to a person: by rule with its trace, by hand, or because they took it."""

    __tablename__ = "lead_hand"
    __table_args__ = (Index("lead_hand_lead", "lead_id", "id"),)

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Sentence())
    trace: Mapped[dict[str, Any]]
    given_by: Mapped[str]
    at: Mapped[datetime]
