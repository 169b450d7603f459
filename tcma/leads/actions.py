"""Answer an offer, work a lead to an opportunity."""

from datetime import date
from uuid import UUID

from sqlalchemy import case, null, select, update

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, NotFound
from tcma.jobs import Job
from tcma.leads import deals, outgoing
from tcma.leads.chatting import tell_over
from tcma.leads.handing_on import taken
from tcma.leads.models import Lead, LeadOffer, LeadTouch, Opportunity
from tcma.leads.offers import hold
from tcma.leads.routing.rules import Accepts
from tcma.leads.rules import (
    DECLINE_REASONS,
    LOSS_REASONS,
    LeadState,
    OfferState,
    Role,
    Touch,
)
from tcma.leads.turns import give_back
from tcma.money import Money
from tcma.outbox.rules import Event
from tcma.partners.models import Enrolment
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.words import say

LONGEST_NOTE = 4_000
IN_A_PAUSE = say("went on in a pause")


def accept(
    work: Work,
    offer_id: UUID,
    *,
    by: str,
    person_id: UUID | None = None,
    itself: Accepts | None = None,
) -> None:
    """Take an open offer; Conflict when it went on, another was faster, or the partner's enrolment
    rests. Nurture stops.

    `person_id` names who accepts by a mailed link; else it is the principal. `itself` says why
    nobody had to. One that the partner has accepted already stays as it is: two who press at once, or one
    who presses twice, take it once.

    Of several who were asked at once the first has it; the others are told.
    """
    _may_take(work, offer_id)
    if (offer := _answer(work, offer_id, OfferState.ACCEPTED, by=by)) is None:
        return
    if offer.shared:
        _gone_for_others(work, offer)
    work.session.execute(
        update(Lead)
        .where(Lead.id == offer.lead_id)
        .values(
            state=LeadState.ACCEPTED,
            accepted_at=work.now,
            moved_at=work.now,
            idle_told_at=None,
            partner_id=offer.partner_id,
        )
    )
    taken(work, offer, person_id, by)
    if itself:
        _tell(work, offer, "accepted by itself", by=by, why=itself.value)
    else:
        _tell(work, offer, "accepted", by=by)
    outgoing.tell(work, Event.LEAD_ACCEPTED, offer.lead_id, key=str(offer.epoch))
    work.wake(Job.NURTURE_STOP, lead_id=offer.lead_id)


def _may_take(work: Work, offer_id: UUID) -> None:
    """Raise Conflict when the partner of an offer is suspended or gone since it was made."""
    state = work.session.scalar(
        select(Enrolment.state)
        .join(
            LeadOffer,
            (LeadOffer.vendor_id == Enrolment.vendor_id)
            & (LeadOffer.partner_id == Enrolment.partner_id),
        )
        .where(LeadOffer.id == offer_id)
    )
    if state != EnrolmentState.ACTIVE:
        message = say("Your company takes no leads from this vendor at the moment.")
        raise Conflict(message, code="lead.resting")


def decline(work: Work, offer_id: UUID, *, by: str, reason: str) -> None:
    """Hand an open offer back with a reason; the lead goes to the next in the round. Twice is once."""
    if reason not in DECLINE_REASONS:
        message = say("Say why, so that the next leads fit better.")
        raise Invalid(message, code="lead.reason", fields={"reason": message})
    if (offer := _answer(work, offer_id, OfferState.DECLINED, by=by, reason=reason)) is None:
        return
    _hand_back(work, offer)
    _tell(work, offer, "declined", by=by, reason=reason)


def expire(work: Work, offer_id: UUID) -> bool:
    """Take a lead from who did not answer in time; False when somebody was faster."""
    try:
        offer = _answer(work, offer_id, OfferState.TIMED_OUT, by="clock")
    except Conflict:
        return False
    if offer is None:
        return False
    _hand_back(work, offer)
    _tell(work, offer, say("timed out"), by="clock")
    return True


def take_back(work: Work, offer_id: UUID, *, verb: str = "recalled") -> bool:
    """Take a lead from a partner that may not work on it any more, or says it takes none; False when it
    was answered. It costs no turn.
    """
    try:
        offer = _answer(work, offer_id, OfferState.RECALLED, by="clock")
    except Conflict:
        return False
    if offer is None:
        return False
    give_back(work, [offer])
    _hand_back(work, offer)
    _tell(work, offer, verb, by="clock")
    return True


def _gone_for_others(work: Work, offer: LeadOffer) -> None:
    """Close the offers beside an accepted one; who had been told of one is told that it is gone."""
    had_letter = LeadOffer.told_at.is_not(None)
    gone = work.session.scalars(
        update(LeadOffer)
        .where(
            LeadOffer.lead_id == offer.lead_id,
            LeadOffer.id != offer.id,
            LeadOffer.state == OfferState.OFFERED,
        )
        .values(
            state=OfferState.GONE,
            answered_at=work.now,
            told_at=case((had_letter, null()), else_=work.now),
        )
        .returning(LeadOffer)
    ).all()
    tell_over(work, gone)
    work.wake(Job.LEAD_TELL)


