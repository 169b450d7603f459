"""Leads follow their person when two contacts become one, and back."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from tcma.db.work import Work
from tcma.leads.models import Lead


def move(
    work: Work, origin_id: int, to_id: int, *, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Give the leads of one contact to another, or `only` these of them; return which moved."""
    theirs = update(Lead).where(Lead.contact_id == origin_id)
    if only is not None:
        theirs = theirs.where(Lead.id.in_(only))
    return list(work.session.scalars(theirs.values(contact_id=to_id).returning(Lead.id)))
