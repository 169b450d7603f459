"""Exchange rates as stored, dated facts; a rate that was wrong is followed by another of that day."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class ExchangeRate(Model):
    """One unit of `base` was worth `rate` units of `quote` on `day`, says `source`. Never changed."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        CheckConstraint("rate > 0", name="exchange_rate_positive"),
        CheckConstraint("base <> quote", name="exchange_rate_two_currencies"),
        Index("exchange_rate_of_day", "vendor_id", "base", "quote", "day", "id"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    base: Mapped[str]
    quote: Mapped[str]
    day: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    source: Mapped[str]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
