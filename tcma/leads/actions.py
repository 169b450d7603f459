"""Capture a lead, route it, answer an offer, work it to an opportunity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import capture_contact
from tcma.contacts.rules import address_hash, cell_address, one_line
from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.models import Message, MessageReaction
from tcma.errors import Conflict, Invalid, NotFound
from tcma.jobs import Job
from tcma.launches.actions import answered
from tcma.leads.models import Lead, LeadCapture, LeadOffer, LeadTouch, Opportunity
from tcma.leads.rules import (
    DECLINE_REASONS,
    LOSS_REASONS,
    OPEN_LEAD,
    LeadState,
    OfferState,
    Touch,
)
from tcma.leads.scoring import score
from tcma.library.queries import PageView
from tcma.money import Money
from tcma.permissions import Permission

LONGEST_TEXT = 2_000
LONGEST_NOTE = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A submission as it came; `external_id` makes a repeat harmless."""

    source: str
    external_id: str
    address: str
    consent_given: bool
    consent_text: str
    consent_version: str
    page_url: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    country: str = ""
    postcode: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    launch_id: UUID | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """The lead a submission belongs to; `is_new` is false when it joined an open one."""

    lead_id: UUID
    is_new: bool


def capture(work: Work, page: PageView, new: Capture) -> Captured:
    """Keep a submission of a landing page, and make or join the person's open lead.

    Raises Invalid with fields for a broken address or missing consent. The nurture sequence and
    the routing are woken, never done here.
    """
    if not new.consent_given:
        message = "Tick the box, so that we may answer."
        raise Invalid(message, code="lead.consent", fields={"consent": message})
    address = cell_address(new.address)
    digest = address_hash(work.site.secret, address)
    before = work.session.scalar(
        select(LeadCapture.lead_id).where(
            LeadCapture.source == new.source, LeadCapture.external_id == new.external_id
        )
    )
    if before:
        return Captured(before, is_new=False)
    lead_id = work.session.scalar(
        select(Lead.id).where(
            Lead.vendor_id == page.vendor_id,
            Lead.campaign_id == page.campaign_id,
            Lead.address_hash == digest,
            Lead.state.in_(OPEN_LEAD),
        )
    )
    is_new = lead_id is None
    if lead_id is None:
        lead_id = _new_lead(work, page, new, address.text, digest)
    work.session.execute(
        insert(LeadCapture)
        .values(
            lead_id=lead_id,
            source=new.source,
            external_id=new.external_id,
            raw=_raw(new),
            consent_given=new.consent_given,
            consent_text=new.consent_text,
            consent_version=new.consent_version,
            page_url=new.page_url,
            at=work.now,
        )
        .on_conflict_do_nothing(constraint="lead_capture_once")
    )
    if is_new:
        work.wake(Job.LEAD_ROUTE, lead_id=lead_id)
        work.wake(Job.NURTURE_ENROL, lead_id=lead_id)
    return Captured(lead_id, is_new=is_new)


def _new_lead(work: Work, page: PageView, new: Capture, address: str, digest: bytes) -> UUID:
    contact_id = capture_contact(
        work,
        partner_id=page.partner_id,
        address=address,
        first_name=one_line(new.first_name)[:120],
        last_name=one_line(new.last_name)[:120],
        company=one_line(new.company)[:200],
        phone=one_line(new.phone)[:40],
        country=new.country[:2].upper(),
    )
    if new.launch_id:
        answered(work, new.launch_id, contact_id)
    points = score(company=new.company, phone=new.phone, answers=new.answers)
    lead = Lead(
        ref=next_reference(work, "LEAD"),
        vendor_id=page.vendor_id,
        source_partner_id=page.partner_id,
        campaign_id=page.campaign_id,
        launch_id=new.launch_id,
        page_id=page.id,
        message_id=new.message_id,
        contact_id=contact_id,
        state=LeadState.NEW,
        address=address,
        address_hash=digest,
        first_name=one_line(new.first_name)[:120],
        last_name=one_line(new.last_name)[:120],
        company=one_line(new.company)[:200],
        phone=one_line(new.phone)[:40],
        country=new.country[:2].upper(),
        postcode=one_line(new.postcode)[:16].upper(),
        answers={one_line(k)[:80]: v[:LONGEST_TEXT] for k, v in new.answers.items()},
        score=points.points,
        created_at=work.now,
    )
    work.session.add(lead)
    work.session.flush()  # the capture names it, and a doubled one is refused here
    work.audit(
        "captured",
        "lead",
        lead.id,
        vendor_id=page.vendor_id,
        partner_id=page.partner_id,
        score=points.points,
        reasons=[list(r) for r in points.reasons],
    )
    return lead.id


