"""A partner that its vendor has suspended, or parted from, publishes nothing for it: the condition and the words."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from tcma.errors import Conflict
from tcma.partners.models import Enrolment, Vendor
from tcma.partners.rules import EnrolmentState, barred_words
from tcma.words import say

BARRED = (EnrolmentState.SUSPENDED, EnrolmentState.ENDED)


def is_barred(vendor_id: Any, partner_id: Any) -> ColumnElement[bool]:
    """The condition under which nothing of a partner may leave for a vendor; for columns or values."""
    return exists().where(
        Enrolment.vendor_id == vendor_id,
        Enrolment.partner_id == partner_id,
        Enrolment.state.in_(BARRED),
    )


def why_barred(session: Session, vendor_id: UUID, partner_id: UUID) -> str:
    """Return why a partner may publish nothing for a vendor; empty while it may."""
    row = session.execute(
        select(Enrolment.state, Vendor.name)
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .where(Enrolment.vendor_id == vendor_id, Enrolment.partner_id == partner_id)
    ).one_or_none()
    return barred_words(EnrolmentState(row.state), row.name) if row else ""


def refuse_barred(session: Session, vendor_id: UUID, partner_id: UUID, *, code: str) -> None:
    """Raise Conflict with the reason when a partner may publish nothing for a vendor."""
    why = why_barred(session, vendor_id, partner_id)
    if why:
        raise Conflict(say("{why}.", why=why), code=code)
