"""What the clock looks for among leads: who waits for routing, whose time is over, who left."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.leads.models import Lead, LeadOffer
from tcma.leads.rules import LeadState, OfferState
from tcma.partners.models import Enrolment
from tcma.partners.rules import EnrolmentState


def vendors_waiting(session: Session) -> Sequence[UUID]:
    """Return the vendors who have leads that wait for routing."""
    return session.scalars(
        select(Lead.vendor_id).where(Lead.state == LeadState.NEW).distinct()
    ).all()


def waiting_count(session: Session) -> int:
    """Return how many leads wait for routing."""
    waiting = select(func.count()).select_from(Lead).where(Lead.state == LeadState.NEW)
    return session.scalar(waiting) or 0


def overdue_offer_ids(session: Session, *, now: datetime, limit: int = 100) -> Sequence[UUID]:
    """Return open offers past their time."""
    return session.scalars(
        select(LeadOffer.id)
        .where(LeadOffer.state == OfferState.OFFERED, LeadOffer.answer_by < now)
        .order_by(LeadOffer.answer_by)
        .limit(limit)
    ).all()


def stranded_offer_ids(session: Session, *, limit: int = 100) -> Sequence[UUID]:
    """Return open offers to partners that were suspended or ended since."""
    return session.scalars(
        select(LeadOffer.id)
        .join(
            Enrolment,
            (Enrolment.vendor_id == LeadOffer.vendor_id)
            & (Enrolment.partner_id == LeadOffer.partner_id),
        )
        .where(LeadOffer.state == OfferState.OFFERED, Enrolment.state != EnrolmentState.ACTIVE)
        .limit(limit)
    ).all()
