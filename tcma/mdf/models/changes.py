"""Changes of a fund that are asked for under a key of their own, and confirmed by a second person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class FundChange(Model):
    """What somebody asked of a fund; its key is the form's own, so a second press is the same row.

    `waits` until another person confirms or refuses it; what needs nobody else is `done` at once.
    """

    __tablename__ = "fund_change"
    __table_args__ = (
        CheckConstraint("state IN ('waits', 'done', 'refused')", name="fund_change_state"),
        CheckConstraint("(state = 'waits') = (decided_at IS NULL)", name="fund_change_decided"),
        Index("fund_change_fund", "budget_id", "id"),
    )

    id: Mapped[Key]
    budget_id: Mapped[UUID] = mapped_column(ForeignKey("fund_budget.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    act: Mapped[str]
    body: Mapped[dict[str, Any]]
    reason: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
