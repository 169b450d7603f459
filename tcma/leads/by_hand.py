"""What a vendor does with leads by hand: offer one to a partner, also one that another has accepted; let
it be routed again; close what is no lead. Each alone or for many at once.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, TcmaError
from tcma.jobs import Job
from tcma.leads import outgoing
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Lead, LeadOffer, RoutingVersion
from tcma.leads.offers import Given, hold, offer, recall, said_of
from tcma.leads.rules import NO_LEAD, OPEN_LEAD, LeadState, OfferState
from tcma.leads.telling import lead_was_taken
from tcma.outbox.rules import Event
from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission, Principal
from tcma.words import say

MOST_AT_ONCE = 200
"""Leads that one press changes: each is locked until all are done."""
LONGEST_WHY = 400
JOINED = "joined"
Act = Callable[[Lead], None]
"""One thing that is done to a lead."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of many: how many changed, and which did not with why."""

    done: int
    left: tuple[tuple[str, str], ...] = ()


RECYCLED = (LeadState.RECYCLED,)


def assign(work: Work, lead: Lead, partner_id: UUID, *, why: str = "") -> None:
    """Offer a lead to a partner a channel manager names; an open offer is recalled.

    One that a partner has accepted is taken from it, which asks for a word why; that partner reads it.
    """
    grip(work, lead)
    pair = found(work.session.get(Enrolment, (lead.vendor_id, partner_id)))
    if pair.state != EnrolmentState.ACTIVE:
        raise Conflict("This partner takes no leads now.", code="lead.partner")
    if lead.partner_id == partner_id and lead.state == LeadState.ACCEPTED:
        raise Conflict("This partner has the lead already.", code="lead.owned")
    _let_go(work, lead, why)
    name = work.principal.name
    given = Given(
        lead,
        partner_id,
        say("{name} chose you", name=name),
        {"rule": "hand", "by": name} | said_of(work, lead.vendor_id, partner_id),
    )
    offer(work, lead.vendor_id, [given])


def route_again(work: Work, lead: Lead, *, why: str = "") -> None:
    """Let the rules decide anew. Who declined it is not asked again, nor who has it now or gave it back to
    nurture lately.
    """
    grip(work, lead, also=RECYCLED)
    if lead.state == LeadState.RECYCLED and asked_anew(work, lead):
        message = "They have asked again meanwhile; that request is open."
        raise Conflict(message, code="lead.again")
    if lead.state == LeadState.NEW:
        raise Conflict("This lead is on its way already.", code="lead.new")
    had = lead.state != LeadState.UNASSIGNED
    _let_go(work, lead, why)
    set_free(work, lead, keep_last=had)
    work.audit("routed again", "lead", lead.id, vendor_id=lead.vendor_id, why=why)


def dismiss(work: Work, lead: Lead, *, reason: str) -> None:
    """Close what is no lead: spam, or the same request again. Nobody is asked about it any more."""
    if reason not in NO_LEAD or reason == JOINED:
        message = "Say what it is instead of a lead."
        raise Invalid(message, code="lead.dismiss", fields={"act": message})
    grip(work, lead)
    close_as(work, lead, reason)


def close_as(work: Work, lead: Lead, reason: str) -> None:
    """Close a gripped lead as something else than one."""
    _let_go(work, lead, NO_LEAD[reason])
    lead.state, lead.loss_reason = LeadState.LOST, reason
    lead.partner_id = lead.person_id = None
    lead.closed_at = lead.moved_at = work.now
    verb = f"closed as {reason}"
    work.audit(verb, "lead", lead.id, vendor_id=lead.vendor_id)
    outgoing.tell(work, Event.LEAD_CLOSED, lead.id, key=work.now.isoformat())
    work.wake(Job.NURTURE_STOP, lead_id=lead.id)


def each_of(work: Work, refs: Sequence[str], act: Act) -> Done:
    """Do the same to several leads; what one of them refuses stops no other.

    All are locked before the first is changed: who ticks one of them, too, waits for the whole.
    """
    work.require(Permission.LEAD_ASSIGN)
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        message = "Tick at least one lead."
        raise Invalid(message, code="lead.none", fields={"lead": message})
    if len(wanted) > MOST_AT_ONCE:
        message = f"Tick {MOST_AT_ONCE} leads at most."
        raise Invalid(message, code="lead.many", fields={"lead": message})
    query = visible(select(Lead).where(Lead.ref.in_(wanted)), work.principal, Lead)
    leads = work.session.scalars(query.order_by(Lead.id).with_for_update()).all()
    left = []
    for lead in leads:
        try:
            act(lead)
        except TcmaError as refused:
            left.append((lead.ref, refused.message))
    return Done(len(leads) - len(left), tuple(left))


