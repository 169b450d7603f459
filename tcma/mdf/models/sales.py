"""Sales of partners as a vendor imports them, for funds that grow by a part of what was sold."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model


class SalesImport(Model):
    """One file of sales for one fund; undone, its rows may be imported again."""

    __tablename__ = "sales_import"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="sales_import_undone"),
        Index("sales_import_fund", "budget_id", "id"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    budget_id: Mapped[UUID] = mapped_column(ForeignKey("fund_budget.id"))
    file_name: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]


class SaleRow(Model):
    """One line of a file as it was understood; `fault` says why it did not count."""

    __tablename__ = "sale_row"
    __table_args__ = (
        UniqueConstraint("import_id", "no"),
        Index(
            "sale_row_once",
            "budget_id",
            "reference",
            unique=True,
            postgresql_where=text("counts"),
        ),
    )

    id: Mapped[Key]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("sales_import.id"))
    budget_id: Mapped[UUID]
    vendor_id: Mapped[UUID]
    no: Mapped[int]
    reference: Mapped[str]
    partner: Mapped[str]
    partner_id: Mapped[UUID | None]
    sold_on: Mapped[date | None]
    amount_minor: Mapped[Minor | None]
    fault: Mapped[str] = mapped_column(server_default="")
    counts: Mapped[bool]
