"""Leads as the inbox, the desk and the signed link show them; masked until accepted."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from tcma.accounts.models import UserAccount
from tcma.db.pages import Page, page_of
from tcma.db.scope import found, seen_by, visible
from tcma.leads.chances import percent_of, shown_to
from tcma.leads.models import Lead, LeadChance, LeadOffer, Opportunity
from tcma.leads.models_deals import OpportunityPart
from tcma.leads.routing import masking
from tcma.leads.routing.masking import HIDDEN, SHOWS, Fact, facts_of
from tcma.leads.rules import HELD, LeadState, OfferState, Stage, is_masked
from tcma.leads.story import consent, history, seen_turns, touches, turns
from tcma.leads.views import LeadRow, LeadView, OpportunityRow
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal

_OPEN_OFFER = and_(
    LeadOffer.lead_id == Lead.id, LeadOffer.state == OfferState.OFFERED, ~LeadOffer.shared
)
_Race = aliased(LeadOffer)
_AT_ONCE = and_(_Race.lead_id == Lead.id, _Race.state == OfferState.OFFERED, _Race.shared)
"""Offers of a lead to several partners, of whom the first to accept has it."""


def lead_rows(principal: Principal) -> Select[*tuple[Any, ...]]:
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
            shown_to(principal).label("chance"),
            Lead.created_at,
            Lead.moved_at,
            Lead.since,
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
            LeadOffer.trace[SHOWS].label("shows"),
            UserAccount.name.label("with_name"),
        )
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .join(Vendor, Vendor.id == Lead.vendor_id)
        .outerjoin(UserAccount, UserAccount.id == Lead.person_id)
        .outerjoin(Partner, Partner.id == Lead.partner_id)
        .outerjoin(LeadOffer, _OPEN_OFFER)
        .outerjoin(LeadChance, LeadChance.lead_id == Lead.id)
    )


def lead_row(
    r: Row[*tuple[Any, ...]], principal: Principal, shown: Collection[Fact] | None = None
) -> LeadRow:
    """Return a line; `shown` is what a partner may know of a lead it has not accepted."""
    state, holds = LeadState(r.state), _holds(principal, r.partner_id)
    foreign = principal.partner_id is not None and not holds
    masked = is_masked(state, holds=holds)
    known: Collection[Fact] = tuple(Fact)
    if masked and principal.partner_id:
        known = facts_of(r.shows) if shown is None else shown
    return LeadRow(
        id=r.id,
        ref=r.ref,
        state=state,
        company=masking.company(r.company, known),
        person="" if masked else f"{r.first_name} {r.last_name}".strip(),
        place=masking.place(r.country, r.postcode, known)
        if masked
        else f"{r.country} {r.postcode}".strip(),
        campaign=masking.campaign(r.campaign, r.vendor, known),
        vendor=r.vendor,
        partner="" if foreign else r.partner or "",
        score=r.score,
        created_at=r.created_at,
        moved_at=r.moved_at,
        since=r.since,
        answer_by=r.answer_by,
        reason="" if foreign else (r.reason or ""),
        with_name="" if foreign else r.with_name or "",
        asked=r.asked,
        chance=None if r.chance is None else percent_of(r.chance),
    )


def _holds(principal: Principal, partner_id: UUID | None) -> bool:
    return principal.is_system or (partner_id is not None and partner_id == principal.partner_id)


FACETS: Mapping[str, ColumnElement[bool]] = {
    "offered": Lead.state == LeadState.OFFERED,
    "yours": Lead.state.in_((LeadState.ACCEPTED, LeadState.OPPORTUNITY)),
    "closed": Lead.state.in_((LeadState.WON, LeadState.LOST, LeadState.RECYCLED)),
}
"""What a partner's inbox is read by; the desk reads by age (`ageing`)."""
SORTS: Mapping[str, Callable[[Principal], ColumnElement[Any]]] = {
    "points": lambda _: Lead.score.expression,
    "chance": lambda principal: func.coalesce(shown_to(principal), -1),
}
"""By what a list puts the highest first, those without it last."""


_SHOWS = LeadOffer.trace[SHOWS]
_COMPANY_SHOWN = or_(Lead.state.in_(HELD), _SHOWS.is_(None), _SHOWS.contains([Fact.COMPANY.value]))
"""A search must not find by what the page hides."""