def try_again(work: Work) -> int:
    """Let every lead that nobody took be decided by the rules of now; return how many."""
    work.require(Permission.LEAD_ASSIGN)
    vendor_id = found(work.principal.vendor_id)
    waiting = select(Lead.id).where(Lead.vendor_id == vendor_id, Lead.state == LeadState.UNASSIGNED)
    held = waiting.order_by(Lead.id).with_for_update()  # in the order of all who lock many
    ids = work.session.scalars(
        update(Lead)
        .where(Lead.id.in_(work.session.scalars(held).all()))
        .values(state=LeadState.NEW, moved_at=work.now, counted_from=Lead.epoch)
        .returning(Lead.id)
    ).all()
    if ids:
        told = [(each, None, dict[str, Any]()) for each in ids]
        work.audit_each("routed again", "lead", told, vendor_id=vendor_id)
        work.wake(Job.LEAD_ROUTE)
    return len(ids)


def left_by_earlier_rules(session: Session, principal: Principal, now: datetime) -> int:
    """Return how many leads wait unassigned that other rules than those in force decided last."""
    vendor_id = found(principal.vendor_id)
    no = rules_in_force(session, vendor_id, now).no
    since = session.scalar(
        select(RoutingVersion.valid_from).where(
            RoutingVersion.vendor_id == vendor_id, RoutingVersion.no == no
        )
    )
    if since is None:
        return 0
    waiting = select(func.count()).select_from(Lead)
    waiting = waiting.where(Lead.state == LeadState.UNASSIGNED, Lead.moved_at < since)
    return session.scalar(waiting.where(Lead.vendor_id == vendor_id)) or 0


def set_free(work: Work, lead: Lead, *, keep_last: bool) -> None:
    """Let a lead be routed as if nobody had been asked; `keep_last` passes over who had it last."""
    if lead.state == LeadState.RECYCLED:
        lead.closed_at = lead.accepted_at = lead.loss_reason = lead.idle_told_at = None
    lead.state, lead.moved_at = LeadState.NEW, work.now
    lead.partner_id = lead.person_id = None
    lead.counted_from = max(lead.epoch - 1, 0) if keep_last else lead.epoch
    work.wake(Job.LEAD_ROUTE, lead_id=lead.id)


def asked_anew(work: Work, lead: Lead) -> bool:
    """Say whether a closed lead's person has another open one, of whichever campaign."""
    other = aliased(Lead)
    open_one = exists().where(
        other.vendor_id == lead.vendor_id,
        other.address_hash == lead.address_hash,
        other.id != lead.id,
        other.state.in_(OPEN_LEAD),
    )
    return bool(work.session.scalar(select(open_one)))


def take_from(work: Work, lead: Lead, why: str) -> None:
    """Take an accepted lead from its partner, whose people read why.

    Since it was accepted the offer was theirs alone, so of a race, too, it counts as a turn they had.
    """
    taken = work.session.scalars(
        update(LeadOffer)
        .where(LeadOffer.lead_id == lead.id, LeadOffer.state == OfferState.ACCEPTED)
        .values(state=OfferState.RECALLED, shared=False)
        .returning(LeadOffer)
    ).one_or_none()
    partner_id = found(lead.partner_id)
    lead_was_taken(work, lead, partner_id, why=why)
    partner = work.session.get_one(Partner, partner_id).name
    work.audit(
        "taken back",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        partner_id=partner_id,
        why=why,
        partner=partner,
        epoch=taken.epoch if taken else lead.epoch,
    )
    lead.accepted_at = lead.idle_told_at = None
    lead.partner_id = lead.person_id = None


def grip(work: Work, lead: Lead, *, also: Collection[LeadState] = ()) -> None:
    """Lock a lead for a change by hand; Conflict when it has closed or is an opportunity. `also` are
    states in which this change is possible all the same.
    """
    work.require(Permission.LEAD_ASSIGN)
    hold(work, lead.id)
    work.session.refresh(lead)
    if lead.state == LeadState.OPPORTUNITY:
        raise Conflict(
            "A partner has made an opportunity of this lead; it is theirs to close.",
            code="lead.owned",
        )
    if lead.state not in (*OPEN_LEAD, *also):
        raise Conflict("This lead has closed.", code="lead.closed")


def _let_go(work: Work, lead: Lead, why: str) -> None:
    """Take a lead from whoever is asked about it or has accepted it."""
    if lead.state != LeadState.ACCEPTED:
        recall(work, lead.id)
        return
    why = " ".join(why.split())[:LONGEST_WHY]
    if not why:
        message = "A partner has accepted this lead. Write why it is taken back; they read it."
        raise Invalid(message, code="lead.why", fields={"why": message})
    take_from(work, lead, why)
