"""Who said yes at which level, and who stands in for whom while somebody is away."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model


class FundApproval(Model):
    """One person's yes to a plan as it was sent at `asked_at`; another person says the next."""

    __tablename__ = "fund_approval"
    __table_args__ = (
        UniqueConstraint("request_id", "asked_at", "decided_by", name="fund_approval_one_person"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("fund_request.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    stands_in_for: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    answers: Mapped[list[Any]]
    at: Mapped[datetime]


class ApprovalStep(Model):
    """One person's yes to a change or a claim as it was asked for at `asked_at`, up to a sum."""

    __tablename__ = "approval_step"
    __table_args__ = (
        UniqueConstraint(
            "subject", "subject_id", "asked_at", "decided_by", name="approval_step_one_person"
        ),
    )

    subject: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    stands_in_for: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    amount_minor: Mapped[Minor]
    at: Mapped[datetime]


class Absence(Model):
    """A person is away from one day to another, and a colleague decides plans in the meantime."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="absence_days"),
        CheckConstraint("user_id <> deputy_id", name="absence_another"),
        Index("absence_vendor", "vendor_id", "ends_on"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]
