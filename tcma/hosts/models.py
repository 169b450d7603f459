"""Host names that partners bring for their pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.senders.rules import DomainState


class PageHost(Model):
    """A host name; many may ask for one, one at most is proved. `token` stands in its TXT record;
    `findings` is the last look, `due_at` when the next one is due.
    """

    __tablename__ = "page_host"
    __table_args__ = (
        UniqueConstraint("partner_id", "name", name="page_host_once"),
        Index(
            "page_host_answered",
            "name",
            unique=True,
            postgresql_where=text("state IN ('verified', 'failing')"),
        ),
        Index("page_host_due", "due_at"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    name: Mapped[str]
    token: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=DomainState.PENDING)
    since: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    findings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
