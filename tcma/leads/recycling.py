"""Leads that partners give back to nurture: with a reason, into the journey the vendor names, and on to other
partners when they are ready.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.leads import outgoing
from tcma.leads.by_hand import asked_anew, set_free
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.models_routing import LeadRecycling
from tcma.leads.rules import RECYCLE_REASONS, LeadState, OfferState
from tcma.outbox.rules import Event
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.words import say


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Who gave a lead back, why in words, when, and until when it is not asked about the person."""

    partner: str
    why: str
    at: datetime
    rests_until: datetime


def recycle(work: Work, lead: Lead, *, reason: str) -> None:
    """Give an accepted lead back: it closes for this partner, who is not asked about the person for as
    long as the vendor's rules say. Invalid without a reason, Conflict for an opportunity.
    """
    work.require(Permission.LEAD_ANSWER)
    if reason not in RECYCLE_REASONS:
        message = say("Say why, so that what follows fits.")
        raise Invalid(message, code="lead.recycle", fields={"recycled": message})
    if lead.state != LeadState.ACCEPTED:
        message = say("This is an opportunity. Say how it ended.")
        raise Conflict(message, code="lead.opportunity")
    partner_id = found(lead.partner_id)
    rules = rules_in_force(work.session, lead.vendor_id, work.now).rules.recycle
    work.session.add(
        LeadRecycling(
            lead_id=lead.id,
            vendor_id=lead.vendor_id,
            partner_id=partner_id,
            reason=reason,
            at=work.now,
            rests_until=work.now + timedelta(days=rules.days),
        )
    )
    work.session.execute(
        update(LeadOffer)
        .where(LeadOffer.lead_id == lead.id, LeadOffer.state == OfferState.ACCEPTED)
        .values(state=OfferState.RETURNED)
    )
    lead.state, lead.loss_reason = LeadState.RECYCLED, reason
    lead.closed_at = lead.moved_at = work.now
    lead.replied_at = None  # the journey waits for what they answer from now on
    work.audit(
        "given back to nurture",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        partner_id=partner_id,
        reason=reason,
    )
    outgoing.tell(work, Event.LEAD_CLOSED, lead.id, key=work.now.isoformat())
    work.wake(Job.NURTURE_ENROL, lead_id=lead.id)


def given_back(session: Session, lead_id: UUID) -> GivenBack | None:
    """Return how a lead was given back to nurture last, None when it never was."""
    row = session.execute(
        select(LeadRecycling, Partner.name)
        .join(Partner, Partner.id == LeadRecycling.partner_id)
        .where(LeadRecycling.lead_id == lead_id)
        .order_by(LeadRecycling.at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    last = row.LeadRecycling
    return GivenBack(row.name, RECYCLE_REASONS[last.reason], last.at, last.rests_until)


def reopen(work: Work, lead: Lead, *, verb: str, **detail: Any) -> bool:
    """Let a lead that is back in nurture be routed; False when the person has asked anew meanwhile, or
    somebody was faster. The lead is held by the caller.
    """
    if lead.state != LeadState.RECYCLED or asked_anew(work, lead):
        return False
    set_free(work, lead, keep_last=False)
    work.audit(verb, "lead", lead.id, vendor_id=lead.vendor_id, **detail)
    return True
