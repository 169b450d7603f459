"""What somebody wrote back comes to their lead: its history, its holder's mailbox, and the journey."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.lead_notices import LeadAnswered, leads_answered
from tcma.delivery.models import FeedbackReport
from tcma.delivery.queries import MessageFacts, facts_by_message
from tcma.jobs import Job
from tcma.leads.models import Lead, LeadTouch
from tcma.leads.offers import hold
from tcma.leads.recycling import reopen
from tcma.leads.routing.masking import SOMEBODY
from tcma.leads.rules import HELD, OPEN_LEAD, LeadState, Touch
from tcma.leads.telling import partners_people, told_of

BATCH = 100
LIVE = (*OPEN_LEAD, LeadState.OPPORTUNITY, LeadState.RECYCLED)
LONGEST_QUOTE = 600


@dataclass(frozen=True, slots=True)
class Wrote:
    """What a person wrote: whose address the mail came from, its subject and words."""

    name: str
    subject: str
    words: str


def unheard(session: Session, *, most: int = BATCH) -> Sequence[int]:
    """Return the answers that were brought to no lead yet, the oldest first."""
    return session.scalars(_unheard().with_only_columns(FeedbackReport.id).limit(most)).all()


def _unheard() -> Select[FeedbackReport]:
    return (
        select(FeedbackReport)
        .where(
            FeedbackReport.action == Action.REPLY,
            FeedbackReport.told_at.is_(None),
            FeedbackReport.message_id.is_not(None),
        )
        .order_by(FeedbackReport.id)
    )


def hear(work: Work, *, most: int = BATCH, only: int | None = None) -> int:
    """Bring answers that came by mail to the leads of who wrote them; return how many were new.

    Somebody without a lead has it in their contact's history, where it is read from the report.
    """
    fresh = work.session.scalars(
        _unheard()
        .where(FeedbackReport.id == only if only else true())
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    facts = facts_by_message(work.session, [each.message_id for each in fresh if each.message_id])
    for report in fresh:
        report.told_at = work.now
        about = facts.get(report.message_id or 0)
        lead = _lead_of(work, about) if about else None
        if lead is None:
            continue
        said: dict[str, Any] = report.detail
        wrote = Wrote(
            said.get("name") or report.recipient, said.get("subject", ""), said.get("words", "")
        )
        report.detail = {**said, "lead": str(lead.id)}
        answered(work, lead, wrote)
    return len(fresh)


def _lead_of(work: Work, about: MessageFacts) -> Lead | None:
    """Return the person's lead that a mail was about: of its campaign, else their newest."""
    if about.contact_id <= 0 or about.partner_id is None:
        return None
    theirs = work.session.scalars(
        select(Lead)
        .where(
            Lead.source_partner_id == about.partner_id,
            Lead.contact_id == about.contact_id,
            Lead.vendor_id == about.vendor_id,
            Lead.state.in_(LIVE),
        )
        .order_by((Lead.campaign_id == about.campaign_id).desc(), Lead.id.desc())
        .limit(1)
    )
    return theirs.first()


def answered(work: Work, lead: Lead, wrote: Wrote) -> None:
    """Write an answer into a lead's history, tell who works on it, let the journey hear of it.

    A lead that answers whoever holds it is not idle.
    """
    lead.replied_at = lead.replied_at or work.now
    note = f"{wrote.subject}: {wrote.words}" if wrote.words else wrote.subject
    touch = LeadTouch(lead_id=lead.id, kind=Touch.REPLY, note=note, actor_name="", at=work.now)
    work.session.add(touch)
    work.wake(Job.NURTURE_STOP, lead_id=lead.id)
    if lead.state == LeadState.RECYCLED:
        work.session.flush()  # what changed, before the row is read anew
        hold(work, lead.id)
        work.session.refresh(lead)
        reopen(work, lead, verb="ready again")
    held = lead.state in HELD  # whom it is only offered to does not know yet who it is
    if held:
        lead.moved_at, lead.idle_told_at = work.now, None
    told = lead.partner_id if held else lead.source_partner_id
    if told is not None:
        _tell(work, lead, told, wrote)


def _tell(work: Work, lead: Lead, partner_id: UUID, wrote: Wrote) -> None:
    people = partners_people(work, {partner_id})[partner_id]
    page = f"/console/leads/{lead.ref}" if partner_id == lead.partner_id else "/console/leads"
    letters = [
        LeadAnswered(
            reader=person.reader,
            who=wrote.name or SOMEBODY,
            company=lead.company or SOMEBODY,
            subject=wrote.subject,
            words=wrote.words[:LONGEST_QUOTE],
            url=f"{work.site.public_url}{page}",
        )
        for person in told_of(lead.person_id, people)
    ]
    leads_answered(work, letters, vendor_id=lead.vendor_id)
