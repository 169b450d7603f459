"""Limits a select to the rows a principal may see; the dangerous shortcut has a name."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    false,
    or_,
    true,
)

from tcma.errors import NotFound
from tcma.permissions import Principal

T = TypeVar("T")
Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Asker:
    """A principal of whom only the side is said: for a question put together once and asked by many."""

    is_system: bool
    of_vendor: bool
    of_partner: bool

    @property
    def vendor_id(self) -> BindParameter[UUID] | None:
        """The place of the vendor's id, None on the other side."""
        return bindparam("asker_vendor_id", type_=Uuid()) if self.of_vendor else None

    @property
    def partner_id(self) -> BindParameter[UUID] | None:
        """The place of the partner's id, None on the other side."""
        return bindparam("asker_partner_id", type_=Uuid()) if self.of_partner else None


def asker_of(principal: Principal) -> tuple[Asker, dict[str, Any]]:
    """Return a principal's side, and its ids as values of a question that its `Asker` is in."""
    side = Asker(
        principal.is_system, principal.vendor_id is not None, principal.partner_id is not None
    )
    ids = {"asker_vendor_id": principal.vendor_id, "asker_partner_id": principal.partner_id}
    return side, {name: one for name, one in ids.items() if one is not None}


def seen_by(principal: Principal | Asker, table: Any) -> ColumnElement[bool]:
    """Return the condition under which a row of `table` is this principal's.

    A vendor's people see rows with their `vendor_id`, a partner's people rows with their
    `partner_id`; a table with only one of the two columns belongs to that side alone.
    """
    if principal.is_system:
        return true()
    mine: list[ColumnElement[bool]] = []
    if principal.vendor_id is not None and hasattr(table, "vendor_id"):
        mine.append(table.vendor_id == principal.vendor_id)
    if principal.partner_id is not None and hasattr(table, "partner_id"):
        mine.append(table.partner_id == principal.partner_id)
    return or_(*mine) if mine else false()


def visible(select: Query, principal: Principal | Asker, table: Any) -> Query:
    """Limit `select` to the rows of `table` that `principal` may see."""
    return select.where(seen_by(principal, table))


def found(row: T | None) -> T:
    """Return the row, or raise NotFound: a foreign row is not found."""
    if row is None:
        raise NotFound
    return row
