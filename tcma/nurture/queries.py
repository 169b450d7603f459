"""Who stands where in a sequence, and what is known of a person when a step is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, literal, or_, select, text
from sqlalchemy.orm import Session, aliased

from tcma.contacts.consent import ConsentAct
from tcma.contacts.list_queries import unconfirmed
from tcma.contacts.models import ConsentEntry, Contact
from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.leads.models import Lead
from tcma.leads.rules import OPEN_LEAD, LeadState
from tcma.library.models import Campaign, PartnerCopy
from tcma.nurture.models import NurtureRun, NurtureStep
from tcma.nurture.models import Sequence as SequenceRow
from tcma.nurture.rules import (
    BATCH,
    ENTERS_WITHIN,
    FRESH,
    LATE_AFTER,
    LATE_PER_SECOND,
    RunState,
)
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Principal
from tcma.tracking.queries import EventKind


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
            mail=s.mail or "",
            why=s.why or "",
            at=s.at,
        )
        for s in rows
    )


def active_count(session: Session, principal: Principal) -> int:
    """Return how many people wait for a next mail."""
    query = select(func.count()).select_from(NurtureRun).where(NurtureRun.state == RunState.ACTIVE)
    return session.scalar(visible(query, principal, NurtureRun)) or 0


def due(session: Session, now: datetime, *, late: bool = False) -> Sequence[int]:
    """Return the runs whose step a batch would take now, oldest first: those that are due, or the `late` ones
    as many as go in a second.
    """
    missed = now - LATE_AFTER
    span = NurtureRun.due_at <= missed if late else NurtureRun.due_at.between(missed, now)
    return session.scalars(
        select(NurtureRun.id)
        .where(NurtureRun.state == RunState.ACTIVE, span)
        .order_by(NurtureRun.due_at, NurtureRun.id)
        .limit(LATE_PER_SECOND if late else BATCH)
    ).all()


SWEPT, STOPPED = 50, 200


def not_enrolled(
    session: Session,
    now: datetime,
    *,
    contact_id: int | None = None,
    before: UUID | None = None,
) -> Sequence[UUID]:
    """Return a page of SWEPT fresh leads that never entered their sequence, newest first: a lost
    wake-up, or a confirmation that came. Who has still to confirm waits, and so does whose partner has
    no copy of the campaign. `contact_id` asks for one person's, `before` for the page after that lead.

    Of those that no page brought only such as agreed lately: nobody who asked long ago, before
    such leads entered, or before the partner had the campaign, hears of it out of the blue.
    """
    lately = exists().where(
        ConsentEntry.partner_id == Lead.source_partner_id,
        ConsentEntry.address_hash == Lead.address_hash,
        ConsentEntry.act.in_((ConsentAct.GIVEN, ConsentAct.CONFIRMED)),
        ConsentEntry.at > now - ENTERS_WITHIN,
    )
    has_copy = exists().where(
        PartnerCopy.partner_id == Lead.source_partner_id,
        PartnerCopy.campaign_id == Lead.campaign_id,
    )
    entered = select(NurtureRun.id).where(NurtureRun.lead_id == Lead.id).exists()
    query = (
        select(Lead.id)
        .where(
            Lead.state.in_(FRESH),
            Lead.source_partner_id.is_not(None),
            Lead.contact_id.is_not(None),
            or_(Lead.page_id.is_not(None), lately),
            has_copy,
            ~entered,
            ~unconfirmed(Lead.source_partner_id, Lead.address_hash),
        )
        .order_by(Lead.id.desc())
        .limit(SWEPT)
    )
    if contact_id is not None:
        query = query.where(Lead.contact_id == contact_id)
    if before is not None:
        query = query.where(Lead.id < before)
    return session.scalars(query).all()


def enrolling(session: Session, lead: Lead, copy_id: UUID) -> Any:
    """Return what is known of somebody who is about to enter, as `facts.whole` reads it."""
    return session.execute(
        select(
            literal(lead.contact_id).label("contact_id"),
            Lead.id.label("lead_id"),
            Partner.id.label("partner_id"),
            literal(lead.country).label("country"),
            literal(lead.postcode).label("postcode"),
            literal(lead.address).label("address"),
            literal(lead.score).label("score"),
            Lead.answers,
            Partner.zone.label("partner_zone"),
            Partner.slug,
            Vendor.zone.label("vendor_zone"),
            Enrolment.tier,
            PartnerCopy.language,
            literal("").label("speaks"),
        )
        .select_from(Lead)
        .join(PartnerCopy, PartnerCopy.id == copy_id)
        .join(Partner, Partner.id == PartnerCopy.partner_id)
        .join(Vendor, Vendor.id == PartnerCopy.vendor_id)
        .outerjoin(
            Enrolment,
            (Enrolment.vendor_id == PartnerCopy.vendor_id)
            & (Enrolment.partner_id == PartnerCopy.partner_id),
        )
        .where(Lead.id == lead.id)
    ).one()


def to_stop(
    session: Session, now: datetime, *, after: UUID | None = None, limit: int = STOPPED
) -> Sequence[UUID]:
    """Return leads whose open runs may have a reason to end, for the sweep of lost wake-ups: a page in
    their order, `after` asks for the next. Whose journey does not end with it stays among them.
    """
    asked_anew = aliased(Lead)
    anew = exists().where(
        asked_anew.vendor_id == Lead.vendor_id,
        asked_anew.address_hash == Lead.address_hash,
        asked_anew.id != Lead.id,
        asked_anew.state.in_(OPEN_LEAD),
    )
    query = (
        select(Lead.id)
        .join(NurtureRun, Lead.id == NurtureRun.lead_id)
        .where(
            NurtureRun.state.in_((RunState.ACTIVE, RunState.PAUSED)),
            NurtureRun.due_at > now,
            or_(
                Lead.state.not_in((*FRESH, LeadState.RECYCLED)),
                Lead.replied_at.is_not(None),
                and_(Lead.state == LeadState.RECYCLED, anew),
            ),
        )
        .distinct()
        .order_by(Lead.id)
        .limit(limit)
    )
    return session.scalars(query if after is None else query.where(Lead.id > after)).all()


RECENT_EVENTS = 2_000
CLICKED_AND_WAITING = text("""
SELECT DISTINCT r.id FROM event e
JOIN message m ON m.id = e.message_id
JOIN nurture_run r ON r.id = m.origin_id AND r.contact_id = m.contact_id
WHERE e.id > (SELECT coalesce(max(id), 0) FROM event) - :recent AND e.kind = :click
  AND r.state = 0 AND r.waiting_for = 'clicked' AND r.due_at > :now
