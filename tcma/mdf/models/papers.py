"""The papers of a claim: handed in by a person, read by a worker, confirmed by a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.mdf.models.funding import enrolled


class InvoicePaper(Model):
    """One file that is or becomes an invoice. `found` are the read fields, `invoice_id` once it is one.

    `state` is waiting, read or refused; while it waits, `due_at` is when a worker may take it.
    `picture_mark` and `words_mark` find the same paper in another file.
    """

    __tablename__ = "invoice_paper"
    __table_args__ = (
        enrolled(),
        Index("invoice_paper_claim", "claim_id", "id"),
        Index("invoice_paper_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("invoice_paper_words", "words_mark", postgresql_where=text("words_mark <> ''")),
    )

    id: Mapped[Key]
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    invoice_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("invoice.id", ondelete="CASCADE"), unique=True
    )
    state: Mapped[str] = mapped_column(server_default="waiting")
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime]
    handed_in_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")
    doubt: Mapped[str] = mapped_column(server_default="")
    pages: Mapped[int] = mapped_column(server_default=text("0"))
    found: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    preview_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    picture_mark: Mapped[str] = mapped_column(server_default="")
    words_mark: Mapped[str] = mapped_column(server_default="")
