"""What the clock looks for among leads: who waits for routing, whose time is over, who left."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import TIMESTAMP, Date, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from tcma.leads.models import Lead, LeadOffer
from tcma.leads.models_people import PartnerRest
from tcma.leads.rules import LeadState, OfferState, RestKind
from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState


def vendors_waiting(session: Session) -> Sequence[UUID]:
    """Return the vendors who have leads that wait for routing."""
    return session.scalars(
        select(Lead.vendor_id).where(Lead.state == LeadState.NEW).distinct()
    ).all()


def waiting_lead_ids(session: Session, vendor_id: UUID, *, limit: int) -> Sequence[UUID]:
    """Return a vendor's oldest leads that wait for routing."""
    some = select(Lead.id).where(Lead.vendor_id == vendor_id, Lead.state == LeadState.NEW)
    return session.scalars(some.order_by(Lead.id).limit(limit)).all()


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


def paused_offer_ids(session: Session, *, now: datetime, limit: int = 100) -> Sequence[UUID]:
    """Return open offers to partners that have said since that they take no new leads, and today is a day of
    it. What a person offers them by hand all the same stays.
    """
    today = cast(func.timezone(Partner.zone, literal(now, TIMESTAMP(timezone=True))), Date)
    begins = func.timezone(Partner.zone, cast(PartnerRest.starts_on, TIMESTAMP()))
    paused = (
        select(PartnerRest.id)
        .join(Partner, Partner.id == PartnerRest.partner_id)
        .where(
            PartnerRest.partner_id == LeadOffer.partner_id,
            PartnerRest.kind == RestKind.PAUSED,
            PartnerRest.starts_on <= today,
            or_(PartnerRest.ends_on.is_(None), PartnerRest.ends_on >= today),
            LeadOffer.offered_at < func.greatest(PartnerRest.stated_at, begins),
        )
        .correlate(LeadOffer)
        .exists()
    )
    return session.scalars(
        select(LeadOffer.id)
        .where(LeadOffer.state == OfferState.OFFERED, paused)
        .order_by(LeadOffer.id)
        .limit(limit)
    ).all()
