"""Fund programmes, their dated versions, and every judgement with the case it was made from."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class FundProgramme(Model):
    """A vendor's rules for one or more funds; what they say stands in the versions."""

    __tablename__ = "fund_programme"
    __table_args__ = (UniqueConstraint("id", "vendor_id"),)

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    name: Mapped[str]
    created_at: Mapped[datetime]


class ProgrammeVersion(Model):
    """The rules from a day on, as TOML. Never changed; one that nobody was judged by may go."""

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("programme_id", "starts_on", name="programme_version_day"),)

    id: Mapped[Key]
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("fund_programme.id"))
    starts_on: Mapped[date]
    source: Mapped[str]
    sha256: Mapped[str]
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime]


class Judgement(Model):
    """One decision of the engine: the case as it was, the version, the answer with its trace."""

    __tablename__ = "judgement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        Index("judgement_subject", "subject", "subject_id", "id"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    subject: Mapped[str]
    subject_id: Mapped[UUID]
    event: Mapped[str]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("programme_version.id"))
    case_text: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
