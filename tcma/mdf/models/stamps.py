"""Time stamps of case files: what an authority answered, kept so that the same file comes again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.mdf.models.funding import enrolled


class CaseStamp(Model):
    """The stamp of one signature of a plan's case file: the authority's answer (DER), its roots (PEM).

    `at` is the time as the authority states it, `asked_at` ours when it answered.
    """

    __tablename__ = "case_stamp"
    __table_args__ = (
        enrolled(),
        UniqueConstraint("request_id", "signature_sha256", name="case_stamp_signature"),
    )

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("fund_request.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    signature_sha256: Mapped[str]
    token: Mapped[bytes]
    roots: Mapped[bytes]
    at: Mapped[datetime]
    asked_at: Mapped[datetime]
