"""Route a waiting lead: one offer to one partner, told by mail with a signed link."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import notices
from tcma.errors import Conflict
from tcma.leads.deciding import areas_of, candidates_of, request_of, rules_in_force
from tcma.leads.models import Lead, LeadOffer, RoutingMember
from tcma.leads.queries import LINK
from tcma.leads.routing.choosing import Choice, choose
from tcma.leads.routing.trying import facts_of
from tcma.leads.rules import (
    LINK_LASTS,
    MOST_EPOCHS,
    LeadState,
    OfferState,
    answer_by,
)
from tcma.library.models import Campaign
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Permission, Role

TELLS = (Role.SELLER, Role.OWNER)


def route(work: Work, lead_id: UUID) -> UUID | None:
    """Offer a new lead to the partner the rules choose; return the partner, None when nobody.

    The row lock makes two routers one; one vendor's routing is serial, so
    the round stays fair.
    """
    lead = work.session.scalar(
        select(Lead)
        .where(Lead.id == lead_id, Lead.state == LeadState.NEW)
        .with_for_update(skip_locked=True)
    )
    if lead is None:
        return None
    work.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(str(lead.vendor_id), 0)))
    )  # one router per vendor at a time: a pool's first credits have no rows to lock yet
    choice = _choose(work, lead)
    if choice.partner_id is None or lead.epoch >= MOST_EPOCHS:
        lead.state = LeadState.UNASSIGNED
        words = choice.reason if choice.partner_id is None else "Nobody answered in three turns"
        work.audit(
            "left unassigned",
            "lead",
            lead.id,
            vendor_id=lead.vendor_id,
            reason=words,
            trace=choice.trace,
        )
        return None
    _keep_credits(work, lead.vendor_id, choice)
    _offer(work, lead, choice.partner_id, reason=choice.reason, trace=choice.trace)
    return choice.partner_id


def assign(work: Work, lead: Lead, partner_id: UUID) -> None:
    """Offer a lead to a partner a channel manager names; an open offer is recalled."""
    work.require(Permission.LEAD_ASSIGN)
    if lead.state not in {LeadState.UNASSIGNED, LeadState.OFFERED, LeadState.NEW}:
        raise Conflict("This lead has an owner already.", code="lead.owned")
    found(work.session.get(Enrolment, (lead.vendor_id, partner_id)))
    work.session.execute(
        update(LeadOffer)
        .where(LeadOffer.lead_id == lead.id, LeadOffer.state == OfferState.OFFERED)
        .values(state=OfferState.RECALLED, answered_at=work.now, answered_by=work.principal.name)
    )
    _offer(
        work,
        lead,
        partner_id,
        reason=f"{work.principal.name} chose you",
        trace={"rule": "hand", "by": work.principal.name},
    )


def _choose(work: Work, lead: Lead) -> Choice:
    request = request_of(work.session, lead)
    areas = areas_of(work.session, lead.vendor_id)
    found = candidates_of(work.session, lead.vendor_id, now=work.now, lead_id=lead.id)
    ours = rules_in_force(work.session, lead.vendor_id, work.now)
    choice = choose(request, areas, found, ours.rules)
    kept = {"version": ours.no, "facts": facts_of(request, areas, found)}
    return replace(choice, trace=choice.trace | kept)


def _keep_credits(work: Work, vendor_id: UUID, choice: Choice) -> None:
    for partner_id, amount in sorted(choice.credits.items()):
        row = insert(RoutingMember).values(
            vendor_id=vendor_id, pool=choice.pool, partner_id=partner_id, credit=amount
        )
        work.session.execute(
            row.on_conflict_do_update(
                index_elements=["vendor_id", "pool", "partner_id"], set_={"credit": amount}
            )
        )


def _offer(
    work: Work, lead: Lead, partner_id: UUID, *, reason: str, trace: dict[str, object]
) -> None:
    partner = found(work.session.get(Partner, partner_id))
    lead.epoch += 1
    lead.state, lead.partner_id = LeadState.OFFERED, partner_id
    offer = LeadOffer(
        lead_id=lead.id,
        epoch=lead.epoch,
        vendor_id=lead.vendor_id,
        partner_id=partner_id,
        state=OfferState.OFFERED,
        reason=reason,
        trace=trace,
        offered_at=work.now,
        answer_by=answer_by(work.now, partner.zone),
    )
    work.session.add(offer)
    work.session.flush()  # the mailed links carry its id
    work.audit(
        "offered",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        partner_id=partner_id,
        reason=reason,
        trace={k: v for k, v in trace.items() if k != "facts"},  # the offer keeps them
    )
    _mail(work, lead, offer, partner)


def _mail(work: Work, lead: Lead, offer: LeadOffer, partner: Partner) -> None:
    vendor = found(work.session.get(Vendor, lead.vendor_id))
    campaign = found(work.session.get(Campaign, lead.campaign_id))
    people = work.session.execute(
        select(UserAccount.id, UserAccount.email, UserAccount.name, UserAccount.zone)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            Membership.partner_id == partner.id,
            Membership.role.in_(TELLS),
            Membership.state == MembershipState.ACTIVE,
        )
    ).all()
    for person in people:
        token = work.site.signer.sign(
            LINK, f"{offer.id}:{person.id}", expires_at=work.now + LINK_LASTS
        )
        notices.lead_offered(
            work,
            vendor_id=vendor.id,
            partner_id=partner.id,
            to=person.email,
            name=person.name,
            company=lead.company or "Somebody",
            campaign=campaign.name,
            place=f"{lead.country} {lead.postcode}".strip(),
            reason=offer.reason,
            answer_by=offer.answer_by,
            zone=person.zone,
            url=f"{work.site.public_url}/l/lead/{token}",
        )
