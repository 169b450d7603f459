"""Keys that other programs draw pictures with, and the pictures they asked for and wait for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.drawing.rules import JobState


class ImageKey(Model):
    """A key for one campaign of a vendor, for one of its pictures where `picture` names it, and for
    one partner where it says so; only its hash is kept.
    """

    __tablename__ = "image_key"
    __table_args__ = (Index("image_key_vendor", "vendor_id"),)

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    picture: Mapped[str] = mapped_column(server_default=text("''"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    only_reads: Mapped[bool]
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImageJob(Model):
    """A picture that is drawn while nobody waits. `echo` is the caller's; `external_id` its own
    number, `digest` what it asked under it. `result` is the picture's facts, or the refusal.
    """

    __tablename__ = "image_job"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("key_id", "external_id", name="image_job_once"),
        Index("image_job_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("image_key.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"))
    picture: Mapped[str]
    language: Mapped[str]
    slots: Mapped[dict[str, Any]]
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brand_profile.id"))
    echo: Mapped[dict[str, Any]]
    webhook: Mapped[str]
    external_id: Mapped[str | None]
    digest: Mapped[bytes]
    state: Mapped[str] = mapped_column(server_default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    file_key: Mapped[str | None]
    result: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
