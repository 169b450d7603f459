"""What a pre-check read in a proof: by rule, or by a service that the installation names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.mdf.models.funding import enrolled


class ProofReading(Model):
    """One reading of one proof. `reader` is empty of the rules of version `rules`, else the service's name.

    `sought` and `facts` are what the rules judged: they bring the same `found` again. A service's reading
    waits until `due_at`; once answered, or given up with `why`, nothing is due.
    """

    __tablename__ = "proof_reading"
    __table_args__ = (
        enrolled(),
        UniqueConstraint("proof_id", "reader", "rules", name="proof_reading_once"),
        Index("proof_reading_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[Key]
    proof_id: Mapped[UUID] = mapped_column(ForeignKey("proof.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    reader: Mapped[str]
    rules: Mapped[int]
    sought: Mapped[dict[str, Any]]
    facts: Mapped[dict[str, Any]]
    found: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    why: Mapped[str] = mapped_column(server_default="")
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    made_at: Mapped[datetime]
