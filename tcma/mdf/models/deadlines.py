"""More time to claim an activity: asked for with a reason, granted until a day, by the rules of its plan."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.db.sentences import Sentence
from tcma.mdf.models.funding import enrolled


class ClaimExtension(Model):
    """One question for more time and its answer; `before` was the last day when it was asked.

    `role` is that of whoever granted it, as the rules name it.
    """

    __tablename__ = "claim_extension"
    __table_args__ = (
        enrolled(),
        CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name="claim_extension_four_eyes"
        ),
        CheckConstraint(
            "state <> 'granted' OR num_nulls(until, decided_by) = 0", name="claim_extension_whole"
        ),
        Index(
            "claim_extension_one_open",
            "activity_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("claim_extension_request", "request_id"),
    )

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("fund_request.id"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("fund_activity.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    state: Mapped[str]
    words: Mapped[str]
    before: Mapped[date]
    wanted: Mapped[date]
    until: Mapped[date | None]
    role: Mapped[str] = mapped_column(server_default="")
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    answer_by: Mapped[date]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Sentence, server_default="")
