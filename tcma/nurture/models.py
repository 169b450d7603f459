"""Sequences with immutable versions and drafts, one run per person, one row per executed step."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model, Number

SMALL = SmallInteger()


class Sequence(Model):
    """The journey that follows a campaign's form; its versions say what it does."""

    __tablename__ = "sequence"
    __table_args__ = (UniqueConstraint("campaign_id", "slug", name="sequence_slug"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    slug: Mapped[str]
    created_at: Mapped[datetime]


class SequenceVersion(Model):
    """One version of a journey, never changed.

    `source` is the document as it was published in the studio; null means the nurture.toml of the
    campaign version. `choices` and `moved` say what was decided about those inside, and how many.
    """

    __tablename__ = "sequence_version"
    __table_args__ = (
        UniqueConstraint("sequence_id", "no", name="sequence_version_no"),
        Index(
            "sequence_version_once",
            "sequence_id",
            "campaign_version_id",
            unique=True,
            postgresql_where=text("source IS NULL"),
        ),
        CheckConstraint(
            "(source IS NULL) = (published_at IS NULL)", name="sequence_version_published"
        ),
    )

    id: Mapped[Key]
    sequence_id: Mapped[UUID] = mapped_column(ForeignKey("sequence.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"))
    no: Mapped[int] = mapped_column(SMALL)
    source: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    choices: Mapped[dict[str, Any] | None]
    moved: Mapped[dict[str, Any] | None]
    made_by: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class SequenceDraft(Model):
    """A journey in the making; `no` is the save it stands at, so that a step back is a smaller one."""

    __tablename__ = "sequence_draft"
    __table_args__ = (UniqueConstraint("vendor_id", "campaign_id", name="sequence_draft_once"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    no: Mapped[int]
    made_at: Mapped[datetime]


class SequenceSave(Model):
    """The whole document of a draft after one change, and what the change was."""

    __tablename__ = "sequence_save"

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("sequence_draft.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    did: Mapped[str]
    by_name: Mapped[str]
    at: Mapped[datetime]


class NurtureRun(Model):
    """One person in one journey: where they stand, since when, and when the next step is due.

    `waiting_for` is the signal that may make it due earlier; `occurrence` the day of their date or of the
    calendar that it began for, each once.
    """

    __tablename__ = "nurture_run"
    __table_args__ = (
        UniqueConstraint("sequence_id", "contact_id", "rotation", name="nurture_run_rotation"),
        Index(
            "nurture_run_one_active",
            "sequence_id",
            "contact_id",
            unique=True,
            postgresql_where=text("state IN (0, 3, 4)"),
        ),
        Index("nurture_run_due", "due_at", "id", postgresql_where=text("state = 0")),
        Index("nurture_run_lead", "lead_id"),
        Index("nurture_run_partner", "partner_id", "id"),
        Index("nurture_run_node", "version_id", "state", "node"),
        Index(
            "nurture_run_occurrence",
            "sequence_id",
            "contact_id",
            "occurrence",
            unique=True,
            postgresql_where=text("occurrence IS NOT NULL"),
        ),
        CheckConstraint("state <> 0 OR due_at IS NOT NULL", name="nurture_run_active_is_due"),
        {"postgresql_with": {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}},
    )

    id: Mapped[Number]
    sequence_id: Mapped[UUID]
    version_id: Mapped[UUID]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    contact_id: Mapped[int] = mapped_column(BigInteger())
    lead_id: Mapped[UUID | None]
    rotation: Mapped[int] = mapped_column(SMALL, server_default=text("1"))
    state: Mapped[int] = mapped_column(SMALL)
    node: Mapped[str]
    step_no: Mapped[int] = mapped_column(server_default=text("0"))
    since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    waiting_for: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(SMALL, server_default=text("0"))
    left_because: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    occurrence: Mapped[date | None]


class CalendarRound(Model):
    """One day of a journey's calendar at one partner: up to which contact it has gone."""

    __tablename__ = "calendar_round"

    sequence_id: Mapped[UUID] = mapped_column(ForeignKey("sequence.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    done_to: Mapped[int] = mapped_column(BigInteger(), server_default=text("0"))
    ended_at: Mapped[datetime | None]


class NurtureStep(Model):
    """One executed step, once. `why` is null on the plain way: these rows are many."""

    __tablename__ = "nurture_step"

    run_id: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    step_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_no: Mapped[int] = mapped_column(SMALL)
    at: Mapped[datetime]
    node: Mapped[str]
    outcome: Mapped[str]
    mail: Mapped[str | None]
    why: Mapped[str | None]


class NurtureMailing(Model):
    """The mailing that carries one mail for one partner; `link_keys` by slot from 1.

    `basis` is why its footer says that they are written to: they asked, or are customers (`mailings`).
    """

    __tablename__ = "nurture_mailing"

    campaign_version_id: Mapped[UUID] = mapped_column(
        ForeignKey("campaign_version.id"), primary_key=True
    )
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    basis: Mapped[str] = mapped_column(primary_key=True, server_default=text("'enquiry'"))
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"), unique=True)
    link_keys: Mapped[list[Any]]


class CapHit(Model):
    """One of the mails that a vendor or partner may send to one address in a period.

    `period` is the ordinal of its first day; `slot` counts from 1 to the cap, so the key is the cap.
    """

    __tablename__ = "cap_hit"

    scope_id: Mapped[UUID] = mapped_column(primary_key=True)
    address_hash: Mapped[bytes] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(SMALL, primary_key=True, autoincrement=False)
