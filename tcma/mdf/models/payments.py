"""Batches of payments, and each claim in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.mdf.models.funding import IS_WAY, enrolled
from tcma.mdf.rules import BatchState, PaymentState


class PaymentBatch(Model):
    """What is settled together: one currency, one `way`; `note` says how to use what is no money."""

    __tablename__ = "payment_batch"
    __table_args__ = (CheckConstraint(IS_WAY, name="payment_batch_way"),)

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=BatchState.DRAFT)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    settled_at: Mapped[datetime | None]
    bank_reference: Mapped[str | None]
    way: Mapped[str] = mapped_column(server_default="cash")
    note: Mapped[str] = mapped_column(server_default="")


STANDS_BY = "CASE WHEN state::text <> 'failed'::text THEN claim_decided_by ELSE NULL::uuid END"


class Payment(Model):
    """One approved claim in a batch; the payer is never who approved it.

    `taken_minor` is what the bank took for it where it changed money; else it took the amount.
    `stands_by` is who approved the claim, while the payment stands: one that failed holds no decision.
    `kept_minor` of the claim was kept for money that the partner owes back; the rest is paid.
    `memo` numbers what was given where it was no money, `document_id` is its paper.
    """

    __tablename__ = "payment"
    __table_args__ = (
        enrolled(),
        ForeignKeyConstraint(["claim_id", "stands_by"], ["claim.id", "claim.decided_by"]),
        CheckConstraint("made_by <> claim_decided_by", name="payment_four_eyes"),
        CheckConstraint("taken_minor >= 0", name="payment_taken"),
        CheckConstraint("kept_minor >= 0", name="payment_kept"),
        Index(
            "payment_one_open", "claim_id", unique=True, postgresql_where=text("state <> 'failed'")
        ),
    )

    id: Mapped[Key]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("payment_batch.id"))
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"))
    claim_decided_by: Mapped[UUID]
    stands_by: Mapped[UUID | None] = mapped_column(Computed(STANDS_BY, persisted=True))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=PaymentState.SCHEDULED)
    made_by: Mapped[UUID]
    bank_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_account.id"))
    failure: Mapped[str | None]
    taken_minor: Mapped[Minor | None]
    kept_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    memo: Mapped[str | None] = mapped_column(unique=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
