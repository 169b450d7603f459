"""A partner's objection to a sum that was decided; money is set aside while it waits."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.db.sentences import Sentence
from tcma.mdf.models.funding import enrolled

OPEN = "open"


class ClaimDispute(Model):
    """Once a claim: `asked_minor` more is owed, says the partner, and `held_minor` is set aside.

    Upheld, `supplement_id` is the claim that pays `granted_minor`, and `held_minor` what of that
    came from beyond the plan.
    """

    __tablename__ = "claim_dispute"
    __table_args__ = (
        enrolled(),
        CheckConstraint(
            "asked_minor > 0 AND held_minor BETWEEN 0 AND asked_minor", name="claim_dispute_sums"
        ),
        CheckConstraint(
            "answered_by IS NULL OR answered_by <> opened_by", name="claim_dispute_four_eyes"
        ),
        CheckConstraint(
            "(state = 'upheld') = (num_nulls(granted_minor, supplement_id) = 0)",
            name="claim_dispute_upheld",
        ),
        Index("claim_dispute_queue", "vendor_id", "state", "answer_by"),
    )

    id: Mapped[Key]
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"), unique=True)
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    state: Mapped[str]
    words: Mapped[str]
    asked_minor: Mapped[Minor]
    held_minor: Mapped[Minor]
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    answer_by: Mapped[date]
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Sentence)
    granted_minor: Mapped[Minor | None]
    supplement_id: Mapped[UUID | None] = mapped_column(ForeignKey("claim.id"))