def _raw(new: Capture) -> dict[str, object]:
    return {
        "address": new.address[:320],
        "first_name": new.first_name[:LONGEST_TEXT],
        "last_name": new.last_name[:LONGEST_TEXT],
        "company": new.company[:LONGEST_TEXT],
        "phone": new.phone[:LONGEST_TEXT],
        "country": new.country[:LONGEST_TEXT],
        "postcode": new.postcode[:LONGEST_TEXT],
        "answers": {k[:80]: v[:LONGEST_TEXT] for k, v in new.answers.items()},
    }


def accept(work: Work, offer_id: UUID, *, by: str) -> None:
    """Take an open offer; Conflict when it went on meanwhile. Nurture stops."""
    offer = _answer(work, offer_id, OfferState.ACCEPTED, by=by)
    work.session.execute(
        update(Lead)
        .where(Lead.id == offer.lead_id)
        .values(state=LeadState.ACCEPTED, accepted_at=work.now, partner_id=offer.partner_id)
    )
    _tell(work, offer, "accepted", by=by)
    work.wake(Job.NURTURE_STOP, lead_id=offer.lead_id)


def decline(work: Work, offer_id: UUID, *, by: str, reason: str) -> None:
    """Hand an open offer back with a reason; the lead goes to the next in the round."""
    if reason not in DECLINE_REASONS:
        message = "Say why, so that the next leads fit better."
        raise Invalid(message, code="lead.reason", fields={"reason": message})
    offer = _answer(work, offer_id, OfferState.DECLINED, by=by, reason=reason)
    _hand_back(work, offer)
    _tell(work, offer, "declined", by=by, reason=reason)


def expire(work: Work, offer_id: UUID) -> bool:
    """Take a lead from who did not answer in time; False when somebody was faster."""
    try:
        offer = _answer(work, offer_id, OfferState.TIMED_OUT, by="clock")
    except Conflict:
        return False
    _hand_back(work, offer)
    _tell(work, offer, "timed out", by="clock")
    return True


def _answer(
    work: Work, offer_id: UUID, state: OfferState, *, by: str, reason: str | None = None
) -> LeadOffer:
    offer = work.session.scalars(
        update(LeadOffer)
        .where(LeadOffer.id == offer_id, LeadOffer.state == OfferState.OFFERED)
        .values(state=state, answered_at=work.now, answered_by=by, decline_reason=reason)
        .returning(LeadOffer)
    ).one_or_none()
    if offer is None:
        raise Conflict(
            "The time for this lead ended and it went on.",
            code="lead.gone",
            remedy="Your turn in the round stays first.",
        )
    return offer


def _hand_back(work: Work, offer: LeadOffer) -> None:
    work.session.execute(
        update(Lead).where(Lead.id == offer.lead_id).values(state=LeadState.NEW, partner_id=None)
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
    """Return a lead the principal's own partner holds; NotFound otherwise."""
    work.require(Permission.LEAD_ANSWER)
    lead = found(
        work.session.scalar(visible(select(Lead).where(Lead.ref == ref), work.principal, Lead))
    )
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
        message = "Write what it may be worth."
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
    lead.state = LeadState.OPPORTUNITY
    work.audit(
        "made an opportunity of",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        partner_id=lead.partner_id,
        amount=amount.minor,
        currency=amount.currency,
    )
    work.wake(Job.NURTURE_STOP, lead_id=lead.id)
    return opportunity


def close(work: Work, lead: Lead, *, won: bool, reason: str | None = None) -> None:
    """End a lead: won (its opportunity closes), or lost with a reason."""
    work.require(Permission.LEAD_ANSWER)
    if not won and reason not in LOSS_REASONS:
        message = "Say why it ended."
        raise Invalid(message, code="lead.loss", fields={"reason": message})
    lead.state = LeadState.WON if won else LeadState.LOST
    lead.closed_at, lead.loss_reason = work.now, reason
    work.session.execute(
        update(Opportunity)
        .where(Opportunity.lead_id == lead.id, Opportunity.state == "open")
        .values(state="won" if won else "lost", closed_at=work.now)
    )
    work.audit("won" if won else "lost", "lead", lead.id, vendor_id=lead.vendor_id)
    work.wake(Job.NURTURE_STOP, lead_id=lead.id)


def score_again(work: Work, lead: Lead) -> int:
    """Give a lead its points anew: clicks since it came add, and fade with time."""
    when = work.session.scalars(
        select(MessageReaction.human_clicked_at)
        .join(Message, Message.id == MessageReaction.message_id)
        .where(Message.contact_id == lead.contact_id, MessageReaction.human_clicked_at.is_not(None))
    )
    ages = [(work.now - at) / timedelta(days=1) for at in when if at]
    answers = {k: str(v) for k, v in lead.answers.items()}
    found = score(company=lead.company, phone=lead.phone, answers=answers, clicked=ages)
    lead.score = found.points
    return found.points
