"""A change of an approved activity that waits for its own answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.db.sentences import Sentence
from tcma.mdf.models.funding import enrolled


class Amendment(Model):
    """What an activity is to become; `before` is what it was, so that its history stays whole."""

    __tablename__ = "fund_amendment"
    __table_args__ = (
        enrolled(),
        CheckConstraint("requested_minor > 0", name="fund_amendment_positive"),
        CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name="fund_amendment_four_eyes"
        ),
        Index(
            "fund_amendment_one_open",
            "activity_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("fund_amendment_request", "request_id"),
    )

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("fund_request.id"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("fund_activity.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    state: Mapped[str]
    words: Mapped[str]
    before: Mapped[dict[str, Any]]
    plan: Mapped[dict[str, Any]]
    requested_minor: Mapped[Minor]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    answer_by: Mapped[date]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Sentence)
    trace: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
