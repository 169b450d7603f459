"""Addresses of other programs, and every telling of them, whole until it is sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.outbox.rules import DeliveryState, EndpointState, Kind


class WebhookEndpoint(Model):
    """An address of another program of a vendor's or partner's, or of a room of its chat; its secrets are sealed.

    `old_secret` signs beside the new one until `old_until`; `failing_since` is when the first
    telling was given up, None after one that was taken.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        Index(
            "webhook_endpoint_name",
            "vendor_id",
            "name",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
        ),
        Index(
            "webhook_endpoint_partner",
            "partner_id",
            "name",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
        ),
        CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="webhook_endpoint_owner"),
        CheckConstraint("kind IN ('program', 'chat')", name="webhook_endpoint_kind"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    kind: Mapped[str] = mapped_column(server_default=Kind.PROGRAM)
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[Any]]
    secret: Mapped[bytes]
    old_secret: Mapped[bytes | None]
    old_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default=EndpointState.ON)
    failing_since: Mapped[datetime | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class OutboxDelivery(Model):
    """One telling of one address. `key` makes telling twice one; `due_at` is None when it is over.

    `subject_id` is the lead it is about: whoever is forgotten is forgotten here, too.
    """

    __tablename__ = "outbox_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "key", name="outbox_delivery_once"),
        Index("outbox_delivery_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("outbox_delivery_endpoint", "endpoint_id", "id"),
        Index("outbox_delivery_subject", "subject_id"),
    )

    id: Mapped[Key]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event: Mapped[str]
    key: Mapped[str]
    subject_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    status: Mapped[int | None]
    said: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
