"""The vendor's own names and numbers for the places where fund money stands in its general ledger."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Model


class GlAccount(Model):
    """Under which account of the vendor's chart one place is posted; without a row the default."""

    __tablename__ = "gl_account"

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
