"""Who did what to which object, append-only (the database refuses UPDATE and DELETE)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tcma.db.base import Model, Number


class AuditEntry(Model):
    """One event of an object's history, with the words that explain it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_subject", "subject", "subject_id", "id"),
        Index("audit_entry_partner", "partner_id", "id"),
        Index("audit_entry_vendor", "vendor_id", "id"),
    )

    id: Mapped[Number]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    via: Mapped[str]
    verb: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str]
    vendor_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]]
