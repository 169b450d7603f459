"""What a partner of a matched fund paid itself, with the paper that shows it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.mdf.models.funding import enrolled


class OwnShare(Model):
    """One payment of the partner towards a claimed activity, in the claim's currency."""

    __tablename__ = "own_share"
    __table_args__ = (
        enrolled(),
        CheckConstraint("amount_minor > 0", name="own_share_positive"),
        Index("own_share_claim", "claim_id"),
    )

    id: Mapped[Key]
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    amount_minor: Mapped[Minor]
    paid_on: Mapped[date]
    paid_to: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
