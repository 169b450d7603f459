"""Who has which part in an opportunity, and the files that belong to it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class OpportunityPart(Model):
    """A partner's part in an opportunity: it brought it, helped, or delivers.

    One that the desk `named` lets its partner and the holder read of each other; others only credit.
    """

    __tablename__ = "opportunity_part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        CheckConstraint(
            "role IN ('sourcing', 'influencing', 'fulfilling')", name="opportunity_part_role"
        ),
        Index("opportunity_part_partner", "partner_id"),
    )

    opportunity_id: Mapped[UUID] = mapped_column(ForeignKey("opportunity.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    vendor_id: Mapped[UUID]
    named: Mapped[bool] = mapped_column(server_default=text("false"))
    given_by: Mapped[str]
    at: Mapped[datetime]


class OpportunityPaper(Model):
    """A file that stands with an opportunity."""

    __tablename__ = "opportunity_paper"
    __table_args__ = (Index("opportunity_paper_of", "opportunity_id", "id"),)

    id: Mapped[Key]
    opportunity_id: Mapped[UUID] = mapped_column(ForeignKey("opportunity.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    added_by: Mapped[str]
    added_at: Mapped[datetime]
