"""Sequences with immutable versions, one run per person, one row per executed step."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model, Number


class Sequence(Model):
    """A nurture sequence of a campaign."""

    __tablename__ = "sequence"
    __table_args__ = (UniqueConstraint("campaign_id", "slug", name="sequence_slug"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    slug: Mapped[str]
    created_at: Mapped[datetime]


class SequenceVersion(Model):
    """Steps as data, never changed: made from a campaign version's nurture.toml."""

    __tablename__ = "sequence_version"
    __table_args__ = (
        UniqueConstraint("sequence_id", "campaign_version_id", name="sequence_version_once"),
    )

    id: Mapped[Key]
    sequence_id: Mapped[UUID] = mapped_column(ForeignKey("sequence.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"))
    steps: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class NurtureRun(Model):
    """One person in one sequence: where they stand and when the next step is due."""

    __tablename__ = "nurture_run"
    __table_args__ = (
        UniqueConstraint("sequence_id", "contact_id", "rotation", name="nurture_run_rotation"),
        Index(
            "nurture_run_one_active",
            "sequence_id",
            "contact_id",
            unique=True,
            postgresql_where=text("state IN (0, 3)"),
        ),
        Index("nurture_run_due", "due_at", "id", postgresql_where=text("state = 0")),
        Index("nurture_run_lead", "lead_id"),
        Index("nurture_run_partner", "partner_id", "id"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    id: Mapped[Number]
    sequence_id: Mapped[UUID]
    version_id: Mapped[UUID]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    contact_id: Mapped[int] = mapped_column(BigInteger())
    lead_id: Mapped[UUID | None]
    rotation: Mapped[int] = mapped_column(SmallInteger(), server_default=text("1"))
    state: Mapped[int] = mapped_column(SmallInteger())
    node: Mapped[str]
    step_no: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"))
    left_because: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class NurtureStep(Model):
    """One executed step, once."""

    __tablename__ = "nurture_step"

    run_id: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    step_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node: Mapped[str]
    outcome: Mapped[str]
    detail: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]


class NurtureMailing(Model):
    """The mailing that carries one mail of a sequence for one partner; `link_keys` by slot from 1."""

    __tablename__ = "nurture_mailing"

    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"), unique=True)
    link_keys: Mapped[list[Any]]