def leads(  # noqa: PLR0913 - one argument a filter of the list
    session: Session,
    principal: Principal,
    *,
    facet: str = "",
    launch_id: UUID | None = None,
    wanted: str = "",
    sort: str = "",
    after: str | None = None,
) -> Page[LeadRow]:
    """Return a page of the leads a principal may see, newest first; `facet` as FACETS.

    `sort` as SORTS.
    """
    query = visible(lead_rows(principal), principal, Lead)
    if facet in FACETS:
        query = query.where(FACETS[facet])
    if launch_id:
        query = query.where(Lead.launch_id == launch_id)
    if wanted:
        named = Lead.company.istartswith(wanted, autoescape=True)
        if principal.partner_id:
            named = and_(named, _COMPANY_SHOWN)
        query = query.where(or_(Lead.ref == wanted.upper(), named))
    key = [SORTS[sort](principal), Lead.id] if sort in SORTS else [Lead.id]
    page = page_of(session, query, key, after=after)
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
    query = visible(lead_rows(principal), principal, Lead).where(
        Lead.state == LeadState.OFFERED, mine
    )
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
    """Return everything a lead's page shows to `principal`.

    A partner sees its own turns and its own people; of others only how many were asked.
    """
    row = session.execute(lead_rows(principal).where(Lead.id == lead.id)).one()
    holds = _holds(principal, lead.partner_id)
    masked = is_masked(LeadState(lead.state), holds=holds)
    everybody = turns(session, lead.id)
    own = seen_turns(everybody, principal)
    offer = next((t.id for t in own if t.state is OfferState.OFFERED), None)
    vendor = session.get_one(Vendor, lead.vendor_id)
    given = {k: str(v) for k, v in lead.answers.items()}
    shown = facts_of(own[-1].trace.get(SHOWS) if own else None)
    if masked and principal.partner_id:
        names = (lead.first_name, lead.last_name, lead.address.partition("@")[0])
        given = masking.answers(given, shown, names=names, company=lead.company)
    return LeadView(
        row=lead_row(row, principal, shown),
        masked=masked,
        holds=holds,
        offer_id=offer,
        first_name=HIDDEN if masked else lead.first_name,
        last_name=HIDDEN if masked else lead.last_name,
        address=HIDDEN if masked else lead.address,
        phone=HIDDEN if masked else lead.phone,
        answers=given,
        contact_id=None if masked else lead.contact_id,
        vendor_id=lead.vendor_id,
        vendor_slug=vendor.slug,
        currency=vendor.currency,
        turns=own,
        asked_before=len({t.partner_id for t in everybody if own and t.epoch < own[-1].epoch}),
        asked_beside=sum(bool(own) and t.epoch == own[-1].epoch for t in everybody) - bool(own),
        consent=consent(session, lead, masked=masked and principal.partner_id is not None),
        touches=touches(session, lead.id, masked=masked) if holds or principal.vendor_id else (),
        history=history(session, lead.id, principal),
        opportunity=_opportunity(session, principal, lead.id)
        if holds or principal.vendor_id
        else None,
        points=lead.points,
    )


def opportunity_rows() -> Select[*tuple[Any, ...]]:
    """Select what a line of the pipeline is made of."""
    return (
        select(
            Opportunity.id,
            Opportunity.partner_id,
            Opportunity.registered_by,
            Opportunity.loss_reason,
            func.coalesce(func.nullif(Opportunity.company, ""), Lead.company).label("company"),
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
        .outerjoin(Lead, Lead.id == Opportunity.lead_id)
        .join(Partner, Partner.id == Opportunity.partner_id)
        .outerjoin(Campaign, Campaign.id == Opportunity.campaign_id)
    )


def has_part(principal: Principal) -> ColumnElement[bool]:
    """Return the condition of opportunities that are a principal's, or whose desk named it beside."""
    beside = select(OpportunityPart.opportunity_id).where(
        OpportunityPart.partner_id == principal.partner_id, OpportunityPart.named
    )
    own = seen_by(principal, Opportunity)
    return or_(own, Opportunity.id.in_(beside)) if principal.partner_id else own


def opportunity_row(r: Row[*tuple[Any, ...]], principal: Principal) -> OpportunityRow:
    """Return a line of the pipeline as `principal` sees it."""
    return OpportunityRow(
        id=r.id,
        ref=r.ref,
        name=r.name,
        state=r.state,
        stage=Stage(r.stage),
        worth=Money(r.amount_minor, r.currency),
        closes_on=r.closes_on,
        lead_ref=r.lead_ref or "",
        company=r.company or "",
        partner=r.partner,
        campaign=r.campaign or "",
        created_at=r.created_at,
        registered_by=r.registered_by,
        loss_reason=r.loss_reason,
        holds=principal.partner_id == r.partner_id,
    )


def _opportunity(session: Session, principal: Principal, lead_id: UUID) -> OpportunityRow | None:
    row = session.execute(opportunity_rows().where(Opportunity.lead_id == lead_id)).first()
    return opportunity_row(row, principal) if row else None


def opportunities(
    session: Session,
    principal: Principal,
    *,
    launch_id: UUID | None = None,
    after: str | None = None,
) -> Page[OpportunityRow]:
    """Return a page of the pipeline, newest first."""
    query = opportunity_rows().where(has_part(principal))
    if launch_id:
        query = query.where(Lead.launch_id == launch_id)
    page = page_of(session, query, [Opportunity.id], after=after)
    return Page([opportunity_row(r, principal) for r in page.rows], page.next)
