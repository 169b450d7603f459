"""What each person of a partner may ask of funds with one plan."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Minor, Model


class SpendingLimit(Model):
    """The most that one person may ask for with one plan, set by an owner."""

    __tablename__ = "spending_limit"
    __table_args__ = (CheckConstraint("minor > 0", name="spending_limit_positive"),)

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    currency: Mapped[str]
    minor: Mapped[Minor]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
