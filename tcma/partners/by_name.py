"""Whom a name in a file means: partners by their short, legal and everyday names."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState


def enrolled_by_name(session: Session, vendor_id: UUID) -> dict[str, set[UUID]]:
    """Return a vendor's active and invited partners by each of their names, small letters.

    A name that several of them carry stands for all of these.
    """
    rows = session.execute(
        select(Partner.id, Partner.name, Partner.legal_name, Partner.slug)
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(
            Enrolment.vendor_id == vendor_id,
            Enrolment.state.in_((EnrolmentState.ACTIVE, EnrolmentState.INVITED)),
        )
    ).all()
    known: dict[str, set[UUID]] = {row.slug.casefold(): {row.id} for row in rows}
    short = set(known)
    for row in rows:
        for name in {row.name.casefold(), row.legal_name.casefold()} - short:
            known.setdefault(name, set()).add(row.id)
    return known
