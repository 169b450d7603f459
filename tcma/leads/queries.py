"""Leads as the inbox, the desk and the signed link show them; masked until accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from tcma.accounts.models import UserAccount
from tcma.contacts.list_queries import unconfirmed
from tcma.db.audit import AuditEntry
from tcma.db.pages import Page, page_of
from tcma.db.scope import found, seen_by, visible
from tcma.ids import Signer
from tcma.leads.models import Lead, LeadCapture, LeadOffer, LeadTouch, Opportunity
from tcma.leads.rules import LeadState, OfferState, Stage, is_masked
from tcma.leads.views import Consent, LeadRow, LeadView, OpportunityRow, TouchRow, Turn
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal
from tcma.words import say

HIDDEN = say("shown when you accept")
LINK = "lead"
"""Purpose of the signed link in the mail that offers a lead."""


_OPEN_OFFER = and_(
    LeadOffer.lead_id == Lead.id, LeadOffer.state == OfferState.OFFERED, ~LeadOffer.shared
)
_Race = aliased(LeadOffer)
_AT_ONCE = and_(_Race.lead_id == Lead.id, _Race.state == OfferState.OFFERED, _Race.shared)
"""Offers of a lead to several partners, of whom the first to accept has it."""


def lead_rows() -> Select[*tuple[Any, ...]]:
    """Select what a line of a list of leads is made of."""
    return (
        select(
            Lead.id,
            Lead.ref,
            Lead.state,
            Lead.company,
            Lead.first_name,
            Lead.last_name,
            Lead.country,
            Lead.postcode,
            Lead.score,
            Lead.created_at,
            Lead.moved_at,
            Lead.partner_id,
            Campaign.name.label("campaign"),
            Vendor.name.label("vendor"),
            Partner.name.label("partner"),
            func.coalesce(
                LeadOffer.answer_by,
                select(func.max(_Race.answer_by)).where(_AT_ONCE).correlate(Lead).scalar_subquery(),
            ).label("answer_by"),
            select(func.count(_Race.id))
            .where(_AT_ONCE)
            .correlate(Lead)
            .scalar_subquery()
            .label("asked"),
            LeadOffer.reason,
            UserAccount.name.label("with_name"),
        )
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .join(Vendor, Vendor.id == Lead.vendor_id)
        .outerjoin(UserAccount, UserAccount.id == Lead.person_id)
        .outerjoin(Partner, Partner.id == Lead.partner_id)
        .outerjoin(LeadOffer, _OPEN_OFFER)
    )


def lead_row(r: Row[*tuple[Any, ...]], principal: Principal) -> LeadRow:
    """Return a line of a list of leads, masked for who does not hold it."""
    state = LeadState(r.state)
    masked = is_masked(state, holds=_holds(principal, r.partner_id))
    return LeadRow(
        id=r.id,
        ref=r.ref,
        state=state,
        company=r.company or "Somebody",
        person="" if masked else f"{r.first_name} {r.last_name}".strip(),
        place=f"{r.country} {r.postcode if not masked else r.postcode.split(' ')[0]}".strip(),
        campaign=r.campaign,
        vendor=r.vendor,
        partner=r.partner or "",
        score=r.score,
        created_at=r.created_at,
        moved_at=r.moved_at,
        answer_by=r.answer_by,
        reason=r.reason or "",
        with_name=r.with_name or "",
        asked=r.asked,
    )


def _holds(principal: Principal, partner_id: UUID | None) -> bool:
    return principal.is_system or (partner_id is not None and partner_id == principal.partner_id)


FACETS: dict[str, ColumnElement[bool]] = {
    "offered": Lead.state == LeadState.OFFERED,
    "yours": Lead.state.in_((LeadState.ACCEPTED, LeadState.OPPORTUNITY)),
    "unassigned": Lead.state.in_((LeadState.UNASSIGNED, LeadState.NEW)),
    "accepted": Lead.accepted_at.is_not(None),
    "won": Lead.state == LeadState.WON,
    "late": exists(
        select(literal(1)).where(
            LeadOffer.lead_id == Lead.id, LeadOffer.state == OfferState.TIMED_OUT
        )
    ),
    "closed": Lead.state.in_((LeadState.WON, LeadState.LOST)),
}


def leads(  # noqa: PLR0913 - one argument a filter of the list
    session: Session,
    principal: Principal,
    *,
    facet: str = "",
    launch_id: UUID | None = None,
    campaign_id: UUID | None = None,
    wanted: str = "",
    after: str | None = None,
) -> Page[LeadRow]:
    """Return a page of the leads a principal may see, newest first; `facet` as FACETS."""
    query = visible(lead_rows(), principal, Lead)
    if facet in FACETS:
        query = query.where(FACETS[facet])
    if launch_id:
        query = query.where(Lead.launch_id == launch_id)
    if campaign_id:
        query = query.where(Lead.campaign_id == campaign_id)
    if wanted:
        query = query.where(
            or_(Lead.ref == wanted.upper(), Lead.company.istartswith(wanted, autoescape=True))
        )
    page = page_of(session, query, [Lead.id], after=after)
    return Page([lead_row(r, principal) for r in page.rows], page.next)


def seen_or_sourced(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for counting: leads one holds, and leads one's own pages brought."""
    own = seen_by(principal, Lead)
    return or_(own, Lead.source_partner_id == principal.partner_id) if principal.partner_id else own


