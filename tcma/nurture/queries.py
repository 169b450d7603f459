"""Who stands where in a sequence, and what is known of a person when a step is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact, Suppression
from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.db.work import Work
from tcma.delivery.models import Message, MessageReaction
from tcma.leads.models import Lead
from tcma.leads.rules import LeadState
from tcma.library.models import Campaign
from tcma.library.queries import campaign_source
from tcma.nurture.models import NurtureMailing, NurtureRun, NurtureStep, SequenceVersion
from tcma.nurture.models import Sequence as SequenceRow
from tcma.nurture.rules import Exit, Move, RunState, Signals, next_step
from tcma.partners.models import Partner
from tcma.permissions import Principal
from tcma.tracking.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One person in a sequence."""

    id: int
    person: str
    company: str
    campaign: str
    lead_ref: str
    state: RunState
    node: str
    step_no: int
    due_at: datetime | None
    left_because: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One executed step."""

    node: str
    outcome: str
    mail: str
    why: str
    at: datetime


def _runs() -> Select[*tuple[Any, ...]]:
    return (
        select(
            NurtureRun.id,
            NurtureRun.state,
            NurtureRun.node,
            NurtureRun.step_no,
            NurtureRun.due_at,
            NurtureRun.left_because,
            NurtureRun.created_at,
            Contact.first_name,
            Contact.last_name,
            Contact.company,
            Contact.address,
            Campaign.name.label("campaign"),
            Lead.ref.label("lead_ref"),
        )
        .join(SequenceRow, SequenceRow.id == NurtureRun.sequence_id)
        .join(Campaign, Campaign.id == SequenceRow.campaign_id)
        .outerjoin(Contact, Contact.id == NurtureRun.contact_id)
        .outerjoin(Lead, Lead.id == NurtureRun.lead_id)
    )


def runs(
    session: Session,
    principal: Principal,
    *,
    campaign_id: UUID | None = None,
    lead_id: UUID | None = None,
    after: str | None = None,
) -> Page[RunRow]:
    """Return people in sequences, newest first."""
    query = visible(_runs(), principal, NurtureRun)
    if campaign_id:
        query = query.where(SequenceRow.campaign_id == campaign_id)
    if lead_id:
        query = query.where(NurtureRun.lead_id == lead_id)
    page = page_of(session, query, [NurtureRun.id], after=after)
    rows = [
        RunRow(
            id=r.id,
            person=f"{r.first_name or ''} {r.last_name or ''}".strip() or r.address or "Erased",
            company=r.company or "",
            campaign=r.campaign,
            lead_ref=r.lead_ref or "",
            state=RunState(r.state),
            node=r.node,
            step_no=r.step_no,
            due_at=r.due_at,
            left_because=r.left_because or "",
            created_at=r.created_at,
        )
        for r in page.rows
    ]
    return Page(rows, page.next)


def steps(session: Session, run_id: int) -> tuple[StepRow, ...]:
    """Return the executed steps of a run, first to last."""
    rows = session.scalars(
        select(NurtureStep).where(NurtureStep.run_id == run_id).order_by(NurtureStep.step_no)
    )
    return tuple(
        StepRow(
            node=s.node,
            outcome=s.outcome,
            mail=(s.detail or {}).get("mail", ""),
            why=(s.detail or {}).get("why", ""),
            at=s.at,
        )
        for s in rows
    )


def active_count(session: Session, principal: Principal) -> int:
    """Return how many people wait for a next mail."""
    query = select(func.count()).select_from(NurtureRun).where(NurtureRun.state == RunState.ACTIVE)
    return session.scalar(visible(query, principal, NurtureRun)) or 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A due run and the move the rules chose for it."""

    run: NurtureRun
    move: Move


def decide(work: Work, run_id: int) -> Decided | Exit:
    """Return the next move of a leased run, or the reason it must end."""
    run = work.session.get_one(NurtureRun, run_id)
    why = why_leave(work.session, run)
    if why is not None:
        return why
    version = work.session.get_one(SequenceVersion, run.version_id)
    plan = campaign_source(work, version.campaign_version_id).nurture
    zone = work.session.get_one(Partner, run.partner_id).zone
    known = signals(work.session, run)
    return Decided(run, next_step(plan, run.node, known, now=work.now, zone=zone))


def not_enrolled(session: Session, *, limit: int = 50) -> Sequence[UUID]:
    """Return fresh leads that never entered their sequence (a lost wake-up)."""
    entered = select(NurtureRun.id).where(NurtureRun.lead_id == Lead.id).exists()
    return session.scalars(
        select(Lead.id)
        .where(
            Lead.state.in_((LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED)),
            Lead.page_id.is_not(None),
            Lead.contact_id.is_not(None),
            ~entered,
        )
        .order_by(Lead.id.desc())
        .limit(limit)
    ).all()


def signals(session: Session, run: NurtureRun) -> Signals:
    """Return what a branch may ask about a run: human clicks by mail and link, reply, acceptance."""
    clicked: set[tuple[str, str]] = set()
    rows = session.execute(
        select(NurtureMailing.mail, NurtureMailing.link_keys, Event.slot)
        .join(Message, Message.mailing_id == NurtureMailing.mailing_id)
        .join(MessageReaction, MessageReaction.message_id == Message.id)
        .outerjoin(Event, Event.message_id == Message.id)
        .where(
            Message.origin_id == run.id,
            Message.contact_id == run.contact_id,
            MessageReaction.human_clicked_at.is_not(None),
        )
    )
    for mail, keys, slot in rows:
        clicked.add((mail, ""))
        if slot and slot <= len(keys):
            clicked.add((mail, str(keys[slot - 1])))
    lead = session.get(Lead, run.lead_id) if run.lead_id else None
    return Signals(
        clicked=frozenset(clicked),
        replied=bool(lead and lead.replied_at),
        accepted=bool(lead and lead.state == LeadState.ACCEPTED),
    )


def why_leave(session: Session, run: NurtureRun) -> Exit | None:
    """Return the reason a run must end now: its lead moved on, or the address is stopped."""
    lead = session.get(Lead, run.lead_id) if run.lead_id else None
    if lead is not None:
        if lead.state == LeadState.ACCEPTED:
            return Exit.ACCEPTED
        if lead.state in {LeadState.OPPORTUNITY, LeadState.WON, LeadState.LOST}:
            return Exit.OPPORTUNITY
        if lead.replied_at:
            return Exit.REPLIED
    stopped = session.scalar(
        select(Suppression.reason)
        .join(Contact, Contact.address_hash == Suppression.address_hash)
        .where(
            Contact.id == run.contact_id,
            or_(Suppression.partner_id.is_(None), Suppression.partner_id == run.partner_id),
            or_(Suppression.vendor_id.is_(None), Suppression.vendor_id == run.vendor_id),
        )
        .limit(1)
    )
    if stopped is None:
        return None
    return {"complaint": Exit.COMPLAINED, "hard_bounce": Exit.BOUNCED}.get(
        stopped, Exit.UNSUBSCRIBED
    )


def to_stop(session: Session, *, limit: int = 200) -> Sequence[tuple[int, Exit]]:
    """Return open runs that have a reason to end, for the sweep."""
    rows = session.scalars(
        select(NurtureRun)
        .join(Lead, Lead.id == NurtureRun.lead_id)
        .where(
            NurtureRun.state.in_((RunState.ACTIVE, RunState.PAUSED)),
            or_(
                Lead.state.not_in((LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED)),
                Lead.replied_at.is_not(None),
            ),
        )
        .limit(limit)
    ).all()
    return [(r.id, why) for r in rows if (why := why_leave(session, r)) is not None]
