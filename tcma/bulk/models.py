"""Files by which a vendor does many things at once, and what became of each row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model


class BulkFile(Model):
    """One file: tried, then done, perhaps undone. `about` is what it fills: the fund, or the vendor."""

    __tablename__ = "bulk_file"
    __table_args__ = (
        CheckConstraint("kind IN ('partners', 'parts')", name="bulk_file_kind"),
        CheckConstraint("state IN ('tried', 'done', 'undone')", name="bulk_file_state"),
        Index("bulk_file_about", "about", "kind", "id"),
        Index(
            "bulk_file_trial",
            "about",
            "kind",
            "made_by",
            unique=True,
            postgresql_where=text("state = 'tried'"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    kind: Mapped[str]
    about: Mapped[UUID]
    file_name: Mapped[str]
    state: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    done_by: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]


class BulkRow(Model):
    """One row as it was understood: `cells` by column, `fault` says why it is left out.

    `counts` from the moment it is done until it is undone; a reference counts once.
    """

    __tablename__ = "bulk_row"
    __table_args__ = (
        UniqueConstraint("file_id", "no"),
        Index(
            "bulk_row_once",
            "about",
            "kind",
            "reference",
            unique=True,
            postgresql_where=text("counts"),
        ),
    )

    id: Mapped[Key]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_file.id", ondelete="CASCADE"))
    vendor_id: Mapped[UUID]
    kind: Mapped[str]
    about: Mapped[UUID]
    no: Mapped[int]
    reference: Mapped[str]
    cells: Mapped[dict[str, Any]]
    fault: Mapped[str] = mapped_column(server_default="")
    counts: Mapped[bool] = mapped_column(server_default=text("false"))
    partner_id: Mapped[UUID | None]
    amount_minor: Mapped[Minor | None]