_IN_FACETS = select(
    *(func.count().filter(where).label(name) for name, where in FACETS.items())
).select_from(Lead)
"""Asked by every page with a rail, so put together once."""


def facet_counts(session: Session, principal: Principal) -> dict[str, int]:
    """Return how many leads stand in each facet."""
    row = session.execute(visible(_IN_FACETS, principal, Lead)).one()
    return {name: getattr(row, name) for name in FACETS}


def count_of_launch(session: Session, principal: Principal, launch_id: UUID) -> int:
    """Return how many leads a launch brought."""
    query = select(func.count()).select_from(Lead).where(Lead.launch_id == launch_id)
    return session.scalar(query.where(seen_or_sourced(principal))) or 0


def most_urgent(session: Session, principal: Principal) -> LeadRow | None:
    """Return the offered lead whose answer is due first, of one's own and those of everybody."""
    mine = or_(Lead.person_id.is_(None), Lead.person_id == principal.user_id)
    query = visible(lead_rows(), principal, Lead).where(Lead.state == LeadState.OFFERED, mine)
    row = session.execute(query.order_by(LeadOffer.answer_by, Lead.id).limit(1)).first()
    return lead_row(row, principal) if row else None


def lead_by_ref(session: Session, principal: Principal, ref: str) -> Lead:
    """Return a lead the principal may see; NotFound otherwise."""
    query = visible(select(Lead).where(Lead.ref == ref), principal, Lead)
    return found(session.scalar(query))


def lead_view(session: Session, principal: Principal, ref: str) -> LeadView:
    """Return one lead whole; NotFound when it is not the principal's to see."""
    lead = lead_by_ref(session, principal, ref)
    return view_of(session, principal, lead)


def view_of(session: Session, principal: Principal, lead: Lead) -> LeadView:
    """Return everything a lead's page shows to `principal`."""
    row = session.execute(lead_rows().where(Lead.id == lead.id)).one()
    holds = _holds(principal, lead.partner_id)
    masked = is_masked(LeadState(lead.state), holds=holds)
    offer = session.scalar(
        select(LeadOffer.id).where(
            LeadOffer.lead_id == lead.id, LeadOffer.state == OfferState.OFFERED
        )
    )
    vendor = session.get_one(Vendor, lead.vendor_id)
    return LeadView(
        row=lead_row(row, principal),
        masked=masked,
        holds=holds,
        offer_id=offer,
        first_name=HIDDEN if masked else lead.first_name,
        last_name=HIDDEN if masked else lead.last_name,
        address=HIDDEN if masked else lead.address,
        phone=HIDDEN if masked else lead.phone,
        answers={k: str(v) for k, v in lead.answers.items()},
        contact_id=None if masked else lead.contact_id,
        vendor_id=lead.vendor_id,
        vendor_slug=vendor.slug,
        currency=vendor.currency,
        turns=turns(session, lead.id),
        consent=_consent(session, lead),
        touches=_touches(session, lead.id),
        history=_history(session, lead.id),
        opportunity=_opportunity(session, lead.id),
    )


