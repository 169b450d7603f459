"""Connections to CRMs, and how every lead stands in each of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.crm.rules import ConnectionState, LinkState
from tcma.db.base import Key, Model


class CrmConnection(Model):
    """A vendor's or a partner's account at a CRM; its key is sealed.

    `rests_until` is when it may be asked again after it was busy, away or refused the key;
    `failing_since` is None while it answers. `said` and `remedy` are of its last trouble.
    """

    __tablename__ = "crm_connection"
    __table_args__ = (
        CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="crm_connection_side"),
        Index("crm_connection_vendor", "vendor_id", postgresql_where=text("state <> 'ended'")),
        Index("crm_connection_partner", "partner_id", postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    system: Mapped[str]
    url: Mapped[str]
    secrets: Mapped[bytes]
    fields: Mapped[dict[str, Any]]
    with_leads: Mapped[bool]
    state: Mapped[str] = mapped_column(server_default=ConnectionState.ON)
    rests_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    said: Mapped[str] = mapped_column(server_default="")
    remedy: Mapped[str] = mapped_column(server_default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class CrmLink(Model):
    """How one lead, or one opportunity without a lead, stands in one CRM. `wanted` counts the changes here; `base` is what was last the
    same on both sides; `due_at` is when it is looked at next, None when nothing is to be done.
    """

    __tablename__ = "crm_link"
    __table_args__ = (
        CheckConstraint("num_nonnulls(lead_id, opportunity_id) = 1", name="crm_link_subject"),
        UniqueConstraint("connection_id", "lead_id", name="crm_link_once"),
        UniqueConstraint("connection_id", "opportunity_id", name="crm_link_deal_once"),
        Index("crm_link_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("crm_link_lead", "lead_id"),
    )

    id: Mapped[Key]
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("crm_connection.id"))
    lead_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default=LinkState.WAITING)
    wanted: Mapped[int] = mapped_column(server_default=text("1"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    base: Mapped[dict[str, Any]]
    their_lead: Mapped[str] = mapped_column(server_default="")
    their_deal: Mapped[str] = mapped_column(server_default="")
    owner: Mapped[str] = mapped_column(server_default="")
    said: Mapped[str] = mapped_column(server_default="")
    remedy: Mapped[str] = mapped_column(server_default="")
    even_at: Mapped[datetime | None]
