"""A vendor's terms for its partners, version by version, and the log of who accepted which."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class TermsVersion(Model):
    """One version of a vendor's terms, never changed: `sha256` is that of its text in UTF-8, in hex.

    `asks_again`: whoever accepted an earlier one is asked anew.
    """

    __tablename__ = "terms_version"
    __table_args__ = (
        CheckConstraint("no > 0", name="terms_version_no"),
        UniqueConstraint("vendor_id", "no", name="terms_version_once"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    no: Mapped[int] = mapped_column(SmallInteger())
    title: Mapped[str]
    words: Mapped[str]
    sha256: Mapped[str]
    asks_again: Mapped[bool]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class TermsAcceptance(Model):
    """A partner's yes to one version, by a person; rows are only ever added."""

    __tablename__ = "terms_acceptance"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        Index("terms_acceptance_partner", "partner_id", "vendor_id"),
    )

    version_id: Mapped[UUID] = mapped_column(ForeignKey("terms_version.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor_id: Mapped[UUID]
    sha256: Mapped[str]
    user_id: Mapped[UUID]
    accepted_by: Mapped[str]
    email: Mapped[str]
    at: Mapped[datetime]
