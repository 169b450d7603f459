"""Leads that several partners are asked about at once: what one of them may claim, and the claim."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.leads.actions import accept
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing import masking
from tcma.leads.rules import OfferState
from tcma.library.models import Campaign
from tcma.partners.models import Vendor
from tcma.permissions import Permission, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A lead that is whoever's takes it first; the person is masked, `others` are asked beside."""

    offer_id: UUID
    company: str
    campaign: str
    place: str
    score: int
    answer_by: datetime
    reason: str
    others: int


def races(session: Session, principal: Principal) -> list[Race]:
    """Return the leads a partner may claim now, the one that ends first on top."""
    beside = aliased(LeadOffer)
    others = (
        select(func.count())
        .where(
            beside.lead_id == LeadOffer.lead_id,
            beside.id != LeadOffer.id,
            beside.state == OfferState.OFFERED,
        )
        .scalar_subquery()
    )
    query = (
        visible(
            select(
                LeadOffer,
                Lead,
                Campaign.name.label("campaign"),
                Vendor.name.label("vendor"),
                others.label("others"),
            ),
            principal,
            LeadOffer,
        )
        .join(Lead, Lead.id == LeadOffer.lead_id)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .join(Vendor, Vendor.id == Lead.vendor_id)
        .where(LeadOffer.shared, LeadOffer.state == OfferState.OFFERED)
        .order_by(LeadOffer.answer_by, LeadOffer.id)
    )
    return [
        _race(row.LeadOffer, row.Lead, row.campaign, row.vendor, row.others)
        for row in session.execute(query)
    ]


def _race(offer: LeadOffer, lead: Lead, campaign: str, vendor: str, others: int) -> Race:
    shown = masking.facts_of(offer.trace.get(masking.SHOWS))
    return Race(
        offer_id=offer.id,
        company=masking.company(lead.company, shown),
        campaign=masking.campaign(campaign, vendor, shown),
        place=masking.place(lead.country, lead.postcode, shown),
        score=lead.score,
        answer_by=offer.answer_by,
        reason=offer.reason,
        others=others,
    )


def race_count(session: Session, principal: Principal) -> int:
    """Return how many leads a partner may claim now."""
    query = select(func.count()).select_from(LeadOffer)
    open_now = LeadOffer.shared, LeadOffer.state == OfferState.OFFERED
    return session.scalar(visible(query, principal, LeadOffer).where(*open_now)) or 0


def claim(work: Work, offer_id: UUID) -> str:
    """Take a lead before the others do; return its reference. Conflict when another was faster."""
    work.require(Permission.LEAD_ANSWER)
    query = visible(select(LeadOffer), work.principal, LeadOffer)
    offer = found(work.session.scalar(query.where(LeadOffer.id == offer_id, LeadOffer.shared)))
    accept(work, offer.id, by=work.principal.name)
    return work.session.scalars(select(Lead.ref).where(Lead.id == offer.lead_id)).one()