""")


FILLED_AND_WAITING = text("""
SELECT r.id FROM (SELECT DISTINCT lead_id FROM
  (SELECT lead_id FROM lead_capture ORDER BY id DESC LIMIT :recent) newest) c
JOIN nurture_run r ON r.lead_id = c.lead_id
WHERE r.state = 0 AND r.waiting_for = 'form' AND r.due_at > :now
""")


ON_PAGES_AND_WAITING = text("""
SELECT DISTINCT r.id FROM (SELECT message_id, did FROM page_signal ORDER BY at DESC LIMIT :recent) p
JOIN message m ON m.id = p.message_id
JOIN nurture_run r ON r.contact_id = m.contact_id
WHERE r.state = 0 AND r.waiting_for = p.did AND r.due_at > :now
""")


def on_pages_and_waiting(session: Session, now: datetime) -> Sequence[int]:
    """Return runs that wait for a visit or a file taken while one came lately, for the same sweep."""
    return session.scalars(ON_PAGES_AND_WAITING, {"recent": RECENT_EVENTS, "now": now}).all()


def filled_and_waiting(session: Session, now: datetime) -> Sequence[int]:
    """Return runs that wait for a form while one came lately, for the sweep of lost wake-ups."""
    return session.scalars(FILLED_AND_WAITING, {"recent": RECENT_EVENTS, "now": now}).all()


def clicked_and_waiting(session: Session, now: datetime) -> Sequence[int]:
    """Return runs that wait for a click that came lately, for the sweep of lost wake-ups."""
    values = {"recent": RECENT_EVENTS, "click": EventKind.CLICK, "now": now}
    return session.scalars(CLICKED_AND_WAITING, values).all()
