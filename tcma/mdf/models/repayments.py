"""Money that came back after it was asked back: by the bank, or kept from a later payment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model


class Repayment(Model):
    """One sum a partner paid back for a claim; `payment_id` names the payment it was kept from.

    Kept from a payment it is `booked_at` when that one is paid, and undone when that one fails.
    """

    __tablename__ = "repayment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        CheckConstraint("amount_minor > 0", name="repayment_positive"),
        CheckConstraint(
            "payment_id IS NOT NULL OR (bank_reference <> '' AND booked_at IS NOT NULL)",
            name="repayment_says_how",
        ),
        Index("repayment_claim", "claim_id"),
        Index("repayment_payment", "payment_id"),
    )

    id: Mapped[Key]
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    bank_reference: Mapped[str]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    booked_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
