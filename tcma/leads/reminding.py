"""Reminders of an offer before its time is over: whose it is first, then the partner's owners; when nobody
took it, the vendor's channel managers hear of it (`telling.escalate`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership
from tcma.db.work import Work
from tcma.delivery.lead_notices import lead_waits
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing import masking
from tcma.leads.routing.masking import SHOWS, facts_of
from tcma.leads.rules import OfferState
from tcma.leads.telling import TELLS, offer_link, people_of, told_of
from tcma.permissions import Role

BATCH = 100
STEPS = ((timedelta(hours=1), 4), (timedelta(minutes=30), 8))
"""How long before the end each step comes, and the part of the time it has at most: whose it is, owners."""


def remind(work: Work, *, most: int = BATCH, only: UUID | None = None) -> int:
    """Write the reminders that are due now; return how many offers. Each step of each comes once."""
    done = 0
    for step in range(len(STEPS)):
        offers = work.session.execute(
            select(LeadOffer, Lead.company)
            .join(Lead, Lead.id == LeadOffer.lead_id)
            .where(_due(step, work.now), LeadOffer.id == only if only else true())
            .order_by(LeadOffer.answer_by)
            .limit(most)
            .with_for_update(skip_locked=True, of=LeadOffer)
        ).all()
        for offer, company in offers:
            offer.reminders = step + 1
            shown = facts_of(offer.trace.get(SHOWS))
            _write(work, offer, masking.company(company, shown), owners=step > 0)
        done += len(offers)
    return done


def unreminded(session: Session, now: datetime, *, most: int = BATCH) -> Sequence[UUID]:
    """Return the offers of which somebody is to be reminded now, those that end first before."""
    some = select(LeadOffer.id).where(or_(*(_due(step, now) for step in range(len(STEPS)))))
    return session.scalars(some.order_by(LeadOffer.answer_by).limit(most)).all()


def _due(step: int, now: datetime) -> ColumnElement[bool]:
    before, part = STEPS[step]
    whole = func.extract("epoch", LeadOffer.answer_by - LeadOffer.offered_at)
    left = func.extract("epoch", LeadOffer.answer_by - now)
    return and_(
        LeadOffer.state == OfferState.OFFERED,
        LeadOffer.reminders == step,
        LeadOffer.told_at.is_not(None),
        LeadOffer.answer_by > now,
        LeadOffer.answer_by <= now + before,
        left * part <= whole,
    )


def _write(work: Work, offer: LeadOffer, company: str, *, owners: bool) -> None:
    roles = (Role.OWNER,) if owners else TELLS
    people = people_of(work, Membership.partner_id == offer.partner_id, roles)
    for person in people if owners else told_of(offer.person_id, people):
        lead_waits(
            work,
            person.reader,
            vendor_id=offer.vendor_id,
            company=company,
            answer_by=offer.answer_by,
            zone=person.zone,
            url=offer_link(work, offer.id, person.id),
        )