def turns(session: Session, lead_id: UUID) -> tuple[Turn, ...]:
    """Return every offer of a lead, first turn first."""
    rows = session.execute(
        select(LeadOffer, Partner.name)
        .join(Partner, Partner.id == LeadOffer.partner_id)
        .where(LeadOffer.lead_id == lead_id)
        .order_by(LeadOffer.epoch, LeadOffer.id)
    )
    return tuple(
        Turn(
            id=o.id,
            epoch=o.epoch,
            partner=name,
            state=OfferState(o.state),
            reason=o.reason,
            trace=o.trace,
            offered_at=o.offered_at,
            answer_by=o.answer_by,
            answered_at=o.answered_at,
            answered_by=o.answered_by,
            decline_reason=o.decline_reason,
        )
        for o, name in rows
    )


def _consent(session: Session, lead: Lead) -> Consent | None:
    c = session.scalar(
        select(LeadCapture).where(LeadCapture.lead_id == lead.id).order_by(LeadCapture.id).limit(1)
    )
    if c is None:
        return None
    return Consent(
        text=c.consent_text,
        version=c.consent_version,
        given=c.consent_given,
        page_url=c.page_url,
        at=c.at,
        waits=bool(session.scalar(select(unconfirmed(lead.source_partner_id, lead.address_hash)))),
    )


def _touches(session: Session, lead_id: UUID) -> tuple[TouchRow, ...]:
    rows = session.scalars(
        select(LeadTouch).where(LeadTouch.lead_id == lead_id).order_by(LeadTouch.id)
    )
    return tuple(TouchRow(kind=t.kind, note=t.note, actor=t.actor_name, at=t.at) for t in rows)


def _history(session: Session, lead_id: UUID) -> tuple[tuple[datetime, str, str], ...]:
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.verb, AuditEntry.actor_name)
        .where(AuditEntry.subject == "lead", AuditEntry.subject_id == str(lead_id))
        .order_by(AuditEntry.id)
    )
    return tuple((r.at, r.verb, r.actor_name) for r in rows)


def opportunity_rows() -> Select[*tuple[Any, ...]]:
    """Select what a line of the pipeline is made of."""
    return (
        select(
            Opportunity.id,
            Opportunity.ref,
            Opportunity.name,
            Opportunity.state,
            Opportunity.stage,
            Opportunity.amount_minor,
            Opportunity.currency,
            Opportunity.closes_on,
            Opportunity.created_at,
            Lead.ref.label("lead_ref"),
            Partner.name.label("partner"),
            Campaign.name.label("campaign"),
        )
        .join(Lead, Lead.id == Opportunity.lead_id)
        .join(Partner, Partner.id == Opportunity.partner_id)
        .join(Campaign, Campaign.id == Opportunity.campaign_id)
    )


def opportunity_row(r: Row[*tuple[Any, ...]]) -> OpportunityRow:
    """Return a line of the pipeline."""
    return OpportunityRow(
        ref=r.ref,
        name=r.name,
        state=r.state,
        stage=Stage(r.stage),
        worth=Money(r.amount_minor, r.currency),
        closes_on=r.closes_on,
        lead_ref=r.lead_ref,
        partner=r.partner,
        campaign=r.campaign,
        created_at=r.created_at,
    )


def _opportunity(session: Session, lead_id: UUID) -> OpportunityRow | None:
    row = session.execute(opportunity_rows().where(Opportunity.lead_id == lead_id)).first()
    return opportunity_row(row) if row else None


def opportunities(
    session: Session,
    principal: Principal,
    *,
    launch_id: UUID | None = None,
    after: str | None = None,
) -> Page[OpportunityRow]:
    """Return a page of the pipeline, newest first."""
    query = visible(opportunity_rows(), principal, Opportunity)
    if launch_id:
        query = query.where(Lead.launch_id == launch_id)
    page = page_of(session, query, [Opportunity.id], after=after)
    return Page([opportunity_row(r) for r in page.rows], page.next)


@dataclass(frozen=True, slots=True)
class SignedOffer:
    """An offer as its mailed link names it: for one person, at one partner."""

    offer: LeadOffer
    lead: Lead
    partner: Partner
    person: str
    person_id: UUID


def signed_offer(session: Session, signer: Signer, token: str, *, now: datetime) -> SignedOffer:
    """Return the offer behind a mailed link; NotFound when forged or expired."""
    offer_id, _, user_id = signer.read(LINK, token, now).partition(":")
    offer = found(session.get(LeadOffer, UUID(offer_id)))
    lead = session.get_one(Lead, offer.lead_id)
    partner = session.get_one(Partner, offer.partner_id)
    person = session.scalar(select(UserAccount.name).where(UserAccount.id == UUID(user_id)))
    return SignedOffer(offer, lead, partner, person or "", UUID(user_id))