def _answer(
    work: Work, offer_id: UUID, state: OfferState, *, by: str, reason: str | None = None
) -> LeadOffer | None:
    """Answer an open offer; None when it was answered so already, Conflict when otherwise."""
    known = work.session.execute(
        select(LeadOffer.lead_id, LeadOffer.shared).where(LeadOffer.id == offer_id)
    ).one_or_none()
    if known:
        hold(work, known.lead_id)
    offer = work.session.scalars(
        update(LeadOffer)
        .where(LeadOffer.id == offer_id, LeadOffer.state == OfferState.OFFERED)
        .values(state=state, answered_at=work.now, answered_by=by, decline_reason=reason)
        .returning(LeadOffer)
    ).one_or_none()
    now = select(LeadOffer.state).where(LeadOffer.id == offer_id)
    if offer is None and work.session.scalar(now) == state:
        return None
    if offer is None and known and known.shared:
        raise Conflict(
            say("Another partner was faster, or the time for this lead ended."), code="lead.gone"
        )
    if offer is None:
        raise Conflict(
            say("The time for this lead ended and it went on."),
            code="lead.gone",
            remedy=say("It counts as your turn in the round; the next one comes as usual."),
        )
    tell_over(work, [offer])
    return offer


def _hand_back(work: Work, offer: LeadOffer) -> None:
    """Let a lead be routed again; one of several waits until the last of them has answered."""
    others = select(LeadOffer.id).where(
        LeadOffer.lead_id == offer.lead_id, LeadOffer.state == OfferState.OFFERED
    )
    if offer.shared and work.session.scalar(others.limit(1)):
        return
    work.session.execute(
        update(Lead)
        .where(Lead.id == offer.lead_id)
        .values(state=LeadState.NEW, partner_id=None, person_id=None, moved_at=work.now)
    )
    work.wake(Job.LEAD_ROUTE, lead_id=offer.lead_id)


def _tell(work: Work, offer: LeadOffer, verb: str, *, by: str, **detail: str) -> None:
    work.audit(
        verb,
        "lead",
        offer.lead_id,
        vendor_id=offer.vendor_id,
        partner_id=offer.partner_id,
        by=by,
        epoch=offer.epoch,
        **detail,
    )


def held_lead(work: Work, ref: str) -> Lead:
    """Return a lead the principal's own partner holds, locked for a change; NotFound otherwise."""
    work.require(Permission.LEAD_ANSWER)
    mine = visible(select(Lead).where(Lead.ref == ref), work.principal, Lead)
    mine = mine.with_for_update(of=Lead).execution_options(populate_existing=True)
    lead = found(work.session.scalar(mine))
    if lead.partner_id != work.principal.partner_id or lead.state not in {
        LeadState.ACCEPTED,
        LeadState.OPPORTUNITY,
    }:
        raise NotFound
    return lead


def record_touch(work: Work, lead: Lead, *, kind: Touch, note: str) -> None:
    """Write down a call, a reply, a meeting or a note; the journey hears of reply and meeting."""
    work.require(Permission.LEAD_ANSWER)
    work.session.add(
        LeadTouch(
            lead_id=lead.id,
            kind=kind,
            note=note[:LONGEST_NOTE],
            actor_name=work.principal.name,
            at=work.now,
        )
    )
    lead.moved_at, lead.idle_told_at = work.now, None
    if kind is Touch.REPLY:
        lead.replied_at = lead.replied_at or work.now
    if kind in {Touch.REPLY, Touch.MEETING}:
        work.wake(Job.NURTURE_STOP, lead_id=lead.id)


def convert(
    work: Work, lead: Lead, *, name: str, amount: Money, closes_on: date | None
) -> Opportunity:
    """Turn an accepted lead into an opportunity; a second press returns the first one."""
    work.require(Permission.LEAD_ANSWER)
    known = work.session.scalar(select(Opportunity).where(Opportunity.lead_id == lead.id))
    if known:
        return known
    if amount.minor <= 0:
        message = say("Write what it may be worth.")
        raise Invalid(message, code="opportunity.amount", fields={"amount": message})
    opportunity = Opportunity(
        ref=next_reference(work, "OPP"),
        lead_id=lead.id,
        vendor_id=lead.vendor_id,
        partner_id=found(lead.partner_id),
        campaign_id=lead.campaign_id,
        name=name[:200] or lead.company or lead.last_name,
        state="open",
        amount_minor=amount.minor,
        currency=amount.currency,
        closes_on=closes_on,
        created_at=work.now,
    )
    work.session.add(opportunity)
    work.session.flush()  # its parts name it
    if lead.source_partner_id:
        deals.credit(work, opportunity, lead.source_partner_id, Role.SOURCING)
    deals.credit(work, opportunity, opportunity.partner_id, Role.FULFILLING)
    lead.state, lead.moved_at = LeadState.OPPORTUNITY, work.now
    work.audit(
        "made an opportunity of",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        partner_id=lead.partner_id,
        amount=amount.minor,
        currency=amount.currency,
    )
    outgoing.tell(work, Event.OPPORTUNITY_MADE, lead.id, key="1")
    work.wake(Job.NURTURE_STOP, lead_id=lead.id)
    return opportunity


def close(work: Work, lead: Lead, *, won: bool, reason: str | None = None) -> None:
    """End a lead: won (its opportunity closes), or lost with a reason."""
    work.require(Permission.LEAD_ANSWER)
    if not won and reason not in LOSS_REASONS:
        message = say("Say why it ended.")
        raise Invalid(message, code="lead.loss", fields={"reason": message})
    lead.state = LeadState.WON if won else LeadState.LOST
    lead.closed_at, lead.moved_at, lead.loss_reason = work.now, work.now, reason
    work.session.execute(
        update(Opportunity)
        .where(Opportunity.lead_id == lead.id, Opportunity.state == "open")
        .values(state="won" if won else "lost", closed_at=work.now)
    )
    work.audit("won" if won else "lost", "lead", lead.id, vendor_id=lead.vendor_id)
    outgoing.tell(work, Event.LEAD_CLOSED, lead.id, key=work.now.isoformat())
    work.wake(Job.NURTURE_STOP, lead_id=lead.id)
