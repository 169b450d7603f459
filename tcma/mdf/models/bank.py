"""Bank accounts by version, a partner's and the vendor's own; what holds payments back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.mdf.models.funding import enrolled


class BankAccount(Model):
    """One version of an account; `partner_id` is empty for the one the vendor pays from.

    What it says never changes, a new version takes its place; only the check is added, by a
    person who did not write it.
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        enrolled(),
        UniqueConstraint(
            "vendor_id",
            "partner_id",
            "no",
            name="bank_account_version",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "(iban <> '') <> (number <> '' AND bank_code <> '')", name="bank_account_reachable"
        ),
        CheckConstraint("checked_by <> made_by", name="bank_account_four_eyes"),
        CheckConstraint(
            "(checked_by IS NULL) = (checked_at IS NULL)", name="bank_account_check_whole"
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None]
    no: Mapped[int]
    holder: Mapped[str]
    country: Mapped[str]
    iban: Mapped[str] = mapped_column(server_default="")
    number: Mapped[str] = mapped_column(server_default="")
    bank_code: Mapped[str] = mapped_column(server_default="")
    bic: Mapped[str] = mapped_column(server_default="")
    tax_id: Mapped[str] = mapped_column(server_default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime | None]
    checked_how: Mapped[str] = mapped_column(server_default="")


class PayoutHold(Model):
    """A vendor pays a partner nothing while this stands; lifted, it stays as history.

    `overdue`: the partner has overdue bills, and funds whose rules say so freeze altogether.
    """

    __tablename__ = "payout_hold"
    __table_args__ = (
        enrolled(),
        CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="payout_hold_lifted"),
        Index(
            "payout_hold_one",
            "vendor_id",
            "partner_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    reason: Mapped[str]
    overdue: Mapped[bool] = mapped_column(server_default=false())
    placed_by: Mapped[UUID]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]


class PayoutMinimum(Model):
    """Below this sum a partner's approved claims of one currency wait for more."""

    __tablename__ = "payout_minimum"
    __table_args__ = (CheckConstraint("minor > 0", name="payout_minimum_positive"),)

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    minor: Mapped[Minor]
