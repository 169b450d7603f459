"""People whose lead a partner gave back: they enter the journey that the vendor's rules name."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.jobs import Job
from tcma.journeys.people import misses
from tcma.leads.by_hand import asked_anew
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Lead
from tcma.leads.models_routing import LeadRecycling
from tcma.leads.rules import LeadState
from tcma.library.models import Campaign, PartnerCopy
from tcma.library.rules import CampaignState
from tcma.nurture.entering import begins, may_be_mailed
from tcma.nurture.facts import whole
from tcma.nurture.models import NurtureRun
from tcma.nurture.queries import SWEPT, enrolling
from tcma.nurture.rules import OPEN
from tcma.nurture.versions import entered, sequence_of

MISSED = timedelta(minutes=15)
"""How long a lost wake-up is looked for: what could not enter by then never does."""


def enter_again(work: Work, lead: Lead) -> int | None:
    """Start the journey that the rules name for a recycled lead, by the partner who took the consent.

    Returns the run's number; None when no journey is named, the person has asked anew or may not be mailed, is in it, or
    entered it by this giving back already. Its first mail answers nobody, so it minds window and caps;
    who is held out gets a run that has ended.
    """
    given = work.session.scalar(
        select(func.max(LeadRecycling.at)).where(LeadRecycling.lead_id == lead.id)
    )
    slug = rules_in_force(work.session, lead.vendor_id, work.now).rules.recycle.campaign
    copy = _copy_of(work.session, lead, slug) if slug else None
    if (
        given is None
        or copy is None
        or asked_anew(work, lead)
        or not may_be_mailed(work, lead, copy)
    ):
        return None
    sequence_id = sequence_of(work, vendor_id=lead.vendor_id, campaign_id=copy.campaign_id)
    version = entered(work, sequence_id, copy.version_id)
    runs = work.session.execute(
        select(
            NurtureRun.rotation, NurtureRun.state, NurtureRun.lead_id, NurtureRun.created_at
        ).where(NurtureRun.sequence_id == sequence_id, NurtureRun.contact_id == lead.contact_id)
    ).all()
    if any(r.state in OPEN or (r.lead_id == lead.id and r.created_at >= given) for r in runs):
        return None
    [person] = whole(work.session, [(enrolling(work.session, lead, copy.id), version.journey)])
    if misses(version.journey.entry, person):
        return None
    run_id = work.session.scalar(
        insert(NurtureRun)
        .values(
            sequence_id=sequence_id, version_id=version.id, vendor_id=lead.vendor_id,
            partner_id=copy.partner_id, contact_id=lead.contact_id, lead_id=lead.id,
            rotation=1 + max((int(r.rotation) for r in runs), default=0),
            created_at=work.now, **begins(version.journey, person, work.now, answers=False),
        )
        .on_conflict_do_nothing()
        .returning(NurtureRun.id)
    )  # fmt: skip
    if run_id is not None:
        work.audit("entered the sequence", "lead", lead.id, vendor_id=lead.vendor_id)
        work.wake(Job.NURTURE_ADVANCE)
    return run_id


def not_entered(session: Session, now: datetime, *, before: UUID | None = None) -> Sequence[UUID]:
    """Return a page of SWEPT recycled leads whose wake-up may have been lost, newest first; each once.

    `before` asks for the page after that lead: those who may not enter stay until their time is over.
    """
    ran = (
        select(NurtureRun.id)
        .where(
            NurtureRun.lead_id == LeadRecycling.lead_id, NurtureRun.created_at >= LeadRecycling.at
        )
        .exists()
    )
    query = (
        select(LeadRecycling.lead_id)
        .distinct()
        .join(Lead, Lead.id == LeadRecycling.lead_id)
        .where(Lead.state == LeadState.RECYCLED, LeadRecycling.at > now - MISSED, ~ran)
        .order_by(LeadRecycling.lead_id.desc())
        .limit(SWEPT)
    )
    if before is not None:
        query = query.where(LeadRecycling.lead_id < before)
    return session.scalars(query).all()


def _copy_of(session: Session, lead: Lead, slug: str) -> PartnerCopy | None:
    return session.scalar(
        select(PartnerCopy)
        .join(Campaign, Campaign.id == PartnerCopy.campaign_id)
        .where(
            PartnerCopy.partner_id == lead.source_partner_id,
            Campaign.vendor_id == lead.vendor_id,
            Campaign.slug == slug,
            Campaign.state != CampaignState.RETIRED,
        )
    )
