"""Reminders of an offer before its time is over: whose it is first, then the partner's owners; when nobody
took it, the vendor's channel managers hear of it (`telling.escalate`).
"""

from datetime import timedelta

from sqlalchemy import func, select

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


def remind(work: Work, *, most: int = BATCH) -> int:
    """Write the reminders that are due now; return how many offers. Each step of each comes once."""
    done = 0
    for step, (before, part) in enumerate(STEPS):
        whole = func.extract("epoch", LeadOffer.answer_by - LeadOffer.offered_at)
        left = func.extract("epoch", LeadOffer.answer_by - work.now)
        offers = work.session.execute(
            select(LeadOffer, Lead.company)
            .join(Lead, Lead.id == LeadOffer.lead_id)
            .where(
                LeadOffer.state == OfferState.OFFERED,
                LeadOffer.reminders == step,
                LeadOffer.told_at.is_not(None),
                LeadOffer.answer_by > work.now,
                LeadOffer.answer_by <= work.now + before,
                left * part <= whole,
            )
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
