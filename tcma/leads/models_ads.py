"""Forms of ads that tell us of leads, and what each told until it is a lead."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class AdSource(Model):
    """An account at an ad network, or a program, that calls us with leads of one campaign; its keys
    are sealed. `fields` says by their names of fields which of ours they are; `consent` is what the
    form there says. `said` is its last trouble, empty while it answers.
    """

    __tablename__ = "ad_source"
    __table_args__ = (Index("ad_source_vendor", "vendor_id", "id"),)

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    network: Mapped[str]
    name: Mapped[str]
    secrets: Mapped[bytes]
    fields: Mapped[dict[str, Any]]
    consent: Mapped[str]
    said: Mapped[str] = mapped_column(server_default="")
    rests_until: Mapped[datetime | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AdNotice(Model):
    """A lead that a network told of by number; its answers are asked for, and never kept here.

    `due_at` is when it is asked for next, None when it is through or given up.
    """

    __tablename__ = "ad_notice"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id", name="ad_notice_once"),
        Index("ad_notice_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[Key]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("ad_source.id"))
    external_id: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    said: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("lead.id"))
