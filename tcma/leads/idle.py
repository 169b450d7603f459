"""Accepted leads that nobody touches: their people are warned first, then the lead goes to the next one,
where a vendor's rules say so.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.leads.ageing import OPEN
from tcma.leads.by_hand import set_free, take_from
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Lead, RoutingVersion
from tcma.leads.routing.rules import Idle
from tcma.leads.rules import LeadState
from tcma.leads.telling import lead_is_idle

BATCH = 100


def vendors_with_a_rule(session: Session, now: datetime) -> list[tuple[UUID, Idle]]:
    """Return the vendors whose rules in force speak of idle leads, and what they say."""
    known = session.scalars(select(RoutingVersion.vendor_id).distinct()).all()
    said = ((each, rules_in_force(session, each, now).rules.idle) for each in known)
    return [(vendor_id, idle) for vendor_id, idle in said if idle]


def warn(work: Work, vendor_id: UUID, idle: Idle) -> int:
    """Say of each lead that is idle long enough when it goes on; return how many. Each once."""
    leads = work.session.scalars(
        _accepted(vendor_id, work.now - timedelta(days=idle.warn_days)).where(
            Lead.idle_told_at.is_(None)
        )
    ).all()
    for lead in leads:
        lead.idle_told_at = work.now
        lead_is_idle(work, lead, until=goes_on_at(lead.moved_at, work.now, idle))
        work.audit("warned", "lead", lead.id, vendor_id=vendor_id, partner_id=lead.partner_id)
    return len(leads)


def pull_back(work: Work, vendor_id: UUID, idle: Idle) -> int:
    """Take leads that stayed idle after the warning, for the rules to decide anew; return how many."""
    grace = timedelta(days=idle.take_back_days - idle.warn_days)
    leads = work.session.scalars(
        _accepted(vendor_id, work.now - timedelta(days=idle.take_back_days)).where(
            Lead.idle_told_at <= work.now - grace
        )
    ).all()
    for lead in leads:
        days = (work.now - lead.moved_at).days
        why = (
            "Nobody noted anything for a day"
            if days == 1
            else f"Nobody noted anything for {days} days"
        )
        take_from(work, lead, why)
        set_free(work, lead, keep_last=True)
    return len(leads)


def goes_on_at(moved_at: datetime, told_at: datetime, idle: Idle) -> datetime:
    """Return when an idle lead goes to the next: never sooner after the warning than the rule's days
    between both, however old it was when the rule came.
    """
    grace = timedelta(days=idle.take_back_days - idle.warn_days)
    return max(moved_at + timedelta(days=idle.take_back_days), told_at + grace)


def _accepted(vendor_id: UUID, before: datetime) -> Select[Lead]:
    return (
        select(Lead)
        .where(
            Lead.vendor_id == vendor_id,
            Lead.state == LeadState.ACCEPTED,
            OPEN,
            Lead.since <= before,
        )
        .order_by(Lead.since, Lead.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
