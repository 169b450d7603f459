"""Limits a select to the rows a principal may see; the dangerous shortcut has a name."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, true

from tcma.errors import NotFound
from tcma.permissions import Principal

T = TypeVar("T")
Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def seen_by(principal: Principal, table: Any) -> ColumnElement[bool]:
    """Return the condition under which a row of `table` is this principal's.

    A vendor's people see rows with their `vendor_id`, a partner's people rows with their
    `partner_id`; a table with only one of the two columns belongs to that side alone.
    """
    if principal.is_system:
        return true()
    mine: list[ColumnElement[bool]] = []
    if principal.vendor_id and hasattr(table, "vendor_id"):
        mine.append(table.vendor_id == principal.vendor_id)
    if principal.partner_id and hasattr(table, "partner_id"):
        mine.append(table.partner_id == principal.partner_id)
    return or_(*mine) if mine else false()


def visible(select: Query, principal: Principal, table: Any) -> Query:
    """Limit `select` to the rows of `table` that `principal` may see."""
    return select.where(seen_by(principal, table))


def found(row: T | None) -> T:
    """Return the row, or raise NotFound: a foreign row is not found."""
    if row is None:
        raise NotFound
    return row
